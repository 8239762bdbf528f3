"""Where the headings of a sheet are and what its columns hold: the value the search gives, and its words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dispatcher.contacts import columns
from dispatcher.i18n import N_, _


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column: its place counted from 0, its heading as written, what it holds ("" = unknown).

    `owner` and `rank` as in `columns.HeadingMeaning`. `filled` is the share of the first rows that hold what
    the heading promises, from 0 to 1. `question` is a word of QUESTIONS where the organiser should be asked.
    """

    index: int
    heading: str
    kind: str
    owner: str = ""
    rank: int = 1
    filled: float = 1.0
    question: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """Where the headings are and what each column holds.

    `first_heading_row` and `last_heading_row` are as the spreadsheet counts; both 0 for a list without any.
    `fill_down_columns` are columns that are written only in the first row of a block. `area` and `unit` are
    read from the title above where the list has no such column.
    """

    first_heading_row: int
    last_heading_row: int
    columns: tuple[Column, ...]
    fill_down_columns: frozenset[int] = frozenset()
    unheaded_columns: tuple[
        int, ...
    ] = ()  # what people scribble beside a table: nothing is taken but warnings
    width: int = 0
    area: str = ""
    unit: str = ""

    def columns_of(self, *kinds: str) -> tuple[Column, ...]:
        """Return the columns that hold one of `kinds`, in their order."""
        return tuple(column for column in self.columns if column.kind in kinds)


def column_letter(index: int) -> str:
    """Return the letter of a column as the spreadsheet has it: 0 is A, 26 is AA."""
    name = ""
    while index >= 0:
        index, rest = divmod(index, 26)
        name = chr(65 + rest) + name
        index -= 1
    return name


def shift_down(layout: Layout, rows: int) -> Layout:
    """Return the same layout so many rows further down."""
    return replace(
        layout,
        first_heading_row=layout.first_heading_row + rows,
        last_heading_row=layout.last_heading_row + rows,
    )


_FILLED_DOWN = N_("column {letter} “{heading}” is written only in the first row of a block: filled down")


# a word of `Column.question` -> what an officer is asked; unasked, the column is left out
QUESTIONS: dict[str, str] = {
    "phone": N_(
        "these look like telephone numbers, but the heading does not say whose: not used. "
        "If they are these people's own, name column {letter} under holds for this list in schedules.toml"
    ),
    "email": N_(
        "these look like e-mail addresses, but the heading does not say whose: not used. "
        "If they are these people's own, name column {letter} under holds for this list in schedules.toml"
    ),
    "pupils": N_(
        "these are the pupils' own e-mail addresses: not used. "
        "If they are the parents', rename the heading to “Thư điện tử phụ huynh”"
    ),
    "others": N_(
        "the only numbers of the list are somebody else's: not used. "
        "If they may be written to, name column {letter} under holds for this list in schedules.toml"
    ),
}


def describe_column(column: Column) -> str:
    """Say in one line what a column was taken for, and what is asked about it."""
    kind = columns.COLUMN_KINDS.get(column.kind)
    said = _(kind) if kind else _("unknown, not imported")
    if column.kind == "ignore" and (why := columns.why_ignored(column.heading)):
        said = _(why)
    letter = column_letter(column.index)
    if column.question:
        said = f"{said}: {_(QUESTIONS[column.question], letter=letter)}"
    if not column.heading:
        return _("column {letter} = {kind}", letter=letter, kind=said)
    heading = column.heading if len(column.heading) <= 40 else column.heading[:39] + "…"
    return _("column {letter} “{heading}” = {kind}", letter=letter, heading=heading, kind=said)


def describe_layout(layout: Layout) -> tuple[str, ...]:
    """Return sentences: where the headings are and what each column was taken for."""
    sentences = [_describe_heading_rows(layout)]
    for column in layout.columns:
        sentences.append(describe_column(column))
        if column.index in layout.fill_down_columns:
            sentences.append(_(_FILLED_DOWN, letter=column_letter(column.index), heading=column.heading))
    if layout.area:
        sentences.append(_("the title says the place: {area}", area=layout.area))
    if layout.unit:
        sentences.append(_("the title says the unit: {unit}", unit=layout.unit))
    return tuple(sentences)


def _describe_heading_rows(layout: Layout) -> str:
    if not layout.last_heading_row:
        return _("no row of headings: the columns were told by what they hold")
    if layout.first_heading_row == layout.last_heading_row:
        return _("row {row} is the row of headings", row=layout.first_heading_row)
    return _(
        "rows {first} and {last} are the rows of headings",
        first=layout.first_heading_row,
        last=layout.last_heading_row,
    )
