"""The nasty files of the corpus: each row accounted for, each contact found, no wrong number."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

import dispatcher
from dispatcher.contacts import ParsedRow
from dispatcher.contacts.import_report import ImportReport, reason_text, repair_text, row_as_json
from dispatcher.contacts.list_reader import ListReader, read_file
from tests.corpus.file_writers import ExpectedRow, ListCase
from tests.corpus.files import CORPUS

PACKAGE = Path(dispatcher.__file__).parent


def read(nasty: ListCase, folder: Path) -> tuple[ListReader, list[ParsedRow]]:
    path = folder / nasty.name
    nasty.make(path)
    reading = read_file(path, audience=nasty.audience, overrides=nasty.overrides)
    return reading, list(reading)


def found(rows: list[ParsedRow], expected: ExpectedRow) -> ParsedRow:
    there = [
        row
        for row in rows
        if row.row == expected.row and row.part == expected.part and expected.sheet in ("", row.sheet)
    ]
    assert len(there) == 1, f"row {expected.row} part {expected.part}: {there}"
    return there[0]


@pytest.mark.parametrize("nasty", CORPUS, ids=[nasty.name for nasty in CORPUS])
def test_nasty_file(nasty: ListCase, tmp_path: Path) -> None:
    reading, rows = read(nasty, tmp_path)
    assert bool(reading.problems) == nasty.problem, reading.problems
    for problem in reading.problems:
        assert problem.what
        assert problem.remedy
    for expected in nasty.rows:
        row = found(rows, expected)
        where = f"{nasty.name} row {row.row}: {row}"
        assert row.status == expected.status, where
        contact = row.contact
        assert (contact.name if contact else "") == expected.name or row.status == "rejected", where
        if row.status != "rejected" or expected.phones:
            assert (contact.phones if contact else ()) == expected.numbers, where
        for fact, value in expected.facts.items():
            said = row.reasons if fact == "reasons" else getattr(contact, fact)
            assert said == value, f"{where}: {fact}"
    known = {(one.row, one.part) for one in nasty.rows}
    for row in rows:
        assert (row.row, row.part) in known or row.status == "skipped", row
        assert not any("=" not in word and reason_text(word) == word for word in row.reasons), row
        assert not any(repair_text(word) == word for word in row.repairs), row
        assert row_as_json(row)["status"] == row.status
    for sheet, state in nasty.sheets.items():
        assert (sheet, state) in {(one.sheet, one.state) for one in reading.sheets}
    for one in reading.sheets:
        assert all(one.describe())


@pytest.mark.parametrize("nasty", CORPUS, ids=[nasty.name for nasty in CORPUS])
def test_every_row_is_accounted_for_once(nasty: ListCase, tmp_path: Path) -> None:
    reading, rows = read(nasty, tmp_path)
    account = ImportReport()
    assert list(account.count(rows)) == rows
    account.add_sheets(reading)
    assert sum(account.counts.values()) == account.rows + account.extra_people
    places = [(row.sheet, row.row, row.part) for row in rows]
    assert len(places) == len(set(places))
    if not nasty.problem:
        assert {(row.sheet, row.row) for row in rows} == filled_rows(nasty, tmp_path / nasty.name, reading)


def filled_rows(nasty: ListCase, path: Path, reading: ListReader) -> set[tuple[str, int]]:
    """Count the rows that hold anything by other means than ours."""
    start = path.read_bytes()[:4]
    read_sheets = {sheet.sheet for sheet in reading.sheets if sheet.state == "read"}
    if start == b"PK\x03\x04" and path.suffix != ".ods":
        import openpyxl

        book = openpyxl.load_workbook(path.open("rb"))
        return {
            (sheet.title.strip(), number)
            for sheet in book
            if sheet.title.strip() in read_sheets
            for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
            if any(str(cell).strip() for cell in row if cell is not None)
        }
    if start == b"PK\x03\x04" or start.startswith(b"\xd0\xcf"):
        return {(row.sheet, row.row) for row in read(nasty, path.parent)[1]}
    raw = path.read_bytes()
    wide = "utf-16" if raw.startswith(b"\xff\xfe") else "utf-16-le" if b"\0" in raw[:40] else "latin-1"
    text = raw.decode(wide).removeprefix("sep=|\r\n")
    if nasty.name == "forgotten-quote.csv":
        return {("", number) for number, line in enumerate(text.split("\n"), 1) if line.strip()}
    records = csv.reader(io.StringIO(text, newline=""))
    return {("", number) for number, record in enumerate(records, 1) if any(map(str.strip, record))}


def test_the_corpus_is_big_enough() -> None:
    assert len(CORPUS) >= 90
    assert len({nasty.name for nasty in CORPUS}) == len(CORPUS)


def test_every_word_of_an_account_has_its_sentence() -> None:
    words = {
        word
        for source in PACKAGE.rglob("*.py")
        for word in re.findall(r'"((?:phone|look|mail|text|hold|row):[a-z-]+)"', source.read_text("utf-8"))
    }
    assert "row:erased" in words
    assert [word for word in sorted(words) if reason_text(word) == word == repair_text(word)] == []
