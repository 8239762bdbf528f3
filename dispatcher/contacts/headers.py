"""Finds the row of headings in a sheet, by score, and says in words what it found.

Every row near the top is weighed as one row of headings, and together with the row below it as two (a
merged "Liên hệ" over "Điện thoại | Zalo"). What stands below has a say: a column called "ĐT" that holds
"Kinh" and "Tày" is no telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dispatcher.contacts import Cell, Overrides, columns
from dispatcher.i18n import N_, _
from dispatcher.vietnamese import encodings, text

SEARCHED_ROWS = 60
SAMPLE_ROWS = 100
SHARE_OF_BEST_MIN = 0.6
SCORE_MIN = 4.0  # a name and one more thing
CARRIED_MAX = 6  # how far a heading reaches to the right where nothing says how far it is merged

Row = Sequence[Cell]
Merged = Sequence[tuple[int, int, int, int]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: its place counted from 0, its heading as written, what it holds ("" = unknown)."""

    index: int
    heading: str
    kind: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where the headings are and what each column holds.

    `first` and `last` are the rows of headings as the spreadsheet shows them; both 0 for a list without
    any. `filled_down` are columns that are written only in the first row of a block. `area` and `unit` are
    read from the title above where the list has no such column.
    """

    first: int
    last: int
    columns: tuple[Column, ...]
    filled_down: frozenset[int] = frozenset()
    unheaded: tuple[int, ...] = ()  # what people scribble beside a table: nothing is taken but warnings
    width: int = 0
    area: str = ""
    unit: str = ""

    def of(self, *kinds: str) -> tuple[Column, ...]:
        """Give the columns that hold one of `kinds`, in their order."""
        return tuple(column for column in self.columns if column.kind in kinds)


def letter(index: int) -> str:
    """Name a column as the spreadsheet does: 0 is A, 26 is AA."""
    name = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        name = chr(65 + rest) + name
        index -= 1
    return name


def find(
    rows: Sequence[Row],
    *,
    merged: Merged = (),
    overrides: Overrides | None = None,
    prior: str = "",
    only_first: bool = False,
) -> Layout | None:
    """Find the headings among the first rows of a sheet; None when there are none that make sense.

    `only_first` looks at nothing but the first row. `prior` is the old encoding that most of the
    sheet is in: "Ghi chó" is "Ghi chú" in a TCVN3 font.
    """
    rows = [[_text(cell, prior) for cell in row] for row in rows[:SEARCHED_ROWS]] + [*rows[SEARCHED_ROWS:]]
    overrides = overrides or Overrides()
    if overrides.header_row == 0:
        return _checked(_without_headings(rows, overrides), rows, overrides)
    candidates = [*_candidates(rows, merged, overrides, 1 if only_first else SEARCHED_ROWS)]
    score, best = _uppermost(candidates)
    if best is not None and (score >= SCORE_MIN or overrides.header_row):
        return _checked(best, rows, overrides)
    return _checked(_without_headings(rows, overrides), rows, overrides)


def _candidates(
    rows: Sequence[Row], merged: Merged, overrides: Overrides, searched: int
) -> Iterator[tuple[float, Layout | None]]:
    wanted = overrides.header_row
    for index, row in enumerate(rows[:searched]):
        if wanted and not index - 1 <= wanted - 1 <= index + 1:
            continue
        single = _headings(row)
        if not single:
            continue
        if not wanted or wanted == index + 1:
            yield _weighed(index, index, single, rows, overrides)
        if index + 1 < len(rows) and (not wanted or wanted in {index + 1, index + 2}):
            double = _joined(index, rows, merged)
            if double:
                yield _weighed(index, index + 1, double, rows, overrides)


def _uppermost(candidates: Sequence[tuple[float, Layout | None]]) -> tuple[float, Layout | None]:
    """Choose the best; or one above it nearly as good, for the best may head a second table further down."""
    score, best = max(candidates, key=lambda found: found[0], default=(0.0, None))
    if best is None:
        return score, best
    above = [
        (worth, layout)
        for worth, layout in candidates
        if layout is not None
        and layout.last < best.first
        and worth >= SHARE_OF_BEST_MIN * score
        and are_headings([column.heading for column in layout.columns])
    ]
    if not above:
        return score, best
    first = min(layout.first for _worth, layout in above)
    return max((found for found in above if found[1].first == first), key=lambda found: found[0])


def are_headings(said: Sequence[str]) -> bool:
    """Tell a row of headings by itself: a name, a way to reach people, and one thing more."""
    kinds = {columns.kind_of(cell) for cell in said} - {""}
    return (
        len(kinds) >= 3
        and bool(kinds & columns.NAMES)
        and bool(kinds & (columns.PHONES | {"email"}))
        and not any(map(_is_numberish, said))
    )


def moved_down(layout: Layout, rows: int) -> Layout:
    """Give the same layout so many rows further down."""
    return replace(layout, first=layout.first + rows, last=layout.last + rows)


def _headings(row: Row) -> dict[int, str]:
    return {index: heading for index, cell in enumerate(row) if (heading := _heading(cell))}


def _heading(cell: Cell) -> str:
    return text.clean(cell) if isinstance(cell, str) else ""


def _text(cell: Cell, prior: str) -> Cell:
    return encodings.repair(cell, prior=prior).text if isinstance(cell, str) and cell else cell


def _joined(index: int, rows: Sequence[Row], merged: Merged) -> dict[int, str]:
    """Join two rows of headings into one; empty when the upper one is no row of headings by itself."""
    top, below = _headings(rows[index]), _headings(rows[index + 1])
    known = sum(1 for heading in top.values() if columns.kind_of(heading))
    if not below or known < 2 or any(map(_is_numberish, rows[index + 1])):
        return {}
    reach = _reach(index, top, merged, len(rows[index + 1]))
    joined = dict(top)
    for place, heading in below.items():
        above = top.get(reach.get(place, -1), "")
        joined[place] = f"{above} {heading}" if above else heading
    return joined


def _reach(index: int, top: Mapping[int, str], merged: Merged, width: int) -> dict[int, int]:
    """Tell for each column under which heading of the upper row it stands."""
    spans = {left: right for up, left, down, right in merged if up == index == down or (up == index)}
    reach: dict[int, int] = {}
    for place in sorted(top):
        last = spans.get(place, place) if merged else place + CARRIED_MAX
        for column in range(place, min(last + 1, max(width, place + 1))):
            if column != place and column in top:
                break
            reach[column] = place
    return reach


def _weighed(
    first: int, last: int, headings: Mapping[int, str], rows: Sequence[Row], overrides: Overrides
) -> tuple[float, Layout]:
    found = tuple(
        Column(index=index, heading=heading, kind=_kind(index, heading, overrides))
        for index, heading in sorted(headings.items())
    )
    layout = Layout(first=first + 1, last=last + 1, columns=found)
    kinds = {column.kind for column in found}
    score = sum(columns.WEIGHTS[kind] for kind in kinds if kind)
    score += sum(0.25 for column in found if column.kind == "ignore")
    score -= sum(0.5 for column in found if not column.kind)
    score -= 3.0 * sum(map(_is_numberish, rows[first])) + 3.0 * sum(map(_is_numberish, rows[last]))
    if not kinds & (columns.PHONES | columns.NAMES | {"email", "pupil"}):
        return 0.0, layout
    if len(headings) == 1 and _width(rows) > 1:
        return 0.0, layout
    if len(headings) == 1:
        score += 2.0  # a list of nothing but numbers
    # The upper of two equal rows: a printed list repeats its headings on every page.
    return score - first / 1000 - (last - first) / 100, layout


def _width(rows: Sequence[Row]) -> int:
    return max((len(_filled(row)) for row in rows[:SAMPLE_ROWS]), default=0)


def _filled(row: Row) -> list[Cell]:
    return [cell for cell in row if cell is not None and cell != ""]


_DIGITS = re.compile(r"\d")


def _digits(cell: Cell) -> int:
    if isinstance(cell, str):
        return len(_DIGITS.findall(cell))
    if isinstance(cell, bool) or cell is None:
        return 0
    return len(str(int(abs(cell)))) if abs(cell) < 1e15 else 0


def _is_numberish(cell: Cell) -> bool:
    """Tell whether a cell looks like data: a telephone number, an e-mail address."""
    return _digits(cell) >= 8 or (isinstance(cell, str) and "@" in cell and "." in cell)


def _kind(index: int, heading: str, overrides: Overrides) -> str:
    said = overrides.columns
    if said:
        key = text.fold(heading)
        for name, kind in said.items():
            if name.strip().upper() == letter(index) or (key and text.fold(name) == key):
                return kind
    return columns.kind_of(heading)


# --- what stands below the headings ------------------------------------------------------------------


def _sample(layout: Layout, rows: Sequence[Row]) -> Sequence[Row]:
    return [row for row in rows[layout.last : layout.last + SAMPLE_ROWS] if len(_filled(row)) > 1]


def _values(sample: Sequence[Row], index: int) -> list[Cell]:
    return [row[index] for row in sample if index < len(row) and row[index] not in (None, "")]


def _checked(layout: Layout | None, rows: Sequence[Row], overrides: Overrides) -> Layout | None:
    """Let the content correct the headings, then settle what depends on several columns together."""
    if layout is None:
        return None
    sample = _sample(layout, rows)
    said = {_place(name, layout) for name in overrides.columns}
    found = [
        column if column.index in said else _judged(column, _values(sample, column.index))
        for column in layout.columns
    ]
    found = _second_names(_without_heading(found, sample), sample, said)
    kinds = {column.kind for column in found}
    if not kinds & (columns.PHONES | columns.NAMES | {"email"}):
        return None
    width = max((len(row) for row in sample), default=0)
    headed = {column.index for column in found if column.heading or column.kind}
    return replace(
        layout,
        columns=tuple(found),
        filled_down=_blocks(found, sample),
        unheaded=tuple(index for index in range(width) if index not in headed),
        width=width,
    )


def _without_heading(found: Sequence[Column], sample: Sequence[Row]) -> list[Column]:
    """Take numbers under a heading that says nothing for the telephone numbers, if there are no others."""
    if any(column.kind in columns.PHONES | {"email"} for column in found):
        return list(found)
    headed = {column.index: column for column in found}
    for index in range(max(map(len, sample), default=0)):
        column = headed.get(index, Column(index=index, heading="", kind=""))
        values = _values(sample, index)
        if not column.kind and len(values) * 2 >= len(sample) and values and _guess(values) == "phone":
            headed[index] = replace(column, kind="phone")
            break
    return [headed[index] for index in sorted(headed)]


def _place(name: str, layout: Layout) -> int:
    key = text.fold(name)
    for column in layout.columns:
        if name.strip().upper() == letter(column.index) or text.fold(column.heading) == key:
            return column.index
    return -1


def _judged(column: Column, values: Sequence[Cell]) -> Column:
    if len(values) < 3:
        return column
    numbers = sum(1 for value in values if _digits(value) >= 7) / len(values)
    if column.kind in columns.PHONES and numbers < 0.2 and not any("@" in str(value) for value in values):
        words = sum(map(_is_name, values)) / len(values)
        return replace(column, kind="" if words > 0.5 or column.kind == "phone" else column.kind)
    if column.kind in columns.NAMES and numbers > 0.7:  # "Bố" and "Mẹ" over nothing but numbers
        phones = {"father": "father_phone", "mother": "mother_phone", "parent": "parent_phone"}
        return replace(column, kind=phones.get(column.kind, ""))
    if column.kind == "honorific" and sum(map(_is_name, values)) / len(values) > 0.5:
        return replace(column, kind="name")
    return column


def _is_name(value: Cell) -> bool:
    return isinstance(value, str) and not _DIGITS.search(value) and 2 <= len(value.split()) <= 6


def _second_names(found: Sequence[Column], sample: Sequence[Row], said: set[int]) -> list[Column]:
    """Find the given name in the column without a heading beside a heading merged over both.

    "Họ và tên" stands over two columns, one word in the second: how class lists are made.
    """
    kinds = {column.kind for column in found}
    taken = {column.index for column in found}
    result = list(found)
    if "given_name" in kinds and not kinds & {"family_name"}:
        if "name" in kinds:  # "Họ và tên | Tên": the second repeats what the first ends with, or completes it
            result = _split_or_repeated(result, sample)
        else:
            result = [replace(c, kind="name") if c.kind == "given_name" else c for c in result]
    for column in result:
        if column.kind not in {"name", "pupil"} or column.index + 1 in taken or column.index in said:
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


def _split_or_repeated(found: Sequence[Column], sample: Sequence[Row]) -> list[Column]:
    full = next(column for column in found if column.kind == "name").index
    given = next(column for column in found if column.kind == "given_name").index
    repeats = pairs = 0
    for row in sample:
        if max(full, given) < len(row) and row[full] and row[given]:
            pairs += 1
            repeats += text.fold(str(row[full])).endswith(text.fold(str(row[given])))
    if pairs and repeats * 2 > pairs:
        return [replace(c, kind="ignore") if c.kind == "given_name" else c for c in found]
    return [replace(c, kind="family_name") if c.kind == "name" else c for c in found]


_BLOCK_KINDS = frozenset({"area", "part_of_area", "unit", "party_cell", "class", "old_commune", "address"})


def _blocks(found: Sequence[Column], sample: Sequence[Row]) -> frozenset[int]:
    """Tell which columns are written only in the first row of each block."""
    blocks = set()
    for column in found:
        if column.kind not in _BLOCK_KINDS or len(sample) < 2:
            continue
        filled = [column.index < len(row) and row[column.index] not in (None, "") for row in sample]
        if filled[0] and sum(filled) <= 0.6 * len(filled):
            blocks.add(column.index)
    return frozenset(blocks)


# --- a list without headings ---------------------------------------------------------------------------


def _without_headings(rows: Sequence[Row], overrides: Overrides) -> Layout | None:
    """Guess from the content alone: one column of numbers, one of names."""
    sample = [row for row in rows[:SAMPLE_ROWS] if len(_filled(row)) > 0]
    width = max(map(len, sample), default=0)
    kinds: dict[int, str] = {}
    for index in range(width):
        values = _values(sample, index)
        if len(values) * 2 < len(sample) or not values:
            continue
        kind = _guess(values)
        if kind and (kind != "name" or "name" not in kinds.values()):
            kinds[index] = kind
    for name, kind in overrides.columns.items():
        for index in range(width):
            if name.strip().upper() == letter(index):
                kinds[index] = kind
    if not set(kinds.values()) & {"phone", "email"}:
        return None
    found = tuple(Column(index=index, heading="", kind=kind) for index, kind in sorted(kinds.items()))
    return Layout(first=0, last=0, columns=found)


_PHONE_CELL = re.compile(r"^\D{0,3}(?:\+?84|0)?[\s.]*[35789][\d\s.\-()]{7,12}\d?\b")


def _guess(values: Sequence[Cell]) -> str:
    share = 0.6 * len(values)
    if sum(1 for value in values if _PHONE_CELL.match(_plain(value))) >= share:
        return "phone"
    if sum(1 for value in values if isinstance(value, str) and "@" in value) >= share:
        return "email"
    if sum(map(_is_name, values)) >= 0.8 * len(values):
        return "name"
    return ""


def _plain(value: Cell) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


# --- in words --------------------------------------------------------------------------------------------

_FILLED_DOWN = N_("column {letter} “{heading}” is written only in the first row of a block: filled down")


def explained(layout: Layout) -> tuple[str, ...]:
    """Say in the reader's language where the headings are and what each column was taken for."""
    said = [_rows_explained(layout)]
    for column in layout.columns:
        kind = columns.KINDS.get(column.kind)
        known = _(kind) if kind else _("unknown, not imported")
        if column.heading:
            heading = column.heading if len(column.heading) <= 40 else column.heading[:39] + "…"
            said.append(
                _(
                    "column {letter} “{heading}” = {kind}",
                    letter=letter(column.index),
                    heading=heading,
                    kind=known,
                )
            )
        else:
            said.append(_("column {letter} = {kind}", letter=letter(column.index), kind=known))
        if column.index in layout.filled_down:
            said.append(_(_FILLED_DOWN, letter=letter(column.index), heading=column.heading))
    if layout.area:
        said.append(_("the title says the place: {area}", area=layout.area))
    if layout.unit:
        said.append(_("the title says the unit: {unit}", unit=layout.unit))
    return tuple(said)


def _rows_explained(layout: Layout) -> str:
    if not layout.last:
        return _("no row of headings: the columns were told by what they hold")
    if layout.first == layout.last:
        return _("row {row} is the row of headings", row=layout.first)
    return _("rows {first} and {last} are the rows of headings", first=layout.first, last=layout.last)
