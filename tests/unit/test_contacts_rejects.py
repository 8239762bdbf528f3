"""The file of rows to correct: everything needed is in it, nothing else, and it can be loaded again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from dispatcher import i18n
from dispatcher.contacts import ParsedRow, rejects
from dispatcher.contacts.import_report import ImportReport
from dispatcher.contacts.list_reader import read_file
from tests.corpus.file_writers import ListCase, csv_file
from tests.corpus.files import AGENCY, CLASS_LIST, CORPUS, PARTY, SCHOOL_EXPORT


def write(nasty: ListCase, folder: Path) -> tuple[Path, list[ParsedRow]]:
    """Write the rejects of a corpus file; gives their path, and the rejected rows."""
    path = folder / nasty.name
    nasty.make(path)
    reading = read_file(path, audience=nasty.audience, overrides=nasty.overrides)
    rows: list[ParsedRow] = []

    def kept() -> Iterator[ParsedRow]:
        for row in reading:
            rows.append(row)
            yield row

    out = folder / "rejects.xlsx"
    written = rejects.write_workbook(out, kept(), reading.sheets)
    refused = [row for row in rows if row.status == "rejected"]
    assert written == len({(row.sheet, row.row) for row in refused})
    return out, refused


def correct(path: Path, answers: dict[str, dict[str, str]]) -> None:
    """Do as an officer does: find the row by what stands in it, write another value under a heading."""
    book = openpyxl.load_workbook(path)
    for sheet in book:
        headings = {str(cell.value): cell.column for cell in sheet[1]}
        for row in sheet.iter_rows(min_row=2):
            for mark, changes in answers.items():
                if any(cell.value == mark for cell in row):
                    for heading, value in changes.items():
                        sheet.cell(row[0].row, headings[heading], value)
    book.save(path)


@pytest.mark.parametrize("nasty", CORPUS, ids=[nasty.name for nasty in CORPUS])
def test_uncorrected_rows_are_refused_again_for_the_same_reasons(nasty: ListCase, tmp_path: Path) -> None:
    path, refused = write(nasty, tmp_path)
    if not refused or refused[-1].reasons == (
        "row:stray-quote",
    ):  # nothing is wrong with such rows themselves
        return
    again = [
        row for row in read_file(path, audience=nasty.audience) if row.status not in ("skipped", "merged")
    ]
    by_row: dict[tuple[str, int], set[str]] = {}
    for row in refused:
        by_row.setdefault((row.sheet, row.row), set()).update(row.reasons)
    said: dict[tuple[str, int], set[str]] = {}
    for row in again:
        if row.status == "rejected":
            said.setdefault((row.sheet, row.row), set()).update(row.reasons)
    assert sorted(map(sorted, said.values())) == sorted(map(sorted, by_row.values()))
    names = {row.contact.name for row in refused if row.contact}
    assert names <= {row.contact.name for row in again if row.contact} | {""}


def test_corrected_rows_are_taken(tmp_path: Path) -> None:
    path, _refused = write(AGENCY, tmp_path)
    correct(path, {"Vũ Văn Nam": {"Liên hệ Điện thoại": "0900000116"}})
    rows = [row for row in read_file(path, audience="staff") if row.status != "skipped"]
    assert [
        (row.status, row.contact.name, row.contact.phones, row.contact.unit) for row in rows if row.contact
    ] == [("accepted", "Vũ Văn Nam", ("+84900000116",), "KHỐI CHÍNH QUYỀN")]


def test_a_filled_down_cell_is_written_out(tmp_path: Path) -> None:
    path, _refused = write(PARTY, tmp_path)
    correct(path, {"Vũ Thị Giang": {"SĐT": "0900000206"}})
    (row,) = (row for row in read_file(path, audience="party") if row.contact)
    assert row.contact is not None
    assert (row.status, row.contact.unit) == ("accepted", "Chi bộ thôn Tây")


def test_the_pupil_stays_the_pupil(tmp_path: Path) -> None:
    path, _refused = write(CLASS_LIST, tmp_path)
    correct(path, {"Phạm Thị Em": {"Số điện thoại": "0900000304"}})
    (row,) = (row for row in read_file(path, audience="parents") if row.contact)
    assert row.contact is not None
    assert (row.contact.name, row.contact.unit) == ("Phạm Thị Em", "Lớp 5A")


def test_only_what_is_needed_is_written(tmp_path: Path) -> None:
    path, _refused = write(SCHOOL_EXPORT, tmp_path)
    held = " ".join(str(cell.value) for row in openpyxl.load_workbook(path).active for cell in row)
    for secret in ("3012345679", "Tày", "2/1/2013"):
        assert secret not in held
    assert "Trần Văn Cường" not in held  # as the list wrote it, in capitals
    assert "TRẦN VĂN CƯỜNG" in held
    assert "csdl-truong.xlsx" in held


def test_reasons_are_said_in_the_readers_language(tmp_path: Path) -> None:
    i18n.set_language("en")
    path, _refused = write(AGENCY, tmp_path)
    sheet = openpyxl.load_workbook(path).active
    assert [cell.value for cell in sheet[1]][-2:] == ["To correct", "Taken from"]
    assert [cell.value for cell in sheet[2]][-2:] == [
        "a landline cannot receive texts",
        "co-quan.xlsx · Cơ quan, row 16",
    ]
    i18n.set_language("vi")


def test_a_formula_in_a_list_stays_words(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    csv_file([["Họ tên", "SĐT"], ['=HYPERLINK("http://x.example")', "12"]])(source)
    reading = read_file(source, audience="residents")
    rejects.write_workbook(tmp_path / "out.xlsx", reading, reading.sheets)
    cell = openpyxl.load_workbook(tmp_path / "out.xlsx").active["A2"]
    assert cell.data_type == "s"


def test_nothing_to_correct_is_a_workbook_too(tmp_path: Path) -> None:
    assert rejects.write_workbook(tmp_path / "out.xlsx", []) == 0
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").active is not None


def test_the_account_adds_up(tmp_path: Path) -> None:
    CLASS_LIST.make(tmp_path / CLASS_LIST.name)
    reading = read_file(tmp_path / CLASS_LIST.name, audience="parents")
    account = ImportReport()
    rows = list(account.count(reading))
    account.add_sheets(reading)
    assert account.counts == {
        "accepted": 0, "repaired": 4, "held": 0, "rejected": 1, "merged": 2, "skipped": 6,
    }  # fmt: skip
    assert (account.rows, account.extra_people) == (11, 2)
    assert sum(account.counts.values()) == len(rows) == account.rows + account.extra_people
    sheet = account.sheets[CLASS_LIST.name, "Lớp 5A"]
    assert sheet.result is not None
    assert sheet.result.state == "read"
    assert account.reasons["row:same-as"] == 2


def test_of_a_note_only_the_warning_is_written(tmp_path: Path) -> None:
    source = tmp_path / "list.csv"
    csv_file(
        [
            ["Họ tên", "SĐT", "Ghi chú"],
            ["Nguyễn Văn An", "12", "hộ nghèo"],
            ["Lê Thị Ba", "13", "hộ nghèo, hộ cận nghèo"],
        ]
    )(source)
    reading = read_file(source, audience="residents")
    rejects.write_workbook(tmp_path / "out.xlsx", reading, reading.sheets)
    held = [cell.value for row in openpyxl.load_workbook(tmp_path / "out.xlsx").active for cell in row]
    assert not any("nghèo" in str(value) for value in held)
