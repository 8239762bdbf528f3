"""The fonts in the shared texts of an .xls: the table of texts is cut into records wherever one is full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import unpack_from

_WIDE, _EXTENDED, _RICH = 1, 4, 8
_RUN_BYTES = 4


def fonts_of_strings(pieces: Sequence[bytes]) -> Iterator[tuple[int, ...]]:
    """Yield for each text the numbers of the fonts that some of it is in, besides the font of its cell.

    `pieces` are the record of texts and those that continue it. Raises struct.error or IndexError where they
    end too soon.
    """
    reader = _Reader(pieces)
    reader.read(4)
    (count,) = unpack_from("<I", reader.read(4))
    for _number in range(count):
        length, flags = unpack_from("<HB", reader.read(3))
        (runs,) = unpack_from("<H", reader.read(2)) if flags & _RICH else (0,)
        (extension,) = unpack_from("<I", reader.read(4)) if flags & _EXTENDED else (0,)
        reader.skip_characters(length, wide=flags & _WIDE)
        used = reader.read(runs * _RUN_BYTES)
        yield tuple(unpack_from("<H", used, place + 2)[0] for place in range(0, len(used), _RUN_BYTES))
        reader.read(extension)


class _Reader:
    """Reads on over the ends of records."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self._pieces, self._piece, self._place = pieces, 0, 0

    def read(self, count: int) -> bytes:
        """Return the next bytes."""
        found = b""
        while len(found) < count:
            if self._place == len(self._pieces[self._piece]):
                self._piece, self._place = self._piece + 1, 0
            taken = self._pieces[self._piece][self._place : self._place + count - len(found)]
            found += taken
            self._place += len(taken)
        return found

    def skip_characters(self, count: int, *, wide: int) -> None:
        """Pass over a text; where it goes on in the next record, a byte there says anew how wide it is."""
        while count:
            left = (len(self._pieces[self._piece]) - self._place) >> wide
            passed = min(left, count)
            self._place += passed << wide
            count -= passed
            if count:
                self._piece, self._place = self._piece + 1, 1
                wide = self._pieces[self._piece][0] & _WIDE
