"""Whether two written names may be one person's."""

from __future__ import annotations

import pytest

from dispatcher.vietnamese.name_likeness import may_be_one

ONE = [
    ("Nguyễn Văn Bình", "Nguyen Van Binh"),
    ("Nguyễn Văn Bình", "Ng. Văn Bình"),
    ("Nguyễn Văn Bình", "N V Bình"),
    ("Nguyễn Văn Bình", "Nguyễn Bình"),
    ("Nguyễn Văn Bình", "Bình"),
    ("Nguyễn Văn Bình", "Bình Nguyễn Văn"),
    ("Nguyễn Văn Bình", "Nguyễn Văn Bìnhh"),
    ("Nguyễn Văn Bình", "Nguễn Văn Bình"),
    ("Nguyễn Văn Bình", "Nguyễn Văn Bihn"),
    ("Nguyễn Văn Bình", ""),
    ("", ""),
]
TWO = [
    ("Nguyễn Văn Bình", "Trần Văn Bình"),
    ("Nguyễn Văn Bình", "Nguyễn Văn Hòa"),
    ("Nguyễn Văn Bình", "Nguyễn Thị Bình"),
    ("Nguyễn Văn Bình", "Nguyễn Văn"),
    ("Nguyễn Thị Lan", "Nguyễn Thị Lai"),
    ("Lê Thị Hoa", "Phạm Văn Đức"),
    ("Bình", "Hòa"),
    ("Nguyễn Văn Bình", "Nguyễn Văn Bình An"),
]


@pytest.mark.parametrize(("one", "other"), ONE)
def test_may_be_one(one: str, other: str) -> None:
    assert may_be_one(one, other)
    assert may_be_one(other, one)


@pytest.mark.parametrize(("one", "other"), TWO)
def test_are_two(one: str, other: str) -> None:
    assert not may_be_one(one, other)
    assert not may_be_one(other, one)
