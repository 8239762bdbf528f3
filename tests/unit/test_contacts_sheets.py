"""Files opened: pages and row numbers, delimiters, what is refused, a child that never stays behind."""

from __future__ import annotations

import html
import io
import os
import threading
import zipfile
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.contacts import delimited, sheets
from tests.corpus.file_writers import csv_file, raw_file, text_of, xls_file, xlsx_file


def rows_of(path: Path) -> list[list[object]]:
    return [row for sheet in sheets.open_sheets(path) for _first, rows in sheet.pages for row in rows]


def test_pages_count_rows_as_the_spreadsheet_does(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    xlsx_file(A=[[], [], *([n, f"Tên {n}"] for n in range(3, 1201))])(path)
    (sheet,) = [sheet for sheet in sheets.open_sheets(path) if (seen := list(sheet.pages)) is not None]
    numbers = list(chain.from_iterable(range(first, first + len(rows)) for first, rows in seen))
    assert numbers == list(range(1, 1201))
    assert [row[0] for _first, rows in seen for row in rows][2:] == [float(n) for n in range(3, 1201)]
    assert sheet.name == "A"


def test_a_sheet_that_is_not_read_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "two.xls"
    xls_file(A=[["x"]] * 600, B=[["y"]])(path)
    found = {}
    for sheet in sheets.open_sheets(path):
        if sheet.name == "B":
            found[sheet.name] = list(sheet.pages)
    assert found == {"B": [(1, [["y"]])]}


def test_merged_cells_are_known(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    xlsx_file(A=([["x", "", ""], ["", "y", "z"]], {"merge": ["A1:C1"]}))(path)
    (merged,) = [sheet.merged for sheet in sheets.open_sheets(path)]
    assert merged == ((0, 0, 0, 2),)


def test_the_child_is_gone_when_nobody_reads_on(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    xlsx_file(A=[["x" * 50] * 8] * 3000)(path)
    reading = sheets.open_sheets(path)
    next(next(reading).pages)
    before = children()
    reading.close()  # type: ignore[attr-defined]  # a generator
    assert len(before - children()) == 1


def children() -> set[str]:
    me = os.getpid()
    return set(Path(f"/proc/{me}/task/{threading.get_native_id()}/children").read_text().split())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"  \r\n",
        b"PK\x03\x04broken",
        b"\xd0\xcf\x11\xe0" + bytes(700),
        b"<!DOCTYPE html>",
        b"%PDF-1.4",
        b"\x89PNG\r\n",
    ],
    ids=["nothing", "blank", "zip", "ole", "html", "pdf", "picture"],
)
def test_what_is_no_list_is_refused_with_a_remedy(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(content)
    with pytest.raises(sheets.UnreadableFile) as refused:
        rows_of(path)
    assert refused.value.problem.remedy


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sheets.UnreadableFile):
        sheets.open_sheets(tmp_path / "none.csv")


def test_a_workbook_that_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "UNPACKED_MAX_BYTES", 1 << 20)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (2 << 20))
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(packed.getvalue())
    with pytest.raises(sheets.UnreadableFile, match="2 MB"):
        sheets.open_sheets(path)


@pytest.mark.parametrize("delimiter", delimited.DELIMITERS)
def test_the_delimiter_is_found(delimiter: str, tmp_path: Path) -> None:
    rows = [["Họ tên", "Địa chỉ", "SĐT"], ["Nguyễn Văn An", "Thôn Đông, xã Hà Tây; Hải Phòng", "0900000101"]]
    path = tmp_path / "list.csv"
    csv_file([["DANH SÁCH, NĂM 2025"], *rows, *rows[1:] * 5], delimiter=delimiter)(path)
    assert delimited.open_delimited(path).delimiter == delimiter
    assert rows_of(path)[1:3] == rows


# Entities are written out on purpose, also where the delimiter behind a cell ends one.
_cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from(",;\t\"'\n"), max_size=12
).filter(lambda cell: html.unescape(f"{cell};") == f"{cell};")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_cells, min_size=3, max_size=3), min_size=2, max_size=20), st.sampled_from(",;\t"))
def test_what_a_spreadsheet_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    rows = [["Họ tên", "Thôn", "SĐT"], *rows]
    text = text_of(rows, delimiter)
    path = tmp_path_factory.mktemp("csv") / "list.csv"
    path.write_bytes(b"sep=" + delimiter.encode() + b"\r\n" + text.encode())
    assert rows_of(path) == rows


def test_a_quote_that_is_never_closed_costs_no_row(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    lines = ["Họ tên,SĐT", '"An,1', *(f"Ba{n},{n}" for n in range(500))]
    raw_file("\n".join(lines).encode())(path)
    assert len(rows_of(path)) == 502


def test_a_long_file_in_an_old_encoding_is_read_in_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tests.corpus.file_writers import tcvn3

    monkeypatch.setattr(delimited, "CHUNK_BYTES", 300)
    rows = [["Họ tên", "Số máy"], *([f"Nguyễn Văn Đức {n}", f"09000{n:05d}"] for n in range(200))]
    path = tmp_path / "old.csv"
    csv_file(rows, delimiter=";", encode=tcvn3)(path)
    assert rows_of(path) == rows
