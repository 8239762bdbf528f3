"""Releases the leases and in-flight intents of a dead process.

On SQLite, where one process serves a ledger, at its start; on PostgreSQL leases run out instead
(`claims.lease_shard`) and unanswered intents are found by `lookups.lease_due`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.message_status import SUBMITTING
from dispatcher.ledger.schema.tables import Instant, message, shard
from dispatcher.ledger.sending import shards
from dispatcher.ledger.sending.put_back import put_back_uncleared


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What a start found of the life before."""

    shards: int  # leased by nobody any more
    unsent: int  # intents whose slot had not come: they go on
    intents: int  # without an answer: the provider is asked about them


def release_previous_process(ledger: Ledger, *, lookup_at: datetime, now: datetime) -> Recovered:
    """Free what the process before held; only for a ledger that one process has to itself.

    What may have left is looked up at `lookup_at`, when that is sooner than it says itself; the rest goes on.
    """
    with ledger.begin() as connection:
        freed = connection.execute(
            sa.update(shard)
            .where(shard.c.state == "open", shard.c.lease_until.is_not(None))
            .values(lease_until=None, owner="", token=shard.c.token + 1, needs_recount=1)
        )
        unfinished = connection.scalars(_UNFINISHED_SHARDS).all()
        unsent = put_back_uncleared(connection, unfinished, now=now)
        mine = (message.c.lookup_at.is_not(None), message.c.status == SUBMITTING)
        found = connection.scalar(sa.select(sa.func.count()).where(*mine)) or 0
        if found:
            connection.execute(
                sa.update(message).where(*mine, message.c.lookup_at > lookup_at).values(lookup_at=lookup_at)
            )
    return Recovered(shards=freed.rowcount, unsent=unsent, intents=found)


def shift_after_clock_jump(ledger: Ledger, *, back: timedelta, now: datetime) -> None:
    """Put nothing off for longer than was meant: the clock went `back` since its moment was written.

    Whatever waits keeps its pause, and every open shard is looked at now. An intent without an answer is left
    alone: it may still be on its way, and is asked about too late rather than too soon.
    """
    with ledger.begin() as connection:
        shards.lock(
            connection, connection.scalars(sa.select(shard.c.id).where(shard.c.state == "open")).all()
        )
        connection.execute(_SHIFT_NEXT_AT, {"now": now, "back": back // timedelta(microseconds=1)})
        connection.execute(_SHIFT_LOOKUP_AT, {"now": now, "back": back // timedelta(microseconds=1)})
        connection.execute(
            sa.update(shard).where(shard.c.state == "open", shard.c.not_before > now).values(not_before=now)
        )


def _shift_earlier(column: sa.Column[datetime]) -> sa.Update:
    """Move moments that lie ahead by `back`, microseconds as they are stored."""
    moved = sa.cast(column, sa.BigInteger) - sa.bindparam("back", type_=sa.BigInteger)
    return (
        sa.update(message)
        .where(column > sa.bindparam("now", type_=Instant), message.c.status != SUBMITTING)
        .values({column: moved})
    )


_UNFINISHED_SHARDS = (
    sa.select(message.c.shard_id)
    .where(message.c.lookup_at.is_not(None), message.c.status == SUBMITTING)
    .distinct()
)
_SHIFT_NEXT_AT, _SHIFT_LOOKUP_AT = _shift_earlier(message.c.next_at), _shift_earlier(message.c.lookup_at)
