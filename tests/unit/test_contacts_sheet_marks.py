"""What only the look of a sheet says: rows hidden, struck through or commented on wait for a decision."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from struct import pack
from typing import Any

import openpyxl
import pytest
import xlwt
from odf.office import Annotation
from odf.opendocument import OpenDocumentSpreadsheet
from odf.style import Style, TextProperties
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from dispatcher.contacts import sheet_marks
from dispatcher.contacts.hold_context import Mark
from dispatcher.contacts.list_reader import read_file

ROWS = [
    ["STT", "Họ và tên", "SĐT", "Nhóm"],
    [1, "Nguyễn Văn An", "0900000101", "A"],
    [2, "Trần Thị Bình", "0900000102", "B"],
    [3, "Lê Văn Cường", "0900000103", "A"],
]


def hide(sheet: Worksheet) -> None:
    sheet.row_dimensions[3].hidden = True


def hide_by_filter(sheet: Worksheet) -> None:
    sheet.auto_filter.ref = "A1:D4"
    sheet.auto_filter.add_filter_column(3, ["A"])
    hide(sheet)


def strike_name(sheet: Worksheet) -> None:
    sheet["B3"].font = Font(strike=True)


def strike_number(sheet: Worksheet) -> None:
    sheet["C3"].font = Font(strike=True, bold=True)


def strike_part(sheet: Worksheet) -> None:
    sheet["B3"] = CellRichText("Trần ", TextBlock(InlineFont(strike=True), "Thị Bình"))


def comment(sheet: Worksheet) -> None:
    sheet["C3"].comment = Comment("đã mất tháng 5", "văn phòng")


@pytest.mark.parametrize(
    ("mark", "reasons"),
    [
        (hide, ("hold:hidden", "read:hidden")),
        (hide_by_filter, ("hold:hidden", "read:hidden")),
        (strike_name, ("hold:struck", "read:struck=B3")),
        (strike_number, ("hold:struck", "read:struck=C3")),
        (strike_part, ("hold:struck", "read:struck=B3")),
        (comment, ("hold:dead", "read:comment")),
    ],
)
def test_a_marked_row_is_held(
    tmp_path: Path, mark: Callable[[Worksheet], None], reasons: tuple[str, ...]
) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = "Dân & cư"
    for row in ROWS:
        sheet.append(row)
    mark(sheet)
    book.save(tmp_path / "ds.xlsx")
    found = [row for row in read_file(tmp_path / "ds.xlsx", audience="residents") if row.contact]
    assert [row.status for row in found] == ["accepted", "held", "accepted"]
    assert found[1].reasons == reasons


def test_an_innocent_comment_holds_nobody(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    for row in ROWS:
        sheet.append(row)
    sheet["C3"].comment = Comment("gọi buổi tối", "văn phòng")
    sheet["D1"].font = Font(strike=True)
    book.save(tmp_path / "ds.xlsx")
    found = [row for row in read_file(tmp_path / "ds.xlsx", audience="residents") if row.contact]
    assert [row.status for row in found] == ["accepted"] * 3


def _annotation(words: str) -> Annotation:
    note = Annotation()
    note.addElement(P(text=words))
    return note


@pytest.mark.parametrize(
    ("mark", "reasons"),
    [
        ("collapse", ("hold:hidden", "read:hidden")),
        ("filter", ("hold:hidden", "read:hidden")),
        ("strike", ("hold:struck", "read:struck=B3")),
        ("comment", ("hold:dead", "read:comment")),
        ("", ()),
    ],
)
def test_a_marked_row_of_an_opendocument_is_held(tmp_path: Path, mark: str, reasons: tuple[str, ...]) -> None:
    document = OpenDocumentSpreadsheet()
    style = Style(name="gach", family="table-cell")
    style.addElement(TextProperties(textlinethroughstyle="solid"))
    document.automaticstyles.addElement(style)
    table = Table(name="Dân & cư")
    for number, row in enumerate(ROWS, 1):
        marked = number == 3
        line = TableRow(visibility=mark) if marked and mark in {"collapse", "filter"} else TableRow()
        for place, value in enumerate(row):
            is_struck = marked and mark == "strike" and place == 1
            cell = TableCell(valuetype="string", **({"stylename": style} if is_struck else {}))
            if marked and mark == "comment" and place == 2:
                cell.addElement(_annotation("đã mất tháng 5"))
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    document.save(str(tmp_path / "ds.ods"))
    found = [row for row in read_file(tmp_path / "ds.ods", audience="residents") if row.contact]
    assert [row.status for row in found] == ["accepted", "held" if mark else "accepted", "accepted"]
    assert found[1].reasons == reasons
    assert [row.contact.phones for row in found if row.contact] == [(f"+8490000010{n}",) for n in (1, 2, 3)]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", "Họ tên,SĐT".encode()])
def test_what_is_no_workbook_has_no_marks(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ds.xlsx"
    path.write_bytes(content)
    assert sheet_marks.read_marks(path) == {}


OLD_ROWS = [row[:3] for row in ROWS]


def old_workbook(
    path: Path, *, hidden: int = -1, struck: tuple[int, int] = (-1, -1), comment: bytes = b""
) -> None:
    """Write ROWS as an .xls; rows and cells count from 0, `comment` is put into the sheet as records."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Danh sách")
    style = xlwt.XFStyle()
    style.font = xlwt.Font()
    style.font.struck_out = True
    for place, values in enumerate(OLD_ROWS):
        for column, value in enumerate(values):
            sheet.write(
                place, column, value, style if (place, column) == struck else xlwt.Style.default_style
            )
        sheet.row(place).hidden = place == hidden
    sheet._Worksheet__bmp_rec = comment
    book.save(str(path))


def comment_records(row: int, words: str) -> bytes:
    """The records of a comment: an object, the box with its words, the note that names the object."""
    said = words.encode("utf-16-le")
    records = (
        (0x5D, pack("<4H14x4x", 0x15, 0x12, 0x19, 7)),
        (0x1B6, pack("<2H6xHH4x", 0, 0, len(words), 16)),
        (0x3C, b"\x01" + said),
        (0x3C, pack("<16x")),
        (0x1C, pack("<4HH3x", row, 1, 0, 7, 0)),
    )
    return b"".join(pack("<2H", kind, len(data)) + data for kind, data in records)


@pytest.mark.parametrize(
    ("look", "reasons"),
    [
        ({"hidden": 2}, ("hold:hidden", "read:hidden")),
        ({"struck": (2, 1)}, ("hold:struck", "read:struck=B3")),
        ({"struck": (2, 2)}, ("hold:struck", "read:struck=C3")),
        ({"comment": comment_records(2, "đã mất tháng 5")}, ("hold:dead", "read:comment")),
        ({"comment": comment_records(2, "gọi buổi tối")}, ()),
        ({}, ()),
    ],
)
def test_the_look_of_an_old_workbook_is_heard_too(
    tmp_path: Path, look: Any, reasons: tuple[str, ...]
) -> None:
    old_workbook(tmp_path / "ds.xls", **look)
    found = [row for row in read_file(tmp_path / "ds.xls", audience="residents") if row.contact]
    assert [row.status for row in found] == ["accepted", "held" if reasons else "accepted", "accepted"]
    assert found[1].reasons == reasons


@pytest.mark.parametrize("before", [0, 3, 2000])
def test_a_text_struck_through_in_part_is_heard_in_an_old_workbook(tmp_path: Path, before: int) -> None:
    """The texts before it fill records of their own, some of them in the middle of a text."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Danh sách")
    struck = xlwt.Font()
    struck.struck_out = True
    for column, heading in enumerate(OLD_ROWS[0]):
        sheet.write(0, column, heading)
    for place in range(before):
        sheet.write(1 + place, 3, f"ghi chú {place} " + "dài, plain " * (place % 9))
    for place, values in enumerate(OLD_ROWS[1:], 1 + before):
        for column, value in enumerate(values):
            sheet.write(place, column, value)
    row = before + 4
    sheet.write(row, 0, 4)
    sheet.write_rich_text(row, 1, [("Phạm ", xlwt.Font()), ("Thị Dung", struck)])
    sheet.write(row, 2, "0900000104")
    book.save(str(tmp_path / "ds.xls"))
    marks = sheet_marks.read_marks(tmp_path / "ds.xls")["Danh sách"]
    assert marks == {row + 1: (Mark("struck", f"B{row + 1}"),)}


def test_an_old_workbook_cut_short_is_no_reason_to_stop(tmp_path: Path) -> None:
    old_workbook(tmp_path / "ds.xls", hidden=2)
    whole = (tmp_path / "ds.xls").read_bytes()
    for length in (*range(0, len(whole), 97), len(whole) - 1):
        (tmp_path / "cut.xls").write_bytes(whole[:length])
        sheet_marks.read_marks(tmp_path / "cut.xls")


def test_an_old_workbook_whose_sectors_run_in_a_circle_is_given_up(tmp_path: Path) -> None:
    old_workbook(tmp_path / "ds.xls", hidden=2)
    whole = bytearray((tmp_path / "ds.xls").read_bytes())
    table = (int.from_bytes(whole[76:80], "little") + 1) * 512
    whole[table : table + 512] = bytes(512)
    (tmp_path / "ds.xls").write_bytes(whole)
    assert sheet_marks.read_marks(tmp_path / "ds.xls") == {}
