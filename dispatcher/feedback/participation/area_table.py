"""Figures without names, as a contest's platform gives them: Thôn | Đăng ký | Hoàn thành."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dispatcher.contacts import Cell, columns, places
from dispatcher.contacts.sheets import Page, UnreadableFile, open_sheets
from dispatcher.vietnamese import encodings, text

HEADER_SEARCH_ROWS = 30
_REGISTERED = re.compile(r"\bdang ky\b|\btham gia\b|\bregistered\b")
_FINISHED = re.compile(r"\bhoan thanh\b|\bda thi\b|\bdat\b|\bfinished\b|\bcompleted\b")
_TOTAL = re.compile(r"^(?:tong|tong so|tong cong|cong|toan xa|total)\b")
_PEOPLE = columns.PHONE_KINDS | columns.NAME_KINDS | {"email"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaTableRow:
    """One area's figures; `row` as the spreadsheet shows it."""

    row: int
    area: str
    registered: int
    finished: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaTable:
    """A table of figures. `unread` are rows that name an area but hold no number that can be read."""

    areas: tuple[AreaTableRow, ...]
    unread: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class _TableLayout:
    area: int
    heading: str
    registered: int | None
    finished: int | None


def read_area_table(path: Path) -> AreaTable | None:
    """Read the table at `path`; None when it is a list of people, or cannot be read as figures."""
    try:
        for sheet in open_sheets(path):
            if sheet.visible and (table := _of_sheet(_numbered(sheet.pages))) is not None:
                return table
    except (UnreadableFile, ValueError):
        return None
    return None


def _numbered(pages: Iterator[Page]) -> Iterator[tuple[int, Sequence[Cell]]]:
    for first, rows in pages:
        yield from enumerate(rows, first)


def _of_sheet(rows: Iterator[tuple[int, Sequence[Cell]]]) -> AreaTable | None:
    for _number, cells in islice(rows, HEADER_SEARCH_ROWS):
        layout = _layout(cells)
        if layout is not None:
            return _read(layout, rows)
    return None


def _layout(cells: Sequence[Cell]) -> _TableLayout | None:
    headings = {
        place: _cell_text(cell) for place, cell in enumerate(cells) if isinstance(cell, str) and cell.strip()
    }
    kinds = {place: columns.kind_of(heading) for place, heading in headings.items()}
    if any(kind in _PEOPLE for kind in kinds.values()):
        return None
    area = next((place for place, kind in kinds.items() if kind in {"area", "part_of_area"}), None)
    if area is None:
        return None
    words = {place: text.fold_words(heading) for place, heading in headings.items() if place != area}
    finished = next((place for place, folded in words.items() if _FINISHED.search(folded)), None)
    registered = next(
        (place for place, said in words.items() if place != finished and _REGISTERED.search(said)), None
    )
    if finished is None and registered is None:
        return None
    return _TableLayout(area=area, heading=headings[area], registered=registered, finished=finished)


def _read(layout: _TableLayout, rows: Iterable[tuple[int, Sequence[Cell]]]) -> AreaTable:
    areas: list[AreaTableRow] = []
    unread: list[int] = []
    for number, cells in rows:
        name = _cell_text(cells[layout.area]) if layout.area < len(cells) else ""
        if not name or name.isdigit() or _TOTAL.search(text.fold_words(name)):
            continue
        registered, finished = (_count(cells, place) for place in (layout.registered, layout.finished))
        if registered is None and finished is None:
            unread.append(number)
            continue
        areas.append(
            AreaTableRow(
                row=number,
                area=places.normalise_area(name, layout.heading),
                registered=registered if registered is not None else finished or 0,
                finished=finished or 0,
            )
        )
    return AreaTable(areas=tuple(areas), unread=tuple(unread))


def _count(cells: Sequence[Cell], place: int | None) -> int | None:
    cell = cells[place] if place is not None and place < len(cells) else None
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, float | int):
        return int(cell) if cell >= 0 and cell == int(cell) else None
    digits = cell.strip().replace(".", "").replace(" ", "")
    return int(digits) if digits.isdigit() else None


def _cell_text(cell: Cell) -> str:
    return text.clean(encodings.repair(cell).text) if isinstance(cell, str) else ""
