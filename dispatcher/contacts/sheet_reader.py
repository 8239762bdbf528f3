"""Walks down a sheet: people become rows of the account, everything else is skipped with its word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dispatcher.contacts import (
    Cell,
    Contact,
    ParsedRow,
    Status,
    blocks,
    columns,
    fast_path,
    headers,
    non_person_rows,
    places,
)
from dispatcher.contacts.cells import format_cell, non_empty_texts
from dispatcher.contacts.column_plan import PersonColumns, plan_columns
from dispatcher.contacts.delimited import StrayQuote
from dispatcher.contacts.headers import MergedCells
from dispatcher.contacts.hold_context import HoldContext, PlacedFinding
from dispatcher.contacts.layouts import Layout, shift_down
from dispatcher.contacts.legacy_fonts import LegacyFontDecoder
from dispatcher.contacts.row_parser import ParsedPerson, RowParser
from dispatcher.contacts.sheets import Page
from dispatcher.vietnamese import text

_WIDE = 3  # a cell merged over so many columns is a group's heading, not somebody's name


class SheetReader:
    """One sheet on its way from top to bottom.

    A second table below the first, with headings of its own, is told to `on_table` when it is met.
    """

    def __init__(
        self,
        *,
        file: str,
        sheet: str,
        audience: str,
        decoder: LegacyFontDecoder,
        layout: Layout,
        top: Sequence[Sequence[Cell]],
        merged: MergedCells,
        on_table: Callable[[Layout], None],
        context: HoldContext | None = None,
        slow_path: bool = False,
        stray_quote: StrayQuote | None = None,
    ) -> None:
        self._stray_quote = stray_quote or StrayQuote()
        self._file = file
        self._sheet = sheet
        self._audience = audience
        self._mender = decoder
        self._on_table = on_table
        self._slow_path = slow_path
        self._wide = {up for up, left, down, right in merged if up == down and right - left + 1 >= _WIDE}
        self._merged = merged
        self._context = context
        self._group_finding: PlacedFinding | None = None
        self._pages_above: tuple[Page, ...] = ()  # this page and the one before it
        self._new_table = False  # a row of other headings has been met: another table begins
        self._use_layout(layout, _rows_of_headings(layout, top))

    def _use_layout(self, layout: Layout, rows_of_headings: Sequence[Sequence[Cell]]) -> None:
        """Read by this layout from here on."""
        self._layout = layout
        self._parser = RowParser(
            plan_columns(layout, audience=self._audience),
            audience=self._audience,
            decoder=self._mender,
            context=self._context,
            headings={column.index: column.heading for column in layout.columns},
        )
        self._parser.group_finding = self._group_finding  # of the title between two tables
        self._plan = self._parser.plan
        self._headings = _folded_headings(layout, rows_of_headings)
        self._fill_down: dict[int, Cell] = {}
        self._merged_rows = blocks.merged_rows(layout, self._merged)
        self._block_columns = fast_path.block_columns(self._plan)
        self._footer = ""  # what ended the list: a total, after which a group may follow, or a signature
        phones = (place for slot in self._plan.people for place in slot.phones)
        self._address_columns = frozenset((*phones, *self._plan.emails))
        lane = fast_path.build_fast_path(
            self._parser, file=self._file, sheet=self._sheet, last=layout.last_heading_row
        )
        self._fast_parser = None if self._slow_path or layout.fill_down_columns else lane

    def read_pages(self, pages: Iterator[Page]) -> Iterator[ParsedRow]:
        """Read page after page."""
        for first, rows in pages:
            take = self._fast_parser
            self._pages_above = (*self._pages_above[-1:], (first, rows))
            last_sure_row = self._stray_quote.row - 1 if self._stray_quote.row else first + len(rows)
            for number, cells in enumerate(rows, first):
                if number > last_sure_row:
                    yield from self._unsure(number, cells)
                    continue
                if take is not None and (row := take(number, cells)) is not None:
                    self._footer = ""
                    yield row
                    continue
                yield from self._row(number, cells)
                if self._new_table:
                    self._begin_table(number, rows[number - first :])
                    take = self._fast_parser

    def _unsure(self, number: int, cells: Sequence[Cell]) -> Iterator[ParsedRow]:
        """Keep a row behind a stray quote in the account: nothing is taken from there."""
        if any(map(format_cell, cells)):
            yield ParsedRow(
                self._file, self._sheet, number, "rejected", None, ("row:stray-quote",), cells=tuple(cells)
            )

    def _begin_table(self, number: int, rows: Sequence[Sequence[Cell]]) -> None:
        """Take over the headings of another table that begins at row `number`."""
        self._new_table = False
        above = number - 1
        merged = [
            (up - above, left, down - above, right) for up, left, down, right in self._merged if up >= above
        ]
        layout = headers.find_layout(rows, merged=merged, decoder=self._mender, only_first=True)
        if layout is None or not layout.last_heading_row:
            return
        layout = blocks.with_evident_blocks(layout, rows, merged)
        self._use_layout(shift_down(layout, above), _rows_of_headings(layout, rows))
        self._on_table(self._layout)

    def _row(self, number: int, cells: Sequence[Cell]) -> Iterator[ParsedRow]:
        if number <= self._layout.last_heading_row:
            yield from self._above(number, cells)
            return
        address_cells = [
            place for place in self._address_columns if place < len(cells) and cells[place] not in (None, "")
        ]
        if not any(_is_address(cells[place]) for place in address_cells) or _is_column_numbers(cells):
            code = self._non_person_kind(number, cells)
            if code == "blank":
                return
            if code:
                if code == "no-person":
                    self._filled_down(number, cells)  # the name of a block in a row of its own
                yield self._skipped(number, code)
                return
        self._footer = ""
        yield from self._parse_people(number, self._filled_down(number, self._without_dittos(number, cells)))

    def _above(self, number: int, cells: Sequence[Cell]) -> Iterator[ParsedRow]:
        if non_empty_texts(cells):
            yield self._skipped(number, "headings" if number >= self._layout.first_heading_row else "title")

    def _skipped(self, number: int, code: str) -> ParsedRow:
        return ParsedRow(self._file, self._sheet, number, "skipped", None, (f"row:{code}",))

    def _non_person_kind(self, number: int, cells: Sequence[Cell]) -> str:
        """Return what a row without number and address is; empty when it is a person all the same."""
        if not any(map(format_cell, cells)):
            return "blank"
        texts = [tidy for place in range(len(cells)) if (tidy := self._parser.cell_text(cells, place, []))]
        if self._is_headings(cells):
            return "headings"
        if headers.looks_like_headings(texts):
            self._new_table = True
            return "headings"
        if non_person_rows.is_column_numbers(texts):
            return "column-numbers"
        if footer := non_person_rows.footer_kind(texts):
            self._footer = footer
            return footer
        named = [place for place in self._plan.names if place < len(cells) and format_cell(cells[place])]
        counted = any(
            place < len(cells) and format_cell(cells[place]).isdigit() for place in self._plan.numbers
        )
        group = non_person_rows.group_title(
            texts, in_name_column=bool(named) and number - 1 not in self._wide
        )
        if group and not counted and self._footer != "signature":
            self._parser.enter_group(group)
            self._group_finding = self._parser.group_finding
            self._fill_down.clear()
            self._footer = ""
            return "group"
        if self._footer and not counted:
            return "signature"
        return "" if named else "no-person"

    def _is_headings(self, cells: Sequence[Cell]) -> bool:
        """Return headings repeated further down, as a printed list has them on every page."""
        same = sum(
            1
            for place, heading in self._headings.items()
            if place < len(cells)
            and isinstance(cells[place], str)
            and text.fold(str(cells[place])) == heading
        )
        return same >= 2 or (same == 1 and len(self._headings) == 1)

    def _filled_down(self, number: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """Write the chi bộ or xóm of a block into its every row."""
        if not self._layout.fill_down_columns:
            return cells
        full = list(cells)
        for index in self._layout.fill_down_columns:
            full += [""] * (index + 1 - len(full))
            if full[index] not in (None, ""):
                self._fill_down[index] = full[index]
            elif index not in self._merged_rows or number in self._merged_rows[index]:
                full[index] = self._fill_down.get(index, "")
        return full

    def _without_dittos(self, number: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """Write out "nt" and "như trên", which stand for what the row above says."""
        dittos = [
            index
            for index in self._block_columns
            if index < len(cells) and isinstance(cells[index], str) and places.is_ditto(str(cells[index]))
        ]
        if not dittos:
            return cells
        full = list(cells)
        for index in dittos:
            full[index] = self._said_above(number, index)
        return full

    def _said_above(self, number: int, index: int) -> Cell:
        for first, rows in reversed(self._pages_above):
            top = max(self._layout.last_heading_row + 1 - first, 0)
            for row in reversed(rows[top : max(number - first, 0)]):
                cell = row[index] if index < len(row) else ""
                if not (isinstance(cell, str) and places.is_ditto(cell)):
                    return cell
        return ""

    def _parse_people(self, number: int, cells: Sequence[Cell]) -> Iterator[ParsedRow]:
        slots = self._plan.people
        self._parser.row = number
        if len(slots) == 1:
            yield self._parsed_row(number, 0, cells, slots[0], self._parser.parse(slots[0], cells))
            return
        readings = [(slot, self._parser.parse(slot, cells)) for slot in slots]
        present = [(slot, reading) for slot, reading in readings if _is_present(slot, reading)]
        if not present and (family := self._plan.family):
            present = [(family, self._parser.parse(family, cells))]
        for part, (slot, reading) in enumerate(present or readings[:1]):
            yield self._parsed_row(number, part, cells, slot, reading)

    def _parsed_row(
        self,
        number: int,
        part: int,
        cells: Sequence[Cell],
        person_columns: PersonColumns,
        person: ParsedPerson,
    ) -> ParsedRow:
        contact = person.contact
        assert contact is not None
        reasons, repairs = tuple(dict.fromkeys(person.reasons)), tuple(dict.fromkeys(person.repairs))
        file, sheet = self._file, self._sheet
        if rejection := _rejection_reasons(contact, reasons, person_columns):
            blanked = contact._replace(phones=(), email="") if "text:lossy" not in rejection else None
            return ParsedRow(file, sheet, number, "rejected", blanked, rejection, (), part, tuple(cells))
        if person.hold:
            return ParsedRow(
                file, sheet, number, "held", contact, (f"hold:{person.hold}", *reasons), repairs, part
            )
        status: Status = "repaired" if repairs or person.has_unusable_address else "accepted"
        return ParsedRow(file, sheet, number, status, contact, reasons, repairs, part)


def _rejection_reasons(
    contact: Contact, reasons: tuple[str, ...], person_columns: PersonColumns
) -> tuple[str, ...]:
    """The reasons why a row cannot be taken; empty when it can. Somebody to be held needs no number."""
    if "text:lossy" in reasons:
        return reasons
    if contact.hold:
        return ()
    if not contact.phones and not contact.email:
        return reasons or ("row:no-address",)
    if not contact.name and person_columns.names and not person_columns.nameless:
        return ("row:name-missing", *reasons)
    return ()


def _is_present(person_columns: PersonColumns, person: ParsedPerson) -> bool:
    """Return whether a row has this person: a mother without a number is no mistake beside a father."""
    contact = person.contact
    assert contact is not None
    if not contact.name and person_columns.names:
        return bool(not person_columns.shared and (contact.phones or person.reasons))
    return bool(contact.phones or contact.email or any(r.startswith("phone:") for r in person.reasons))


def _is_column_numbers(cells: Sequence[Cell]) -> bool:
    """Return whether the cells number the columns: "1 2 3", whatever the columns hold."""
    texts = [tidy for cell in cells if (tidy := format_cell(cell))]
    return non_person_rows.is_column_numbers(texts)


def _is_address(cell: Cell) -> bool:
    """Return whether a cell of a number or mail column may hold one, rather than a heading or a signature."""
    if not isinstance(cell, str):
        return cell is not None
    if cell.isdigit() or "@" in cell:
        return True
    return sum(map(str.isdigit, cell)) >= 5 and not non_person_rows.footer_kind([cell])


def _rows_of_headings(layout: Layout, top: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    return (
        (top[layout.last_heading_row - 1], top[layout.first_heading_row - 1])
        if layout.last_heading_row
        else ()
    )


def _folded_headings(layout: Layout, rows: Sequence[Sequence[Cell]]) -> dict[int, str]:
    """Return the headings by which a printed list is known again on its next page."""
    headings: dict[int, str] = {}
    for column in layout.columns:
        if column.kind in columns.NAME_KINDS | columns.PHONE_KINDS | {"number", "email"}:
            for row in rows:
                cell = row[column.index] if column.index < len(row) else ""
                if isinstance(cell, str) and cell:
                    headings[column.index] = text.fold(cell)
                    break
    return headings
