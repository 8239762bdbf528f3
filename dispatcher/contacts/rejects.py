"""Writes the rows to correct as a workbook: as the list had them, the reason beside each, to be loaded again.

Columns that are not imported are left out, so that the file of mistakes holds no more than is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xlsxwriter

from dispatcher.contacts import ParsedRow, columns, hold_reasons, import_report
from dispatcher.contacts.cells import format_cell
from dispatcher.contacts.column_plan import is_class_list
from dispatcher.contacts.layouts import Column, Layout
from dispatcher.contacts.list_reader import SheetResult
from dispatcher.i18n import N_, _

TO_CORRECT, TAKEN_FROM = N_("To correct"), N_("Taken from")
# How a heading is written where the list's own does not say by itself what the column holds.
STANDARD_HEADINGS: dict[str, str] = {
    "number": "STT",
    "name": "Họ và tên",
    "family_name": "Họ đệm",
    "given_name": "Tên",
    "honorific": "Danh xưng",
    "sex": "Giới tính",
    "male": "Nam",
    "female": "Nữ",
    "phone": "Số điện thoại",
    "zalo": "Zalo",
    "email": "Thư điện tử",
    "area": "Thôn",
    "part_of_area": "Xóm",
    "address": "Địa chỉ",
    "old_commune": "Xã cũ",
    "unit": "Đơn vị",
    "party_cell": "Chi bộ",
    "class": "Lớp",
    "role": "Chức vụ",
    "pupil": "Họ tên học sinh",
    "father": "Họ tên cha",
    "mother": "Họ tên mẹ",
    "parent": "Họ tên phụ huynh",
    "father_phone": "SĐT cha",
    "mother_phone": "SĐT mẹ",
    "parent_phone": "SĐT phụ huynh",
    "note": "Ghi chú",
    "consent": "Đồng ý nhận tin",
}
SHEET_NAME_MAX = 31
BUFFERED_MAX = 500
WIDTHS = {"name": 28, "phone": 18, "email": 28, "note": 28}


def write_workbook(path: Path, rows: Iterable[ParsedRow], sheets: Iterable[SheetResult] | None = None) -> int:
    """Write the rejected ones of `rows` to the workbook at `path`; gives how many rows were written.

    `sheets` are those of the readings the rows came from; they may still be growing while `rows` are read.
    """
    sheet_results = sheets if sheets is not None else ()
    with xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_urls": False}) as book:
        writer = _Writer(book)
        for row in rows:
            if row.status == "rejected" and row.cells:
                layout = _layout_of(row, sheet_results)
                if layout is not None:
                    writer.add(row, layout)
        return writer.finish()


def _layout_of(row: ParsedRow, sheets: Iterable[SheetResult]) -> Layout | None:
    """Find the table of the sheet that the row stands in."""
    layouts = [one.layout for one in sheets if (one.file, one.sheet) == (row.file, row.sheet) and one.layout]
    return next((layout for layout in reversed(layouts) if layout.last_heading_row < row.row), None)


class _Writer:
    def __init__(self, book: Any) -> None:
        self._book = book
        self._text = book.add_format({"num_format": "@"})
        self._head = book.add_format({"bold": True, "num_format": "@", "text_wrap": True})
        self._red = book.add_format({"font_color": "#C00000", "text_wrap": True, "num_format": "@"})
        self._sheets: dict[tuple[str, str, int], _SheetWriter] = {}
        self._names: set[str] = set()

    def add(self, row: ParsedRow, layout: Layout) -> None:
        key = (row.file, row.sheet, layout.first_heading_row)
        if key not in self._sheets:
            sheet = self._book.add_worksheet(self._named(row))
            self._sheets[key] = _SheetWriter(sheet, layout, self._text, self._head, self._red)
        self._sheets[key].add(row)

    def finish(self) -> int:
        for sheet in self._sheets.values():
            sheet.flush()
        if not self._sheets:
            self._book.add_worksheet(_("nothing to correct")[:SHEET_NAME_MAX])
        return sum(sheet.written for sheet in self._sheets.values())

    def _named(self, row: ParsedRow) -> str:
        """Make a name a workbook allows, and allows once."""
        plain = re.sub(r"[\[\]:*?/\\']", " ", row.sheet or Path(row.file).stem).strip() or "1"
        name, number = plain[:SHEET_NAME_MAX], 1
        while name.lower() in self._names:
            number += 1
            name = f"{plain[: SHEET_NAME_MAX - 4]} {number}"
        self._names.add(name.lower())
        return name


class _SheetWriter:
    """One sheet of the workbook.

    A row is written when the next begins, with everything said about its people; the first rows wait until
    it is known which columns they need.
    """

    def __init__(self, sheet: Any, layout: Layout, text: Any, head: Any, red: Any) -> None:
        self.written = 0
        self._sheet = sheet
        self._text, self._head, self._red = text, head, red
        self._columns = _columns(layout)
        self._added: list[str] = []
        self._waiting: list[tuple[ParsedRow, list[str]]] = []
        self._begun = False

    def add(self, row: ParsedRow) -> None:
        texts = list(map(import_report.reason_text, row.reasons))
        if self._waiting and self._waiting[-1][0].row == row.row:
            reasons = self._waiting[-1][1]
            reasons += [words for words in texts if words not in reasons]
            return
        if self._begun or len(self._waiting) == BUFFERED_MAX:
            self.flush()
        self._waiting.append((row, texts))

    def flush(self) -> None:
        """Write what waits."""
        if not self._begun:
            self._begin()
        for row, reasons in self._waiting:
            self._write(row, reasons)
        self._waiting.clear()

    def _begin(self) -> None:
        """Write the headings: those of the list, and what only its title or its groups said."""
        self._begun = True
        kinds = {kind for kind, _heading, _index in self._columns}
        self._added = [
            kind
            for kind, others in (("area", _PLACES), ("unit", _UNITS))
            if not kinds & others and any(_known(row, kind) for row, _reasons in self._waiting)
        ]
        if not kinds & _ADDRESSES:  # where else would a number be filled in?
            self._added.append("phone")
        headings = [heading for _kind, heading, _index in self._columns]
        headings += [STANDARD_HEADINGS[kind] for kind in self._added]
        for index, (kind, _heading, _index) in enumerate(self._columns):
            self._sheet.set_column(index, index, WIDTHS.get(kind, 14), self._text)
        self._sheet.set_column(len(headings), len(headings) + 1, 48)
        for index, heading in enumerate([*headings, _(TO_CORRECT), _(TAKEN_FROM)]):
            self._sheet.write_string(0, index, heading, self._head)

    def _write(self, row: ParsedRow, reasons: list[str]) -> None:
        self.written += 1
        values = [_cell(row, kind, index) for kind, _heading, index in self._columns]
        values += [_known(row, kind) for kind in self._added]
        for place, value in enumerate(values):
            self._sheet.write_string(self.written, place, value, self._text)
        origin = _("{file}, row {row}", file=" · ".join(filter(None, (row.file, row.sheet))), row=row.row)
        self._sheet.write_string(self.written, len(values), "; ".join(reasons), self._red)
        self._sheet.write_string(self.written, len(values) + 1, origin, self._text)


_ADDRESSES = columns.PHONE_KINDS | {"email"}
_PLACES = frozenset({"area", "part_of_area", "address"})
_UNITS = frozenset({"unit", "party_cell", "class"})


def _columns(layout: Layout) -> list[tuple[str, str, int]]:
    """Return kind, heading and place of the columns worth writing."""
    pupils = is_class_list(layout)
    return [
        (kind, _heading(column, kind), column.index)
        for column in layout.columns
        for kind in [_kind(column, of_pupils=pupils)]
        if kind in STANDARD_HEADINGS
    ]


def _kind(column: Column, *, of_pupils: bool) -> str:
    """Let the names of a class list stay those of pupils also without the columns that showed it."""
    return "pupil" if of_pupils and column.kind in {"name", "family_name", "given_name"} else column.kind


def _heading(column: Column, kind: str) -> str:
    return column.heading if columns.kind_of(column.heading) == kind else STANDARD_HEADINGS[kind]


def _cell(row: ParsedRow, kind: str, index: int) -> str:
    cell = row.cells[index] if index < len(row.cells) else None
    note = cell if isinstance(cell, str) else format_cell(cell)
    if kind != "note" or not note:
        return note
    found = hold_reasons.find_hold_reason(
        [note], staff=True
    )  # of a note only the warning is needed, not "hộ nghèo"
    return found.words if found else ""


def _known(row: ParsedRow, kind: str) -> str:
    if row.contact is None or kind == "phone":
        return ""
    return row.contact.area if kind == "area" else row.contact.unit
