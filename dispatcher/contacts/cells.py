"""A cell of a list as text, and what stands in a row."""

from __future__ import annotations

from collections.abc import Sequence

from dispatcher.contacts import Cell
from dispatcher.vietnamese import text


def format_cell(cell: Cell) -> str:
    """Return a cell as tidy text; a whole number without its decimal zero, nothing as ""."""
    if isinstance(cell, str):
        return text.clean(cell)
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def non_empty_texts(row: Sequence[Cell]) -> list[str]:
    """Return the cells of a row as tidy text, without those in which nothing stands."""
    return [tidy for cell in row if (tidy := format_cell(cell))]


def non_empty_cells(row: Sequence[Cell]) -> list[Cell]:
    """Return the cells of a row as they are, without the empty ones."""
    return [cell for cell in row if cell is not None and cell != ""]
