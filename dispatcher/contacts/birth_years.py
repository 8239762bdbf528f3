"""The year somebody was born, as lists give it: it tells namesakes apart, and serves nothing else."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from dispatcher.contacts import Cell
from dispatcher.contacts.layouts import Layout
from dispatcher.vietnamese import text

_HEADING = re.compile(
    r"\b(?:nam|ngay|ngay thang|ngay thang nam|thang nam) sinh\b|\bsinh (?:ngay|nam)\b|^ns$|\bbirth|^dob$"
)
_YEAR = re.compile(r"(?<!\d)(?:19\d{2}|20[0-4]\d)(?!\d)")
FIRST, LAST = 1900, 2049


def columns_of(layout: Layout) -> tuple[int, ...]:
    """Return the columns that say when people were born."""
    return tuple(
        column.index for column in layout.columns if _HEADING.search(text.fold_words(column.heading))
    )


@lru_cache(maxsize=65_536)
def birth_year(cell: Cell) -> int:
    """Return the year in a cell ("1948", 1948.0, "02/09/1948", a date); 0 where there is none."""
    if isinstance(cell, date):
        return cell.year
    if isinstance(cell, str):
        found = _YEAR.findall(cell)
        return int(found[-1]) if found else 0
    if isinstance(cell, bool) or cell is None or cell != int(cell):
        return 0
    return int(cell) if FIRST <= cell <= LAST else 0
