"""Finds people who stand in a list more than once: recognised by number or mail together with the name.

A million people are remembered in 35 MB: eight bytes for what one is known by, eight for the place.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Literal

from dispatcher.contacts import Contact, ParsedRow

_PARTS, _PART_SIZE, _LOAD_MAX = 256, 64, 0.75
ROW_BITS = 32  # rows of one sheet; above them the number of the sheet


class SeenKeys:
    """Remembers keys by their 64-bit hash, with the place where each was met first.

    Two of a million people share a hash once in 30 million lists. `places` is the type of a place as `array`
    calls it: "I" holds numbers below 2^32, "Q" those below 2^64.
    """

    def __init__(self, places: Literal["I", "Q"] = "I") -> None:
        self._type: Literal["I", "Q"] = places
        # In parts that grow one after the other: doubling one big table would need half as much again.
        self._hashes = [array("Q", bytes(8 * _PART_SIZE)) for _part in range(_PARTS)]
        self._places = [self._none(_PART_SIZE) for _part in range(_PARTS)]
        self._free = [int(_PART_SIZE * _LOAD_MAX)] * _PARTS

    def first_seen(self, key: tuple[str, str], place: int) -> int:
        """Return the place where `key` was met before, 0 when it is new; from now on it is known."""
        key_hash = hash(key) & 0xFFFF_FFFF_FFFF_FFFF or 1  # 0 marks what is free
        part = key_hash % _PARTS
        hashes = self._hashes[part]
        mask = len(hashes) - 1
        index = key_hash >> 8 & mask
        while found := hashes[index]:
            if found == key_hash:
                return self._places[part][index]
            index = (index + 1) & mask
        hashes[index] = key_hash
        self._places[part][index] = place
        self._free[part] -= 1
        if not self._free[part]:
            self._grow(part)
        return 0

    def get(self, key: tuple[str, str]) -> int:
        """Return the place where `key` was met, 0 when it never was."""
        key_hash = hash(key) & 0xFFFF_FFFF_FFFF_FFFF or 1
        part = key_hash % _PARTS
        hashes = self._hashes[part]
        mask = len(hashes) - 1
        index = key_hash >> 8 & mask
        while found := hashes[index]:
            if found == key_hash:
                return self._places[part][index]
            index = (index + 1) & mask
        return 0

    def _grow(self, part: int) -> None:
        size = 2 * len(self._hashes[part])
        mask = size - 1
        hashes, places = array("Q", bytes(8 * size)), self._none(size)
        for found, place in zip(self._hashes[part], self._places[part], strict=True):
            if found:
                index = found >> 8 & mask
                while hashes[index]:
                    index = (index + 1) & mask
                hashes[index] = found
                places[index] = place
        self._hashes[part], self._places[part] = hashes, places
        self._free[part] = int(size * _LOAD_MAX) - int(size // 2 * _LOAD_MAX)

    def _none(self, size: int) -> array[int]:
        """Make so many places, all free."""
        return array(self._type, bytes(array(self._type).itemsize * size))


def identity_keys(contact: Contact) -> list[tuple[str, str]]:
    """List what a person is recognised by."""
    name = contact.name_key
    keys = [(number, name) for number in contact.phones]
    return [*keys, (contact.email, name)] if contact.email else keys


class DuplicateFinder:
    """Marks who was met before as merged: the first stays. Somebody to be held is never merged away.

    Kept over several lists of one audience it finds people across them.
    """

    def __init__(self) -> None:
        self._seen = SeenKeys("Q")
        self._held = SeenKeys("Q")
        self._sheets: list[tuple[str, str]] = []

    def mark(self, rows: Iterator[ParsedRow], *, file: str, sheet: str) -> Iterator[ParsedRow]:
        """Pass on the rows of one sheet, repeated people as `merged` with the row they repeat."""
        first = self._seen.first_seen
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
                before = max((first(key, place) for key in identity_keys(contact)), default=0)
            if contact.hold:
                before = max((self._held.first_seen(key, place) for key in identity_keys(contact)), default=0)
            yield row if not before else mark_merged(row, self._named(before, here))

    def _named(self, index: int, here: int) -> str:
        """Return where a place is: the row, with file and sheet when they are others."""
        row = index & (1 << ROW_BITS) - 1
        if index >> ROW_BITS == here >> ROW_BITS:
            return str(row)
        return " · ".join([*filter(None, self._sheets[index >> ROW_BITS]), str(row)])


def mark_merged(row: ParsedRow, into: str) -> ParsedRow:
    """Mark a row as the same person as row `into`."""
    return row._replace(status="merged", reasons=(*row.reasons, f"row:same-as={into}"))


def keep_last_answers(rows: Iterator[ParsedRow]) -> Iterator[ParsedRow]:
    """Pass on the answers to a form: of several by one person the last stands, earlier ones are `merged`.

    Holds the whole sheet in memory, for the last answer is known only at the end.
    """
    kept = list(rows)
    latest: dict[tuple[str, str], int] = {}
    result = list(kept)
    for index in range(len(kept) - 1, -1, -1):
        contact = kept[index].contact
        if contact is None:
            continue
        later = [latest[key] for key in identity_keys(contact) if key in latest]
        if later:
            result[index] = mark_merged(kept[index], str(later[0]))
            continue
        latest |= dict.fromkeys(identity_keys(contact), kept[index].row)
    return iter(result)
