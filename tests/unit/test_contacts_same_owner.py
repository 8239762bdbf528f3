"""Whose number is whose depends on no place of a column, on nothing beside it, and on no hidden row."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatcher.contacts import ParsedRow
from dispatcher.contacts.list_reader import read_file
from tests.corpus.file_writers import Rows, csv_file, xlsx_file

NAMES = ("Nguyễn Văn An", "Trần Thị Bình", "Lê Văn Cường", "Phạm Thị Dung", "Hoàng Văn Em", "Đỗ Thị Giang")
OWN = tuple(f"090000800{n}" for n in range(6))
COLUMNS: dict[str, tuple[str, ...]] = {
    "Họ và tên": NAMES,
    "Số điện thoại": OWN,
    "Thôn": ("Đông", "Tây", "Đông", "Tây", "Đông", "Tây"),
    "SĐT người thân": tuple(f"090000810{n}" for n in range(6)),
    "SĐT trưởng thôn": ("0900008200",) * 6,
    "SĐT cũ": tuple(f"090000830{n}" for n in range(6)),
    "Số thẻ BHYT": tuple(f"090000840{n}" for n in range(6)),
    "Đã mất": ("", "", "x", "", "", ""),
    "Không nhận tin": ("", "", "", "", "x", ""),
    "Ghi chú": ("hộ nghèo", "chuyển đi", "", "", "", "mất sổ"),
}
HELD = {2: "dead", 4: "refuses", 1: "moved"}
UNKNOWN: dict[str, tuple[str, ...]] = {
    "Kênh": tuple(f"091111850{n}" for n in range(6)),
    "Cột 7": ("a", "b", "c", "d", "e", "f"),
    "Màu xe": tuple(f"032222860{n}" for n in range(6)),
    "Mục X": ("", "9", "", "", "1", ""),
    "": ("", "", "ưu tiên", "", "", ""),
}


@st.composite
def arranged(draw: st.DrawFn) -> list[str]:
    """Draw an order of all the columns with some unknown ones among them."""
    unknown = draw(st.lists(st.sampled_from(sorted(UNKNOWN)), unique=True))
    return draw(st.permutations([*COLUMNS, *unknown]))


def table(headings: list[str]) -> Rows:
    columns = [(COLUMNS | UNKNOWN)[heading] for heading in headings]
    return [headings, *map(list, zip(*columns, strict=True))]


def people(rows: list[ParsedRow]) -> dict[str, tuple[tuple[str, ...], str]]:
    """Give each person's numbers and why they are held."""
    return {row.contact.name: (row.contact.phones, row.contact.hold) for row in rows if row.contact}


EXPECTED = {name: ((f"+84{OWN[n][1:]}",), HELD.get(n, "")) for n, name in enumerate(NAMES)}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arranged())
def test_in_any_order_and_beside_anything_unknown(tmp_path: Path, headings: list[str]) -> None:
    csv_file(table(headings))(tmp_path / "ds.csv")
    assert people([*read_file(tmp_path / "ds.csv", audience="residents")]) == EXPECTED


@pytest.mark.parametrize("hidden", [(2,), (7,), (3, 4), (2, 3, 5, 6)])
def test_hidden_rows_wait_and_change_nothing_for_the_others(tmp_path: Path, hidden: tuple[int, ...]) -> None:
    for turn, headings in enumerate((list(COLUMNS), list(COLUMNS)[::-1])):
        path = tmp_path / f"ds{turn}.xlsx"
        xlsx_file(A=(table(headings), {"hide": hidden}))(path)
        wanted = {
            name: (numbers, hold or ("hidden" if n + 2 in hidden else ""))
            for n, (name, (numbers, hold)) in enumerate(EXPECTED.items())
        }
        assert people([*read_file(path, audience="residents")]) == wanted
