"""Releases the leases and in-flight intents of a dead process.

On SQLite, where one process serves a ledger, at its start; on PostgreSQL leases run out instead
(`claims.lease_shard`) and unanswered intents are found by `lookups.lease_due`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.message_status import (
    CREATED,
    RANK,
    RANK_NOT_ACCEPTED,
    SUBMITTING,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.schema.tables import Instant, attempt, campaign, message, shard
from dispatcher.ledger.sending import budgets, shards
from dispatcher.ledger.sending.claim_types import Lease


@dataclass(frozen=True, kw_only=True, slots=True)
class Recovered:
    """What a start found of the life before."""

    shards: int  # leased by nobody any more
    intents: int  # without an answer: the provider is asked about them


def release_previous_process(ledger: Ledger, *, lookup_at: datetime) -> Recovered:
    """Free what the process before held; only for a ledger that one process has to itself.

    Its intents without an answer are looked up at `lookup_at`, when that is sooner than they themselves say.
    """
    with ledger.begin() as connection:
        freed = connection.execute(
            sa.update(shard)
            .where(shard.c.state == "open", shard.c.lease_until.is_not(None))
            .values(lease_until=None, owner="", token=shard.c.token + 1, needs_recount=1)
        )
        mine = (message.c.lookup_at.is_not(None), message.c.status == SUBMITTING)
        found = connection.scalar(sa.select(sa.func.count()).where(*mine)) or 0
        if found:
            connection.execute(
                sa.update(message).where(*mine, message.c.lookup_at > lookup_at).values(lookup_at=lookup_at)
            )
    return Recovered(shards=freed.rowcount, intents=found)


def release_unfinished_claim(
    ledger: Ledger, lease: Lease, *, lookup_at: datetime | None, now: datetime
) -> int:
    """Give back a shard, and the intents of a claim that nobody heard the end of; gives how many there were.

    The ledger went away while it was told: it may have committed. The caller lives and has offered nothing of
    that claim, which is known by its `lookup_at` (None: there was no claim). The messages wait again as they
    did before; the attempt keeps its number, which nobody has seen, and costs no patience.
    """
    mine = (
        message.c.shard_id == lease.shard_id,
        message.c.status == SUBMITTING,
        message.c.lookup_at == lookup_at,
    )
    with ledger.begin() as connection:
        shards.lock(connection, [lease.shard_id])
        question = sa.select(message.c.id).where(*mine).order_by(message.c.id).with_for_update()
        ids = [] if lookup_at is None else connection.scalars(question).all()
        if ids:
            with budgets.keep_in_sync(connection, ids):
                connection.execute(_UNDO_CLAIM.where(message.c.id.in_(ids)), {"again": now})
            if lease.kind not in step_kinds.FOR_STAFF:
                _restore_canary(connection, lease.campaign, len(ids))
        connection.execute(
            sa.update(shard)
            .where(shard.c.id == lease.shard_id, shard.c.token == lease.token)
            .values(lease_until=None, owner="", needs_recount=1)
        )
        shards.reopen(connection, {lease.shard_id: now} if ids else {})
    return len(ids)


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


def _restore_canary(connection: sa.Connection, name: str, count: int) -> None:
    """Count these canaries back in, where they were some."""
    connection.execute(
        sa.update(campaign)
        .where(campaign.c.name == name, campaign.c.canary_passed == 0, campaign.c.canary_sent >= count)
        .values(canary_sent=campaign.c.canary_sent - count)
    )


def _shift_earlier(column: sa.Column[datetime]) -> sa.Update:
    """Move moments that lie ahead by `back`, microseconds as they are stored."""
    moved = sa.cast(column, sa.BigInteger) - sa.bindparam("back", type_=sa.BigInteger)
    return (
        sa.update(message)
        .where(column > sa.bindparam("now", type_=Instant), message.c.status != SUBMITTING)
        .values({column: moved})
    )


_SHIFT_NEXT_AT, _SHIFT_LOOKUP_AT = _shift_earlier(message.c.next_at), _shift_earlier(message.c.lookup_at)
_accepted_before = sa.and_(attempt.c.message_id == message.c.id, attempt.c.outcome == "accepted")
_first = message.c.attempt == 1
_UNDO_CLAIM = sa.update(message).values(
    status=sa.case((_first, CREATED), else_=TEMPORARY_FAILURE),
    rank=sa.case(
        (_first, RANK[CREATED]),
        (sa.exists().where(_accepted_before), RANK[TEMPORARY_FAILURE]),
        else_=RANK_NOT_ACCEPTED,
    ),
    reason="",
    counted_attempts=message.c.counted_attempts - 1,
    # What caps are counted from: when it last went out, if it ever did.
    submitted_at=sa.select(sa.func.max(attempt.c.started_at)).where(_accepted_before).scalar_subquery(),
    next_at=sa.bindparam("again"),
    lookup_at=sa.null(),
    vnd=message.c.vnd - message.c.vnd_attempt,
    vnd_attempt=0,
)
