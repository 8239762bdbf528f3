"""The thôn that an office has listed once: other spellings are settled, the rest is asked about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from dispatcher.contacts import ParsedRow
from dispatcher.contacts.known_areas import KnownAreas
from dispatcher.contacts.list_reader import read_file

OFFICE = ("Thôn Đông", "Thôn Hà Vân", "Thôn Hạ Vạn", "Tổ dân phố 3")


def read(folder: Path, areas: Sequence[str], *written: str) -> tuple[KnownAreas, list[ParsedRow]]:
    rows = [["Họ và tên", "SĐT", "Thôn"]]
    rows += [[f"Nguyễn Văn {'ABCDEĐGH'[n]}n", f"09000041{n:02d}", area] for n, area in enumerate(written)]
    path = folder / "ds.csv"
    path.write_text("\n".join(map(",".join, rows)), encoding="utf-8")
    known = KnownAreas(areas)
    found = known.settle(read_file(path, audience="residents"))
    return known, [row for row in found if row.contact]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Đông", "Thôn Đông"),
        ("Thon Dong", "Thôn Đông"),
        ("TDP số 03", "Tổ dân phố 3"),
        ("Hạ Vạn", "Thôn Hạ Vạn"),
    ],
)
def test_other_spellings_are_written_as_the_office_does(tmp_path: Path, written: str, meant: str) -> None:
    known, (row,) = read(tmp_path, OFFICE, written)
    assert row.contact is not None
    assert row.contact.area == meant
    assert not known.questions()


def test_what_is_not_listed_is_asked_about_and_stays(tmp_path: Path) -> None:
    known, rows = read(tmp_path, OFFICE, "Thôn Đôgn", "Thôn Đôgn", "Thôn Đông")
    assert [row.contact.area for row in rows if row.contact] == ["Thôn Đôgn", "Thôn Đôgn", "Thôn Đông"]
    assert ["look:unknown-area" in row.reasons for row in rows] == [True, True, False]
    (question,) = known.questions()
    assert "Thôn Đôgn" in question
    assert "Thôn Đông" in question
    assert [row.status for row in rows] == ["accepted"] * 3


def test_two_that_it_may_be_are_no_answer(tmp_path: Path) -> None:
    known, (row,) = read(tmp_path, OFFICE, "Thon Ha Van")
    assert row.contact is not None
    assert row.contact.area == "Thôn Ha Van"
    assert known.questions()


def test_without_a_list_of_thon_nothing_is_asked(tmp_path: Path) -> None:
    known, rows = read(tmp_path, (), "Thôn Đôgn")
    assert not known.questions()
    assert not rows[0].reasons
