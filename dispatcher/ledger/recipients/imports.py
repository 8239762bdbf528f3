"""Lists come into the ledger: who is new, changed or gone, in one transaction that can be undone.

A load is a page of rows at a time and a few statements a page. It recognises people by number or mail
together with their name, so one person in several lists is one person, and a family that shares a telephone
stays a family. It never touches opt-outs.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Literal

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.contacts import ParsedRow
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import decided_numbers, people_joins
from dispatcher.ledger.recipients.importer import PAGE_ROWS, ContactChange, Importer, KeptApart
from dispatcher.ledger.recipients.merge_duplicates import merge_duplicates
from dispatcher.ledger.recipients.people_joins import JoinedPeople
from dispatcher.ledger.schema import revision
from dispatcher.ledger.schema.tables import contact_import, list_source

__all__ = [
    "ContactChange",
    "ImportSummary",
    "ListSource",
    "ListSourceSummary",
    "PastImport",
    "import_contacts",
    "past_imports",
    "preview",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class ListSource:
    """A list, why we may use it, and who gave it to us. `file` is what its rows call themselves."""

    audience: str
    file: str
    basis: str = ""  # public_task | consent
    supplied_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ListSourceSummary:
    """What a load made of one list. `rows` counts the rows of the account by status."""

    audience: str
    file: str
    rows: Mapping[str, int]
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    held: int = 0  # of the new and changed ones, how many wait for a decision
    without_address: int = 0  # people of whom the list has no usable number or mail


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportSummary:
    """What a load did, or would do. `load_id` is 0 when nothing was written.

    `examples` are the first changes of each kind, for people to look at; `joined` was taken for one person,
    `kept_apart` was not, of one name and thôn.
    """

    import_id: int
    at: datetime
    who: str
    sources: tuple[ListSourceSummary, ...]
    examples: tuple[ContactChange, ...] = ()
    joined: tuple[JoinedPeople, ...] = ()
    kept_apart: tuple[KeptApart, ...] = ()

    def total(self, kind: Literal["new", "changed", "unchanged", "gone", "held", "without_address"]) -> int:
        """Add up one figure over all lists."""
        return sum(getattr(source, kind) for source in self.sources)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastImport:
    """A load of before."""

    import_id: int
    at: datetime
    who: str
    undone_at: datetime | None
    sources: tuple[ListSourceSummary, ...]


def import_contacts(
    ledger: Ledger,
    rows: Iterable[ParsedRow],
    *,
    sources: Sequence[ListSource],
    who: str,
    now: datetime,
    complete: Collection[str] = (),
) -> ImportSummary:
    """Take `rows`, all rows of the lists `sources`, into the ledger.

    Whom a list had before and has no more becomes `gone`. `complete` names audiences of which every list
    is among `sources`: there, lists that have disappeared count as well.
    """
    with ledger.begin() as connection:
        summary = _import(ledger, connection, rows, sources=sources, who=who, now=now, complete=complete)
        failpoints.hit("loading")
    failpoints.hit("loaded")
    return summary


class _PreviewRollback(Exception):
    """Ends the transaction of `difference` without writing."""


def preview(
    ledger: Ledger,
    rows: Iterable[ParsedRow],
    *,
    sources: Sequence[ListSource],
    who: str = "",
    now: datetime,
    complete: Collection[str] = (),
) -> ImportSummary:
    """Return what `load` would do, by doing it and taking it back: the answer is exact."""
    summary: ImportSummary | None = None
    try:
        with ledger.begin() as connection:
            summary = _import(ledger, connection, rows, sources=sources, who=who, now=now, complete=complete)
            raise _PreviewRollback
    except _PreviewRollback:
        assert summary is not None
    return replace(summary, import_id=0, joined=tuple(replace(one, id=0) for one in summary.joined))


def _import(
    ledger: Ledger,
    connection: sa.Connection,
    rows: Iterable[ParsedRow],
    *,
    sources: Sequence[ListSource],
    who: str,
    now: datetime,
    complete: Collection[str],
) -> ImportSummary:
    importer = Importer(ledger, connection, who=who, now=now, audiences={s.file: s.audience for s in sources})
    stream = iter(rows)
    with _gc_paused():
        while page := list(islice(stream, PAGE_ROWS)):
            importer.import_page(page)
    importer.create_deferred_indexes()
    importer.mark_gone([(source.audience, source.file) for source in sources], complete)
    merge_duplicates(importer)
    decided_numbers.carry_over(importer)
    joined = people_joins.record(connection, importer.import_id, importer.joins)
    importer.finish()
    summaries = tuple(_summary(importer, source) for source in _with_missing_lists(importer, sources))
    _store_sources(connection, importer.import_id, sources, summaries)
    revision.mark(connection)
    return ImportSummary(
        import_id=importer.import_id, at=now, who=who, sources=summaries, examples=tuple(importer.examples),
        joined=joined, kept_apart=tuple(importer.kept_apart),
    )  # fmt: skip


@contextmanager
def _gc_paused() -> Iterator[None]:
    """Keep the search for dead cycles away: pages make none, and it would take a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _with_missing_lists(importer: Importer, sources: Sequence[ListSource]) -> list[ListSource]:
    """Add the lists that are no more but whose people went with this load."""
    known = {(source.audience, source.file) for source in sources}
    vanished = sorted({key[:2] for key in importer.counts if key[:2] not in known})
    return [*sources, *(ListSource(audience=audience, file=file) for audience, file in vanished)]


_FIGURES = ("new", "changed", "unchanged", "gone", "held", "without_address")


def _summary(importer: Importer, source: ListSource) -> ListSourceSummary:
    counts = {
        word: count
        for (audience, file, word), count in importer.counts.items()
        if (audience, file) == (source.audience, source.file)
    }
    figures = {kind: counts.pop(f"={kind}", 0) for kind in _FIGURES}
    return ListSourceSummary(audience=source.audience, file=source.file, rows=counts, **figures)


def _store_sources(
    connection: sa.Connection,
    import_id: int,
    sources: Sequence[ListSource],
    summaries: Sequence[ListSourceSummary],
) -> None:
    by_list = {(source.audience, source.file): source for source in sources}
    rows = [
        {
            "import_id": import_id,
            "audience": summary.audience,
            "file": summary.file,
            "basis": source.basis if source else "",
            "supplied_by": source.supplied_by if source else "",
            # An older version knows no more fields than these.
            "counts": {name: value for name, value in asdict(summary).items() if name != "without_address"},
        }
        for summary in summaries
        for source in [by_list.get((summary.audience, summary.file))]
    ]
    if rows:
        connection.execute(sa.insert(list_source), rows)


def past_imports(ledger: Ledger, *, limit: int | None = None) -> tuple[PastImport, ...]:
    """List the loads, the latest first; with `limit` only so many."""
    with ledger.read() as connection:
        past = connection.execute(
            sa.select(contact_import).order_by(contact_import.c.id.desc()).limit(limit)
        ).all()
        listed = connection.execute(
            sa.select(list_source).where(list_source.c.import_id.in_([row.id for row in past]))
        ).all()
    return tuple(
        PastImport(
            import_id=row.id,
            at=row.at,
            who=row.who,
            undone_at=row.undone_at,
            sources=tuple(
                ListSourceSummary(**source.counts) for source in listed if source.import_id == row.id
            ),
        )
        for row in past
    )
