"""A list of people who do not want messages, as an office keeps it: every address in it is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from dispatcher.campaign import stop_scopes
from dispatcher.contacts import ParsedRow
from dispatcher.errors import Problem
from dispatcher.feedback.list_process import read_list
from dispatcher.feedback.row_addresses import RowAddresses, addresses_of
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut

_ABOUT_THE_COLUMNS = frozenset({"row:title", "row:headings", "row:column-numbers"})
PAGE = 200  # so many are written at once: sending waits no longer


@dataclass(frozen=True, kw_only=True, slots=True)
class OptOutImport:
    """What came of a list; `unread` are rows with something in them but no address that can be used."""

    rows: int
    addresses: int
    new: int
    unread: tuple[ParsedRow, ...]
    problems: tuple[Problem, ...]
    column_account: tuple[str, ...] = ()  # what each column was taken for, in sentences


def look(path: Path) -> OptOutImport:
    """Return what `import_list` would make of the list at `path`, and write nothing; `new` stays 0."""
    return _go_through(path, lambda _addressees: 0)


def import_list(ledger: Ledger, path: Path, *, scope: str, who: str, now: datetime) -> OptOutImport:
    """Stop messages to everybody in the list at `path`, whatever else their rows say."""

    def stop(addressees: Sequence[tuple[str, str]]) -> int:
        wishes = [
            OptOut(
                channel=channel, address=address, scope=scope, reason=reason_of(scope), who=who, how="import"
            )
            for channel, address in addressees
        ]
        new = suppressions.opt_out(ledger, wishes, now=now)
        ledger.let_others_write()
        return new

    return _go_through(path, stop)


def _go_through(path: Path, stop: Callable[[Sequence[tuple[str, str]]], int]) -> OptOutImport:
    """Hand the addresses on a page at a time; `stop` gives how many of them were new."""
    reading = read_list(path)
    rows = address_count = new = 0
    unread: list[ParsedRow] = []
    while page := [judged.row for judged in islice(reading, PAGE)]:
        addressees = [one for row in page for one in _addressees(addresses_of(row))]
        rows += sum(_is_of_somebody(row) and not row.part for row in page)
        address_count += len(addressees)
        new += stop(addressees)
        unread += _rows_without_address(page)
    return OptOutImport(
        rows=rows,
        addresses=address_count,
        new=new,
        unread=tuple(unread),
        problems=tuple(reading.problems),
        column_account=tuple(reading.column_account),
    )


def reason_of(scope: str) -> str:
    """Return why a list stops its addresses: one about advertising is the national Do-Not-Call list."""
    return "do-not-call" if scope == stop_scopes.ADVERTISING else "opted-out"


def _addressees(row_addresses: RowAddresses) -> Iterator[tuple[str, str]]:
    for number in row_addresses.phones:
        yield "sms", number
    if row_addresses.email:
        yield "email", row_addresses.email


def _rows_without_address(page: Sequence[ParsedRow]) -> list[ParsedRow]:
    return [row for row in page if _is_of_somebody(row) and not any(addresses_of(row))]


def _is_of_somebody(row: ParsedRow) -> bool:
    """Return whether a row may name somebody: what looks like a heading may be a number gone wrong."""
    return row.status != "skipped" or not row.reasons or row.reasons[0] not in _ABOUT_THE_COLUMNS
