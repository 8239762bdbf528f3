"""Which columns make which people: drawn once for a sheet, followed for every row of it.

A class list makes a parent of each parent's columns and nobody of the pupil; two lists printed side by side
make two people a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.contacts import columns, notes
from dispatcher.contacts.layouts import Column, Layout
from dispatcher.vietnamese import text


@dataclass(frozen=True, kw_only=True, slots=True)
class Slot:
    """The columns of one person of a row; a class list has one for each parent."""

    names: tuple[int, ...]  # joined by a space: "Họ đệm | Tên"
    phones: tuple[int, ...]
    honorific: str = ""  # what the heading says: a mother is bà
    shared: bool = False  # the telephone column is the family's, not this person's own
    nameless: bool = False  # the list names only the pupil


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """Which columns feed what; places counted from 0, in order of preference."""

    slots: tuple[Slot, ...]
    family: Slot | None  # of a class list: who is meant where no parent is named
    names: tuple[int, ...]  # every column that names somebody, pupils included
    emails: tuple[int, ...]
    areas: tuple[tuple[int, str], ...]  # with the heading
    addresses: tuple[int, ...]
    old_communes: tuple[int, ...]
    units: tuple[int, ...]
    roles: tuple[int, ...]
    honorifics: tuple[int, ...]
    sexes: tuple[tuple[int, str], ...]  # with what a tick or a year of birth in the column says
    notes: tuple[int, ...]
    unheaded: tuple[int, ...]  # looked through for warnings; all beyond `width` as well
    width: int
    consents: tuple[int, ...]
    numbers: tuple[int, ...]
    title_area: str
    title_unit: str


def plan_of(layout: Layout, *, audience: str) -> Plan:
    """Draw the plan for a sheet with this layout."""
    slots = _slots(layout, is_staff=notes.is_staff(audience))
    of_pupil = any(slot.nameless or slot.honorific or slot.shared for slot in slots)
    return Plan(
        slots=slots,
        family=_family(layout) if of_pupil else None,
        names=_places(layout.of(*columns.NAMES, "pupil")),
        emails=_places(layout.of("email")),
        areas=tuple((c.index, c.heading) for c in _areas(layout)),
        addresses=_places(layout.of("address")),
        old_communes=_places(layout.of("old_commune")),
        units=_places((*layout.of("class"), *layout.of("party_cell"), *layout.of("unit"))),
        roles=_places(layout.of("role")),
        honorifics=_places(layout.of("honorific")),
        sexes=() if of_pupil else tuple((c.index, _SEXES[c.kind]) for c in layout.of(*_SEXES)),
        notes=_places(layout.of("note")),
        unheaded=layout.unheaded,
        width=layout.width,
        consents=_places(layout.of("consent")),
        numbers=_places(layout.of("number")),
        title_area=layout.area,
        title_unit=layout.unit,
    )


_SEXES = {"sex": "", "male": "Nam", "female": "Nữ"}


def _places(found: Sequence[Column]) -> tuple[int, ...]:
    return tuple(column.index for column in found)


def _areas(layout: Layout) -> tuple[Column, ...]:
    """Give the columns of places, the thôn before the xóm; a thôn named in the title comes before a xóm."""
    parts = () if layout.area else layout.of("part_of_area")
    return (*layout.of("area"), *parts)


_PARENTS = (
    ("father", "father_phone", "ông"),
    ("mother", "mother_phone", "bà"),
    ("parent", "parent_phone", ""),
)


def _slots(layout: Layout, *, is_staff: bool) -> tuple[Slot, ...]:
    own = (*layout.of("phone"), *layout.of("zalo"))
    if is_staff or not names_pupils(layout):
        return _grown_ups(layout, own)
    shared = _places(own)
    named = [entry for entry in _PARENTS if layout.of(entry[0])]
    slots = [
        Slot(
            names=_places(layout.of(name))[:1],
            phones=_places(layout.of(phones)) or shared,
            honorific=honorific,
            shared=not layout.of(phones),
            nameless=True,
        )
        for name, phones, honorific in named
    ]
    without = [entry for entry in _PARENTS if not layout.of(entry[0]) and layout.of(entry[1])]
    slots += [
        Slot(names=(), phones=_places(layout.of(phones)), honorific=honorific, nameless=True)
        for _name, phones, honorific in without
    ]
    return tuple(slots) or (Slot(names=(), phones=shared, nameless=True),)


def _family(layout: Layout) -> Slot | None:
    own = _places((*layout.of("phone"), *layout.of("zalo")))
    return Slot(names=(), phones=own, nameless=True) if own else None


def names_pupils(layout: Layout) -> bool:
    """Tell whether the list is one of pupils, written for their parents."""
    if layout.of("pupil", *(kind for parent in _PARENTS for kind in parent[:2])):
        return True
    about_children = any(
        "sinh" in text.fold(c.heading) or "hocsinh" in text.fold(c.heading) for c in layout.of("ignore")
    )
    return bool(layout.of("class") and (about_children or layout.of("female")) and not layout.of("role"))


def _grown_ups(layout: Layout, own: Sequence[Column]) -> tuple[Slot, ...]:
    numbers = _places(layout.of("number"))
    full = layout.of("name")
    phones = (*own, *layout.of("parent_phone", "father_phone", "mother_phone"))
    if len(full) > 1 and len(numbers) == len(full):  # two lists printed side by side
        ends = (*numbers[1:], 1 << 30)
        return tuple(
            Slot(
                names=tuple(c.index for c in full if first <= c.index < end),
                phones=tuple(c.index for c in phones if first <= c.index < end),
            )
            for first, end in zip(numbers, ends, strict=True)
        )
    parts = _places((*layout.of("family_name"), *layout.of("given_name")))
    parents = _places(layout.of("parent", "father", "mother"))[:1]
    name = parts if layout.of("family_name") else (_places(full)[:1] or parts or parents)
    return (Slot(names=name, phones=_places(phones)),)
