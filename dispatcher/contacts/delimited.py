"""Reads lists kept as text: CSV with comma or semicolon, tab-separated "Unicode text", in any encoding.

Flat in memory: UTF-8 and UTF-16 files stream; older encodings, which Python cannot stream, are decoded a
piece of whole lines at a time.
"""

from __future__ import annotations

import csv
import html
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from dispatcher.contacts import Cell
from dispatcher.vietnamese import encodings

DELIMITERS = (",", ";", "\t", "|")
PAGE_ROWS = 1000
CHUNK_BYTES = 1 << 20
SNIFF_LINES = 100
RECORD_LINES_MAX = 20  # one cell does not run on for longer: somebody forgot a closing quote

csv.field_size_limit(1 << 24)  # a forgotten quote is met by RECORD_LINES_MAX, not by an exception
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_NUMBER_DIGITS = 8
# Written out, these would cut a line or open a cell.
_INSTEAD = {'"': "”", "\t": " ", "\r": " ", "\n": " ", ",": "‚", ";": " ", "|": " "}


@dataclass(kw_only=True, slots=True)
class StrayQuote:
    """A quotation mark that opens no cell, known when its page has been read: from there on nothing is sure.

    `row` counts rows, `line` lines of the file; both 0 while none was met. From there on each line is a row.
    """

    row: int = 0
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class DelimitedFile:
    """A text file as pages of rows, read once."""

    encoding: str
    delimiter: str
    pages: Iterator[tuple[int, list[list[Cell]]]]
    stray_quote: StrayQuote


def open_delimited(path: Path) -> DelimitedFile:
    """Find the encoding and the delimiter of the file at `path` and open it."""
    encoding = _encoding(path)
    lines = _without_entities(_streamed(path, encoding) if encoding else _chunks(path))
    first = list(islice(lines, SNIFF_LINES))
    delimiter = _declared_delimiter(first) or _sniff_delimiter(first)
    if _declared_delimiter(first):
        first = first[1:]  # "sep=;" speaks to Excel, which does not count it as a row
    stray = StrayQuote()
    pages = _pages(chain(first, lines), delimiter, stray)
    return DelimitedFile(
        encoding=encoding or _legacy_name(path), delimiter=delimiter, pages=pages, stray_quote=stray
    )


def write_out_entities(text: str) -> str:
    """Return `text` with its HTML entities as the characters they stand for: "&#7877;" is "ễ".

    Twice, for what went through two programs ("&amp;#7877;").
    """
    return _ENTITY.sub(_character, _ENTITY.sub(_character, text))


def _character(entity: re.Match[str]) -> str:
    return html.unescape(entity[0])


def _without_entities(lines: Iterator[str]) -> Iterator[str]:
    """Write entities out before lines are cut, for each of them ends in a semicolon."""
    for line in lines:
        yield _ENTITY.sub(_uncut, _ENTITY.sub(_uncut, line)) if "&" in line else line


def _uncut(entity: re.Match[str]) -> str:
    character = html.unescape(entity[0])
    return _INSTEAD.get(character, character)


def _encoding(path: Path) -> str:
    """Return the codec that can stream the file; empty when it is none of the Unicode ones."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if start.count(0) > len(start) // 4:  # Latin letters in two bytes each, without the mark that says so
        return "utf-16-le" if start[1::2].count(0) > start[::2].count(0) else "utf-16-be"
    return "utf-8-sig" if _is_utf8(path) else ""


def _is_utf8(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            while file.read(CHUNK_BYTES):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _streamed(path: Path, encoding: str) -> Iterator[str]:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        yield from file


def _chunks(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK_BYTES):
            piece += file.readline()
            yield from io.StringIO(encodings.decode(piece).text, newline="")


def _legacy_name(path: Path) -> str:
    with path.open("rb") as file:
        return encodings.decode(file.read(CHUNK_BYTES) + file.readline()).encoding


def _declared_delimiter(lines: list[str]) -> str:
    first = lines[0].rstrip("\r\n").lower() if lines else ""
    return first[4:] if first.startswith("sep=") and len(first) == 5 else ""


def _sniff_delimiter(lines: list[str]) -> str:
    """Choose the delimiter that cuts the most lines into the same number of cells."""
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: list[str], delimiter: str) -> tuple[float, int]:
    widths = [len(row) for row in _records(iter(lines), delimiter, StrayQuote()) if row]
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return 0.0, 0
    width, count = wide.most_common(1)[0]
    return count / len(widths), width


def _pages(lines: Iterator[str], delimiter: str, stray: StrayQuote) -> Iterator[tuple[int, list[list[Cell]]]]:
    records = _records(lines, delimiter, stray)
    first = 1
    while page := list(islice(records, PAGE_ROWS)):
        yield first, page  # type: ignore[misc]  # a list of texts is a list of cells that nobody writes to
        first += len(page)


def _records(lines: Iterator[str], delimiter: str, stray: StrayQuote) -> Iterator[list[str]]:
    """Cut lines into records, up to a quote that is never closed or swallows rows; then line by line."""
    pending: list[str] = []  # the lines of the record that is being read
    rows = width = 0
    ended = False  # true with a record in hand: the file ends, or RECORD_LINES_MAX is reached, inside a quote

    def noted() -> Iterator[str]:
        nonlocal ended
        for line in lines:
            pending.append(line)
            yield line
            if len(pending) > RECORD_LINES_MAX:
                break
        ended = True

    reader = csv.reader(noted(), delimiter=delimiter)
    with suppress(csv.Error):
        for record in reader:
            if ended or (len(pending) > 1 and _swallows_rows(pending, width, delimiter)):
                break
            if len(record) > width:  # noqa: PLR1730 - this loop runs for every row of every list
                width = len(record)
            rows += 1
            pending.clear()
            yield record
    if pending:
        stray.row, stray.line = rows + 1, reader.line_num - len(pending) + 1
        yield from csv.reader(chain(pending, lines), delimiter=delimiter, quoting=csv.QUOTE_NONE)


def _swallows_rows(pending: list[str], width: int, delimiter: str) -> bool:
    """Return whether the quotes that hold these lines together were meant to open no cell.

    Addresses and notes do run over several lines; rows do not, nor does a cell go on behind its last quote.
    """
    try:
        (record,) = csv.reader(pending, delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return True
    inside = [pending[0].rpartition('"')[2], *pending[1:-1], pending[-1].partition('"')[0]]
    if 1 < width < len(record) and not inside[0].strip() and inside[-1].strip():
        return True  # opened at the end of one row and closed in the first cell of the next
    if sum(line.count(delimiter) for line in inside) < max(width - 1, 1):
        return False
    cells = [line.strip("\r\n").split(delimiter) for line in inside]
    return any(_looks_like_a_row(line) for line in cells)


def _looks_like_a_row(cells: list[str]) -> bool:
    """Return whether it is a row: a running number, a telephone number or gaps, and no prose."""
    has_number = any(sum(map(str.isdigit, cell)) >= _NUMBER_DIGITS for cell in cells)
    return has_number or cells[0].isdigit() or "" in cells[1:-1]
