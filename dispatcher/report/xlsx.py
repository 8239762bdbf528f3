"""Figures as an Excel workbook. What people typed is always text in it, never a formula."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import xlsxwriter

# What Excel, LibreOffice or Google Sheets may take for the start of a formula when a cell is edited or
# the sheet saved as CSV: such text gets Excel's own mark for "this is text".
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
CELL_MAX = 32_767
COLUMN_WIDTH_MAX = 60
SHEET_NAME_CLEANUP = str.maketrans("", "", "[]:*?/\\'")

Cell = str | int | float | date | datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkbookSheet:
    """One sheet: a title above, a note below it where there is one, headings, rows."""

    name: str
    title: str
    headings: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    note: str = ""  # stands on every printed page as well


def write_workbook(sheets: Iterable[WorkbookSheet]) -> bytes:
    """Write sheets into a workbook."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "remove_timezone": True,
    }
    with xlsxwriter.Workbook(target, options) as book:
        formats = _Formats(book)
        for sheet in sheets:
            _write(book, formats, sheet)
    return target.getvalue()


class _Formats:
    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.note = book.add_format({"bold": True, "font_color": "#9C5700", "bg_color": "#FFEB9C"})
        self.title = book.add_format({"bold": True, "font_size": 13})
        self.head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1, "bg_color": "#E8F1F5"})
        self.text = book.add_format({"quote_prefix": True})
        self.day = book.add_format({"num_format": "dd/mm/yyyy"})
        self.moment = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        self.number = book.add_format({"num_format": "#,##0"})


def _write(book: xlsxwriter.Workbook, formats: _Formats, sheet: WorkbookSheet) -> None:
    page = book.add_worksheet(_sheet_name(sheet.name))
    _cell(page, 0, 0, sheet.title, formats, formats.title)
    if sheet.note:
        _cell(page, 1, 0, sheet.note, formats, formats.note)
        page.set_header(f"&C{sheet.note.replace('&', '&&')}")
    widths = [len(head) for head in sheet.headings]
    for column, head in enumerate(sheet.headings):
        _cell(page, 2, column, head, formats, formats.head)
    last = 2
    for last, row in enumerate(sheet.rows, 3):
        for column, value in enumerate(row):
            _cell(page, last, column, value, formats)
            if column < len(widths):
                widths[column] = max(widths[column], len(str(value or "")))
    for column, width in enumerate(widths):
        page.set_column(column, column, min(COLUMN_WIDTH_MAX, width + 2))
    page.freeze_panes(3, 0)
    if sheet.headings:
        page.autofilter(2, 0, last, len(sheet.headings) - 1)


def _cell(
    page: xlsxwriter.worksheet.Worksheet,
    row: int,
    column: int,
    value: Cell,
    formats: _Formats,
    style: object = None,
) -> None:
    if isinstance(value, str):
        guarded = formats.text if value.startswith(FORMULA_PREFIXES) else style
        page.write_string(row, column, value[:CELL_MAX], guarded)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value.replace(tzinfo=None), formats.moment)
    elif isinstance(value, date):
        page.write_datetime(row, column, value, formats.day)
    elif value is not None:
        page.write_number(row, column, value, formats.number)


def _sheet_name(name: str) -> str:
    return name.translate(SHEET_NAME_CLEANUP)[:31] or "-"
