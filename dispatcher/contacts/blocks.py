"""Which columns are written only in the first row of a block, and are to be read down to its end.

A merge says so, or a block that anybody would see. Where only the heads have a thôn written beside them, the
clerk below is not of that thôn.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dispatcher.contacts import Cell, columns
from dispatcher.contacts.cells import format_cell
from dispatcher.contacts.headers import MergedCells
from dispatcher.contacts.layouts import Layout

BLOCK_KINDS = frozenset({"area", "part_of_area", "unit", "party_cell", "class", "old_commune", "address"})


def with_evident_blocks(layout: Layout, rows: Sequence[Sequence[Cell]], merged: MergedCells) -> Layout:
    """Return the layout with only those columns filled down that a merge or an evident block speaks for.

    `rows` are the first ones of the sheet, `merged` is counted from 0.
    """
    of_merges = merged_rows(layout, merged)
    evident = {index for index in layout.fill_down_columns if _is_evident(index, layout, rows)}
    return replace(layout, fill_down_columns=frozenset(evident | of_merges.keys()))


def merged_rows(layout: Layout, merged: MergedCells) -> dict[int, set[int]]:
    """Return for each column with merged blocks the rows below their first ones, as the sheet counts them."""
    found: dict[int, set[int]] = {}
    blocks = {column.index for column in layout.columns if column.kind in BLOCK_KINDS}
    for up, left, down, _right in merged:
        if left in blocks and up < down and up >= layout.last_heading_row:
            found.setdefault(left, set()).update(range(up + 2, down + 2))
    return found


def _is_evident(index: int, layout: Layout, rows: Sequence[Sequence[Cell]]) -> bool:
    """Judge a column that has gaps.

    Its blocks number their rows, or it stands before the names; behind them only where every block has
    several rows, and not just those of one position ("Trưởng thôn") have something written.
    """
    names = [column.index for column in layout.columns if column.kind in columns.NAME_KINDS | {"pupil"}]
    people = [row for row in rows[layout.last_heading_row :] if any(_text(row, name) for name in names)]
    starts = [place for place, row in enumerate(people) if _text(row, index)]
    if not starts:
        return False
    if _restarts(people, starts, [column.index for column in layout.columns_of("number")]):
        return True
    if index < min(names):
        return True
    ends = [*starts[1:], len(people)]
    several = all(end - start > 1 for start, end in zip(starts, ends, strict=True))
    return several and not _is_of_one_position(people, starts, [c.index for c in layout.columns_of("role")])


def _restarts(people: Sequence[Sequence[Cell]], starts: Sequence[int], numbers: Iterable[int]) -> bool:
    """Return whether the running number begins anew with each block, and nowhere else."""
    for number in numbers:
        ones = [place for place, row in enumerate(people) if _text(row, number) == "1"]
        if len(ones) > 1 and ones == list(starts):
            return True
    return False


def _is_of_one_position(
    people: Sequence[Sequence[Cell]], starts: Sequence[int], roles: Sequence[int]
) -> bool:
    """Return whether those with something written hold positions that nobody else holds."""
    positions = [" ".join(_text(row, role) for role in roles).strip().lower() for row in people]
    heads = {positions[place] for place in starts}
    others = {position for place, position in enumerate(positions) if place not in set(starts)}
    return heads != {""} and not heads & others


def _text(row: Sequence[Cell], index: int) -> str:
    return format_cell(row[index]) if index < len(row) else ""
