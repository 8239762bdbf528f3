"""Which columns of a table of figures are read: the area, how many registered, how many finished.

A percentage is no number of people, "Chưa hoàn thành" is not "Hoàn thành", and a target is not a result.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dispatcher.contacts import Cell, columns
from dispatcher.contacts.layouts import column_letter
from dispatcher.vietnamese import encodings, text

Figure = Literal["registered", "finished"]

_MEANS: dict[Figure, re.Pattern[str]] = {
    "finished": re.compile(
        r"\bhoan (?:thanh|tat)\b|\bda (?:thi|lam|nop|dong|tiem|gia han|thuc hien|ky)\b|\bdat\b|\bdu thi\b"
        r"|\bfinish\w*|\bcomplet\w*"
    ),
    "registered": re.compile(r"\bdang ky\b|\bghi danh\b|\btham gia\b|\bregister\w*"),
}
# What speaks of people but counts others, or nobody.
_NOT_A_COUNT = re.compile(
    r"%|\b(?:ty le|ti le|phan tram|percent\w*|rate|share|xep hang|xep loai|thu hang|hang|rank|danh gia"
    r"|ghi chu|note)\b"
)
_OTHERS = re.compile(
    r"\b(?:chua|khong|con lai|con thieu|not|remaining|missing|chi tieu|duoc giao|ke hoach|muc tieu|target"
    r"|tang them|moi tang|so voi|trong ngay|trong tuan|hom nay|ngay qua|phat sinh|giam)\b"
)
_PEOPLE = columns.PHONE_KINDS | columns.NAME_KINDS | {"email"}
_AREA = frozenset({"area", "part_of_area"})
_OF_PEOPLE = re.compile(r"\b(?:so nguoi|nguoi|so luong|tong so|luy ke|cong don|toan bo|total)\b")
_CUMULATIVE = re.compile(r"\b(?:luy ke|cong don|tong|total)\b")
_ENTRIES = re.compile(r"\b(?:luot|lan|bai|cau|diem|ho)\b")  # counts of something else than people


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureColumn:
    """A column that is read; `index` counts from 0, `figure` is "area" or what its numbers count."""

    index: int
    heading: str
    figure: Literal["area"] | Figure

    @property
    def letter(self) -> str:
        """Return its letter as the spreadsheet has it."""
        return column_letter(self.index)


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureLayout:
    """The columns that are read. `passed_over` could be meant as well, and is not read."""

    area: FigureColumn
    part: FigureColumn | None  # "Xóm" beside "Thôn": rows of the parts of an area
    registered: FigureColumn | None
    finished: FigureColumn | None
    passed_over: tuple[FigureColumn, ...] = ()

    @property
    def columns(self) -> tuple[FigureColumn, ...]:
        """Return the columns that are read."""
        return tuple(filter(None, (self.area, self.part, self.registered, self.finished)))


def find_layout(cells: Sequence[Cell]) -> FigureLayout | None:
    """Read a row as the headings of figures by area; None when it is none."""
    headings = {
        index: heading
        for index, cell in enumerate(cells)
        if isinstance(cell, str) and (heading := cell_text(cell))
    }
    kinds = {index: columns.kind_of(heading) for index, heading in headings.items()}
    areas = [index for index, kind in kinds.items() if kind in _AREA]
    if not areas:
        return None
    area = next((index for index in areas if kinds[index] == "area"), areas[0])
    part = next((index for index in areas if index != area and kinds[index] == "part_of_area"), None)
    words = {i: text.fold_words(heading) for i, heading in headings.items() if i not in areas}
    finished, others = _choose("finished", words, headings)
    registered, more = _choose("registered", {i: w for i, w in words.items() if i != finished}, headings)
    if finished is None and registered is None:
        return None

    def column(index: int | None, figure: Literal["area"] | Figure) -> FigureColumn | None:
        return None if index is None else FigureColumn(index=index, heading=headings[index], figure=figure)

    of_area = column(area, "area")
    assert of_area is not None
    return FigureLayout(
        area=of_area,
        part=column(part, "area"),
        registered=column(registered, "registered"),
        finished=column(finished, "finished"),
        passed_over=tuple(one for one in (*others, *more) if one.index not in {registered, finished}),
    )


def heads_people(cells: Sequence[Cell]) -> bool:
    """Return whether a row has the headings of a list of people: below it stand no figures."""
    headings = list(filter(None, map(cell_text, cells)))
    return len(headings) > 1 and any(columns.kind_of(heading) in _PEOPLE for heading in headings)


def _choose(
    figure: Figure, words: dict[int, str], headings: dict[int, str]
) -> tuple[int | None, list[FigureColumn]]:
    """Choose the column that counts people the most plainly; gives the others that could be meant, too."""
    found = [
        index
        for index, said in words.items()
        if _MEANS[figure].search(said)
        and not _NOT_A_COUNT.search(headings[index].lower())
        and not _NOT_A_COUNT.search(said)
        and not _OTHERS.search(said)
    ]
    if not found:
        return None, []

    def rank(index: int) -> tuple[bool, bool, bool, int]:
        said = words[index]
        return bool(_ENTRIES.search(said)), not _CUMULATIVE.search(said), not _OF_PEOPLE.search(said), index

    best, *rest = sorted(found, key=rank)
    return best, [FigureColumn(index=index, heading=headings[index], figure=figure) for index in rest]


def is_second_row(cells: Sequence[Cell], layout: FigureLayout) -> bool:
    """Return whether a row goes on with the headings above it: words only, and none below the area's."""
    words = [cell for cell in cells if cell is not None and cell != ""]
    area = cells[layout.area.index] if layout.area.index < len(cells) else None
    return (
        bool(words)
        and area in {None, ""}
        and all(isinstance(cell, str) and not any(map(str.isdigit, cell)) for cell in words)
    )


def join_headings(top: Sequence[Cell], below: Sequence[Cell]) -> list[Cell]:
    """Join two rows of headings: "Hoàn thành" reaches over the columns to its right that have none."""
    joined: list[Cell] = []
    above = ""
    for index in range(max(len(top), len(below))):
        above = (cell_text(top[index]) if index < len(top) else "") or above
        own = cell_text(below[index]) if index < len(below) else ""
        joined.append(f"{above} {own}" if own else cell_text(top[index]) if index < len(top) else "")
    return joined


def cell_text(cell: Cell) -> str:
    """Return a cell of words, mended and tidy; nothing for a number."""
    return text.clean(encodings.repair(cell).text) if isinstance(cell, str) else ""
