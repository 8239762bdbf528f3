"""Writes spreadsheets and texts the way offices do: merged letterheads, old fonts, old encodings."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from dispatcher.contacts import Overrides
from dispatcher.vietnamese.encodings import charsets
from dispatcher.vietnamese.text import nfc

TONES = "\u0300\u0301\u0303\u0309\u0323"
_TO_TCVN3 = {letter: code for code, letter in enumerate(charsets.TCVN3) if code > 127}
_TO_VISCII = {letter: code for code, letter in enumerate(charsets.VISCII)}
_VNI_VOWELS = {"ă": "aê", "â": "aâ", "ê": "eâ", "ô": "oâ", "ơ": "ô", "ư": "ö", "đ": "ñ"}
_VNI_TONES = {"\u0301": "ù", "\u0300": "ø", "\u0309": "û", "\u0303": "õ", "\u0323": "ï"}
_VNI_ON_HAT = {"\u0301": "á", "\u0300": "à", "\u0309": "å", "\u0303": "ã", "\u0323": "ä"}
_VNI_ON_BREVE = {"\u0301": "é", "\u0300": "è", "\u0309": "ú", "\u0303": "ü", "\u0323": "ë"}
_VNI_I = {"í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î"}


def tcvn3(text: str) -> bytes:
    """Encode for .VnTime: accented capitals do not exist, the font makes them."""
    return bytes(_TO_TCVN3.get(c) or _TO_TCVN3.get(c.lower()) or ord(c) for c in text)


def viscii(text: str) -> bytes:
    """Encode in VISCII."""
    return bytes(_TO_VISCII.get(c) or ord(c) for c in text)


def windows_1258(text: str) -> bytes:
    """Encode as Windows does: letters with hat, breve and horn whole, tones behind them."""
    out = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tones = "".join(c for c in parts if c in TONES)
        out.append(nfc("".join(c for c in parts if c not in TONES)) + tones)
    return "".join(out).encode("cp1258")


def vni(text: str) -> str:
    """Type in a VNI font: what the cell then holds."""
    return "".join(map(_vni_letter, text))


def _vni_letter(letter: str) -> str:
    small = letter.lower()
    if small in _VNI_I:
        typed = _VNI_I[small]
    else:
        parts = unicodedata.normalize("NFD", small)
        tone = next((c for c in parts if c in TONES), "")
        vowel = nfc("".join(c for c in parts if c not in TONES))
        typed = _VNI_VOWELS.get(vowel, vowel)
        if tone and vowel in "âêô":
            typed = typed[:-1] + _VNI_ON_HAT[tone]
        elif tone and vowel == "ă":
            typed = typed[:-1] + _VNI_ON_BREVE[tone]
        elif tone:
            typed += _VNI_TONES[tone]
    return typed if letter == small else typed.upper()


def look_alike(text: str) -> str:
    """Give what a cell holds that was typed in a TCVN3 font."""
    return tcvn3(text).decode("latin-1")


@dataclass(kw_only=True)
class ExpectedRow:
    """What must come out for one person of one row."""

    row: int
    status: str
    name: str = ""
    phones: str = ""  # national, parted by a space: "0900000101 0900000102"
    sheet: str = ""
    part: int = 0
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple("+84" + number[1:] for number in self.phones.split())


@dataclass(kw_only=True)
class ListCase:
    """One file of the corpus: how it is made, for whom it is read, what must come out.

    Rows that hold something and are not `expected` must be skipped. `problem`: the file is refused.
    """

    name: str
    make: Any  # (path) -> None
    rows: list[ExpectedRow]
    audience: str = "residents"
    overrides: Overrides | None = None
    problem: bool = False
    skipped: int | None = None  # how many rows must be skipped, where it matters
    sheets: dict[str, str] = field(default_factory=dict)  # sheet -> state


def expected_row(row: int, status: str, name: str = "", phones: str = "", **facts: Any) -> ExpectedRow:
    """Expect a person; `part` and `sheet` among the facts say where."""
    part, sheet = facts.pop("part", 0), facts.pop("sheet", "")
    return ExpectedRow(row=row, status=status, name=name, phones=phones, part=part, sheet=sheet, facts=facts)


Rows = Sequence[Sequence[Any]]


def text_of(rows: Rows, delimiter: str) -> str:
    """Write rows as delimited text, quoted where Excel would."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def csv_file(rows: Rows, *, delimiter: str = ",", encode: Any = "utf-8") -> Any:
    """Make a text file in an encoding: a codec's name, or a function."""

    def make(path: Path) -> None:
        text = text_of(rows, delimiter)
        path.write_bytes(encode(text) if callable(encode) else text.encode(encode))

    return make


def raw_file(content: bytes) -> Any:
    """Make a file of these bytes."""
    return lambda path: path.write_bytes(content)


def xlsx_file(**sheets: Any) -> Any:
    """Make a workbook; a sheet is its rows, or (rows, wishes).

    {"merge": [...], "hidden": True, "name": ..., "hide": [3], "strike": ["B3"], "comment": {"B3": "đã mất"}}
    """

    def make(path: Path) -> None:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name, content in sheets.items():
            rows, wishes = content if isinstance(content, tuple) else (content, {})
            sheet = book.create_sheet(wishes.get("name", name))
            for number, row in enumerate(rows, 1):
                for place, value in enumerate(row, 1):
                    if value is not None and value != "":
                        sheet.cell(number, place, value)
            _dress(sheet, wishes)
        book.save(path)

    return make


def _dress(sheet: Worksheet, wishes: dict[str, Any]) -> None:
    for area in wishes.get("merge", ()):
        sheet.merge_cells(area)
    for number in wishes.get("hide", ()):
        sheet.row_dimensions[number].hidden = True
    for place in wishes.get("strike", ()):
        sheet[place].font = Font(strike=True)
    for place, words in wishes.get("comment", {}).items():
        sheet[place].comment = Comment(words, "xã")
    if wishes.get("hidden"):
        sheet.sheet_state = "hidden"


def xls_file(**sheets: Any) -> Any:
    """Make an old workbook; sheets as in `xlsx_file`, merges as (row, row, column, column, text)."""

    def make(path: Path) -> None:
        book = xlwt.Workbook(encoding="utf-8")
        for name, content in sheets.items():
            rows, wishes = content if isinstance(content, tuple) else (content, {})
            sheet = book.add_sheet(wishes.get("name", name), cell_overwrite_ok=True)
            for number, row in enumerate(rows):
                for place, value in enumerate(row):
                    if value is not None and value != "":
                        sheet.write(number, place, value)
            for merge in wishes.get("merge", ()):
                sheet.write_merge(*merge)
            if wishes.get("hidden"):
                sheet.visibility = 1
        book.save(str(path))

    return make


def ods_file(**sheets: Any) -> Any:
    """Make an OpenDocument workbook; wishes: {"down": {(row, column): rows}} merges downwards."""

    def make(path: Path) -> None:
        document = OpenDocumentSpreadsheet()
        for name, content in sheets.items():
            rows, wishes = content if isinstance(content, tuple) else (content, {})
            table = Table(name=wishes.get("name", name))
            covered = {
                (row + below, column)
                for (row, column), height in wishes.get("down", {}).items()
                for below in range(1, height)
            }
            for number, row in enumerate(rows):
                line = TableRow()
                for place, value in enumerate(row):
                    line.addElement(_ods_cell(number, place, value, wishes.get("down", {}), covered))
                table.addElement(line)
            document.spreadsheet.addElement(table)
        document.save(str(path))

    return make


def _ods_cell(row: int, column: int, value: Any, down: dict[Any, int], covered: set[Any]) -> Any:
    if (row, column) in covered:
        return CoveredTableCell()
    spans = (
        {"numberrowsspanned": down[row, column], "numbercolumnsspanned": 1} if (row, column) in down else {}
    )
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=value, **spans)
    cell = TableCell(valuetype="string", **spans)
    if value:
        cell.addElement(P(text=str(value)))
    return cell
