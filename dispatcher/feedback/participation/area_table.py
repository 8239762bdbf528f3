"""Figures without names, as a contest's platform gives them: Thôn | Đăng ký | Hoàn thành.

A whole and its parts are not added up, and an area that stands twice is asked about.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from dispatcher.contacts import Cell, area_names, places
from dispatcher.contacts.sheets import Page, UnreadableFile, open_sheets
from dispatcher.feedback.participation.figure_columns import (
    FigureColumn,
    FigureLayout,
    cell_text,
    find_layout,
    heads_people,
    is_second_row,
    join_headings,
)
from dispatcher.vietnamese import text

HEADER_SEARCH_ROWS = 30
_TOTAL = re.compile(
    r"^(?:tong|tong so|tong cong|cong|cong don|cong chung|toan (?:xa|phuong|thi tran)|ca xa|total|sum)\b"
)
_OF_WHICH = re.compile(r"^(?:trong do|gom|bao gom|of which)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaTableRow:
    """One area's figures; `row` as the spreadsheet shows it. None where the table does not say."""

    row: int
    area: str
    registered: int | None
    finished: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaTable:
    """A table of figures, and what of it is not taken.

    `unread` rows name an area but hold no number that can be read. `parts` are counted in the area above
    them. `repeated` are areas that stand more than once with different figures: nobody knows which is right.
    In `exceeding` areas more have finished than have registered. `total` is what the table itself gives as
    its sum.
    """

    areas: tuple[AreaTableRow, ...]
    unread: tuple[int, ...]
    parts: tuple[AreaTableRow, ...] = ()
    repeated: tuple[AreaTableRow, ...] = ()
    exceeding: tuple[AreaTableRow, ...] = ()
    total: AreaTableRow | None = None
    columns: tuple[FigureColumn, ...] = ()
    passed_over: tuple[FigureColumn, ...] = ()

    @property
    def total_differs(self) -> bool:
        """Return whether the areas do not add up to what the table gives as its sum."""
        stated, rows = self.total, (*self.areas, *self.repeated, *self.exceeding)
        return stated is not None and any(
            said is not None and said != _sum(values)
            for said, values in (
                (stated.registered, [row.registered for row in rows]),
                (stated.finished, [row.finished for row in rows]),
            )
        )


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
    top = list(islice(rows, HEADER_SEARCH_ROWS))
    for place, (_number, cells) in enumerate(top):
        if heads_people(cells):
            return None
        layout = find_layout(cells)
        if layout is not None:
            below = top[place + 1][1] if place + 1 < len(top) else ()
            joined = find_layout(join_headings(cells, below)) if is_second_row(below, layout) else None
            skipped = place + (2 if joined else 1)
            return _read(joined or layout, chain(top[skipped:], rows))
    return None


def _read(layout: FigureLayout, rows: Iterable[tuple[int, Sequence[Cell]]]) -> AreaTable:
    found: list[AreaTableRow] = []
    unread: list[AreaTableRow] = []
    total: AreaTableRow | None = None
    for number, cells in rows:
        row = _row(layout, number, cells)
        if row is None:
            continue
        folded = text.fold_words(row.area)
        if _TOTAL.search(folded):
            total = row if total is None and _has_figures(row) else total
        elif not _OF_WHICH.search(folded):
            (found if _has_figures(row) else unread).append(row)
    whole, parts, empty = _without_parts(found, unread)
    areas, repeated = _without_repeated(whole)
    exceeding = [row for row in areas if _exceeds(row)]
    return AreaTable(
        areas=tuple(row for row in areas if not _exceeds(row)),
        exceeding=tuple(exceeding),
        unread=tuple(row.row for row in empty),
        parts=tuple(parts),
        repeated=tuple(repeated),
        total=total,
        columns=layout.columns,
        passed_over=layout.passed_over,
    )


def _row(layout: FigureLayout, number: int, cells: Sequence[Cell]) -> AreaTableRow | None:
    """Read one row; None when it names no area."""
    column = layout.area
    name = _text_at(cells, column)
    if layout.part and (not name or name.isdigit()):
        column = layout.part
        name = _text_at(cells, column)
    if not name or name.isdigit():
        total = next(filter(_TOTAL.search, (text.fold_words(cell_text(cell)) for cell in cells)), "")
        return _figures(layout, number, cells, total) if total else None
    if _TOTAL.search(text.fold_words(name)) or _OF_WHICH.search(text.fold_words(name)):
        return _figures(layout, number, cells, name)
    return _figures(layout, number, cells, places.normalise_area(name, column.heading))


def _figures(layout: FigureLayout, number: int, cells: Sequence[Cell], area: str) -> AreaTableRow:
    registered, finished = (_count(cells, column) for column in (layout.registered, layout.finished))
    if layout.registered is None:
        registered = finished  # whoever has finished was registered
    return AreaTableRow(row=number, area=area, registered=registered, finished=finished)


def _has_figures(row: AreaTableRow) -> bool:
    return row.registered is not None or row.finished is not None


def _without_parts(
    found: Sequence[AreaTableRow], unread: Sequence[AreaTableRow]
) -> tuple[list[AreaTableRow], list[AreaTableRow], list[AreaTableRow]]:
    """Part areas from their parts: rows of a narrower kind below a wider one, when they add up to it.

    An area without figures of its own has the sum of those below it. Gives areas, parts, and rows that stay
    without figures.
    """
    areas: list[AreaTableRow] = []
    parts: list[AreaTableRow] = []
    empty: list[AreaTableRow] = []
    rows = sorted((*found, *unread), key=lambda row: row.row)
    start = 0
    while start < len(rows):
        whole = rows[start]
        end = start + 1
        while end < len(rows) and _is_narrower(rows[end], whole):
            end += 1
        below = [row for row in rows[start + 1 : end] if _has_figures(row)]
        silent = [row for row in rows[start + 1 : end] if not _has_figures(row)]
        if below and not _has_figures(whole):
            registered, finished = _sums(below)
            areas.append(replace(whole, registered=registered, finished=finished))
            parts += below
            empty += silent
        elif below and _adds_up(whole, below):
            areas.append(whole)
            parts += below
            empty += silent
        else:
            (areas if _has_figures(whole) else empty).append(whole)
            end = start + 1
        start = end
    return areas, parts, empty


def _is_narrower(row: AreaTableRow, whole: AreaTableRow) -> bool:
    if not area_names.is_place(row.area):
        return False
    return not area_names.is_place(whole.area) or area_names.width(row.area) > area_names.width(whole.area)


def _adds_up(whole: AreaTableRow, below: Sequence[AreaTableRow]) -> bool:
    registered, finished = _sums(below)
    return len(below) > 1 and whole.registered in {None, registered} and whole.finished in {None, finished}


def _sums(rows: Sequence[AreaTableRow]) -> tuple[int | None, int | None]:
    return _sum(row.registered for row in rows), _sum(row.finished for row in rows)


def _sum(values: Iterable[int | None]) -> int | None:
    given = [value for value in values if value is not None]
    return sum(given) if given else None


def _without_repeated(rows: Sequence[AreaTableRow]) -> tuple[list[AreaTableRow], list[AreaTableRow]]:
    """Part areas that stand once, or twice with the same figures, from those that contradict themselves."""
    by_area: defaultdict[str, list[AreaTableRow]] = defaultdict(list)
    for row in rows:
        by_area[area_names.area_key(row.area)].append(row)
    areas: list[AreaTableRow] = []
    repeated: list[AreaTableRow] = []
    for same in by_area.values():
        if len({(row.registered, row.finished) for row in same}) == 1:
            areas.append(same[0])
        else:
            repeated += same
    return areas, repeated


def _exceeds(row: AreaTableRow) -> bool:
    return row.registered is not None and row.finished is not None and row.finished > row.registered


def _text_at(cells: Sequence[Cell], column: FigureColumn) -> str:
    return cell_text(cells[column.index]) if column.index < len(cells) else ""


def _count(cells: Sequence[Cell], column: FigureColumn | None) -> int | None:
    """Read a number of people: whole, not negative; thousands may be parted by a point, comma or space."""
    cell = cells[column.index] if column is not None and column.index < len(cells) else None
    if isinstance(cell, bool) or cell is None:
        return None
    if isinstance(cell, float | int):
        return int(cell) if cell >= 0 and cell == int(cell) else None
    words = re.sub(r"\s*(?:người|ng)\.?$", "", cell.strip().lower())
    match = re.fullmatch(r"\d{1,3}(?:[., \u00a0]\d{3})+|\d+", words)
    return int(re.sub(r"\D", "", words)) if match else None
