"""The addresses a row of a list gives, also where the row could not be taken for want of a name."""

from __future__ import annotations

from typing import NamedTuple

from dispatcher.contacts import ParsedRow, email_cell
from dispatcher.vietnamese import phone

NAME_MISSING = "row:name-missing"


class RowAddresses(NamedTuple):
    """Mobiles in E.164, and a mail address or an empty text."""

    phones: tuple[str, ...]
    email: str


def addresses_of(row: ParsedRow) -> RowAddresses:
    """Return what a row says: lists of contacts want names, those of refusals or participants need none."""
    if NAME_MISSING in row.reasons:
        return _addresses_in_cells(row)
    if row.contact is None:
        return RowAddresses((), "")
    return RowAddresses(row.contact.phones, row.contact.email)


def _addresses_in_cells(row: ParsedRow) -> RowAddresses:
    """Return the addresses in the cells of a row that was refused."""
    numbers = [number for cell in row.cells for number in phone.parse(cell).numbers]
    mails = [email_cell.parse(cell).address for cell in row.cells if isinstance(cell, str) and "@" in cell]
    return RowAddresses(tuple(dict.fromkeys(numbers)), next(filter(None, mails), ""))
