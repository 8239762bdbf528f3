"""Which columns make which people: drawn once for a sheet, followed for every row of it.

A class list makes a parent of each parent's columns and nobody of the pupil; two lists printed side by side
make two people a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.contacts import columns, hold_reasons
from dispatcher.contacts.layouts import Column, Layout
from dispatcher.vietnamese import text


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonColumns:
    """The columns of one person of a row; a class list has one for each parent."""

    names: tuple[int, ...]  # joined by a space: "Họ đệm | Tên"
    phones: tuple[int, ...]
    honorific: str = ""  # what the heading says: a mother is bà
    shared: bool = False  # the telephone column is the family's, not this person's own
    nameless: bool = False  # the list names only the pupil


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnPlan:
    """Which columns feed what; places counted from 0, in order of preference."""

    people: tuple[PersonColumns, ...]
    family: PersonColumns | None  # of a class list: who is meant where no parent is named
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


def plan_columns(layout: Layout, *, audience: str) -> ColumnPlan:
    """Draw the plan for a sheet with this layout."""
    slots = _people(layout, is_staff=hold_reasons.is_staff(audience))
    of_pupil = any(slot.nameless or slot.honorific or slot.shared for slot in slots)
    return ColumnPlan(
        people=slots,
        family=_family(layout) if of_pupil else None,
        names=_indices(layout.columns_of(*columns.NAME_KINDS, "pupil")),
        emails=_indices(layout.columns_of("email")),
        areas=tuple((c.index, c.heading) for c in _areas(layout)),
        addresses=_indices(layout.columns_of("address")),
        old_communes=_indices(layout.columns_of("old_commune")),
        units=_indices(
            (*layout.columns_of("class"), *layout.columns_of("party_cell"), *layout.columns_of("unit"))
        ),
        roles=_indices(layout.columns_of("role")),
        honorifics=_indices(layout.columns_of("honorific")),
        sexes=() if of_pupil else tuple((c.index, _SEXES[c.kind]) for c in layout.columns_of(*_SEXES)),
        notes=_indices(layout.columns_of("note")),
        unheaded=layout.unheaded_columns,
        width=layout.width,
        consents=_indices(layout.columns_of("consent")),
        numbers=_indices(layout.columns_of("number")),
        title_area=layout.area,
        title_unit=layout.unit,
    )


_SEXES = {"sex": "", "male": "Nam", "female": "Nữ"}


def _indices(selected: Sequence[Column]) -> tuple[int, ...]:
    return tuple(column.index for column in selected)


def _areas(layout: Layout) -> tuple[Column, ...]:
    """Return the columns of places, the thôn before the xóm; a thôn named in the title comes before a xóm."""
    parts = () if layout.area else layout.columns_of("part_of_area")
    return (*layout.columns_of("area"), *parts)


_PARENTS = (
    ("father", "father_phone", "ông"),
    ("mother", "mother_phone", "bà"),
    ("parent", "parent_phone", ""),
)


def _people(layout: Layout, *, is_staff: bool) -> tuple[PersonColumns, ...]:
    own = (*layout.columns_of("phone"), *layout.columns_of("zalo"))
    if is_staff or not is_class_list(layout):
        return _adults(layout, own)
    shared = _indices(own)
    named = [entry for entry in _PARENTS if layout.columns_of(entry[0])]
    slots = [
        PersonColumns(
            names=_indices(layout.columns_of(name))[:1],
            phones=_indices(layout.columns_of(phones)) or shared,
            honorific=honorific,
            shared=not layout.columns_of(phones),
            nameless=True,
        )
        for name, phones, honorific in named
    ]
    without = [entry for entry in _PARENTS if not layout.columns_of(entry[0]) and layout.columns_of(entry[1])]
    slots += [
        PersonColumns(
            names=(), phones=_indices(layout.columns_of(phones)), honorific=honorific, nameless=True
        )
        for _name, phones, honorific in without
    ]
    return tuple(slots) or (PersonColumns(names=(), phones=shared, nameless=True),)


def _family(layout: Layout) -> PersonColumns | None:
    own = _indices((*layout.columns_of("phone"), *layout.columns_of("zalo")))
    return PersonColumns(names=(), phones=own, nameless=True) if own else None


def is_class_list(layout: Layout) -> bool:
    """Return whether the list is one of pupils, written for their parents."""
    if layout.columns_of("pupil", *(kind for parent in _PARENTS for kind in parent[:2])):
        return True
    about_children = any(
        "sinh" in text.fold(c.heading) or "hocsinh" in text.fold(c.heading)
        for c in layout.columns_of("ignore")
    )
    return bool(
        layout.columns_of("class")
        and (about_children or layout.columns_of("female"))
        and not layout.columns_of("role")
    )


def _adults(layout: Layout, own: Sequence[Column]) -> tuple[PersonColumns, ...]:
    numbers = _indices(layout.columns_of("number"))
    full = layout.columns_of("name")
    phones = (*own, *layout.columns_of("parent_phone", "father_phone", "mother_phone"))
    if len(full) > 1 and len(numbers) == len(full):  # two lists printed side by side
        ends = (*numbers[1:], 1 << 30)
        return tuple(
            PersonColumns(
                names=tuple(c.index for c in full if first <= c.index < end),
                phones=tuple(c.index for c in phones if first <= c.index < end),
            )
            for first, end in zip(numbers, ends, strict=True)
        )
    parts = _indices((*layout.columns_of("family_name"), *layout.columns_of("given_name")))
    parents = _indices(layout.columns_of("parent", "father", "mother"))[:1]
    name = parts if layout.columns_of("family_name") else (_indices(full)[:1] or parts or parents)
    return (PersonColumns(names=name, phones=_indices(phones)),)
