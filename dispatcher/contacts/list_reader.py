"""Reads a list file from its first row to its last: the entry point of this package.

A `ListReader` is iterated once, giving a `ParsedRow` for each person of each row that holds anything. What
was found out about the sheets, and what stopped the reading, stands in `sheets` and `problems` afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from dispatcher.contacts import (
    Cell,
    Overrides,
    ParsedRow,
    blocks,
    columns,
    headers,
    hold_context,
    hold_reasons,
    places,
    shared_numbers,
    sheet_marks,
    sheets,
)
from dispatcher.contacts.cells import non_empty_texts
from dispatcher.contacts.column_inference import SAMPLE_ROWS
from dispatcher.contacts.column_plan import with_family_questions
from dispatcher.contacts.duplicates import DuplicateFinder, keep_last_answers
from dispatcher.contacts.hold_context import HoldContext
from dispatcher.contacts.layouts import Layout, describe_column, describe_layout
from dispatcher.contacts.legacy_fonts import LegacyFontDecoder
from dispatcher.contacts.sheet_reader import SheetReader
from dispatcher.contacts.sheets import InputSheet, Page, UnreadableFile
from dispatcher.errors import Problem
from dispatcher.i18n import N_, _
from dispatcher.vietnamese import encodings, text

SEARCH_ROWS = headers.SEARCHED_ROWS + SAMPLE_ROWS
_VALUE_SHEETS = re.compile(
    r"^(?:dm\w*|danhmuc\w*|gioitinh|dantoc|tongiao|quoctich|huongdan\w*|hdsd|thamso|cauhinh|tracuu|lookup|config|readme)$"
)

SHEET_STATES: dict[str, str] = {
    "read": N_("read"),
    "hidden": N_("hidden sheet, not read"),
    "unwanted": N_("not among the sheets to be read"),
    "values": N_("a sheet of values to choose from, not read"),
    "empty": N_("empty sheet"),
    "no-headings": N_("no column of names, numbers or addresses found: not read"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class SheetResult:
    """What was found out about one sheet, or one more table in it; `state` is a word of SHEET_STATES."""

    file: str
    sheet: str
    state: str
    layout: Layout | None = None
    encoding: str = ""

    def describe(self) -> tuple[str, ...]:
        """Return it as sentences in the reader's language."""
        if self.layout is None:
            return (_(SHEET_STATES[self.state]),)
        old = (_("typed in an old encoding: {encoding}", encoding=self.encoding),) if self.encoding else ()
        return (*describe_layout(self.layout), *old)

    def questions(self) -> tuple[str, ...]:
        """Say in the reader's language what the organiser should be asked about the columns."""
        asked = [column for column in self.layout.columns if column.question] if self.layout else []
        place = " · ".join(filter(None, (self.file, self.sheet)))
        return tuple(f"{place}: {describe_column(column)}" for column in asked)


class ListReader:
    """The rows of one file, read as they are asked for; nothing is raised for what the file holds."""

    def __init__(
        self,
        path: Path,
        *,
        audience: str,
        overrides: Overrides | None,
        file: str,
        duplicate_finder: DuplicateFinder | None,
        slow_path: bool,
    ) -> None:
        self._slow_path = slow_path
        self.path = path
        self.file = file or path.name
        self.audience = audience
        self.overrides = overrides or Overrides()
        self.sheets: list[SheetResult] = []
        self.problems: list[Problem] = []
        self._duplicate_finder = duplicate_finder if duplicate_finder is not None else DuplicateFinder()
        self._lossy = 0
        self._marks: dict[str, sheet_marks.Marks] | None = None
        self._rows = self._read()

    def __iter__(self) -> Iterator[ParsedRow]:
        return self._rows

    def __next__(self) -> ParsedRow:
        return next(self._rows)

    def _read(self) -> Iterator[ParsedRow]:
        try:
            for sheet in sheets.open_sheets(self.path, sheet_names=self.overrides.sheets):
                yield from self._sheet(sheet)
                if sheet.stray_quote.row:
                    self.problems.append(self._stray_quote(sheet.stray_quote.line))
        except UnreadableFile as unreadable:
            self.problems.append(unreadable.problem)
        except Exception as error:  # noqa: BLE001 - a file is somebody's; no content of it may stop the others
            what = _("the file could not be read to its end: {error}", error=type(error).__name__)
            remedy = _("Save the list again as .xlsx or CSV UTF-8 and try once more.")
            self.problems.append(Problem(file=self.file, what=what, remedy=remedy))
        if not self.problems and not any(sheet.state == "read" for sheet in self.sheets):
            self.problems.append(self._nothing_read())

    def _stray_quote(self, line: int) -> Problem:
        return Problem(
            file=self.file,
            line=line,
            what=_("a quotation mark in this line is never closed, or swallows the rows below it"),
            remedy=_("Take the quotation mark out and load the list again; nothing was taken from there on."),
        )

    def _nothing_read(self) -> Problem:
        if self._lossy:
            return self._lossy_file()
        return Problem(
            file=self.file,
            what=_("no sheet has a row of headings with a name and a telephone number or e-mail address"),
            remedy=_(
                'Give the first row of the list headings such as "Họ và tên" and "Số điện thoại", '
                "or say header_row and columns for this list in schedules.toml."
            ),
        )

    def _lossy_file(self) -> Problem:
        return Problem(file=self.file, what=_("letters were lost"), remedy=_(encodings.LOSSY_ADVICE))

    def _state(self, sheet: InputSheet) -> str:
        sheet_names = [name.strip() for name in self.overrides.sheets]
        if sheet_names:
            return "read" if sheet.name.strip() in sheet_names else "unwanted"
        if not sheet.visible:
            return "hidden"
        return "values" if _VALUE_SHEETS.match(text.fold(sheet.name)) else "read"

    def _sheet(self, sheet: InputSheet) -> Iterator[ParsedRow]:
        state = self._state(sheet) if sheet.name else "read"
        if state != "read":
            self._add_result(sheet, state)
            return
        pages = iter(sheet.pages)
        first_pages = list(_pages_to_search(pages))
        top = list(chain.from_iterable(rows for _number, rows in first_pages))
        prior = encodings.prevailing_encoding(cell for row in top for cell in row if isinstance(cell, str))
        mender = LegacyFontDecoder(prior=prior, encoding=sheet.encoding)
        layout = headers.find_layout(top, merged=sheet.merged, overrides=self.overrides, decoder=mender)
        if layout is None or _has_lost_headings(layout):
            self._lossy += sum(encodings.is_lossy(str(cell)) for row in top for cell in row)
            self._add_result(sheet, "no-headings" if any(map(non_empty_texts, top)) else "empty")
            return
        layout = blocks.with_evident_blocks(layout, top, sheet.merged)
        titles = _titles(layout, top, mender)
        layout = with_family_questions(_with_title(layout, [*titles, sheet.name]), audience=self.audience)
        finding = hold_context.of_sheet(
            titles=titles, sheet=sheet.name, file=self.file, staff=hold_reasons.is_staff(self.audience)
        )
        self._add_result(sheet, "read", layout, prior or _legacy(sheet.encoding))
        parsed_rows = SheetReader(
            file=self.file,
            sheet=sheet.name.strip(),
            audience=self.audience,
            decoder=mender,
            layout=layout,
            top=top,
            merged=sheet.merged,
            on_table=lambda below: self._add_result(sheet, "read", below),
            context=HoldContext(finding=finding, marks=self._marks_of(sheet)),
            slow_path=self._slow_path,
            stray_quote=sheet.stray_quote,
        ).read_pages(chain(first_pages, pages))
        if not tells_households(layout):
            parsed_rows = shared_numbers.hold_shared(parsed_rows)
        if layout.columns_of("timestamp"):  # answers to a form: who answers again means the new answer
            yield from keep_last_answers(parsed_rows)
        else:
            yield from self._duplicate_finder.mark(parsed_rows, file=self.file, sheet=sheet.name.strip())

    def _marks_of(self, sheet: InputSheet) -> sheet_marks.Marks:
        """Return what the look of the rows says; read once a file, when a sheet is first met."""
        if self._marks is None:
            self._marks = sheet_marks.read_marks(self.path) if sheet.name else {}
        return self._marks.get(sheet.name.strip(), {})

    def _add_result(
        self, sheet: InputSheet, state: str, layout: Layout | None = None, encoding: str = ""
    ) -> None:
        result = SheetResult(
            file=self.file, sheet=sheet.name.strip(), state=state, layout=layout, encoding=encoding
        )
        self.sheets.append(result)


def read_file(
    path: Path,
    *,
    audience: str,
    overrides: Overrides | None = None,
    file: str = "",
    duplicate_finder: DuplicateFinder | None = None,
    slow_path: bool = False,
) -> ListReader:
    """Read the list at `path` for `audience`; `file` is the name to show, else that of the path.

    Files that share `duplicate_finder` know of each other's people: who stands in two of them is `merged` in
    the second. `slow_path` reads every row at length, for the tests: the fast path must give the same.
    """
    return ListReader(
        path,
        audience=audience,
        overrides=overrides,
        file=file,
        duplicate_finder=duplicate_finder,
        slow_path=slow_path,
    )


def tells_households(layout: Layout) -> bool:
    """Return whether a list says by itself who belongs together, so that a shared number is no surprise."""
    words = [text.fold_words(column.heading) for column in layout.columns]
    return any(said.startswith(("quan he", "ma ho", "so ho khau")) for said in words)


def _has_lost_headings(layout: Layout) -> bool:
    """Return whether names or addresses are not found because a heading has lost letters: "H? và tên"."""
    needed = (columns.NAME_KINDS, columns.PHONE_KINDS | {"email"})
    return not all(layout.columns_of(*kinds) for kinds in needed) and any(
        not column.kind and encodings.is_lossy(column.heading) for column in layout.columns
    )


def _pages_to_search(pages: Iterator[Page]) -> Iterator[Page]:
    """Yield pages until there is enough to look for headings."""
    seen = 0
    for page in pages:
        yield page
        seen += len(page[1])
        if seen >= SEARCH_ROWS:
            return


def _legacy(encoding: str) -> str:
    return "" if encoding.startswith(("utf", "ascii")) else encoding


def _titles(layout: Layout, top: Sequence[Sequence[Cell]], decoder: LegacyFontDecoder) -> list[str]:
    """Return what stands above the headings, the nearest first."""
    above = [
        decoder.decode(cell).text
        for row in islice(top, max(layout.first_heading_row - 1, 0))
        for cell in row
        if isinstance(cell, str) and cell.strip()
    ]
    return above[::-1]


def _with_title(layout: Layout, titles: Sequence[str]) -> Layout:
    """Let the title above the list, or the name of the sheet, say the thôn, chi bộ or class."""
    area = (
        ""
        if layout.columns_of("area", "address")
        else next(filter(None, map(places.area_of_title, titles)), "")
    )
    has_unit = layout.columns_of("class", "party_cell", "unit")
    unit = "" if has_unit else next(filter(None, map(places.unit_of_title, titles)), "")
    return replace(layout, area=area, unit=unit)
