"""Reads lists kept as text: CSV with comma or semicolon, tab-separated "Unicode text", in any encoding.

Flat in memory: UTF-8 and UTF-16 files stream; older encodings, which Python cannot stream, are decoded a
piece of whole lines at a time.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
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


@dataclass(frozen=True, kw_only=True, slots=True)
class DelimitedFile:
    """A text file as pages of rows, read once."""

    encoding: str
    delimiter: str
    pages: Iterator[tuple[int, list[list[Cell]]]]


def open_delimited(path: Path) -> DelimitedFile:
    """Find the encoding and the delimiter of the file at `path` and open it."""
    encoding = _encoding(path)
    lines = _streamed(path, encoding) if encoding else _chunks(path)
    first = list(islice(lines, SNIFF_LINES))
    delimiter = _declared_delimiter(first) or _sniff_delimiter(first)
    if _declared_delimiter(first):
        first = first[1:]  # "sep=;" speaks to Excel, which does not count it as a row
    pages = _pages(chain(first, lines), delimiter)
    return DelimitedFile(encoding=encoding or _legacy_name(path), delimiter=delimiter, pages=pages)


def _encoding(path: Path) -> str:
    """Name the codec that can stream the file; empty when it is none of the Unicode ones."""
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
    widths = [len(row) for row in _records(iter(lines), delimiter) if row]
    wide = Counter(width for width in widths if width > 1)
    if not wide:
        return 0.0, 0
    width, count = wide.most_common(1)[0]
    return count / len(widths), width


def _pages(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[list[Cell]]]]:
    records = _records(lines, delimiter)
    first = 1
    while page := list(islice(records, PAGE_ROWS)):
        yield first, page  # type: ignore[misc]  # a list of texts is a list of cells that nobody writes to
        first += len(page)


def _records(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """Cut lines into records. A quote that is never closed is read as a plain character."""
    pending: list[str] = []

    def noted() -> Iterator[str]:
        for line in lines:
            pending.append(line)
            yield line
            if len(pending) > RECORD_LINES_MAX:
                return

    while True:
        try:
            for record in csv.reader(noted(), delimiter=delimiter):
                if len(pending) > RECORD_LINES_MAX:
                    break
                pending.clear()
                yield record
        except csv.Error:
            pass
        if not pending:
            return
        yield from csv.reader(pending, delimiter=delimiter, quoting=csv.QUOTE_NONE)
        pending.clear()
