"""Cells of telephone numbers as offices write them, each with what a careful clerk would dial."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from dispatcher.contacts.list_reader import read_file
from tests.corpus.file_writers import csv_file

# The numbers that may be written to, "-" for none; a "?" says that asking a person first is right too.
TABLE = Path(__file__).parent.parent / "corpus" / "phones.tsv"
CELLS = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]
NAMES = product(
    ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng"),
    ("Văn", "Thị", "Đức", "Ngọc", "Minh"),
    ("An", "Bình", "Cường", "Dung", "Giang", "Hà"),
    ("Hải", "Hạnh", "Lan", "Long", "Nga"),
)
HEADINGS = ["Mã hộ", "Họ và tên", "Thôn", "Số điện thoại"]  # with households, a shared number is no question


def test_of_each_cell_the_right_number_comes_out_and_never_another(tmp_path: Path) -> None:
    rows = [
        [f"H{place}", " ".join(name), "Đông", cell.replace("\\n", "\n")]
        for place, (name, (_right, cell)) in enumerate(zip(NAMES, CELLS, strict=False))
    ]
    path = tmp_path / "so.csv"
    csv_file([HEADINGS, *rows])(path)
    read = [row for row in read_file(path, audience="residents") if row.status != "skipped"]
    assert len(read) == len(CELLS) >= 600
    assert [
        (cell, right, row.status, row.contact and row.contact.phones)
        for (right, cell), row in zip(CELLS, read, strict=True)
        if not _is_right(right, row.status, row.contact.phones if row.contact else ())
    ] == []


def _is_right(right: str, status: str, numbers: tuple[str, ...]) -> bool:
    written_to = set(numbers) if status in {"accepted", "repaired"} else set()
    meant = {f"+84{number[1:]}" for number in right.strip("?-").split()}
    return written_to == meant or (right.endswith("?") and status == "held")
