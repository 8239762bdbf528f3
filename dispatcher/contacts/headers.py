"""Finds the row of headings in a sheet, by score.

Every row near the top is weighed as one row of headings, and together with the row below it as two (a
merged "Liên hệ" over "Điện thoại | Zalo"). What stands below it has a say (`column_inference`), and the
organiser the last word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dispatcher.contacts import Cell, Overrides, column_inference, columns
from dispatcher.contacts.cells import non_empty_cells
from dispatcher.contacts.column_inference import SAMPLE_ROWS, Cells, looks_like_data
from dispatcher.contacts.layouts import Column, Layout, column_letter
from dispatcher.contacts.legacy_fonts import LegacyFontDecoder
from dispatcher.vietnamese import names, text

SEARCHED_ROWS = 60
SHARE_OF_BEST_MIN = 0.6
SCORE_MIN = 4.0  # a name and one more thing
HEADING_SPAN_MAX = 6  # how far a heading reaches to the right where nothing says how far it is merged

MergedCells = Sequence[tuple[int, int, int, int]]
UNICODE_DECODER = LegacyFontDecoder()


def find_layout(
    rows: Sequence[Cells],
    *,
    merged: MergedCells = (),
    overrides: Overrides | None = None,
    decoder: LegacyFontDecoder = UNICODE_DECODER,
    only_first: bool = False,
) -> Layout | None:
    """Find the headings among the first rows of a sheet; None when there are none that make sense.

    `only_first` looks at nothing but the first row. `decoder` knows the font of the sheet: "Ghi chó" is
    "Ghi chú" in TCVN3.
    """
    rows = [[_text(cell, decoder) for cell in row] for row in rows[:SEARCHED_ROWS]] + [*rows[SEARCHED_ROWS:]]
    overrides = overrides or Overrides()
    if overrides.header_row == 0:
        return column_inference.refine_layout(column_inference.infer_layout(rows, overrides), rows, overrides)
    candidates = [*_candidates(rows, merged, overrides, 1 if only_first else SEARCHED_ROWS)]
    score, best = _uppermost(candidates)
    if best is not None and (score >= SCORE_MIN or overrides.header_row):
        return column_inference.refine_layout(best, rows, overrides)
    return column_inference.refine_layout(column_inference.infer_layout(rows, overrides), rows, overrides)


def _candidates(
    rows: Sequence[Cells], merged: MergedCells, overrides: Overrides, searched: int
) -> Iterator[tuple[float, Layout | None]]:
    header_row = overrides.header_row
    for index, row in enumerate(rows[:searched]):
        if header_row and not index - 1 <= header_row - 1 <= index + 1:
            continue
        single = _headings(row)
        if not single:
            continue
        if not header_row or header_row == index + 1:
            yield _scored(index, index, single, rows, overrides)
        if index + 1 < len(rows) and (not header_row or header_row in {index + 1, index + 2}):
            double = _joined(index, rows, merged)
            if double:
                yield _scored(index, index + 1, double, rows, overrides)


def _uppermost(candidates: Sequence[tuple[float, Layout | None]]) -> tuple[float, Layout | None]:
    """Choose the best; or one above it nearly as good, for the best may head a second table further down."""
    score, best = max(candidates, key=lambda found: found[0], default=(0.0, None))
    if best is None:
        return score, best
    above = [
        (worth, layout)
        for worth, layout in candidates
        if layout is not None
        and layout.last_heading_row < best.first_heading_row
        and worth >= SHARE_OF_BEST_MIN * score
        and looks_like_headings([column.heading for column in layout.columns])
    ]
    if not above:
        return score, best
    first = min(layout.first_heading_row for _worth, layout in above)
    return max((found for found in above if found[1].first_heading_row == first), key=lambda found: found[0])


def looks_like_headings(cells: Sequence[str]) -> bool:
    """Return whether a row alone looks like headings: a name, an address, and one thing more."""
    kinds = {columns.kind_of(cell) for cell in cells} - {""}
    return (
        len(kinds) >= 3
        and bool(kinds & columns.NAME_KINDS)
        and bool(kinds & (columns.PHONE_KINDS | {"email"}))
        and not any(map(looks_like_data, cells))
    )


def _headings(row: Cells) -> dict[int, str]:
    return {index: heading for index, cell in enumerate(row) if (heading := _heading(cell))}


def _heading(cell: Cell) -> str:
    return text.clean(cell) if isinstance(cell, str) else ""


def _text(cell: Cell, decoder: LegacyFontDecoder) -> Cell:
    return decoder.decode(cell).text if isinstance(cell, str) and cell else cell


def _joined(index: int, rows: Sequence[Cells], merged: MergedCells) -> dict[int, str]:
    """Join two rows of headings into one; empty when the upper one is no row of headings by itself."""
    top, below = _headings(rows[index]), _headings(rows[index + 1])
    recognised = sum(1 for heading in top.values() if columns.kind_of(heading))
    if not below or recognised < 2 or any(map(looks_like_data, rows[index + 1])):
        return {}
    if any(_is_person(heading) for place, heading in below.items() if _names_people(top.get(place, ""))):
        return {}
    reach = _reach(index, top, merged, len(rows[index + 1]))
    joined = dict(top)
    for place, heading in below.items():
        above = top.get(reach.get(place, -1), "")
        joined[place] = f"{above} {heading}" if above else heading
    return joined


def _names_people(heading: str) -> bool:
    return columns.kind_of(heading) in columns.NAME_KINDS


def _is_person(cell: str) -> bool:
    words = cell.split()
    return len(words) > 1 and words[0].lower() in names.FAMILY_NAMES and not columns.kind_of(cell)


def _reach(index: int, top: Mapping[int, str], merged: MergedCells, width: int) -> dict[int, int]:
    """Return for each column under which heading of the upper row it stands."""
    spans = {left: right for up, left, _down, right in merged if up == index}
    reach: dict[int, int] = {}
    for place in sorted(top):
        last = spans.get(place, place) if merged else place + HEADING_SPAN_MAX
        for column in range(place, min(last + 1, max(width, place + 1))):
            if column != place and column in top:
                break
            reach[column] = place
    return reach


def _scored(
    first: int, last: int, headings: Mapping[int, str], rows: Sequence[Cells], overrides: Overrides
) -> tuple[float, Layout]:
    found_columns = tuple(_column(index, heading, overrides) for index, heading in sorted(headings.items()))
    layout = Layout(first_heading_row=first + 1, last_heading_row=last + 1, columns=found_columns)
    kinds = {column.kind for column in found_columns}
    score = sum(columns.WEIGHTS[kind] for kind in kinds if kind)
    score += sum(0.25 for column in found_columns if column.kind == "ignore")
    score -= sum(0.5 for column in found_columns if not column.kind)
    score -= 3.0 * sum(map(looks_like_data, rows[first])) + 3.0 * sum(map(looks_like_data, rows[last]))
    if not kinds & (columns.PHONE_KINDS | columns.NAME_KINDS | {"email", "pupil"}):
        return 0.0, layout
    if len(headings) == 1 and _width(rows) > 1:
        return 0.0, layout
    if len(headings) == 1:
        score += 2.0  # a list of nothing but numbers
    # The upper of two equal rows: a printed list repeats its headings on every page.
    return score - first / 1000 - (last - first) / 100, layout


def _width(rows: Sequence[Cells]) -> int:
    return max((len(non_empty_cells(row)) for row in rows[:SAMPLE_ROWS]), default=0)


def _column(index: int, heading: str, overrides: Overrides) -> Column:
    meaning = columns.meaning_of(heading)
    said = _override(index, heading, overrides)
    if said and said != meaning.kind:
        return Column(index=index, heading=heading, kind=said)
    return Column(index=index, heading=heading, kind=meaning.kind, owner=meaning.owner, rank=meaning.rank)


def _override(index: int, heading: str, overrides: Overrides) -> str:
    """Return what the organiser says about a column; empty when nothing."""
    overridden = overrides.columns
    if overridden:
        key = text.fold(heading)
        for name, kind in overridden.items():
            if name.strip().upper() == column_letter(index) or (key and text.fold(name) == key):
                return kind
    return ""
