"""Reading whatever a file holds: nothing is raised, nothing is lost, and no row is told twice."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.contacts import STATUSES, Contact, ParsedRow
from dispatcher.contacts.list_reader import ListReader, read_file
from tests.corpus.file_writers import csv_file, look_alike, vni

HEADINGS = ["STT", "Họ và tên", "Họ đệm", "Tên", "SĐT", "SĐT mẹ", "Zalo", "Email", "Thôn", "Địa chỉ",
 "Chức vụ", "Lớp",
            "Họ tên cha", "Con", "Ghi chú", "Đồng ý nhận tin", "Dấu thời gian", "Giới tính", "Xã cũ", "x",
             ""]  # fmt: skip
CELLS = ["", "1", "II", "Nguyễn Văn An", "TRẦN THỊ BA", "Lê", "0900000101", "0900000102, 0900000103",
 "0220 3812345",
         "9,1E+08", "a@b.vn", "a@", "Thôn Đông", "Tổng cộng", "Cộng: 5", "I. KHỐI ĐẢNG", "đã mất",
          "không nhận",
         "Nguy?n V?n", "\ufffd", "Hà Tây, ngày 1 tháng 2 năm 2025", "NGƯỜI LẬP", "x", "Có", "(1)",
          "Họ và tên", "SĐT",
         "\u202e", "🙂", "=1+1", "'", '"', "Nữ", "1/1/1970", "031070001234", "Chi bộ thôn Đông",
         "Trưởng thôn",
         look_alike("Nguyễn Văn Đức"), vni("Trần Thị Hường"), look_alike("đã mất"),
          "Nguye\u0302\u0303n"]  # fmt: skip
grids = st.integers(1, 7).flatmap(
    lambda width: st.tuples(
        st.lists(st.sampled_from(HEADINGS), min_size=width, max_size=width),
        st.lists(st.lists(st.sampled_from(CELLS) | st.text(max_size=9), max_size=width + 1), max_size=14),
    )
)


def read(path: Path, audience: str = "residents") -> tuple[ListReader, list[ParsedRow]]:
    reading = read_file(path, audience=audience)
    return reading, list(reading)


def check(reading: ListReader, rows: list[ParsedRow]) -> None:
    """Hold every promise that does not depend on what was in the file."""
    assert not any("Error" in problem.what for problem in reading.problems), reading.problems
    places = [(row.sheet, row.row, row.part) for row in rows]
    assert len(places) == len(set(places))
    assert [place[:2] for place in places] == sorted(place[:2] for place in places)
    for row in rows:
        assert row.status in STATUSES
        contact = row.contact
        if row.status in {"accepted", "repaired", "held", "merged"}:
            assert isinstance(contact, Contact)
        if row.status in {"accepted", "repaired"}:
            assert contact is not None
            assert not contact.hold
            assert contact.phones or contact.email
        if row.status == "held":
            assert contact is not None
            assert f"hold:{contact.hold}" in row.reasons
        if row.status == "rejected":
            assert row.reasons
            assert contact is None or not (contact.phones or contact.email)
        if contact is not None:
            assert all(number.startswith("+84") and len(number) == 12 for number in contact.phones)


@settings(max_examples=250, deadline=None)
@given(grids, st.sampled_from(["staff", "parents", "residents"]))
def test_any_grid_is_read(
    tmp_path_factory: pytest.TempPathFactory, grid: tuple[list[str], list[list[str]]], audience: str
) -> None:
    path = tmp_path_factory.mktemp("grid") / "list.csv"
    csv_file([["DANH SÁCH"], grid[0], *grid[1]], encode=lambda text: text.encode("utf-8", "replace"))(path)
    reading, rows = read(path, audience)
    check(reading, rows)
    with path.open(encoding="utf-8", newline="") as file:
        records = [*csv.reader(file)]
    filled = {n for n, cells in enumerate(records, 1) if any(map(str.isalnum, "".join(cells)))}
    # Behind a quote that seems to swallow rows each line is a row of its own: that is said as an error.
    if not reading.problems and any(sheet.state == "read" for sheet in reading.sheets):
        assert filled <= {row.row for row in rows}


@settings(max_examples=150, deadline=None)
@given(
    st.binary(max_size=400)
    | st.text(max_size=300).map(lambda text: f"Họ tên;SĐT\n{text}".encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("bytes") / "list.csv"
    path.write_bytes(content)
    check(*read(path))


@settings(max_examples=60, deadline=None)
@given(grids)
def test_reading_twice_says_the_same(
    tmp_path_factory: pytest.TempPathFactory, grid: tuple[list[str], list[list[str]]]
) -> None:
    path = tmp_path_factory.mktemp("twice") / "list.csv"
    csv_file([grid[0], *grid[1]], encode=lambda text: text.encode("utf-8", "replace"))(path)
    assert read(path)[1] == read(path)[1]


@pytest.mark.parametrize(
    ("column", "areas"),
    [
        # Named once a block: what stands below belongs to it.
        (["Đông", "", "", "Tây", ""], ["Thôn Đông", "Thôn Đông", "Thôn Đông", "Thôn Tây", "Thôn Tây"]),
        # The same name twice running: a column with gaps.
        (["Đông", "", "Đông", "", "", "Tây"], ["Thôn Đông", "", "Thôn Đông", "", "", "Thôn Tây"]),
    ],
)
def test_a_gap_is_filled_only_where_blocks_are_named_once(
    tmp_path: Path, column: list[str], areas: list[str]
) -> None:
    lines = [f"Nguyễn Văn {'ABCDEF'[n]},090000010{n},{area}" for n, area in enumerate(column)]
    (tmp_path / "list.csv").write_text("\n".join(["Họ và tên,SĐT,Thôn", *lines]), encoding="utf-8")
    _reading, rows = read(tmp_path / "list.csv")
    assert [row.contact.area for row in rows if row.contact] == areas
