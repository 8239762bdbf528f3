"""A list of people who do not want messages, as an office keeps it: every address in it is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from dispatcher.contacts import Row
from dispatcher.contacts.reading import read_file
from dispatcher.errors import Problem
from dispatcher.feedback.addresses import Addresses, addresses
from dispatcher.ledger import Ledger, consent
from dispatcher.ledger.consent import OptOut

PAGE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What came of a list; `unread` are rows with something in them but no address that can be used."""

    rows: int
    addresses: int
    new: int
    unread: tuple[Row, ...]
    problems: tuple[Problem, ...]


def take(ledger: Ledger, path: Path, *, scope: str, who: str, now: datetime) -> Taken:
    """Stop messages to everybody in the list at `path`, whatever else their rows say."""
    reading = read_file(path, audience="")
    rows = found = new = 0
    unread: list[Row] = []
    while page := list(islice(reading, PAGE)):
        wishes = [
            OptOut(channel=channel, address=address, scope=scope, who=who, how="import")
            for row in page
            for channel, address in _places(addresses(row))
        ]
        rows += sum(row.status != "skipped" and not row.part for row in page)
        found += len(wishes)
        new += consent.opt_out(ledger, wishes, now=now)
        unread += _without(page)
    return Taken(rows=rows, addresses=found, new=new, unread=tuple(unread), problems=tuple(reading.problems))


def _places(said: Addresses) -> Iterator[tuple[str, str]]:
    for number in said.phones:
        yield "sms", number
    if said.email:
        yield "email", said.email


def _without(page: Sequence[Row]) -> list[Row]:
    return [row for row in page if row.status != "skipped" and not any(addresses(row))]
