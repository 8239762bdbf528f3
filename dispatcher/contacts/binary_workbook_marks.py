"""The look of the rows of an .xls that its values do not show: hidden, struck through, commented on.

The format is [MS-XLS].
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, takewhile
from struct import unpack_from
from typing import NamedTuple

from dispatcher.contacts import compound_file, rich_strings
from dispatcher.contacts.hold_context import Mark
from dispatcher.contacts.layouts import column_letter

_EOF, _NOTE, _FONT, _CONTINUE, _OBJECT, _SHEET = 0x0A, 0x1C, 0x31, 0x3C, 0x5D, 0x85
_CELL_RUN, _FORMAT, _TEXT_BOX, _ROW, _BEGIN = 0xBD, 0xE0, 0x1B6, 0x208, 0x809
_STRINGS, _STRING_CELL = 0xFC, 0xFD
_CELLS = frozenset({0x06, _STRING_CELL, 0x203, 0x204, 0x205, 0x27E})  # formula, text, numbers, truth values
_BIFF8 = 0x600
_STRUCK, _HIDDEN = 0x08, 0x20

_Record = tuple[int, bytes]


class _Struck(NamedTuple):
    """What is struck through: cell formats, and texts that are so in part, each by number."""

    formats: frozenset[int]
    strings: frozenset[int]


def read_marks(content: bytes) -> dict[str, dict[int, tuple[Mark, ...]]]:
    """Return the marks of the rows by the name of the sheet and the number of the row.

    Empty for the older formats of Excel 95 and before. Raises KeyError, ValueError or struct.error for a file
    that is damaged.
    """
    book = compound_file.read_stream(content, "Workbook")
    if unpack_from("<H", book, 4)[0] != _BIFF8:
        return {}
    opening = list(_records(book, 0))
    fonts = [bool(unpack_from("<H", data, 2)[0] & _STRUCK) for kind, data in opening if kind == _FONT]
    fonts.insert(4, False)  # no font has the number 4
    struck = _Struck(_struck_formats(opening, fonts), _struck_strings(opening, fonts))
    return {
        _name(data): _of_sheet(_records(book, unpack_from("<I", data)[0]), struck)
        for kind, data in opening
        if kind == _SHEET
    }


def _records(book: bytes, place: int) -> Iterator[_Record]:
    """Yield the records of one substream; those of a chart inside it are part of it."""
    depth = 0
    while place + 4 <= len(book):
        kind, length = unpack_from("<HH", book, place)
        yield kind, book[place + 4 : place + 4 + length]
        depth += (kind == _BEGIN) - (kind == _EOF)
        if depth <= 0:
            return
        place += 4 + length


def _name(sheet: bytes) -> str:
    length, wide = sheet[6], sheet[7] & 1
    return sheet[8 : 8 + (length << wide)].decode("utf-16-le" if wide else "latin-1").strip()


def _struck_formats(opening: list[_Record], fonts: Sequence[bool]) -> frozenset[int]:
    """Return the numbers of the cell formats whose font is struck through."""
    used = [unpack_from("<H", data)[0] for kind, data in opening if kind == _FORMAT]
    return frozenset(n for n, font in enumerate(used) if font < len(fonts) and fonts[font])


def _struck_strings(opening: list[_Record], fonts: Sequence[bool]) -> frozenset[int]:
    """Return the numbers of the shared texts that are struck through in part."""
    kinds = [kind for kind, _data in opening]
    if not any(fonts) or _STRINGS not in kinds:
        return frozenset()
    first = kinds.index(_STRINGS)
    pieces = [data for _kind, data in takewhile(lambda one: one[0] == _CONTINUE, opening[first + 1 :])]
    texts = rich_strings.fonts_of_strings([opening[first][1], *pieces])
    return frozenset(
        n for n, used in enumerate(texts) if any(font < len(fonts) and fonts[font] for font in used)
    )


def _of_sheet(records: Iterator[_Record], struck: _Struck) -> dict[int, tuple[Mark, ...]]:
    kept = list(records)
    marks: dict[int, dict[Mark, None]] = defaultdict(dict)
    for row, mark in chain(_looks(kept, struck), _comments(kept)):
        marks[row + 1][mark] = None
    return {row: tuple(found) for row, found in marks.items()}


def _looks(records: list[_Record], struck: _Struck) -> Iterator[tuple[int, Mark]]:
    """Yield row and mark of rows that are hidden and of cells that are struck through."""
    for kind, data in records:
        if kind == _ROW and unpack_from("<H", data, 12)[0] & _HIDDEN:
            yield unpack_from("<H", data)[0], Mark("hidden")
        elif any(struck) and (kind in _CELLS or kind == _CELL_RUN):
            for row, column in _struck_cells(kind, data, struck):
                yield row, Mark("struck", f"{column_letter(column)}{row + 1}")


def _comments(records: list[_Record]) -> Iterator[tuple[int, Mark]]:
    """Yield row and words of the comments: a note names an object, whose text stands in a box behind it."""
    texts: dict[int, str] = {}
    shown = 0
    for kind, data in records:
        if kind == _OBJECT:
            shown = unpack_from("<H", data, 6)[0]
        elif kind == _TEXT_BOX:
            texts[shown] = ""
        elif kind == _CONTINUE and texts.get(shown) == "" and data:
            texts[shown] = data[1:].decode("utf-16-le" if data[0] & 1 else "latin-1", "replace")
    for row, commented in (unpack_from("<H4xH", data) for kind, data in records if kind == _NOTE):
        if words := " ".join(texts.get(commented, "").split()):
            yield row, Mark("comment", words)


def _struck_cells(kind: int, data: bytes, struck: _Struck) -> Iterator[tuple[int, int]]:
    row, column, used = unpack_from("<3H", data)
    if kind != _CELL_RUN:
        is_rich = kind == _STRING_CELL and unpack_from("<I", data, 6)[0] in struck.strings
        if is_rich or used in struck.formats:
            yield row, column
        return
    for index in range((len(data) - 6) // 6):
        if unpack_from("<H", data, 4 + 6 * index)[0] in struck.formats:
            yield row, column + index
