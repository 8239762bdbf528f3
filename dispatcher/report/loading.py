"""Loads the lists of the contacts folder into the ledger: all read to their end, or nothing changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatcher.campaign.model import Schedules
from dispatcher.contacts import Row
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, erasing, people
from dispatcher.ledger.erasing import Erased
from dispatcher.ledger.people import LoadSummary
from dispatcher.report import lists
from dispatcher.report.lists import ListFile, Lists


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is to be loaded; `complete` are the audiences of which every list is there."""

    files: tuple[ListFile, ...]
    complete: frozenset[str] = frozenset()


def wanted(
    schedules: Schedules, contacts: Path, *, files: Collection[Path] = (), audience: str = ""
) -> Wanted:
    """Choose lists: all, those of one audience, or these files.

    Raises ConfigurationBroken for a file that schedules.toml gives to no audience.
    """
    every = lists.find(schedules, contacts)
    if files:
        return Wanted(files=tuple(_found(every, path, contacts) for path in files))
    chosen = tuple(item for item in every if audience in {"", item.audience})
    complete = frozenset({audience} if audience else schedules.audiences)
    return Wanted(files=chosen, complete=complete)


def _found(every: Sequence[ListFile], path: Path, contacts: Path) -> ListFile:
    for item in every:
        if item.path.resolve() == path.resolve():
            return item
    what = _("no audience of schedules.toml has this list") if path.exists() else _("there is no such file")
    remedy = _("Put it into the folder of its audience: {folder}", folder=contacts / "…" / path.name)
    raise ConfigurationBroken([Problem(file=str(path), what=what, remedy=remedy)])


def difference(ledger: Ledger, what: Wanted, *, now: datetime) -> tuple[Lists, LoadSummary]:
    """Tell what loading would change. Raises ConfigurationBroken as `load` does."""
    read = Lists(files=what.files)
    summary = people.difference(
        ledger, _taken(read, erasing.erased(ledger)), sources=read.sources(), now=now, complete=what.complete
    )
    return read, summary


def load(ledger: Ledger, what: Wanted, *, who: str, now: datetime) -> tuple[Lists, LoadSummary]:
    """Load.

    Raises ConfigurationBroken, and changes nothing, when a list cannot be read to its end: people of whom
    only a part was read must not look as if the rest had gone.
    """
    read = Lists(files=what.files)
    summary = people.load(
        ledger,
        _taken(read, erasing.erased(ledger)),
        sources=read.sources(),
        who=who,
        now=now,
        complete=what.complete,
    )
    return read, summary


def _taken(read: Lists, gone: Erased) -> Iterator[Row]:
    """Give every row; those of people who were erased are left out, with the reason in the account."""
    for row in read.rows():
        if gone and row.contact is not None and gone.has(row.contact):
            read.erased += 1
            yield Row(row.file, row.sheet, row.row, "skipped", None, ("row:erased",), part=row.part)
        else:
            yield row
    if read.problems:
        raise ConfigurationBroken(read.problems)
