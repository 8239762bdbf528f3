"""Reads a list file from its first row to its last: the one door into this package.

A `Reading` is iterated once, giving a `Row` for each person of each row that holds anything. What was
found out about the sheets, and what stopped the reading, stands in `sheets` and `problems` afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from dispatcher.contacts import Cell, Overrides, Row, headers, oddities, places, sheets
from dispatcher.contacts.evidence import SAMPLE_ROWS
from dispatcher.contacts.fonts import Mender
from dispatcher.contacts.layouts import Layout, explained
from dispatcher.contacts.repeats import Repeats, last_wins
from dispatcher.contacts.rows import SheetRows
from dispatcher.contacts.sheets import Page, Sheet, Unreadable
from dispatcher.errors import Problem
from dispatcher.i18n import N_, _
from dispatcher.vietnamese import encodings, text

LOOKED_AT_ROWS = headers.SEARCHED_ROWS + SAMPLE_ROWS
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
class SheetReading:
    """What was found out about one sheet, or one more table in it; `state` is a word of SHEET_STATES."""

    file: str
    sheet: str
    state: str
    layout: Layout | None = None
    encoding: str = ""

    def explained(self) -> tuple[str, ...]:
        """Say it in the reader's language."""
        if self.layout is None:
            return (_(SHEET_STATES[self.state]),)
        old = (_("typed in an old encoding: {encoding}", encoding=self.encoding),) if self.encoding else ()
        return (*explained(self.layout), *old)


class Reading:
    """The rows of one file, read as they are asked for; nothing is raised for what the file holds."""

    def __init__(
        self,
        path: Path,
        *,
        audience: str,
        overrides: Overrides | None,
        file: str,
        repeats: Repeats | None,
        careful: bool,
    ) -> None:
        self._careful = careful
        self.path = path
        self.file = file or path.name
        self.audience = audience
        self.overrides = overrides or Overrides()
        self.sheets: list[SheetReading] = []
        self.problems: list[Problem] = []
        self._repeats = repeats if repeats is not None else Repeats()
        self._lossy = 0
        self._rows = self._read()

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def __next__(self) -> Row:
        return next(self._rows)

    def _read(self) -> Iterator[Row]:
        try:
            for sheet in sheets.open_list(self.path, wanted=self.overrides.sheets):
                yield from self._sheet(sheet)
        except Unreadable as unreadable:
            self.problems.append(unreadable.problem)
        except Exception as error:  # noqa: BLE001 - a file is somebody's; no content of it may stop the others
            what = _("the file could not be read to its end: {error}", error=type(error).__name__)
            remedy = _("Save the list again as .xlsx or CSV UTF-8 and try once more.")
            self.problems.append(Problem(file=self.file, what=what, remedy=remedy))
        if not self.problems and not any(sheet.state == "read" for sheet in self.sheets):
            self.problems.append(self._nothing_read())

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
        return Problem(file=self.file, what=_("letters were lost"), remedy=_(encodings.ADVICE))

    def _state(self, sheet: Sheet) -> str:
        wanted = [name.strip() for name in self.overrides.sheets]
        if wanted:
            return "read" if sheet.name.strip() in wanted else "unwanted"
        if not sheet.visible:
            return "hidden"
        return "values" if _VALUE_SHEETS.match(text.fold(sheet.name)) else "read"

    def _sheet(self, sheet: Sheet) -> Iterator[Row]:
        state = self._state(sheet) if sheet.name else "read"
        if state != "read":
            self._note(sheet, state)
            return
        pages = iter(sheet.pages)
        first_pages = list(_first(pages))
        top = list(chain.from_iterable(rows for _number, rows in first_pages))
        prior = encodings.usual(cell for row in top for cell in row if isinstance(cell, str))
        mender = Mender(prior=prior, encoding=sheet.encoding)
        layout = headers.find(top, merged=sheet.merged, overrides=self.overrides, mender=mender)
        if layout is None:
            self._lossy += sum(encodings.lossy(str(cell)) for row in top for cell in row)
            self._note(sheet, "no-headings" if any(map(oddities.filled, top)) else "empty")
            return
        layout = _with_title(layout, top, sheet.name, mender)
        self._note(sheet, "read", layout, prior or _legacy(sheet.encoding))
        read = SheetRows(
            file=self.file,
            sheet=sheet.name.strip(),
            audience=self.audience,
            mender=mender,
            layout=layout,
            top=top,
            merged=sheet.merged,
            noted=lambda below: self._note(sheet, "read", below),
            careful=self._careful,
        ).of_pages(chain(first_pages, pages))
        if layout.of("timestamp"):  # answers to a form: who answers again means the new answer
            yield from last_wins(read)
        else:
            yield from self._repeats.marked(read, file=self.file, sheet=sheet.name.strip())

    def _note(self, sheet: Sheet, state: str, layout: Layout | None = None, encoding: str = "") -> None:
        found = SheetReading(
            file=self.file, sheet=sheet.name.strip(), state=state, layout=layout, encoding=encoding
        )
        self.sheets.append(found)


def read_file(
    path: Path,
    *,
    audience: str,
    overrides: Overrides | None = None,
    file: str = "",
    repeats: Repeats | None = None,
    careful: bool = False,
) -> Reading:
    """Read the list at `path` for `audience`; `file` is the name to show, else that of the path.

    Files that share `repeats` know of each other's people: who stands in two of them is `merged` in the
    second. `careful` reads every row at length, for the tests: the fast lane must say the same.
    """
    return Reading(path, audience=audience, overrides=overrides, file=file, repeats=repeats, careful=careful)


def _first(pages: Iterator[Page]) -> Iterator[Page]:
    """Give pages until there is enough to look for headings."""
    seen = 0
    for page in pages:
        yield page
        seen += len(page[1])
        if seen >= LOOKED_AT_ROWS:
            return


def _legacy(encoding: str) -> str:
    return "" if encoding.startswith(("utf", "ascii")) else encoding


def _with_title(layout: Layout, top: Sequence[Sequence[Cell]], sheet: str, mender: Mender) -> Layout:
    """Let the title above the list, or the name of the sheet, say the thôn, chi bộ or class."""
    above = [
        mender.mend(cell).text
        for row in islice(top, max(layout.first - 1, 0))
        for cell in row
        if isinstance(cell, str) and cell.strip()
    ]
    titles = [*reversed(above), sheet]
    area = "" if layout.of("area", "address") else next(filter(None, map(places.of_title, titles)), "")
    has_unit = layout.of("class", "party_cell", "unit")
    unit = "" if has_unit else next(filter(None, map(places.unit_of_title, titles)), "")
    return replace(layout, area=area, unit=unit)
