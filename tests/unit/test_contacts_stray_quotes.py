"""A quotation mark that opens no cell swallows nobody: each line is accounted for, none behind it taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.contacts.list_reader import ListReader, read_file

HEADINGS = "STT,Họ và tên,Thôn,Số điện thoại,Ghi chú"
PEOPLE = [f"{n},Nguyễn Văn An,Đông Hà,09000081{n:02d}," for n in range(1, 9)]


def read(path: Path, lines: list[str], *, delimiter: str = ",", end: str = "\n") -> ListReader:
    path.write_text("".join(line.replace(",", delimiter) + end for line in lines), "utf-8", newline="")
    return read_file(path, audience="residents")


def with_line(number: int, line: str) -> list[str]:
    """Return a list of eight people in which `line` stands in place of row `number`."""
    lines = [HEADINGS, *PEOPLE]
    lines[number - 1] = line
    return lines


STRAY = {
    "never closed, last column": with_line(4, '3,Lê Văn Ba,Đông Hà,0900008103,"nhà gần chợ'),
    "never closed, name": with_line(4, '3,"Lê Văn Ba,Đông Hà,0900008103,'),
    "never closed, first cell": with_line(4, '"3,Lê Văn Ba,Đông Hà,0900008103,'),
    "closed by the next line's": [
        *with_line(4, '3,Lê Văn Ba,Đông Hà,0900008103,"gần chợ')[:4],
        '4,Trần Thị Tư,Đông Hà,0900008104,"xa chợ"',
        *PEOPLE[4:],
    ],
    "two stray ones, lines apart": [
        *with_line(4, '3,Lê Văn Ba,Đông Hà,0900008103,"gần chợ')[:4],
        *PEOPLE[3:6],
        '7,Lê Văn Bảy,Đông Hà,0900008107,"',
        PEOPLE[7],
    ],
    "closed in the name of a later row": [
        *with_line(4, '3,"Lê Văn Ba,Đông Hà,0900008103,')[:4],
        *PEOPLE[3:5],
        '6,"Lê Văn Sáu",Đông Hà,0900008106,',
        *PEOPLE[6:],
    ],
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("kind", STRAY)
def test_every_line_is_accounted_for_and_none_behind_is_taken(
    kind: str, end: str, delimiter: str, tmp_path: Path
) -> None:
    lines = STRAY[kind]
    reading = read(tmp_path / "a.csv", lines, delimiter=delimiter, end=end)
    rows = list(reading)
    assert [row.row for row in rows] == list(range(1, len(lines) + 1))
    assert [row.status for row in rows[1:3]] == ["accepted", "accepted"]
    assert {row.status for row in rows[3:]} == {"rejected"}
    assert {row.reasons for row in rows[3:]} == {("row:stray-quote",)}
    (problem,) = reading.problems
    assert (problem.line, problem.severity) == (4, "error")
    assert problem.remedy


def test_a_quote_left_open_in_the_last_line_is_told(tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", with_line(9, '8,Lê Văn Tám,Đông Hà,0900008108,"gần chợ'))
    assert [row.status for row in reading][-2:] == ["accepted", "rejected"]
    assert reading.problems[0].line == 9


def test_the_line_of_the_file_is_told_where_cells_run_over_lines(tmp_path: Path) -> None:
    lines = with_line(3, '2,Trần Thị Hai,Đông Hà,0900008102,"nhà\nthứ hai"')
    reading = read(tmp_path / "a.csv", [*lines[:4], '4,Lê Văn Tư,Đông Hà,0900008104,"gần chợ', *lines[5:]])
    rows = list(reading)
    assert [row.row for row in rows if row.status == "rejected"] == [5, 6, 7, 8, 9]
    assert reading.problems[0].line == 6


LEGITIMATE = [
    '3,Lê Văn Ba,"Thôn Đông,\nxã Hà Tây",0900008103,',
    '3,Lê Văn Ba,Đông Hà,"0900008103\n0900008113",',
    '3,Lê Văn Ba,Đông Hà,0900008103,"hộ nghèo, neo đơn,\ngià yếu, ở một mình, cần gặp"',
    '3,Lê Văn Ba,Đông Hà,0900008103,"con: 0900008113,\nvợ: 0900008123, gần chợ"',
    '3,"Lê ""Ba"" Văn",Đông Hà,0900008103,"ghi ""rõ""\nhai dòng"',
    '3,Lê Văn Ba,Đông Hà,0900008103,cao 5" hay 6"',
    '3,Lê "Ba" Văn,Đông Hà,0900008103,',
    '3,"Lê Văn Ba",Đông Hà,0900008103,""',
]


@pytest.mark.parametrize("line", LEGITIMATE)
def test_cells_that_do_run_over_lines_are_read(line: str, tmp_path: Path) -> None:
    reading = read(tmp_path / "a.csv", with_line(4, line))
    rows = list(reading)
    assert [row.row for row in rows] == list(range(1, 10))
    assert {row.status for row in rows[1:]} <= {"accepted", "repaired"}
    assert reading.problems == []


@settings(max_examples=100, deadline=None)
@given(st.integers(2, 9), st.integers(0, 40), st.integers(2, 9), st.integers(0, 40))
def test_quotes_anywhere_never_lose_a_line_in_silence(
    tmp_path_factory: pytest.TempPathFactory, one: int, at: int, other: int, there: int
) -> None:
    lines = [HEADINGS, *PEOPLE]
    for number, place in ((one, at), (other, there)):
        lines[number - 1] = lines[number - 1][:place] + '"' + lines[number - 1][place:]
    reading = read(tmp_path_factory.mktemp("q") / "a.csv", lines)
    rows = list(reading)
    told = {row.row for row in rows}
    assert told == set(range(1, 10)), (lines, rows, reading.problems)
