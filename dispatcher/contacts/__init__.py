"""Contact lists as offices really keep them, read row by row into people we can write to.

A file goes in; one `ParsedRow` comes out for each person of each row, with what became of it and why. A bad
row is a value to show, never an exception. Begin with `list_reader.read_file`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

Status = Literal["accepted", "repaired", "held", "rejected", "merged", "skipped"]
STATUSES: tuple[Status, ...] = ("accepted", "repaired", "held", "rejected", "merged", "skipped")
Leadership = Literal["", "area", "commune"]
Cell: TypeAlias = str | float | bool | None


class Contact(NamedTuple):
    """One person as a list has them; empty text where the list says nothing.

    A named tuple, as `ParsedRow` is: a million are made, at a third of the time of a dataclass. What is true
    of each field stands in `list_fields`.
    """

    name: str  # NFC; empty when the list names only a pupil
    given_name: str
    honorific: str  # only what the list says, never guessed from the name
    phones: tuple[str, ...]  # E.164 mobiles; the first is the one we write to
    email: str
    area: str  # thôn, xóm, tổ
    unit: str  # agency, chi bộ, class
    role: str
    lead: Leadership
    note: str  # only the words that made us hold the contact
    audience: str
    hold: str = ""  # a word of `notes.HOLDS`: why a person must decide first; empty: nothing
    name_key: str = ""  # text.fold(name)
    birth_year: int = 0  # 0: not said; tells namesakes apart, and is no field of a list


_ABOUT_ADDRESSES = ("phone:", "mail:", "look:", "row:no-address")


class ParsedRow(NamedTuple):
    """What became of one person of one row.

    `row` counts as the spreadsheet shows it; `part` is 0, or 1, 2 … for further people of the same row.
    `reasons` (why not, or what to look at) and `repairs` (what was changed) are code words, with a value
    after "=" where there is one (`row:same-as=12`); `account.sentence` says them in the reader's language.
    `cells` keeps a rejected row as it was, for the file of rows to correct.
    """

    file: str
    sheet: str
    row: int
    status: Status
    contact: Contact | None = None
    reasons: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    part: int = 0
    cells: tuple[Cell, ...] = ()

    @property
    def is_person_without_address(self) -> bool:
        """Return whether the row names a person of whom only a usable number or mail is missing."""
        contact = self.contact
        return (
            self.status == "rejected"
            and contact is not None
            and (" " in contact.name or bool(contact.name and contact.area))
            and all(reason.startswith(_ABOUT_ADDRESSES) for reason in self.reasons)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Overrides:
    """What the organiser says about a list where the search would be wrong.

    `header_row` as the spreadsheet shows it, 0 for a list without headings. `columns` names a column by its
    letter ("D") or its heading in any spelling, and gives what it holds (a key of `columns.COLUMN_KINDS`) or
    "ignore". `sheets` limits the reading to these sheets, hidden ones included.
    """

    header_row: int | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    sheets: tuple[str, ...] = ()
