"""One stream out of a compound file, the container of Office before 2007 ([MS-CFB])."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from struct import unpack_from

MAGIC = bytes.fromhex("d0cf11e0a1b11ae1")
_ENTRY_BYTES = 128
_LAST_SECTOR = 0xFFFFFFFA  # this number and all above end a chain or mark what is no sector
_ROOT = 5


def read_stream(content: bytes, name: str) -> bytes:
    """Return the stream called `name`.

    Raises KeyError when the file has none, ValueError or struct.error when it is damaged.
    """
    shift, mini_shift = unpack_from("<HH", content, 30)
    mini_max, first_mini = unpack_from("<II", content, 56)
    sectors = _Sectors(content, shift, _table(content, shift))
    entries = {}
    root = 0
    directory = sectors.read(unpack_from("<I", content, 48)[0])
    for place in range(0, len(directory) - _ENTRY_BYTES + 1, _ENTRY_BYTES):
        length, kind = unpack_from("<HB", directory, place + 64)
        start, size = unpack_from("<II", directory, place + 116)
        title = directory[place : place + max(length - 2, 0)].decode("utf-16-le", "replace")
        entries[title] = (start, size)
        root = start if kind == _ROOT else root
    start, size = entries[name]
    if size >= mini_max:
        return sectors.read(start)[:size]
    table = array("I", sectors.read(first_mini))
    return _Sectors(b"\0" * (1 << mini_shift) + sectors.read(root), mini_shift, table).read(start)[:size]


def _table(content: bytes, shift: int) -> array[int]:
    """Return which sector follows each sector."""
    places = list(unpack_from("<109I", content, 76))
    further = unpack_from("<I", content, 68)[0]
    per_sector = (1 << shift) // 4
    while further < _LAST_SECTOR and len(places) * 4 < len(content):
        *more, further = unpack_from(f"<{per_sector}I", content, (further + 1) << shift)
        places += more
    table = array("I")
    for place in places:
        if place < _LAST_SECTOR:
            table.frombytes(content[(place + 1) << shift : (place + 2) << shift])
    return table


class _Sectors:
    """Sectors of 2**`shift` bytes, the first behind a header of that size, and the table of their chains."""

    def __init__(self, content: bytes, shift: int, table: array[int]) -> None:
        self._content, self._shift, self._table = content, shift, table

    def read(self, start: int) -> bytes:
        """Return a chain of sectors from its first on; one that never ends is a ValueError."""
        return b"".join(self._chain(start))

    def _chain(self, sector: int) -> Iterator[bytes]:
        for _step in range(len(self._table) + 1):
            if sector >= _LAST_SECTOR:
                return
            yield self._content[(sector + 1) << self._shift : (sector + 2) << self._shift]
            if sector >= len(self._table):
                raise ValueError("a sector outside of the file")
            sector = self._table[sector]
        raise ValueError("a chain of sectors without an end")
