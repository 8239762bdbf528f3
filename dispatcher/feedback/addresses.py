"""The addresses a row of a list gives, also where the row could not be taken for want of a name."""

from __future__ import annotations

from typing import NamedTuple

from dispatcher.contacts import Row, mail
from dispatcher.vietnamese import phone

NAMELESS = "row:name-missing"


class Addresses(NamedTuple):
    """Mobiles in E.164, and a mail address or an empty text."""

    phones: tuple[str, ...]
    email: str


def addresses(row: Row) -> Addresses:
    """Give what a row says: lists of contacts want names, those of refusals or participants need none."""
    if NAMELESS in row.reasons:
        return _of_cells(row)
    if row.contact is None:
        return Addresses((), "")
    return Addresses(row.contact.phones, row.contact.email)


def _of_cells(row: Row) -> Addresses:
    """Look through the cells of a row that was refused: the reading keeps no address of such a row."""
    numbers = [number for cell in row.cells for number in phone.read(cell).numbers]
    mails = [mail.read(cell).address for cell in row.cells if isinstance(cell, str) and "@" in cell]
    return Addresses(tuple(dict.fromkeys(numbers)), next(filter(None, mails), ""))
