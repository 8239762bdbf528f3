"""A provider's list of texts beside the ledger, in scratch tables of one connection that are gone with it.

A city has millions of texts: the database compares, and hardly anything of them stands in memory.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import provider_ids
from dispatcher.ledger.queries.provider_ids import MARGIN, AcceptedMessage
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import Id, Instant, Text, attempt, event, message

PAGE = 1000

_scratch = sa.MetaData()
_listed = sa.Table(
    "listed_text",
    _scratch,
    sa.Column("gateway", Text, primary_key=True),
    sa.Column("provider_id", Text, primary_key=True),
    sa.Column("address", Text),
    sa.Column("sender", Text),
    sa.Column("words", Text),  # what tells the same words from others; empty where there are none
    sa.Column("status", Text),
    sa.Column("at", Instant),
    sa.Column("message_id", Id),  # ours; null: no message, attempt or report has this name
    sa.Column("account", Text, server_default="", nullable=False),  # why it need not have one
    sa.Index("ix_listed_text_provider_id", "provider_id"),
    sa.Index("ix_listed_text_at", "at", "gateway", "provider_id"),
    sa.Index("ix_listed_text_words", "address", "words"),
    prefixes=["TEMPORARY"],
)
_held = sa.Table(
    "held_text",
    _scratch,
    sa.Column("place", Id, primary_key=True),  # the last ones first
    sa.Column("message_id", Id),
    sa.Column("gateway", Text),
    sa.Column("provider_id", Text),
    sa.Column("address", Text),
    sa.Column("status", Text),
    sa.Column("submitted_at", Instant),
    sa.Column("is_last", sa.Integer),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedRow:
    """A text of a provider's list; `message_id` is the message of ours that it is, once that is known."""

    gateway: str
    provider_id: str
    address: str
    sender: str
    words: str
    status: str
    at: datetime | None
    message_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldRow(AcceptedMessage):
    """A text that the ledger holds, by its place in the comparison."""

    place: int
    is_last: int


@contextmanager
def compare(ledger: Ledger) -> Iterator[TextComparison]:
    """Hold the scratch tables for a while. No transaction stays open meanwhile."""
    with ledger.engine.connect() as connection:
        with connection.begin():
            _scratch.create_all(connection, checkfirst=False)
        try:
            yield TextComparison(ledger, connection)
        finally:
            connection.invalidate()  # and the tables with it


class TextComparison:
    """What the ledger holds (`hold`) and what the providers list (`add`), to be asked about."""

    def __init__(self, ledger: Ledger, connection: sa.Connection) -> None:
        self._connection = connection
        self._insert = ledger.insert(_listed).on_conflict_do_nothing()

    # --- filling it -----------------------------------------------------------------------------------

    def hold(self, since: datetime, latest: int) -> None:
        """Note the `latest` texts that a provider took (0: all), and all from `since` on."""
        source = provider_ids.ACCEPTED.subquery()
        columns = [source.c[name] for name in provider_ids.COLUMNS]
        order = (source.c.submitted_at.desc(), source.c.message_id.desc())
        last = sa.select(*columns, sa.literal(1)).order_by(*order)
        rest = sa.select(*columns, sa.literal(0)).order_by(*order).where(
            source.c.submitted_at >= since, source.c.message_id.not_in(sa.select(_held.c.message_id))
        )  # fmt: skip
        names = [*provider_ids.COLUMNS, "is_last"]
        with self._connection.begin():
            for chosen in (last.limit(latest) if latest else last, rest):
                self._connection.execute(sa.insert(_held).from_select(names, chosen))

    def add(self, rows: Sequence[ListedRow]) -> None:
        """Note texts of a list; one that comes twice is one."""
        facts = [
            {name: getattr(row, name) for name in ListedRow.__slots__ if name != "message_id"} for row in rows
        ]
        if facts:
            with self._connection.begin():
                self._connection.execute(self._insert, facts)

    def name_ours(self, since: datetime) -> None:
        """Find whose each listed text is, among the messages of `since` and later.

        An attempt that was followed by another has a name of its own; a report may have told one first.
        """
        since -= MARGIN
        named = (
            (message.c.id, message.c.provider_id, message.c.submitted_at >= since),
            (attempt.c.message_id, attempt.c.provider_id, attempt.c.started_at >= since),
            (event.c.message_id, event.c.provider_id, event.c.received_at >= since),
        )
        with self._connection.begin():
            for ours, name, is_recent in named:
                self._connection.execute(
                    sa.update(_listed)
                    .where(_listed.c.provider_id == name, is_recent, ours.is_not(None))
                    .where(_listed.c.message_id.is_(None))
                    .values(message_id=ours)
                )

    # --- what they list -------------------------------------------------------------------------------

    def count_listed(self, status: str = "") -> int:
        """Count the listed texts, or those that stand so with the provider."""
        return self._count(_listed, *([_listed.c.status == status] if status else []))

    def our_senders(self) -> frozenset[str]:
        """Return whom the texts came from that are ours."""
        question = sa.select(_listed.c.sender).where(_listed.c.message_id.is_not(None)).distinct()
        with self._connection.begin():
            return frozenset(self._connection.scalars(question))

    def count_strange(self) -> int:
        """Count the listed texts that are no message of ours."""
        return self._count(_listed, _listed.c.message_id.is_(None))

    def strange(self, senders: Collection[str], addresses: Collection[str] = ()) -> Iterator[ListedRow]:
        """Yield, in order of time, the listed texts of our `senders` that nothing accounts for.

        With `addresses` only those to one of these.
        """
        condition = self._is_strange(senders)
        if addresses:
            condition &= _listed.c.address.in_(addresses)
        after: tuple[datetime, str, str] | None = None
        place = sa.tuple_(_listed.c.at, _listed.c.gateway, _listed.c.provider_id)
        while True:
            question = (
                _rows().where(condition, _listed.c.at.is_not(None)).order_by(*place.clauses).limit(PAGE)
            )
            if after is not None:
                question = question.where(place > sa.tuple_(sa.literal(after[0], Instant), *after[1:]))
            page = self._read(question)
            yield from page
            if len(page) < PAGE:
                return
            last = page[-1]
            assert last.at is not None
            after = (last.at, last.gateway, last.provider_id)

    def count_unaccounted(self, senders: Collection[str]) -> int:
        """Count what `strange` yields, and those without a moment."""
        return self._count(_listed, self._is_strange(senders))

    def first_unaccounted(self, senders: Collection[str], limit: int) -> Sequence[ListedRow]:
        """Return the earliest of those that `count_unaccounted` counts."""
        order = (_listed.c.at, _listed.c.gateway, _listed.c.provider_id)
        return self._read(_rows().where(self._is_strange(senders)).order_by(*order).limit(limit))

    @staticmethod
    def _is_strange(senders: Collection[str]) -> sa.ColumnElement[bool]:
        return sa.and_(
            _listed.c.message_id.is_(None), _listed.c.account == "", _listed.c.sender.in_(sorted(senders))
        )

    def account_for(self, rows: Sequence[ListedRow], why: str) -> None:
        """Note why these are no message of ours, and need not be."""
        if rows:
            with self._connection.begin():
                self._connection.execute(
                    sa.update(_listed)
                    .where(_listed.c.gateway == sa.bindparam("g"), _listed.c.provider_id == sa.bindparam("p"))
                    .values(account=why),
                    [{"g": row.gateway, "p": row.provider_id} for row in rows],
                )

    def count_accounted(self, why: str) -> int:
        """Count what `account_for` noted."""
        return self._count(_listed, _listed.c.account == why)

    def same_words(self, senders: Collection[str], not_in: Collection[str]) -> Iterator[ListedRow]:
        """Yield the texts of which a number got several with the same words: together, in order of time.

        Texts with a status `not_in` are left out.
        """
        condition = sa.and_(
            _listed.c.words != "", _listed.c.at.is_not(None),
            _listed.c.sender.in_(sorted(senders)), _listed.c.status.not_in(sorted(not_in)),
        )  # fmt: skip
        several = (
            sa.select(_listed.c.address, _listed.c.words)
            .where(condition)
            .group_by(_listed.c.address, _listed.c.words)
            .having(sa.func.count() > 1)
            .subquery()
        )
        same = sa.and_(several.c.address == _listed.c.address, several.c.words == _listed.c.words)
        order = (_listed.c.address, _listed.c.words, _listed.c.at, _listed.c.provider_id)
        question = _rows().join_from(_listed, several, same).where(condition).order_by(*order)
        with self._connection.begin():
            yield from records.stream(self._connection, ListedRow, question.execution_options(yield_per=PAGE))

    # --- what we hold ---------------------------------------------------------------------------------

    def count_held(self, *, since: datetime) -> int:
        """Count the held texts of the period."""
        return self._count(_held, _held.c.submitted_at >= since)

    def count_last(self) -> int:
        """Count those that were taken last."""
        return self._count(_held, _held.c.is_last == 1)

    def count_not_listing(self, gateways: Collection[str]) -> int:
        """Count the held texts, the last apart, of which no gateway keeps a list."""
        return self._count(_held, _held.c.is_last == 0, _held.c.gateway.not_in(sorted(gateways)))

    def changes(self) -> dict[tuple[str, str], int]:
        """Count by how they stand with us and with the provider what stands differently."""
        question = (
            sa.select(_held.c.status, _listed.c.status, sa.func.count())
            .join_from(_held, _listed, _IS_LISTED)
            .where(_listed.c.status != "", _listed.c.status != _held.c.status)
            .group_by(_held.c.status, _listed.c.status)
            .order_by(_held.c.status, _listed.c.status)
        )
        with self._connection.begin():
            return {(row[0], row[1]): row[2] for row in self._connection.execute(question)}

    def unlisted(self, gateways: Collection[str]) -> Iterator[Sequence[HeldRow]]:
        """Yield what no list has, of `gateways` and of the last: page by page, the last ones first."""
        after = 0
        while True:
            page = self._read_held(
                sa.select(*records.columns_of(HeldRow, _held))
                .where(
                    _held.c.place > after,
                    sa.or_(_held.c.is_last == 1, _held.c.gateway.in_(sorted(gateways))),
                    ~sa.exists().where(_IS_LISTED),
                )
                .order_by(_held.c.place)
                .limit(PAGE)
            )
            if page:
                yield page
            if len(page) < PAGE:
                return
            after = page[-1].place

    # --- in common ------------------------------------------------------------------------------------

    def _count(self, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
        with self._connection.begin():
            question = sa.select(sa.func.count()).select_from(table).where(*conditions)
            return self._connection.scalar(question) or 0

    def _read(self, question: records.Query) -> Sequence[ListedRow]:
        with self._connection.begin():
            return records.read(self._connection, ListedRow, question)

    def _read_held(self, question: records.Query) -> Sequence[HeldRow]:
        with self._connection.begin():
            return records.read(self._connection, HeldRow, question)


_IS_LISTED = sa.and_(_listed.c.gateway == _held.c.gateway, _listed.c.provider_id == _held.c.provider_id)


def _rows() -> records.Query:
    return sa.select(*records.columns_of(ListedRow, _listed))
