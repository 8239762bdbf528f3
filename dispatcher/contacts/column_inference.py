"""What stands below the headings has a say: it corrects them, completes them, or stands in for them.

A column called "ĐT" that holds "Kinh" and "Tày" is no telephone number; "Họ và tên" over two columns, one
word in the second, is family name and given name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from dispatcher.contacts import Cell, Overrides, column_owners, columns
from dispatcher.contacts.cells import format_cell, non_empty_cells
from dispatcher.contacts.layouts import Column, Layout, column_letter
from dispatcher.vietnamese import names, text

SAMPLE_ROWS = 100
SWAPPED_MIN = 0.4  # An and Mai are families and given names: the difference must be plain

Cells = Sequence[Cell]


_DIGITS = re.compile(r"\d")


def _digits(cell: Cell) -> int:
    if isinstance(cell, str):
        return len(_DIGITS.findall(cell))
    if isinstance(cell, bool) or cell is None:
        return 0
    return len(str(int(abs(cell)))) if abs(cell) < 1e15 else 0


def looks_like_data(cell: Cell) -> bool:
    """Return whether a cell looks like data: a telephone number, an e-mail address."""
    return _digits(cell) >= 8 or (isinstance(cell, str) and "@" in cell and "." in cell)


def _sample(layout: Layout, rows: Sequence[Cells]) -> Sequence[Cells]:
    return [
        row
        for row in rows[layout.last_heading_row : layout.last_heading_row + SAMPLE_ROWS]
        if len(non_empty_cells(row)) > 1
    ]


def _values(sample: Sequence[Cells], index: int) -> list[Cell]:
    return [row[index] for row in sample if index < len(row) and row[index] not in (None, "")]


def refine_layout(layout: Layout | None, rows: Sequence[Cells], overrides: Overrides) -> Layout | None:
    """Let the content correct the headings, then settle what depends on several columns together."""
    if layout is None:
        return None
    sample = _sample(layout, rows)
    overridden = {_column_index(name, layout) for name in overrides.columns}
    refined = [
        column if column.index in overridden else _refined(column, _values(sample, column.index))
        for column in layout.columns
    ]
    refined = [replace(column, filled=_filled(column, sample)) for column in refined]
    refined = _find_given_name(_find_phone_column(refined, sample), sample, overridden)
    refined = column_owners.settle(_unswapped(refined, sample))
    kinds = {column.kind for column in refined}
    if not kinds & (columns.PHONE_KINDS | columns.NAME_KINDS | {"email"}):
        return None
    refined = column_owners.with_questions(refined, lambda column: _guess(_values(sample, column.index)))
    width = max((len(row) for row in sample), default=0)
    headed = {column.index for column in refined if column.heading or column.kind}
    return replace(
        layout,
        columns=tuple(refined),
        fill_down_columns=_block_columns(refined, sample),
        unheaded_columns=tuple(index for index in range(width) if index not in headed),
        width=width,
    )


def _find_phone_column(known: Sequence[Column], sample: Sequence[Cells]) -> list[Column]:
    """Take numbers under no heading at all for the telephone numbers, if there are no others."""
    if any(column.kind in columns.PHONE_KINDS | columns.OTHERS_PHONE_KINDS | {"email"} for column in known):
        return list(known)
    headed = {column.index: column for column in known}
    for index in range(max(map(len, sample), default=0)):
        column = headed.get(index, Column(index=index, heading="", kind=""))
        values = _values(sample, index)
        if (
            not (column.kind or column.heading)
            and len(values) * 2 >= len(sample)
            and values
            and _guess(values) == "phone"
        ):
            headed[index] = replace(column, kind="phone")
            break
    return [headed[index] for index in sorted(headed)]


def _column_index(name: str, layout: Layout) -> int:
    key = text.fold(name)
    for column in layout.columns:
        if name.strip().upper() == column_letter(column.index) or text.fold(column.heading) == key:
            return column.index
    return -1


def _refined(column: Column, values: Sequence[Cell]) -> Column:
    if column.kind in columns.FLAG_KINDS and columns.names_a_number(column.heading):
        # "SĐT từ chối nhận tin" over numbers: they are numbers, and whoever has one there is held
        return replace(column, kind="phone") if any(_digits(value) >= 8 for value in values) else column
    if len(values) < 3:
        return column
    numbers = sum(1 for value in values if _digits(value) >= 7) / len(values)
    if (
        column.kind in columns.PHONE_KINDS
        and numbers < 0.2
        and not any("@" in str(value) for value in values)
    ):
        words = sum(map(_is_name, values)) / len(values)
        return replace(column, kind="" if words > 0.5 or column.kind == "phone" else column.kind)
    if column.kind in {"name", "officer"} and sum(map(_is_tick, values)) / len(values) > 0.5:
        return replace(column, kind="")
    if column.kind in columns.NAME_KINDS and numbers > 0.7:  # "Bố" and "Mẹ" over nothing but numbers
        phones = {"father": "father_phone", "mother": "mother_phone", "parent": "parent_phone"}
        return replace(column, kind=phones.get(column.kind, ""))
    if column.kind == "honorific" and sum(map(_is_name, values)) / len(values) > 0.5:
        return replace(column, kind="name")
    return column


_TICKS = frozenset({"x", "v", "co", "khong", "1", "0", "yes", "no", "true", "false", "ok", ""})


def _is_tick(value: Cell) -> bool:
    return not isinstance(value, str) or text.fold(value) in _TICKS


def _filled(column: Column, sample: Sequence[Cells]) -> float:
    """Return the share of rows that hold what the heading promises; 1 where there is nothing to go by."""
    values = _values(sample, column.index)
    if sample and column.kind in columns.PHONE_KINDS:
        return len(values) / len(sample)
    if not sample or column.kind not in columns.NAME_KINDS:
        return 1.0
    right = sum(isinstance(value, str) and not _is_tick(value) and not _digits(value) for value in values)
    return right / len(sample)


def _unswapped(found: Sequence[Column], sample: Sequence[Cells]) -> list[Column]:
    """Exchange "First Name" and "Last Name" where the first holds the families, as many fill them in."""
    shares = {column.kind: _families(_values(sample, column.index)) for column in found}
    if shares.get("given_name", 0.0) - shares.get("family_name", 1.0) < SWAPPED_MIN:
        return list(found)
    other = {"given_name": "family_name", "family_name": "given_name"}
    return [replace(column, kind=other.get(column.kind, column.kind)) for column in found]


def _families(values: Sequence[Cell]) -> float:
    first = [str(value).split()[0].lower() for value in values if str(value).split()]
    return sum(word in names.FAMILY_NAMES for word in first) / len(first) if first else 0.0


def _is_name(value: Cell) -> bool:
    return isinstance(value, str) and not _DIGITS.search(value) and 2 <= len(value.split()) <= 6


def _find_given_name(known: Sequence[Column], sample: Sequence[Cells], overridden: set[int]) -> list[Column]:
    """Find the given name in the column without a heading beside a heading merged over both.

    "Họ và tên" stands over two columns, one word in the second: how class lists are made.
    """
    kinds = {column.kind for column in known}
    taken = {column.index for column in known}
    result = list(known)
    if "given_name" in kinds and not kinds & {"family_name"}:
        if "name" in kinds:  # "Họ và tên | Tên": the second repeats what the first ends with, or completes it
            result = _split_or_repeated(result, sample)
        else:
            result = [replace(c, kind="name") if c.kind == "given_name" else c for c in result]
    for column in result:
        if column.kind not in {"name", "pupil"} or column.index + 1 in taken or column.index in overridden:
            continue
        values = _values(sample, column.index + 1)
        single = [v for v in values if isinstance(v, str) and len(v.split()) == 1 and not _DIGITS.search(v)]
        if values and len(values) * 2 >= len(sample) and len(single) >= 0.8 * len(values):
            if column.kind == "pupil":
                break
            result[result.index(column)] = replace(column, kind="family_name")
            result.append(Column(index=column.index + 1, heading=column.heading, kind="given_name"))
            break
    return sorted(result, key=lambda column: column.index)


def _split_or_repeated(known: Sequence[Column], sample: Sequence[Cells]) -> list[Column]:
    full = next(column for column in known if column.kind == "name").index
    given = next(column for column in known if column.kind == "given_name").index
    repeats = pairs = 0
    for row in sample:
        if max(full, given) < len(row) and row[full] and row[given]:
            pairs += 1
            repeats += text.fold(str(row[full])).endswith(text.fold(str(row[given])))
    if pairs and repeats * 2 > pairs:
        return [replace(c, kind="ignore") if c.kind == "given_name" else c for c in known]
    return [replace(c, kind="family_name") if c.kind == "name" else c for c in known]


_BLOCK_KINDS = frozenset({"area", "part_of_area", "unit", "party_cell", "class", "old_commune", "address"})


def _block_columns(known: Sequence[Column], sample: Sequence[Cells]) -> frozenset[int]:
    """Return which columns are written only in the first row of each block."""
    blocks = set()
    for column in known:
        if column.kind not in _BLOCK_KINDS or len(sample) < 2:
            continue
        cells = [row[column.index] if column.index < len(row) else None for row in sample]
        values = [value for value in cells if value not in (None, "")]
        # A block is named once. The same name twice running is a column with gaps, and a gap says nothing.
        is_once = all(one != other for one, other in pairwise(values))
        if cells[0] in values and len(values) <= 0.6 * len(cells) and is_once:
            blocks.add(column.index)
    return frozenset(blocks)


def infer_layout(rows: Sequence[Cells], overrides: Overrides) -> Layout | None:
    """Guess from the content alone: one column of numbers, one of names."""
    sample = [row for row in rows[:SAMPLE_ROWS] if len(non_empty_cells(row)) > 0]
    width = max(map(len, sample), default=0)
    kinds: dict[int, str] = {}
    headings: dict[int, str] = {}
    for index in range(width):
        values = _values(sample, index)
        if len(values) * 2 < len(sample) or not values:
            continue
        kind = _guess(values)
        if kind and (kind != "name" or "name" not in kinds.values()):
            kinds[index] = kind
            headings[index] = _heading_above(rows, index) if kind != "name" else ""
    for name, kind in overrides.columns.items():
        for index in range(width):
            if name.strip().upper() == column_letter(index):
                kinds[index] = kind
    if not set(kinds.values()) & {"phone", "email"}:
        return None
    if any(headings.values()):
        return _under_unknown_headings(rows, kinds, headings)
    inferred = tuple(Column(index=index, heading="", kind=kind) for index, kind in sorted(kinds.items()))
    return Layout(first_heading_row=0, last_heading_row=0, columns=inferred)


def _heading_above(rows: Sequence[Cells], index: int) -> str:
    """Return what stands at the top of a column of numbers or mails when that is none itself: a heading."""
    first = next((row[index] for row in rows if index < len(row) and row[index] not in (None, "")), "")
    return text.clean(first) if isinstance(first, str) and not looks_like_data(first) else ""


def _under_unknown_headings(
    rows: Sequence[Cells], kinds: Mapping[int, str], headings: Mapping[int, str]
) -> Layout:
    """Return the layout under headings nobody knows: names may be told by content, numbers never."""
    last = next(
        number
        for number, row in enumerate(rows, 1)
        if any(index < len(row) and row[index] for index, heading in headings.items() if heading)
    )
    row = rows[last - 1]
    found = tuple(
        Column(
            index=index,
            heading=heading,
            kind="" if headings.get(index) else kinds.get(index, columns.kind_of(heading)),
        )
        for index, cell in enumerate(row)
        if (heading := text.clean(str(cell or ""))) or index in kinds
    )
    return Layout(first_heading_row=last, last_heading_row=last, columns=found)


_PHONE_CELL = re.compile(r"^\D{0,3}(?:\+?84|0)?[\s.]*[35789][\d\s.\-()]{7,12}\d?\b")


def _guess(values: Sequence[Cell]) -> str:
    if not values:
        return ""
    share = 0.6 * len(values)
    if sum(1 for value in values if _PHONE_CELL.match(format_cell(value))) >= share:
        return "phone"
    if sum(1 for value in values if isinstance(value, str) and "@" in value) >= share:
        return "email"
    if sum(map(_is_name, values)) >= 0.8 * len(values):
        return "name"
    return ""
