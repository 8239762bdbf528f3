"""Reads SpreadsheetML, the XML of Excel 2003 that old systems still write and call ".xls"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET

from dispatcher.contacts import Cell

_NAMESPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"
ROWS_MAX, COLUMNS_MAX, CELLS_MAX = 1_048_576, 1024, 20_000_000


@dataclass(kw_only=True)
class XmlSheet:
    """One worksheet: its rows as they stand, and merged cells as `sheets.InputSheet` has them."""

    name: str
    visible: bool = True
    rows: list[list[Cell]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)


class NoSpreadsheet(Exception):
    """The XML is none that Excel wrote, or is cut short."""


def read_worksheets(path: Path) -> Iterator[XmlSheet]:
    """Yield the worksheets of the file at `path`. Raises NoSpreadsheet."""
    with path.open("rb") as file:
        start = file.read(4096)
    if b"<!DOCTYPE" in start or b"<!ENTITY" in start:
        raise NoSpreadsheet  # Excel writes none; definitions of entities can be made to fill the memory
    try:
        for _event, element in ET.iterparse(path):  # noqa: S314 - no entities: see above
            if element.tag == f"{_NAMESPACE}Worksheet":
                yield _sheet(element)
                element.clear()
    except (ET.ParseError, ValueError, LookupError) as error:
        raise NoSpreadsheet from error


def _sheet(worksheet: ET.Element) -> XmlSheet:
    visible = worksheet.findtext(f"{_EXCEL}WorksheetOptions/{_EXCEL}Visible", "SheetVisible")
    sheet = XmlSheet(name=worksheet.get(f"{_NAMESPACE}Name", ""), visible=visible.strip() == "SheetVisible")
    cells = 0
    for row in worksheet.iterfind(f"{_NAMESPACE}Table/{_NAMESPACE}Row"):
        number = int(row.get(f"{_NAMESPACE}Index", len(sheet.rows) + 1))
        if not len(sheet.rows) < number <= ROWS_MAX:
            raise NoSpreadsheet
        sheet.rows += [[] for _missing in range(number - len(sheet.rows) - 1)]
        sheet.rows.append(_cells(row, number - 1, sheet))
        if (cells := cells + len(sheet.rows[-1])) > CELLS_MAX:
            raise NoSpreadsheet
    return sheet


def _cells(row: ET.Element, index: int, sheet: XmlSheet) -> list[Cell]:
    cells: list[Cell] = []
    for cell in row.iterfind(f"{_NAMESPACE}Cell"):
        column = int(cell.get(f"{_NAMESPACE}Index", len(cells) + 1)) - 1
        across = int(cell.get(f"{_NAMESPACE}MergeAcross", 0))
        down = int(cell.get(f"{_NAMESPACE}MergeDown", 0))
        if not len(cells) <= column < column + across + 1 <= COLUMNS_MAX:
            raise NoSpreadsheet
        cells += [""] * (column - len(cells))
        cells += [_value(cell), *[""] * across]
        if across or down:
            sheet.merged.append((index, column, index + down, column + across))
    return cells


def _value(cell: ET.Element) -> Cell:
    data = cell.find(f"{_NAMESPACE}Data")
    if data is None:
        return ""
    text = "".join(data.itertext())
    kind = data.get(f"{_NAMESPACE}Type", "String")
    if kind == "Number":
        return float(text)
    if kind == "Boolean":
        return text.strip() == "1"
    if kind == "DateTime" and len(text) >= 10:
        year, month, day = text[:10].split("-")
        return f"{day}/{month}/{year}"
    return text
