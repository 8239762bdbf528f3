"""Headings: the words offices use, the row they stand in, and columns that may move as they like."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher import i18n
from dispatcher.contacts import Overrides, headers, layouts
from dispatcher.contacts.columns import COLUMN_KINDS, kind_of
from dispatcher.contacts.list_reader import read_file
from tests.corpus.file_writers import csv_file
from tests.unit.headings import HEADINGS


def test_headings() -> None:
    read = [(heading, kind, kind_of(heading)) for heading, kind in HEADINGS]
    assert len(read) > 2000
    assert [one for one in read if one[1] != one[2]] == []


def test_every_kind_has_a_heading_here() -> None:
    assert set(COLUMN_KINDS) <= {kind for _heading, kind in HEADINGS}


@given(st.sampled_from([heading for heading, _kind in HEADINGS if heading]), st.randoms())
def test_spelling_of_a_heading_does_not_matter(heading: str, dice: random.Random) -> None:
    spelt = "".join(dice.choice((c.upper(), c.lower())) for c in f"  {heading} ").replace(" ", "  ")
    if kind_of(heading) not in {"male", "ignore"}:  # "Nam" is men, "Năm" a year
        assert kind_of(spelt) == kind_of(heading)


def test_the_search_says_what_it_found() -> None:
    i18n.set_language("en")
    rows = [["UBND XÃ HÀ TÂY", "", ""], [], ["TT", "Họ tên", "SĐT"], ["1", "Nguyễn Văn An", "0900000101"]]
    layout = headers.find_layout(rows)
    assert layout is not None
    assert layouts.describe_layout(layout) == (
        "row 3 is the row of headings",
        "column A “TT” = running number",
        "column B “Họ tên” = full name",
        "column C “SĐT” = telephone number",
    )
    i18n.set_language("vi")


@pytest.mark.parametrize(
    ("index", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")]
)
def test_column_letters(index: int, name: str) -> None:
    assert layouts.column_letter(index) == name


@pytest.mark.parametrize("wanted", [3, None])
def test_the_organiser_may_say_where_the_headings_are(wanted: int | None) -> None:
    rows = [
        ["Họ tên", "Số điện thoại", "Thôn"],
        ["a", "b", "c"],
        ["Họ tên", "SĐT", "x"],
        ["Nguyễn Văn An", "0900000101", ""],
    ]
    layout = headers.find_layout(rows, overrides=Overrides(header_row=wanted))
    assert layout is not None
    assert layout.last_heading_row == (wanted or 1)


def test_nothing_is_found_where_nothing_is() -> None:
    assert headers.find_layout([]) is None
    assert headers.find_layout([["Thôn", "Số hộ"], ["Đông", "12"]]) is None
    assert headers.find_layout([["Kính gửi toàn thể bà con"], ["Mời bà con tham gia cuộc thi"]]) is None


NEEDED = ["STT", "Họ và tên", "Thôn", "Số điện thoại", "Thư điện tử", "Chức vụ", "Ghi chú"]
PEOPLE = [
    ["1", "Nguyễn Văn An", "Đông", "0900 000 101", "an@hatay.example", "Trưởng thôn", ""],
    ["2", "TRẦN THỊ HOÀ", "Tây", "0900000102, 0900000103", "", "", ""],
    ["3", "Lê Văn Cảnh", "Đông", "0900000104", "", "", "đã mất"],
    ["4", "Phạm Thị Dung", "Đoài", "0220 3812 345", "dung@gmail.con", "", ""],
    ["5", "Vũ Văn Em", "Đông", "03203812345", "", "", ""],
]
USELESS = {
    "Nơi sinh": ["Hà Tây 1970", "Hải Dương", "", "Nam Định", "Hải Phòng"],
    "Số CCCD": ["031070001234", "031075001235", "", "", "030060001236"],
    "Dân tộc": ["Kinh", "Kinh", "Tày", "", "Kinh"],
    "Màu xe": ["xanh", "đỏ", "", "vàng", "0900000999"],
    "SĐT trưởng thôn": ["0900000901"] * 5,
    "SĐT người thân": ["0900000902", "", "0900000903", "", "0900000904"],
    "SĐT cũ": ["0900000905", "", "0900000906", "", ""],
    "MSSV": ["0912710415", "0306171004", "0381710287", "0337108525", "0912710416"],
    "Kênh": ["0900000907", "0900000908", "0900000909", "", ""],
    "Đã mất": ["", "", "", "", ""],
    "Điểm": ["1", "2", "3", "4", "5"],
    "Hộ nghèo": ["x", "", "", "", "x"],
}


@settings(max_examples=60, deadline=None)
@given(
    st.permutations(NEEDED),
    st.lists(st.sampled_from(sorted(USELESS)), unique=True),
    st.randoms(use_true_random=False),
)
def test_moving_and_inserting_columns_never_changes_anybody(
    tmp_path_factory: pytest.TempPathFactory, order: list[str], extra: list[str], dice: random.Random
) -> None:
    path = tmp_path_factory.mktemp("columns") / "list.csv"
    csv_file([NEEDED, *PEOPLE])(path)
    plain = [row._replace(cells=()) for row in read_file(path, audience="staff")]
    shown = list(order)
    for heading in extra:
        shown.insert(dice.randrange(len(shown) + 1), heading)
    rows = [
        [USELESS[heading][n] if heading in USELESS else person[NEEDED.index(heading)] for heading in shown]
        for n, person in enumerate(PEOPLE)
    ]
    csv_file([shown, *rows])(path)
    assert [row._replace(cells=()) for row in read_file(path, audience="staff")] == plain


def test_what_is_not_needed_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    csv_file(
        [[*NEEDED, *USELESS], *([*row, *(u[n] for u in USELESS.values())] for n, row in enumerate(PEOPLE))]
    )(path)
    taken = " ".join(str(row.contact) for row in read_file(path, audience="staff"))
    for secret in ("1970", "031070001234", "Kinh", "xanh", "0900000999"):
        assert secret not in taken


def test_of_a_birthday_only_the_year_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    born = ["1/1/1970", "1975", "", "2.3.80", "29/2/1960"]
    csv_file([[*NEEDED, "Ngày sinh"], *([*row, born[n]] for n, row in enumerate(PEOPLE))])(path)
    contacts = [row.contact for row in read_file(path, audience="staff") if row.contact]
    assert [one.birth_year for one in contacts][:3] == [1970, 1975, 0]
    assert not {"1/1", "29/2", "2.3"} & set(" ".join(map(str, contacts)).split())
