"""Lists come into the ledger: who is new, changed or gone, in one transaction that can be undone.

A load is a page of rows at a time and a few statements a page. It recognises people by number or mail
together with their name, so one person in several lists is one person, and a family that shares a telephone
stays a family. It never touches opt-outs.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

import sqlalchemy as sa

from dispatcher import faults
from dispatcher.contacts import Row
from dispatcher.ledger import Ledger
from dispatcher.ledger.people_kin import join_kin
from dispatcher.ledger.people_pages import PAGE_ROWS, Change, Loading
from dispatcher.ledger.tables import list_source
from dispatcher.ledger.tables import load as load_table

__all__ = ["Change", "LoadSummary", "PastLoad", "Source", "SourceSummary", "difference", "load", "loads"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A list, why we may use it, and who gave it to us. `file` is what its rows call themselves."""

    audience: str
    file: str
    basis: str = ""  # public_task | consent
    supplied_by: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceSummary:
    """What a load made of one list. `rows` counts the rows of the account by status."""

    audience: str
    file: str
    rows: Mapping[str, int]
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    held: int = 0  # of the new and changed ones, how many wait for a decision


@dataclass(frozen=True, kw_only=True, slots=True)
class LoadSummary:
    """What a load did, or would do. `load_id` is 0 when nothing was written.

    `examples` are the first changes of each kind, for people to look at.
    """

    load_id: int
    at: datetime
    who: str
    sources: tuple[SourceSummary, ...]
    examples: tuple[Change, ...] = ()

    def total(self, kind: Literal["new", "changed", "unchanged", "gone", "held"]) -> int:
        """Add up one figure over all lists."""
        return sum(getattr(source, kind) for source in self.sources)


@dataclass(frozen=True, kw_only=True, slots=True)
class PastLoad:
    """A load of before."""

    load_id: int
    at: datetime
    who: str
    undone_at: datetime | None
    sources: tuple[SourceSummary, ...]


def load(
    ledger: Ledger,
    rows: Iterable[Row],
    *,
    sources: Sequence[Source],
    who: str,
    now: datetime,
    complete: Collection[str] = (),
) -> LoadSummary:
    """Take `rows`, all rows of the lists `sources`, into the ledger.

    Whom a list had before and has no more becomes `gone`. `complete` names audiences of which every list
    is among `sources`: there, lists that have disappeared count as well.
    """
    with ledger.begin() as connection:
        summary = _load(ledger, connection, rows, sources=sources, who=who, now=now, complete=complete)
        faults.point("loading")
    faults.point("loaded")
    return summary


class _LookedOnly(Exception):
    """Ends the transaction of `difference` without writing."""


def difference(
    ledger: Ledger,
    rows: Iterable[Row],
    *,
    sources: Sequence[Source],
    who: str = "",
    now: datetime,
    complete: Collection[str] = (),
) -> LoadSummary:
    """Tell what `load` would do, by doing it and taking it back: the answer is exact."""
    summary: LoadSummary | None = None
    try:
        with ledger.begin() as connection:
            summary = _load(ledger, connection, rows, sources=sources, who=who, now=now, complete=complete)
            raise _LookedOnly
    except _LookedOnly:
        assert summary is not None
    return LoadSummary(
        load_id=0, at=summary.at, who=summary.who, sources=summary.sources, examples=summary.examples
    )


def _load(
    ledger: Ledger,
    connection: sa.Connection,
    rows: Iterable[Row],
    *,
    sources: Sequence[Source],
    who: str,
    now: datetime,
    complete: Collection[str],
) -> LoadSummary:
    loading = Loading(ledger, connection, who=who, now=now, audiences={s.file: s.audience for s in sources})
    stream = iter(rows)
    with _undisturbed():
        while page := list(islice(stream, PAGE_ROWS)):
            loading.take(page)
    loading.finish_rows()
    loading.let_go([(source.audience, source.file) for source in sources], complete)
    join_kin(loading)
    loading.close()
    summaries = tuple(_summary(loading, source) for source in _with_vanished(loading, sources))
    _remember(connection, loading.load_id, sources, summaries)
    return LoadSummary(
        load_id=loading.load_id, at=now, who=who, sources=summaries, examples=tuple(loading.examples)
    )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep the search for dead cycles away: pages make none, and it would take a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _with_vanished(loading: Loading, sources: Sequence[Source]) -> list[Source]:
    """Add the lists that are no more but whose people went with this load."""
    known = {(source.audience, source.file) for source in sources}
    vanished = sorted({key[:2] for key in loading.counts if key[:2] not in known})
    return [*sources, *(Source(audience=audience, file=file) for audience, file in vanished)]


def _summary(loading: Loading, source: Source) -> SourceSummary:
    counts = {
        word: count
        for (audience, file, word), count in loading.counts.items()
        if (audience, file) == (source.audience, source.file)
    }
    figures = {kind: counts.pop(f"={kind}", 0) for kind in ("new", "changed", "unchanged", "gone", "held")}
    return SourceSummary(audience=source.audience, file=source.file, rows=counts, **figures)


def _remember(
    connection: sa.Connection,
    load_id: int,
    sources: Sequence[Source],
    summaries: Sequence[SourceSummary],
) -> None:
    said = {(source.audience, source.file): source for source in sources}
    rows = [
        {
            "load_id": load_id,
            "audience": summary.audience,
            "file": summary.file,
            "basis": source.basis if source else "",
            "supplied_by": source.supplied_by if source else "",
            "counts": asdict(summary),
        }
        for summary in summaries
        for source in [said.get((summary.audience, summary.file))]
    ]
    if rows:
        connection.execute(sa.insert(list_source), rows)


def loads(ledger: Ledger, *, limit: int = 50) -> tuple[PastLoad, ...]:
    """List the loads, the latest first."""
    with ledger.read() as connection:
        past = connection.execute(sa.select(load_table).order_by(load_table.c.id.desc()).limit(limit)).all()
        listed = connection.execute(
            sa.select(list_source).where(list_source.c.load_id.in_([row.id for row in past]))
        ).all()
    return tuple(
        PastLoad(
            load_id=row.id,
            at=row.at,
            who=row.who,
            undone_at=row.undone_at,
            sources=tuple(SourceSummary(**source.counts) for source in listed if source.load_id == row.id),
        )
        for row in past
    )
