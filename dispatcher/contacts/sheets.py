"""Opens a list file, whatever it is, as sheets of rows, a page at a time.

What a file is is told by its first bytes, not by its name: people rename .xlsx to .csv, and old systems
call a text or a web page ".xls".
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dispatcher.contacts import Cell, delimited, html_tables, spreadsheet_ml
from dispatcher.contacts.delimited import write_out_entities
from dispatcher.errors import DispatcherError, Problem, os_error_message
from dispatcher.i18n import _

WEB_PAGE_MAX_BYTES = 100 << 20  # read as a whole; a list of 200,000 rows is smaller
COLUMNS_MAX = 16_384  # of a spreadsheet; a text file may claim more
UNPACKED_MAX_BYTES = 2 << 30  # a list of a million rows unpacks to about 0.3 GB

_WORKBOOK = Path(__file__).with_name("workbook_process.py")
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_BLANKS = b"\xef\xbb\xbf \r\n\t"
_MARKUP = re.compile(
    rb"<(?:\?xml|!doctype|!--|html|head|body|meta|title|style|script|table|tr|div|center|form|font|span|p|h[1-6]|br)\b"
    rb"|<!--|mime-version:"
)
_NO_LISTS = (b"%pdf", b"{\\rtf", b"\x89png", b"\xff\xd8\xff", b"rar!", b"7z\xbc\xaf")

Page = tuple[int, list[list[Cell]]]  # number of the first row as the spreadsheet shows it, rows


class UnreadableFile(DispatcherError):
    """A file cannot be read at all; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(f"{problem.file}: {problem.what}. {problem.remedy}")


@dataclass(frozen=True, kw_only=True, slots=True)
class InputSheet:
    """One sheet, to be read once and before the next one is asked for.

    `name` is empty for a text file. `merged` holds (first row, first column, last row, last column) counted
    from 0. A hidden sheet has no pages.
    """

    name: str
    pages: Iterator[Page]
    visible: bool = True
    merged: tuple[tuple[int, int, int, int], ...] = ()
    encoding: str = ""
    stray_quote: delimited.StrayQuote = field(default_factory=delimited.StrayQuote)


def open_sheets(path: Path, *, sheet_names: Sequence[str] = ()) -> Iterator[InputSheet]:
    """Return the sheets of the file at `path`; hidden ones have rows only when named in `sheet_names`.

    Raises Unreadable.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4096)
    except OSError as error:
        raise _unreadable(
            path,
            _("the file cannot be opened: {error}", error=os_error_message(error)),
            _("Check the name and the rights of the file; close it if it is open in another program."),
        ) from error
    if not start.strip(b"\x00\r\n\t ,;\xef\xbb\xbf\xff\xfe"):
        raise _unreadable(path, _("the file is empty"), _("Save the list again; it has no rows."))
    if start.startswith((_ZIP, _OLE)):
        _check_size(path, start)
        return _workbook(path, sheet_names)
    head = _latin(start).lstrip(_BLANKS).lower()
    is_markup = _MARKUP.match(head) is not None
    if is_markup and path.stat().st_size > WEB_PAGE_MAX_BYTES:
        raise _unreadable(
            path,
            _("this is a web page, too large to be read as a list"),
            _("Open it in Excel or LibreOffice and save it as .xlsx."),
        )
    if head.startswith(b"<?xml") and b"<html" not in head:
        return _xml(path, sheet_names)
    if is_markup:
        return _web_page(path)
    _check_is_text(path, head)
    return iter((_text(path),))


def _latin(start: bytes) -> bytes:
    """Return the Latin letters of a text in two bytes each, anything else as it is."""
    return start[2:].replace(b"\0", b"") if start.startswith((b"\xff\xfe", b"\xfe\xff")) else start


def _unreadable(path: Path, what: str, remedy: str) -> UnreadableFile:
    return UnreadableFile(Problem(file=path.name, what=what, remedy=remedy))


def _check_size(path: Path, start: bytes) -> None:
    if not start.startswith(_ZIP):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (OSError, zipfile.BadZipFile) as error:
        raise _damaged(path) from error
    if size > UNPACKED_MAX_BYTES:
        raise _unreadable(
            path,
            _("the workbook unpacks to {size} MB", size=size >> 20),
            _("Delete empty rows and pictures, or save the sheet as CSV UTF-8."),
        )


def _check_is_text(path: Path, head: bytes) -> None:
    if head.startswith(_NO_LISTS):
        raise _unreadable(
            path,
            _("this is a document, a picture or an archive, not a list"),
            _("Put the list into a spreadsheet, a person a row, and save it as .xlsx."),
        )


def _web_page(path: Path) -> Iterator[InputSheet]:
    rows, merged = html_tables.read_page(path)
    if not rows:
        raise _unreadable(
            path,
            _("this is a web page without a table, whatever its name says"),
            _("Open it in Excel or LibreOffice and save it as .xlsx."),
        )
    yield InputSheet(name="", pages=_in_pages(rows), merged=merged)


def _xml(path: Path, sheet_names: Sequence[str]) -> Iterator[InputSheet]:
    found = 0
    try:
        for sheet in spreadsheet_ml.read_worksheets(path):
            found += 1
            wanted = sheet.visible or sheet.name.strip() in sheet_names
            pages = _in_pages(sheet.rows) if wanted else iter(())
            yield InputSheet(name=sheet.name, visible=sheet.visible, merged=tuple(sheet.merged), pages=pages)
    except spreadsheet_ml.NoSpreadsheet as error:
        raise _damaged(path) from error
    if not found:
        raise _damaged(path)


def _in_pages(rows: list[list[Cell]]) -> Iterator[Page]:
    for first in range(0, len(rows), delimited.PAGE_ROWS):
        yield first + 1, rows[first : first + delimited.PAGE_ROWS]


def _text(path: Path) -> InputSheet:
    text = delimited.open_delimited(path)
    pages = _narrow(path, text.pages)
    return InputSheet(name="", pages=pages, encoding=text.encoding, stray_quote=text.stray_quote)


def _narrow(path: Path, pages: Iterator[Page]) -> Iterator[Page]:
    """Hand the pages on while their rows are no wider than a spreadsheet can be."""
    for number, rows in pages:
        if max(map(len, rows), default=0) > COLUMNS_MAX:
            raise _unreadable(
                path,
                _("a row has more than {n} columns", n=COLUMNS_MAX),
                _("Save the list again as CSV UTF-8, a person a line."),
            )
        yield number, rows


def _damaged(path: Path) -> UnreadableFile:
    return _unreadable(
        path,
        _("the workbook is damaged or of an unknown kind"),
        _("Open it in Excel or LibreOffice and save it again as .xlsx."),
    )


def _workbook(path: Path, sheet_names: Sequence[str]) -> Iterator[InputSheet]:
    """Read through the child process; `_pages` of a sheet must be used up before the next line is a sheet."""
    names = json.dumps([name.strip() for name in sheet_names])
    command = [sys.executable, "-P", str(_WORKBOOK), str(path.resolve()), names]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
    ) as child:
        assert child.stdout is not None
        try:
            lines = map(_loaded, child.stdout)
            line = _next(path, lines)
            while "sheet" in line:
                pages = _Pages(path, lines)
                yield InputSheet(
                    name=line["sheet"],
                    visible=line["visible"],
                    merged=tuple(tuple(area) for area in line["merged"] or ()),
                    pages=pages,
                )
                line = pages.rest()
            if "error" in line:
                raise _workbook_error(path, line["error"])
        finally:
            with suppress(OSError):
                child.kill()


def _loaded(line: bytes) -> Any:
    """Read a line of the child process; in a page HTML entities are written out."""
    value = json.loads(line)
    if b"&" in line and isinstance(value, list):
        first, rows = value
        value = first, [[write_out_entities(c) if isinstance(c, str) else c for c in row] for row in rows]
    return value


class _Pages:
    """The pages of one sheet; `rest` skips what is left and gives the line that follows."""

    def __init__(self, path: Path, lines: Iterator[Any]) -> None:
        self._path = path
        self._lines = lines
        self._after: dict[str, Any] | None = None

    def __iter__(self) -> Iterator[Page]:
        return self

    def __next__(self) -> Page:
        if self._after is not None:
            raise StopIteration
        line = _next(self._path, self._lines)
        if isinstance(line, dict):
            self._after = line
            if "error" in line:
                raise _workbook_error(self._path, str(line["error"]))
            raise StopIteration
        first, rows = line
        return first, rows

    def rest(self) -> dict[str, Any]:
        for _page in self:
            pass
        assert self._after is not None
        return self._after


def _next(path: Path, lines: Iterator[Any]) -> Any:
    try:
        return next(lines)
    except (StopIteration, ValueError):
        raise _damaged(path) from None


def _workbook_error(path: Path, error: str) -> UnreadableFile:
    if error == "password":
        return _unreadable(
            path,
            _("the workbook is locked with a password"),
            _("Save a copy without a password and load that."),
        )
    if error == "too-large":
        return _unreadable(
            path,
            _("a sheet of the workbook is larger than any list"),
            _("Delete the cells far to the right of the list and far below it, and save it again."),
        )
    return _damaged(path)
