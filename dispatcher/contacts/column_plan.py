"""Which columns make which people: drawn once for a sheet, followed for every row of it.

A class list makes a parent of each parent's columns and nobody of the pupil; two lists printed side by side
make two people a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dispatcher.contacts import birth_years, columns, hold_reasons
from dispatcher.contacts.layouts import Column, Layout
from dispatcher.vietnamese import text


@dataclass(frozen=True, kw_only=True, slots=True)
class PersonColumns:
    """The columns of one person of a row; a class list has one for each parent."""

    names: tuple[int, ...]  # joined by a space: "Họ đệm | Tên"
    phones: tuple[int, ...]
    fallback_phones: tuple[int, ...] = ()  # old and spare numbers, where `phones` have none
    role: str = ""  # the heading that names them: "Trưởng thôn"
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
    flags: tuple[tuple[int, str], ...]  # with the reason to hold whoever is marked there
    assurances: tuple[tuple[int, str], ...]  # with the reason to hold whoever has a "no" there
    others: tuple[int, ...]  # all else that is looked through for warnings
    numbers: tuple[int, ...]
    births: tuple[int, ...]  # years of birth, which tell namesakes apart
    title_area: str
    title_unit: str


def plan_columns(layout: Layout, *, audience: str) -> ColumnPlan:
    """Draw the plan for a sheet with this layout."""
    slots = _people(layout, audience=audience)
    of_pupil = _are_parents(slots)
    return ColumnPlan(
        people=slots,
        family=_family(layout) if of_pupil else None,
        names=_indices(layout.columns_of(*columns.NAME_KINDS, "pupil")),
        emails=_indices(_emails(layout, of_pupil=of_pupil)),
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
        flags=tuple(_flags(layout)),
        assurances=tuple(
            (c.index, columns.ASSURANCE_KINDS[c.kind]) for c in layout.columns_of(*columns.ASSURANCE_KINDS)
        ),
        others=_indices([column for column in layout.columns if column.kind not in _READ_ELSEWHERE]),
        numbers=_indices(layout.columns_of("number")),
        births=() if of_pupil else birth_years.columns_of(layout),
        title_area=layout.area,
        title_unit=layout.unit,
    )


# Read by themselves, or about somebody else: a pupil's father who has died does not hold the mother.
_READ_ELSEWHERE = (
    columns.NAME_KINDS
    | columns.PHONE_KINDS
    | columns.OTHERS_PHONE_KINDS
    | {
        "pupil",
        "email",
        "note",
        "consent",
        "number",
        "timestamp",
        *columns.FLAG_KINDS,
        *columns.ASSURANCE_KINDS,
    }
)


def _flags(layout: Layout) -> Iterator[tuple[int, str]]:
    for column in layout.columns_of("phone", *columns.FLAG_KINDS):
        if reason := columns.FLAG_KINDS.get(
            columns.kind_of(column.heading) if column.kind == "phone" else column.kind
        ):
            yield column.index, reason


def _emails(layout: Layout, *, of_pupil: bool) -> Sequence[Column]:
    """Return the columns of mail addresses; a pupil's own is not the parents'."""
    emails = sorted(layout.columns_of("email"), key=lambda column: column.rank)
    if of_pupil and layout.columns_of("pupil", "name", "family_name", "given_name"):
        return [column for column in emails if column.owner == "parent"]
    return emails


def with_family_questions(layout: Layout, *, audience: str) -> Layout:
    """Return the layout with a question at each column of a family that is not used as the list reads.

    That is a pupil's own mail address, and a parent's number in a register that has no other.
    """
    people = _people(layout, audience=audience)
    asked = dict.fromkeys(_indices(layout.columns_of("email")), "pupils")
    for index in _indices(_emails(layout, of_pupil=_are_parents(people))):
        asked.pop(index)
    if not any((*person.phones, *person.fallback_phones) for person in people):
        asked |= dict.fromkeys(_indices(layout.columns_of("father_phone", "mother_phone")), "others")
    return replace(
        layout,
        columns=tuple(
            replace(column, question=asked.get(column.index, column.question)) for column in layout.columns
        ),
    )


def _are_parents(slots: Sequence[PersonColumns]) -> bool:
    return any(slot.nameless or slot.honorific or slot.shared for slot in slots)


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


def _own_phones(layout: Layout) -> tuple[Column, ...]:
    """Return the columns of the person's own numbers, the best first."""
    return tuple(sorted(layout.columns_of("phone", "zalo"), key=lambda column: column.rank))


def _people(layout: Layout, *, audience: str) -> tuple[PersonColumns, ...]:
    own = _own_phones(layout)
    if hold_reasons.is_staff(audience) or not is_class_list(layout, audience):
        return _officers(layout) or _adults(layout, own)
    if wanted := [column for column in own if column.owner == "receiver"]:
        return (PersonColumns(names=(), phones=_indices(wanted), nameless=True),)
    shared = _indices((*own, *layout.columns_of("relative_phone")))
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
    own = _indices((*_own_phones(layout), *layout.columns_of("relative_phone")))
    return PersonColumns(names=(), phones=own, nameless=True) if own else None


_OF_PARENTS = ("parents", "parent", "phuhuynh", "hocsinh", "chame", "bome", "pupils", "students")


def is_class_list(layout: Layout, audience: str = "") -> bool:
    """Return whether the list is one of pupils, written for their parents.

    A register of residents or recruits names fathers and mothers too.
    """
    if layout.columns_of("pupil", "parent", "parent_phone"):
        return True
    if layout.columns_of("father", "mother", "father_phone", "mother_phone"):
        return (
            text.fold(audience).startswith(_OF_PARENTS)
            or not layout.columns_of("name", "family_name")
            or bool(layout.columns_of("class"))
            or text.fold(layout.unit).startswith("lop")
        )
    about_children = any(
        "sinh" in text.fold(c.heading) or "hocsinh" in text.fold(c.heading)
        for c in layout.columns_of("ignore")
    )
    return bool(
        layout.columns_of("class")
        and (about_children or layout.columns_of("female"))
        and not layout.columns_of("role")
    )


_NAME_WORDS = re.compile(r"^(?:họ (?:và )?)?tên |[\s:]+(?:họ (?:và )?tên)?$", re.IGNORECASE)


def _position(heading: str) -> str:
    """Return "Trưởng thôn" of the heading "Họ tên trưởng thôn"."""
    position = _NAME_WORDS.sub("", heading)
    return position[:1].upper() + position[1:]


def _officers(layout: Layout) -> tuple[PersonColumns, ...]:
    """Return the people of a list of heads: "Thôn | Trưởng thôn | Số ĐT | Bí thư chi bộ | Số ĐT"."""
    officers = layout.columns_of("officer")
    if not officers:
        return ()
    ends = (*(column.index for column in officers[1:]), 1 << 30)
    phones = layout.columns_of("phone", "zalo")
    return tuple(
        PersonColumns(
            names=(officer.index,),
            phones=tuple(c.index for c in phones if officer.index < c.index < end),
            role=_position(officer.heading),
        )
        for officer, end in zip(officers, ends, strict=True)
    )


def _adults(layout: Layout, own: Sequence[Column]) -> tuple[PersonColumns, ...]:
    numbers = _indices(layout.columns_of("number"))
    full = layout.columns_of("name")
    phones = own
    if len(full) > 1 and len(numbers) == len(full):  # two lists printed side by side
        ends = (*numbers[1:], 1 << 30)
        return tuple(
            PersonColumns(
                names=tuple(c.index for c in full if first <= c.index < end),
                phones=tuple(c.index for c in phones if first <= c.index < end),
            )
            for first, end in zip(numbers, ends, strict=True)
        )
    parts = _indices(
        [c for kind in ("family_name", "middle_name", "given_name") for c in layout.columns_of(kind)]
    )
    parents = _indices(layout.columns_of("parent", "father", "mother"))[:1]
    name = parts if layout.columns_of("family_name") else (_indices(full)[:1] or parts or parents)
    fallbacks = _indices([c for kind in ("spare_phone", "old_phone") for c in layout.columns_of(kind)])
    return (PersonColumns(names=name, phones=_indices(phones), fallback_phones=fallbacks),)
