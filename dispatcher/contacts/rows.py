"""Walks down a sheet: people become rows of the account, everything else is skipped with its word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from dispatcher.contacts import Cell, Contact, Row, Status, columns, headers, oddities, quick
from dispatcher.contacts.fonts import Mender
from dispatcher.contacts.headers import Merged
from dispatcher.contacts.layouts import Layout, moved_down
from dispatcher.contacts.people import People, Reading
from dispatcher.contacts.plans import Slot, plan_of
from dispatcher.contacts.sheets import Page
from dispatcher.vietnamese import text

_WIDE = 3  # a cell merged over so many columns is a group's heading, not somebody's name


class SheetRows:
    """One sheet on its way from top to bottom.

    A second table below the first, with headings of its own, is told to `noted` when it is met.
    """

    def __init__(
        self,
        *,
        file: str,
        sheet: str,
        audience: str,
        mender: Mender,
        layout: Layout,
        top: Sequence[Sequence[Cell]],
        merged: Merged,
        noted: Callable[[Layout], None],
        careful: bool = False,
    ) -> None:
        self._file = file
        self._sheet = sheet
        self._audience = audience
        self._mender = mender
        self._noted = noted
        self._careful = careful
        self._wide = {up for up, left, down, right in merged if up == down and right - left + 1 >= _WIDE}
        self._merged = merged
        self._below = False  # a row of other headings has been met: another table begins
        self._adopt(layout, _rows_of_headings(layout, top))

    def _adopt(self, layout: Layout, rows_of_headings: Sequence[Sequence[Cell]]) -> None:
        """Read by this layout from here on."""
        self._layout = layout
        self._people = People(
            plan_of(layout, audience=self._audience), audience=self._audience, mender=self._mender
        )
        self._plan = self._people.plan
        self._headings = _folded_headings(layout, rows_of_headings)
        self._carried: dict[int, Cell] = {}
        self._ended = ""  # what ended the list: a total, after which a group may follow, or a signature
        phones = (place for slot in self._plan.slots for place in slot.phones)
        self._reached = frozenset((*phones, *self._plan.emails))
        lane = quick.lane(self._people, file=self._file, sheet=self._sheet, last=layout.last)
        self._lane = None if self._careful or layout.filled_down else lane

    def of_pages(self, pages: Iterator[Page]) -> Iterator[Row]:
        """Read page after page."""
        for first, rows in pages:
            take = self._lane
            for number, cells in enumerate(rows, first):
                if take is not None and (row := take(number, cells)) is not None:
                    self._ended = ""
                    yield row
                    continue
                yield from self._row(number, cells)
                if self._below:
                    self._begin_table(number, rows[number - first :])
                    take = self._lane

    def _begin_table(self, number: int, rows: Sequence[Sequence[Cell]]) -> None:
        """Take over the headings of another table that begins at row `number`."""
        self._below = False
        above = number - 1
        merged = [
            (up - above, left, down - above, right) for up, left, down, right in self._merged if up >= above
        ]
        found = headers.find(rows, merged=merged, mender=self._mender, only_first=True)
        if found is None or not found.last:
            return
        self._adopt(moved_down(found, above), _rows_of_headings(found, rows))
        self._noted(self._layout)

    def _row(self, number: int, cells: Sequence[Cell]) -> Iterator[Row]:
        if number <= self._layout.last:
            yield from self._above(number, cells)
            return
        reached = [place for place in self._reached if place < len(cells) and cells[place] not in (None, "")]
        if not reached or not any(_is_address(cells[place]) for place in reached):
            word = self._oddity(number, cells)
            if word == "blank":
                return
            if word:
                if word == "no-person":
                    self._filled_down(cells)  # the name of a block in a row of its own
                yield self._skipped(number, word)
                return
        self._ended = ""
        yield from self._people_of(number, self._filled_down(cells))

    def _above(self, number: int, cells: Sequence[Cell]) -> Iterator[Row]:
        if oddities.filled(cells):
            yield self._skipped(number, "headings" if number >= self._layout.first else "title")

    def _skipped(self, number: int, word: str) -> Row:
        return Row(self._file, self._sheet, number, "skipped", None, (f"row:{word}",))

    def _oddity(self, number: int, cells: Sequence[Cell]) -> str:
        """Tell what a row without number and address is; empty when it is a person all the same."""
        if not any(map(oddities.plain, cells)):
            return "blank"
        said = [tidy for place in range(len(cells)) if (tidy := self._people.said(cells, place, []))]
        if self._is_headings(cells):
            return "headings"
        if headers.are_headings(said):
            self._below = True
            return "headings"
        if oddities.is_column_numbers(said):
            return "column-numbers"
        if below := oddities.below_the_list(said):
            self._ended = below
            return below
        named = [place for place in self._plan.names if place < len(cells) and oddities.plain(cells[place])]
        counted = any(
            place < len(cells) and oddities.plain(cells[place]).isdigit() for place in self._plan.numbers
        )
        group = oddities.group_of(said, in_name_column=bool(named) and number - 1 not in self._wide)
        if group and not counted and self._ended != "signature":
            self._people.group = group
            self._carried.clear()
            self._ended = ""
            return "group"
        if self._ended and not counted:
            return "signature"
        return "" if named else "no-person"

    def _is_headings(self, cells: Sequence[Cell]) -> bool:
        """Tell headings repeated further down, as a printed list has them on every page."""
        same = sum(
            1
            for place, heading in self._headings.items()
            if place < len(cells)
            and isinstance(cells[place], str)
            and text.fold(str(cells[place])) == heading
        )
        return same >= 2 or (same == 1 and len(self._headings) == 1)

    def _filled_down(self, cells: Sequence[Cell]) -> Sequence[Cell]:
        """Write the chi bộ or xóm of a block into its every row."""
        if not self._layout.filled_down:
            return cells
        full = list(cells)
        for place in self._layout.filled_down:
            full += [""] * (place + 1 - len(full))
            if full[place] in (None, ""):
                full[place] = self._carried.get(place, "")
            else:
                self._carried[place] = full[place]
        return full

    def _people_of(self, number: int, cells: Sequence[Cell]) -> Iterator[Row]:
        slots = self._plan.slots
        if len(slots) == 1:
            yield self._judged(number, 0, cells, slots[0], self._people.read(slots[0], cells))
            return
        readings = [(slot, self._people.read(slot, cells)) for slot in slots]
        there = [(slot, reading) for slot, reading in readings if _is_there(slot, reading)]
        if not there and (family := self._plan.family):
            there = [(family, self._people.read(family, cells))]
        for part, (slot, reading) in enumerate(there or readings[:1]):
            yield self._judged(number, part, cells, slot, reading)

    def _judged(self, number: int, part: int, cells: Sequence[Cell], slot: Slot, reading: Reading) -> Row:
        contact = reading.contact
        assert contact is not None
        reasons, repairs = tuple(dict.fromkeys(reading.reasons)), tuple(dict.fromkeys(reading.repairs))
        file, sheet = self._file, self._sheet
        if refused := _refused(contact, reasons, slot):
            unsent = contact._replace(phones=(), email="") if "text:lossy" not in refused else None
            return Row(file, sheet, number, "rejected", unsent, refused, (), part, tuple(cells))
        if reading.hold:
            return Row(
                file, sheet, number, "held", contact, (f"hold:{reading.hold}", *reasons), repairs, part
            )
        status: Status = "repaired" if repairs or reading.left_out else "accepted"
        return Row(file, sheet, number, status, contact, reasons, repairs, part)


def _refused(contact: Contact, reasons: tuple[str, ...], slot: Slot) -> tuple[str, ...]:
    """Give the reasons why a row cannot be taken; empty when it can. Somebody to be held needs no number."""
    if "text:lossy" in reasons:
        return reasons
    if contact.hold:
        return ()
    if not contact.phones and not contact.email:
        return reasons or ("row:no-address",)
    if not contact.name and slot.names and not slot.nameless:
        return ("row:name-missing", *reasons)
    return ()


def _is_there(slot: Slot, reading: Reading) -> bool:
    """Tell whether a row has this person at all: a mother without a number is no mistake beside a father."""
    contact = reading.contact
    assert contact is not None
    if not contact.name and slot.names:
        return bool(not slot.shared and (contact.phones or reading.reasons))
    return bool(contact.phones or contact.email or any(r.startswith("phone:") for r in reading.reasons))


def _is_address(cell: Cell) -> bool:
    """Tell whether a cell of a number or mail column may hold one, rather than a heading or a signature."""
    if not isinstance(cell, str):
        return cell is not None
    if cell.isdigit() or "@" in cell:
        return True
    return sum(map(str.isdigit, cell)) >= 5 and not oddities.below_the_list([cell])


def _rows_of_headings(layout: Layout, top: Sequence[Sequence[Cell]]) -> Sequence[Sequence[Cell]]:
    return (top[layout.last - 1], top[layout.first - 1]) if layout.last else ()


def _folded_headings(layout: Layout, rows: Sequence[Sequence[Cell]]) -> dict[int, str]:
    """Give the headings by which a printed list is known again on its next page."""
    found: dict[int, str] = {}
    for column in layout.columns:
        if column.kind in columns.NAMES | columns.PHONES | {"number", "email"}:
            for row in rows:
                cell = row[column.index] if column.index < len(row) else ""
                if isinstance(cell, str) and cell:
                    found[column.index] = text.fold(cell)
                    break
    return found
