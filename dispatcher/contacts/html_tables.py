"""Reads what web software calls ".xls": a page with tables, or a web archive (MHTML) around one.

As Excel does it all tables of a page become one sheet, one below the other, and words between them rows of
their own. Read as a whole: such files are small.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from dispatcher.contacts import Cell
from dispatcher.vietnamese import encodings

SPAN_MAX = 200  # no heading reaches further; a page may claim anything
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_-]+)", re.IGNORECASE)
_HEAD_BYTES = 4096
_IGNORED = frozenset({"script", "style", "title", "noscript", "template", "select", "textarea"})
_BREAKS = frozenset({"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "br", "li", "center", "hr", "caption"})
_MERGED = tuple[int, int, int, int]


def read_page(path: Path) -> tuple[list[list[Cell]], tuple[_MERGED, ...]]:
    """Return the rows of the page at `path` and its merged cells (first row and column, last row and column).

    Both empty when the page holds no table.
    """
    raw = path.read_bytes()
    rows: list[list[Cell]] = []
    merged: list[_MERGED] = []
    for page in _pages_of_archive(raw) if _is_archive(raw) else (_decoded(raw),):
        parser = _TableParser()
        parser.feed(page)
        parser.close()
        if parser.has_table:
            shift = len(rows)
            merged += [(up + shift, left, down + shift, right) for up, left, down, right in parser.merged]
            rows += parser.rows
    return rows, tuple(merged)


def _is_archive(raw: bytes) -> bool:
    return (
        raw[:_HEAD_BYTES]
        .lstrip(b"\xef\xbb\xbf \r\n\t")
        .lower()
        .startswith((b"mime-version", b"from: <saved"))
    )


def _pages_of_archive(raw: bytes) -> Iterator[str]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            content = part.get_payload(decode=True)
            if isinstance(content, bytes):
                yield _decoded(content, part.get_content_charset() or "")


def _decoded(raw: bytes, charset: str = "") -> str:
    """Decode by the mark, by what the page says of itself if that is true, else as any old file."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace")
    found = _CHARSET.search(raw[:_HEAD_BYTES])
    for name in ("utf-8-sig", charset or (found[1].decode("ascii") if found else "")):
        try:
            return raw.decode(name)
        except (LookupError, UnicodeDecodeError):
            continue
    return encodings.decode(raw).text


class _TableParser(HTMLParser):
    """Collects the cells of every table into one sheet."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[Cell]] = []
        self.merged: list[_MERGED] = []
        self.has_table = False
        self._row: list[Cell] | None = None
        self._column = 0  # the next free one of the row
        self._words: list[str] = []
        self._in_cell = False
        self._span = (1, 1)
        self._taken: dict[int, int] = {}  # column -> how many more rows a cell from above reaches down
        self._ignored = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _IGNORED:
            self._ignored += 1
        elif tag == "table":
            self.has_table = True
            self._end_row()
            self._taken.clear()
        elif tag == "tr":
            self._end_row()
            self._begin_row()
        elif tag in {"td", "th"}:
            self._begin_cell(dict(attrs))
        elif tag in _BREAKS and self._in_cell:
            self._words.append("\n")
        elif tag in _BREAKS:
            self._end_words()

    def handle_endtag(self, tag: str) -> None:
        if tag in _IGNORED:
            self._ignored = max(0, self._ignored - 1)
        elif tag in {"td", "th"}:
            self._end_cell()
        elif tag in {"tr", "table"}:
            self._end_row()
        elif tag in _BREAKS and not self._in_cell:
            self._end_words()

    def handle_data(self, data: str) -> None:
        if not self._ignored:
            self._words.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()
        self._end_words()

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self._end_cell()
        if self._row is None:
            self._begin_row()
        self._words.clear()
        self._in_cell = True
        self._span = (_span(attributes.get("rowspan")), _span(attributes.get("colspan")))

    def _end_cell(self) -> None:
        if not self._in_cell or self._row is None:
            return
        self._in_cell = False
        while self._column in self._taken:
            self._column += 1
        column, (down, right) = self._column, self._span
        self._row += [""] * (column - len(self._row))
        self._row.append(self._take_words())
        self._column += right
        if down > 1:
            self._taken |= dict.fromkeys(range(column, column + right), down)
        if self._span != (1, 1):
            here = len(self.rows)
            self.merged.append((here, column, here + down - 1, column + right - 1))

    def _begin_row(self) -> None:
        self._row, self._column = [], 0

    def _end_row(self) -> None:
        self._end_cell()
        if self._row is None:
            self._end_words()
            return
        self.rows.append(self._row)
        self._row = None
        self._words.clear()
        self._taken = {column: left - 1 for column, left in self._taken.items() if left > 1}

    def _end_words(self) -> None:
        """Give words that stand in no cell, such as a title, a row of their own."""
        if words := self._take_words():
            self.rows.append([words])

    def _take_words(self) -> str:
        words = "\n".join(filter(None, (" ".join(line.split()) for line in "".join(self._words).split("\n"))))
        self._words.clear()
        return words


def _span(value: str | None) -> int:
    number = int(value) if value and value.strip().isdecimal() else 1
    return min(max(number, 1), SPAN_MAX)
