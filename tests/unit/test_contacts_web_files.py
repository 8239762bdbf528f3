"""What web software and old systems call ".xls": pages with tables, web archives, the XML of Excel 2003."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.contacts import sheets
from dispatcher.contacts.list_reader import ListReader, read_file
from tests.corpus.file_writers import tcvn3

ROWS = [
    ["Họ và tên", "Thôn", "Số điện thoại"],
    ["Nguyễn Văn An", "Đông", "0900008201"],
    ["Trần Thị Hường", "Đoài", "0900008202"],
]
TABLE = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in ROWS)
PAGE = f"<html><head><meta charset=utf-8></head><body><table border=1>{TABLE}</table></body></html>"


def read(path: Path, content: str | bytes) -> ListReader:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_file(path, audience="residents")


def people(reading: ListReader) -> list[tuple[int, str, str, str]]:
    return [
        (row.row, row.contact.name, row.contact.area, row.contact.phones[0])
        for row in reading
        if row.contact is not None and row.status in {"accepted", "repaired"}
    ]


BOTH = [
    ("Nguyễn Văn An", "Thôn Đông", "+84900008201"),
    ("Trần Thị Hường", "Thôn Đoài", "+84900008202"),
]

MESSY = (
    "<table><thead><tr><th>Họ và tên<th>Thôn<th>Số điện thoại</tr></thead><tbody>"
    "<tr><td>Nguyễn Văn An</td><td>Đông<td>0900008201"
    "<tr><td>Trần Thị Hường<td>Đoài<td>0900008202</table>"
)
ENTITIES = (
    PAGE.replace("Nguyễn", "Nguy&#7877;n").replace("Thị", "Th&#x1ECB;").replace("Đông", "&#272;&ocirc;ng")
)
ARCHIVE = (
    'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="x"\r\n\r\n--x\r\n'
    'Content-Type: text/html; charset="utf-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
    + PAGE
    + "\r\n--x--\r\n"
)


@pytest.mark.parametrize(
    "content",
    [
        PAGE,
        "\ufeff" + PAGE,
        "\r\n  <!DOCTYPE html>" + PAGE,
        f"<table>{TABLE}</table>",
        f"<meta charset='utf-8'><style>td {{color: red}}</style><table>{TABLE}</table>",
        f"<div><center><table>{TABLE}</table></center></div>",
        f'<?xml version="1.0" encoding="utf-8"?><html><body><table>{TABLE}</table>',
        MESSY,
        PAGE.replace("<t", "<T").replace("</t", "</T").replace("TABLE", "table"),
        ENTITIES,
        PAGE.replace("<td>0900008201</td>", '<td style="mso-number-format:\\@">0900008201<br></td>'),
        PAGE.replace("Nguyễn Văn An", "<b>Nguyễn</b> <font color=red>Văn\n  An</font>"),
        PAGE.encode("utf-16"),
        PAGE.replace("charset=utf-8", "charset=windows-1252").encode(),
        b"<html><table>" + tcvn3(TABLE) + b"</table></html>",
        ARCHIVE,
    ],
    ids=[
        "plain", "mark", "doctype", "bare table", "style", "nested", "xhtml", "unclosed tags", "capitals",
        "entities", "number format", "markup inside", "utf-16", "wrong charset", "old font", "archive",
    ],
)  # fmt: skip
def test_a_page_with_a_table_is_a_list(content: str | bytes, tmp_path: Path) -> None:
    reading = read(tmp_path / "ho-dan.xls", content)
    assert [person[1:] for person in people(reading)] == BOTH
    assert reading.problems == []


def test_titles_and_several_tables_stand_below_each_other(tmp_path: Path) -> None:
    page = f"<h2>UBND XÃ HÀ TÂY</h2><p>DANH SÁCH HỘ DÂN</p><table>{TABLE}</table><p>Tổng cộng: 2 người</p>"
    page += "<table><tr><td>Lê Văn Cảnh</td><td>Đông</td><td>0900008203</td></tr></table>"
    reading = read(tmp_path / "a.xls", page)
    assert [(row.row, row.status) for row in reading] == [
        (1, "skipped"), (2, "skipped"), (3, "skipped"), (4, "accepted"), (5, "accepted"), (6, "skipped"),
        (7, "accepted"),
    ]  # fmt: skip


def test_cells_over_several_columns_and_rows_keep_the_others_in_place(tmp_path: Path) -> None:
    page = (
        "<table><tr><th rowspan=2>STT<th rowspan=2>Họ và tên<th colspan=2>Liên hệ<th rowspan=2>Thôn</tr>"
        "<tr><th>Điện thoại<th>Zalo</tr>"
        "<tr><td>1<td>Nguyễn Văn An<td>0900008201<td><td rowspan=2>Đông</tr>"
        "<tr><td>2<td>Trần Thị Hường<td>0900008202<td></tr>"
        "<tr><td>3<td>Lê Văn Cảnh<td>0900008203<td><td>Đoài</tr></table>"
    )
    path = tmp_path / "a.xls"
    assert [person[1:] for person in people(read(path, page))][::2] == [
        BOTH[0], ("Lê Văn Cảnh", "Thôn Đoài", "+84900008203")
    ]  # fmt: skip
    (sheet,) = sheets.open_sheets(path)
    assert (0, 2, 0, 3) in sheet.merged


def test_a_page_without_a_table_is_refused(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.xls", "<html><frameset><frame src=sheet001.htm></frameset></html>")
    assert list(reading) == []
    assert "without a table" in reading.problems[0].what


HEAD = '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
MICROSOFT = "urn:schemas-microsoft-com:office"
SPACES = f'xmlns="{MICROSOFT}:spreadsheet" xmlns:ss="{MICROSOFT}:spreadsheet" xmlns:x="{MICROSOFT}:excel"'


def workbook(*worksheets: str, head: str = HEAD) -> str:
    return f"{head}<Workbook {SPACES}>{''.join(worksheets)}</Workbook>"


def worksheet(name: str, rows: list[str], options: str = "") -> str:
    return f'<Worksheet ss:Name="{name}"><Table>{"".join(rows)}</Table>{options}</Worksheet>'


def xml_row(cells: list[str], attributes: str = "") -> str:
    data = "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells)
    return f"<Row{attributes}>{data}</Row>"


XML_ROWS = [xml_row(row) for row in ROWS]
HIDDEN = "<x:WorksheetOptions><x:Visible>SheetHidden</x:Visible></x:WorksheetOptions>"


def test_the_xml_of_excel_2003_is_read(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.xls", workbook(worksheet("Hộ dân", XML_ROWS)))
    assert [person[1:] for person in people(reading)] == BOTH
    assert [(one.sheet, one.state) for one in reading.sheets] == [("Hộ dân", "read")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_its_encoding_is_what_it_says(encoding: str, tmp_path: Path) -> None:
    head = f'<?xml version="1.0" encoding="{encoding[:6].strip("-")}"?>'
    reading = read(tmp_path / "a.xls", workbook(worksheet("A", XML_ROWS), head=head).encode(encoding))
    assert [person[1:] for person in people(reading)] == BOTH


def test_its_places_merges_numbers_and_hidden_sheets_are_heeded(tmp_path: Path) -> None:
    name = '<Data ss:Type="String">Nguyễn <B>Văn</B> An</Data>'
    rows = [
        '<Row><Cell ss:MergeAcross="2"><Data ss:Type="String">DANH SÁCH</Data></Cell></Row>',
        xml_row(ROWS[0], ' ss:Index="4"'),
        f'<Row><Cell>{name}</Cell><Cell ss:Index="3"><Data ss:Type="Number">900008201</Data></Cell></Row>',
    ]
    path = tmp_path / "a.xls"
    reading = read(path, workbook(worksheet("A", rows), worksheet("B", XML_ROWS, HIDDEN)))
    assert people(reading) == [(5, "Nguyễn Văn An", "", "+84900008201")]
    assert [one.state for one in reading.sheets] == ["read", "hidden"]
    assert next(sheets.open_sheets(path)).merged == ((0, 0, 0, 2),)


@pytest.mark.parametrize(
    "content",
    [
        workbook(worksheet("A", XML_ROWS))[:-40],
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><Workbook/>',
        '<?xml version="1.0"?><note>không phải bảng tính</note>',
        workbook(worksheet("A", [xml_row(ROWS[0], ' ss:Index="99999999"')])),
        workbook(worksheet("A", ['<Row><Cell ss:Index="x"><Data>1</Data></Cell></Row>'])),
    ],
    ids=["cut short", "entities", "other xml", "row beyond", "no number"],
)
def test_xml_that_is_no_spreadsheet_is_refused(content: str, tmp_path: Path) -> None:
    reading = read(tmp_path / "a.xls", content)
    list(reading)
    assert reading.problems[0].remedy
