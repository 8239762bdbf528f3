"""Cells of names as offices write them: who is meant, and what they are called by."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.contacts.list_reader import read_file
from tests.corpus.file_writers import csv_file

# The cell, the name it holds ("-" for none), and what its owner is called by, where that is sure.
TABLE = Path(__file__).parent.parent / "corpus" / "names.tsv"
CELLS = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
HEADINGS = ["Họ và tên", "Thôn", "Số điện thoại"]


def test_of_each_cell_the_name_comes_out_without_what_stands_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "ten.csv"
    rows = [[cell, "Đông", f"09{place:08d}"] for place, (cell, _full, _given) in enumerate(CELLS, 10_000_000)]
    csv_file([HEADINGS, ["Lê Thị Bưởi", "Đông", "0977111333"], *rows])(path)
    read = {row.row: row.contact for row in read_file(path, audience="residents")}
    assert len(CELLS) >= 220
    wrong = []
    for place, (cell, full, given) in enumerate(CELLS, 3):
        contact = read[place]
        found = (contact.name, contact.given_name) if contact else ("", "")
        if found[0] != full.strip("-") or (given != full and found[1] != given):
            wrong.append((cell, full, given, found))
    assert wrong == []


@pytest.mark.parametrize(
    "cell", ["† Nguyễn Văn An", "Cố Nguyễn Văn An", "Liệt sĩ Trần Văn Bình", "✝ Lê Bá Hà"]
)
def test_who_is_called_late_before_the_name_is_held(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "ten.csv"
    csv_file([HEADINGS, ["Lê Thị Bưởi", "Đông", "0977111333"], [cell, "Đông", "0900000101"]])(path)
    (row,) = [row for row in read_file(path, audience="residents") if row.row == 3]
    assert (row.status, row.contact and row.contact.hold) == ("held", "dead")
