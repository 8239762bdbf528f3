"""Which rows of a list say that somebody took part: columns, titles and group rows looked at together.

A list without any such word is a list of those who took part. A second look at the file, beside the reading
of its people: their reader knows names and numbers only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from dispatcher.contacts import Cell, ParsedRow, columns
from dispatcher.contacts.cells import format_cell
from dispatcher.contacts.layouts import Column, Layout, column_letter
from dispatcher.contacts.list_reader import SheetResult
from dispatcher.contacts.sheets import open_sheets
from dispatcher.feedback.participation.status_words import (
    ColumnUse,
    Verdict,
    use_of_column,
    verdict_of_cell,
    verdict_of_title,
)

_WHO_AND_WHERE = (
    columns.NAME_KINDS
    | columns.PHONE_KINDS
    | columns.OTHERS_PHONE_KINDS
    | {"email", "area", "part_of_area", "address", "old_commune", "unit", "party_cell", "class", "role"}
    | {"number", "honorific", "sex", "male", "female", "pupil", "timestamp"}
)
_DECIDING: frozenset[ColumnUse] = frozenset({"tick", "negated", "status"})
RowPlace = tuple[str, int]  # sheet, row as the spreadsheet shows it


class RowVerdict(NamedTuple):
    """Whether a row says that somebody took part, and its words: 'E “Trạng thái”: Chưa tham gia'."""

    verdict: Verdict
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StatusColumn:
    """A column that decided, and for how many rows it said what."""

    sheet: str
    letter: str
    heading: str
    said: Counter[Verdict] = field(default_factory=Counter)


@dataclass(kw_only=True)
class StatusReading:
    """What the whole file says: a verdict for each row of a person, and by which columns."""

    verdicts: dict[RowPlace, RowVerdict] = field(default_factory=dict)
    columns: list[StatusColumn] = field(default_factory=list)

    def of(self, row: ParsedRow) -> RowVerdict:
        """Return what is said about a row."""
        return self.verdicts.get((row.sheet, row.row), RowVerdict("yes"))


def read_statuses(
    path: Path, rows: Sequence[ParsedRow], sheets: Sequence[SheetResult], *, name: str = ""
) -> StatusReading:
    """Read what the list at `path` says about each of `rows`, its rows as the reader of people gave them.

    `sheets` is what that reader found out about the sheets; `name` is what the file is called.
    """
    reading = StatusReading()
    people = {(row.sheet, row.row) for row in rows if row.status != "skipped"}
    above = {(row.sheet, row.row) for row in rows if {"row:title", "row:group"} & set(row.reasons)}
    of_file = verdict_of_title(Path(name or path.name).stem)
    for sheet in open_sheets(path):
        title = sheet.name.strip()
        layouts = [found.layout for found in sheets if found.sheet == title and found.layout]
        if not layouts or not sheet.visible:
            continue
        tables = _Tables(title, layouts, RowVerdict(verdict_of_title(title) or of_file, title or name))
        for first, page in sheet.pages:
            for number, cells in enumerate(page, first):
                if (title, number) in above:
                    tables.add_title(number, " ".join(filter(None, map(format_cell, cells))))
                elif (title, number) in people:
                    tables.add_row(number, cells)
        tables.judge(reading)
    return reading


class _Tables:
    """The tables of one sheet, one below the other, gathered to be judged when all is seen."""

    def __init__(self, sheet: str, layouts: Sequence[Layout], said: RowVerdict) -> None:
        self._sheet = sheet
        self._layouts = sorted(layouts, key=lambda layout: layout.first_heading_row)
        self._rows: list[list[tuple[int, Mapping[int, Cell], RowVerdict]]] = [[] for _layout in layouts]
        self._uses = [_uses_of(layout) for layout in self._layouts]
        self._said = said  # the nearest title that says anything

    def add_title(self, number: int, words: str) -> None:
        if verdict := verdict_of_title(words):
            self._said = RowVerdict(verdict, words)

    def add_row(self, number: int, cells: Sequence[Cell]) -> None:
        table = max(
            (i for i, layout in enumerate(self._layouts) if layout.first_heading_row <= number), default=0
        )
        kept = {
            column.index: cells[column.index] for column in self._uses[table] if column.index < len(cells)
        }
        self._rows[table].append((number, kept, self._said))

    def judge(self, reading: StatusReading) -> None:
        for uses, rows in zip(self._uses, self._rows, strict=True):
            judge = _Judge(uses, [cells for _number, cells, _said in rows])
            reported = {
                column.index: StatusColumn(
                    sheet=self._sheet, letter=column_letter(column.index), heading=column.heading
                )
                for column in judge.deciding
            }
            for number, cells, said in rows:
                reading.verdicts[self._sheet, number] = _with_title(judge.verdict_of(cells), said)
                for column in judge.deciding:
                    reported[column.index].said[judge.of_cell(column, cells)] += 1
            reading.columns += reported.values()


def _uses_of(layout: Layout) -> dict[Column, ColumnUse]:
    uses = {
        column: use_of_column(column.heading)
        for column in layout.columns
        if column.kind not in _WHO_AND_WHERE
    }
    return {column: use for column, use in uses.items() if use}


class _Judge:
    """Says of each row of a table what its cells say together."""

    def __init__(self, uses: Mapping[Column, ColumnUse], rows: Sequence[Mapping[int, Cell]]) -> None:
        self._uses = uses
        self.deciding = self._choose(rows)

    def _choose(self, rows: Sequence[Mapping[int, Cell]]) -> list[Column]:
        """Choose what decides: ticks and words, else moments, else scores; never an empty column of words."""
        for group in (_DECIDING, {"moment"}, {"score"}):
            chosen = [
                column
                for column, use in self._uses.items()
                if use in group and (use == "tick" or any(format_cell(row.get(column.index)) for row in rows))
            ]
            if chosen:
                return chosen
        return []

    def of_cell(self, column: Column, cells: Mapping[int, Cell]) -> Verdict:
        return verdict_of_cell(cells.get(column.index), self._uses[column])

    def verdict_of(self, cells: Mapping[int, Cell]) -> RowVerdict:
        said = [(self.of_cell(column, cells), column) for column in self.deciding]
        denied = next(
            (column for verdict, column in said if verdict == "no" and self._uses[column] == "negated"), None
        )
        found = dict(reversed(said))
        remark = next(
            (
                column
                for column, use in self._uses.items()
                if use == "note" and self.of_cell(column, cells) == "no"
            ),
            None,
        )
        against = denied or remark
        if "yes" in found:
            return _told("unclear", against, cells) if against else _told("yes", found["yes"], cells)
        if against:
            return _told("no", against, cells)
        for verdict in ("unclear", "no"):
            if verdict in found:
                return _told(verdict, found[verdict], cells)
        return self._of_blank_cells(cells)

    def _of_blank_cells(self, cells: Mapping[int, Cell]) -> RowVerdict:
        """Judge a row whose deciding cells say nothing: an empty tick is a no, an empty word is none.

        Nothing under "Chưa thi" may be a yes, or a row that nobody has filled in: a person says which.
        """
        if not self.deciding:
            return RowVerdict("")
        blank: dict[ColumnUse, Verdict] = {"tick": "no", "moment": "no", "score": "no"}
        for column in self.deciding:
            if verdict := blank.get(self._uses[column]):
                return _told(verdict, column, cells)
        return _told("unclear", self.deciding[0], cells)


def _told(verdict: Verdict, column: Column, cells: Mapping[int, Cell]) -> RowVerdict:
    place = f"{column_letter(column.index)} “{column.heading}”"
    return RowVerdict(verdict, f"{place}: {format_cell(cells.get(column.index)) or '–'}")


def _with_title(row: RowVerdict, title: RowVerdict) -> RowVerdict:
    """Weigh a row against what stands above it: a title that denies is not overruled by a tick, but asked."""
    if not row.verdict:
        return title if title.verdict else RowVerdict("yes")
    if row.verdict == "yes" and title.verdict == "no":
        return RowVerdict("unclear", f"{title.words} · {row.words}")
    return row
