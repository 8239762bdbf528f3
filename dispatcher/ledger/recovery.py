"""What somebody left behind who cannot tidy up: a process that died, a transaction nobody answered for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger, budgets, shards
from dispatcher.ledger.claims import Lease
from dispatcher.ledger.status import CREATED, RANK, RANK_NOT_TAKEN, SUBMITTING, TEMPORARY_FAILURE
from dispatcher.ledger.tables import Instant, attempt, campaign, message, shard


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftBehind:
    """What a start found of the life before."""

    shards: int  # leased by nobody any more
    intents: int  # without an answer: the provider is asked about them


def take_over(ledger: Ledger, *, ask_at: datetime) -> LeftBehind:
    """Free what the process before held; only for a ledger that one process has to itself.

    Its intents without an answer are asked about at `ask_at`, when that is sooner than they themselves say.
    """
    with ledger.begin() as connection:
        freed = connection.execute(
            sa.update(shard)
            .where(shard.c.state == "open", shard.c.lease_until.is_not(None))
            .values(lease_until=None, owner="", token=shard.c.token + 1, changed=1)
        )
        mine = (message.c.ask_at.is_not(None), message.c.status == SUBMITTING)
        found = connection.scalar(sa.select(sa.func.count()).where(*mine)) or 0
        if found:
            connection.execute(
                sa.update(message).where(*mine, message.c.ask_at > ask_at).values(ask_at=ask_at)
            )
    return LeftBehind(shards=freed.rowcount, intents=found)


def abandon(ledger: Ledger, lease: Lease, *, ask_at: datetime | None, now: datetime) -> int:
    """Give back a shard, and the intents of a claim that nobody heard the end of; gives how many there were.

    The ledger went away while it was told: it may have committed. The caller lives and has offered nothing of
    that claim, which is known by its `ask_at` (None: there was no claim). The messages wait again as they did
    before; the attempt keeps its number, which nobody has seen, and costs no patience.
    """
    mine = (
        message.c.shard_id == lease.shard_id,
        message.c.status == SUBMITTING,
        message.c.ask_at == ask_at,
    )
    with ledger.begin() as connection:
        shards.lock(connection, [lease.shard_id])
        question = sa.select(message.c.id).where(*mine).order_by(message.c.id).with_for_update()
        ids = [] if ask_at is None else connection.scalars(question).all()
        if ids:
            with budgets.in_step(connection, ids):
                connection.execute(_WAIT_AGAIN.where(message.c.id.in_(ids)), {"again": now})
            _fly_again(connection, lease.campaign, len(ids))
        connection.execute(
            sa.update(shard)
            .where(shard.c.id == lease.shard_id, shard.c.token == lease.token)
            .values(lease_until=None, owner="", changed=1)
        )
        shards.reopen(connection, {lease.shard_id: now} if ids else {})
    return len(ids)


def look_again(ledger: Ledger, *, back: timedelta, now: datetime) -> None:
    """Put nothing off for longer than was meant: the clock went `back` since its moment was written.

    Whatever waits keeps its pause, and every open shard is looked at now. An intent without an answer is left
    alone: it may still be on its way, and is asked about too late rather than too soon.
    """
    with ledger.begin() as connection:
        shards.lock(
            connection, connection.scalars(sa.select(shard.c.id).where(shard.c.state == "open")).all()
        )
        connection.execute(_NEXT_SOONER, {"now": now, "back": back // timedelta(microseconds=1)})
        connection.execute(_ASK_SOONER, {"now": now, "back": back // timedelta(microseconds=1)})
        connection.execute(
            sa.update(shard).where(shard.c.state == "open", shard.c.not_before > now).values(not_before=now)
        )


def _fly_again(connection: sa.Connection, name: str, count: int) -> None:
    """Count these canaries back in; a campaign that sends them no more has -1."""
    connection.execute(
        sa.update(campaign)
        .where(campaign.c.name == name, campaign.c.canary_left >= 0)
        .values(canary_left=campaign.c.canary_left + count)
    )


def _sooner(column: sa.Column[datetime]) -> sa.Update:
    """Move moments that lie ahead by `back`, microseconds as they are stored."""
    moved = sa.cast(column, sa.BigInteger) - sa.bindparam("back", type_=sa.BigInteger)
    return (
        sa.update(message)
        .where(column > sa.bindparam("now", type_=Instant), message.c.status != SUBMITTING)
        .values({column: moved})
    )


_NEXT_SOONER, _ASK_SOONER = _sooner(message.c.next_at), _sooner(message.c.ask_at)
_accepted_before = sa.and_(attempt.c.message_id == message.c.id, attempt.c.outcome == "accepted")
_first = message.c.attempt == 1
_WAIT_AGAIN = sa.update(message).values(
    status=sa.case((_first, CREATED), else_=TEMPORARY_FAILURE),
    rank=sa.case(
        (_first, RANK[CREATED]),
        (sa.exists().where(_accepted_before), RANK[TEMPORARY_FAILURE]),
        else_=RANK_NOT_TAKEN,
    ),
    reason="",
    tries=message.c.tries - 1,
    # What caps are counted from: when it last went out, if it ever did.
    submitted_at=sa.select(sa.func.max(attempt.c.started_at)).where(_accepted_before).scalar_subquery(),
    next_at=sa.bindparam("again"),
    ask_at=sa.null(),
    vnd=message.c.vnd - message.c.vnd_attempt,
    vnd_attempt=0,
)
