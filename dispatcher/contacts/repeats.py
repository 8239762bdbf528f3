"""Finds people who stand in a list more than once: recognised by number or mail together with the name.

A million people are remembered in flat memory: eight bytes for what they are known by, and four for the row.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from dispatcher.contacts import Contact, Row

_FREE = 0
_LOAD_MAX = 0.6
ROW_BITS = 22  # rows of one sheet; above them the number of the sheet


class Seen:
    """Remembers keys by their 64-bit hash, with the row where each was seen first.

    Two of a million people share a hash once in 30 million lists.
    """

    def __init__(self) -> None:
        self._size = 1 << 12
        self._count = 0
        self._hashes = array("Q", bytes(8 * self._size))
        self._rows = array("I", bytes(4 * self._size))

    def first(self, key: tuple[str, str], row: int) -> int:
        """Give the row where `key` was seen before, 0 when it is new; from now on it is known."""
        if self._count > self._size * _LOAD_MAX:
            self._grow()
        hashes, mask = self._hashes, self._size - 1
        wanted = hash(key) & 0xFFFF_FFFF_FFFF_FFFF or 1
        place = wanted & mask
        while found := hashes[place]:
            if found == wanted:
                return self._rows[place]
            place = (place + 1) & mask
        hashes[place] = wanted
        self._rows[place] = row
        self._count += 1
        return 0

    def _grow(self) -> None:
        old_hashes, old_rows = self._hashes, self._rows
        self._size *= 4
        mask = self._size - 1
        hashes, rows = array("Q", bytes(8 * self._size)), array("I", bytes(4 * self._size))
        for found, row in zip(old_hashes, old_rows, strict=True):
            if found:
                place = found & mask
                while hashes[place] != _FREE:
                    place = (place + 1) & mask
                hashes[place] = found
                rows[place] = row
        self._hashes, self._rows = hashes, rows


def keys_of(contact: Contact) -> list[tuple[str, str]]:
    """List what a person is recognised by."""
    name = contact.name_key
    keys = [(number, name) for number in contact.phones]
    return [*keys, (contact.email, name)] if contact.email else keys


class Repeats:
    """Marks who was met before as merged: the first stays. Somebody to be held is never merged away.

    Kept over several lists of one audience it finds people across them.
    """

    def __init__(self) -> None:
        self._seen = Seen()
        self._held = Seen()
        self._sheets: list[tuple[str, str]] = []

    def marked(self, rows: Iterator[Row], *, file: str, sheet: str) -> Iterator[Row]:
        """Pass on the rows of one sheet, repeated people as `merged` with the row they repeat."""
        first = self._seen.first
        here = len(self._sheets) << ROW_BITS
        self._sheets.append((file, sheet))
        for row in rows:
            contact = row.contact
            if contact is None or row.status == "rejected":
                yield row
                continue
            place = here | row.row
            if len(contact.phones) == 1 and not contact.email:
                before = first((contact.phones[0], contact.name_key), place)
            else:
                before = max((first(key, place) for key in keys_of(contact)), default=0)
            if contact.hold:
                before = max((self._held.first(key, place) for key in keys_of(contact)), default=0)
            yield row if not before else merged(row, self._named(before, here))

    def _named(self, place: int, here: int) -> str:
        """Say where a place is: the row, with file and sheet when they are others."""
        row = place & (1 << ROW_BITS) - 1
        if place >> ROW_BITS == here >> ROW_BITS:
            return str(row)
        return " · ".join([*filter(None, self._sheets[place >> ROW_BITS]), str(row)])


def merged(row: Row, into: str) -> Row:
    """Mark a row as the same person as row `into`."""
    return row._replace(status="merged", reasons=(*row.reasons, f"row:same-as={into}"))


def last_wins(rows: Iterator[Row]) -> Iterator[Row]:
    """Pass on the answers to a form: of several by one person the last stands, earlier ones are `merged`.

    Holds the whole sheet in memory, for the last answer is known only at the end.
    """
    kept = list(rows)
    latest: dict[tuple[str, str], int] = {}
    same = list(kept)
    for place in range(len(kept) - 1, -1, -1):
        contact = kept[place].contact
        if contact is None:
            continue
        later = [latest[key] for key in keys_of(contact) if key in latest]
        if later:
            same[place] = merged(kept[place], str(later[0]))
            continue
        latest |= dict.fromkeys(keys_of(contact), kept[place].row)
    return iter(same)
