"""Loads the lists of the contacts folder into the ledger: all read to their end, or nothing changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from dispatcher.campaign.model import Schedules
from dispatcher.contacts import ParsedRow
from dispatcher.errors import ConfigurationError, Problem
from dispatcher.i18n import _
from dispatcher.ledger import Ledger
from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.recipients import corrections, imports
from dispatcher.ledger.recipients.imports import ImportSummary
from dispatcher.report import list_set
from dispatcher.report.list_set import ListFile, ListSet


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """What is to be loaded; `complete` are the audiences of which every list is there."""

    files: tuple[ListFile, ...]
    complete: frozenset[str] = frozenset()


def select(
    schedules: Schedules, contacts: Path, *, files: Collection[Path] = (), audience: str = ""
) -> Selection:
    """Choose lists: all, those of one audience, or these files.

    Raises ConfigurationError for a file that schedules.toml gives to no audience.
    """
    every = list_set.find_lists(schedules, contacts)
    if files:
        return Selection(files=tuple(_match_file(every, path, contacts) for path in files))
    chosen = tuple(item for item in every if audience in {"", item.audience})
    complete = frozenset({audience} if audience else schedules.audiences)
    return Selection(files=chosen, complete=complete)


def _match_file(every: Sequence[ListFile], path: Path, contacts: Path) -> ListFile:
    for item in every:
        if item.path.resolve() == path.resolve():
            return item
    what = _("no audience of schedules.toml has this list") if path.exists() else _("there is no such file")
    remedy = _("Put it into the folder of its audience: {folder}", folder=contacts / "…" / path.name)
    raise ConfigurationError([Problem(file=str(path), what=what, remedy=remedy)])


def preview_import(ledger: Ledger, selection: Selection, *, now: datetime) -> tuple[ListSet, ImportSummary]:
    """Return what loading would change. Raises ConfigurationError as `import_selection` does."""
    list_set = ListSet(files=selection.files)
    summary = imports.preview(
        ledger,
        _rows(ledger, list_set),
        sources=list_set.sources(),
        now=now,
        complete=selection.complete,
    )
    return list_set, summary


def import_selection(
    ledger: Ledger, selection: Selection, *, who: str, now: datetime
) -> tuple[ListSet, ImportSummary]:
    """Load.

    Raises ConfigurationError, and changes nothing, when a list cannot be read to its end: people of whom
    only a part was read must not look as if the rest had gone.
    """
    list_set = ListSet(files=selection.files)
    summary = imports.import_contacts(
        ledger,
        _rows(ledger, list_set),
        sources=list_set.sources(),
        who=who,
        now=now,
        complete=selection.complete,
    )
    return list_set, summary


def _rows(ledger: Ledger, list_set: ListSet) -> Iterator[ParsedRow]:
    """Yield every row, with what its person said is right about them.

    Those of people who were erased are left out, with the reason in the account.
    """
    erased, corrected = erasure.erased_registry(ledger), corrections.registry(ledger)
    for row in list_set.rows():
        if erased and row.contact is not None and erased.matches(row.contact):
            list_set.erased += 1
            yield ParsedRow(row.file, row.sheet, row.row, "skipped", None, ("row:erased",), part=row.part)
        else:
            yield row if row.contact is None else row._replace(contact=corrected.apply(row.contact))
    if list_set.problems:
        raise ConfigurationError(list_set.problems)
