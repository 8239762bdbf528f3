"""Shards as rows that several transactions want: locked in one order, opened again when a message waits.

On PostgreSQL every transaction of the sending path locks shards first, by id, then messages, by id, then the
campaign: whoever is late waits, and nobody blocks anybody for good. SQLite has one writer anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.message_status import CANCELLED, RANK
from dispatcher.ledger.schema.tables import Instant, campaign, message, occurrence, shard


def lock(connection: sa.Connection, shard_ids: Collection[int]) -> None:
    """Hold these until the end of the caller's transaction."""
    if shard_ids and connection.dialect.name != "sqlite":
        connection.execute(
            sa.select(shard.c.id).where(shard.c.id.in_(shard_ids)).order_by(shard.c.id).with_for_update()
        )


def reopen(connection: sa.Connection, open_at: Mapping[int, datetime]) -> None:
    """Let these be served from their moment on, because a message in them waits again.

    The caller has written the message and holds the lock: whoever gives the shard back at the same time
    either sees that message or comes first and is corrected here.
    """
    if open_at:
        connection.execute(_REOPEN, [{"s": key, "again": again} for key, again in sorted(open_at.items())])


_REOPEN = (
    sa.update(shard)
    .where(shard.c.id == sa.bindparam("s"), sa.or_(shard.c.state == "open", shard.c.state == "done"))
    .values(
        state="open",
        not_before=sa.case(
            (
                sa.or_(
                    shard.c.state == "done",
                    shard.c.not_before > sa.bindparam("again", type_=Instant),
                ),
                sa.bindparam("again", type_=Instant),
            ),
            else_=shard.c.not_before,
        ),
        needs_recount=1,
    )
)


def cancel(connection: sa.Connection, *chosen: sa.ColumnElement[bool]) -> None:
    """Close shards in which nothing goes out any more; whoever holds one is fenced off.

    What waits in them the caller settles by `cancel_waiting`.
    """
    connection.execute(
        sa.update(shard)
        .where(*chosen)
        .values(state="cancelled", lease_until=None, owner="", token=shard.c.token + 1, needs_recount=1)
    )


def cancel_waiting(reason: str, *, now: datetime) -> sa.Update:
    """Return the statement that settles messages which wait; whoever runs it adds which. `reason`: why.

    What is with a provider, or in doubt, is not among them: what becomes of it is for the provider to say.
    """
    return (
        sa.update(message)
        .where(message.c.next_at.is_not(None))
        .values(
            status=CANCELLED,
            rank=RANK[CANCELLED],
            reason=reason,
            next_at=None,
            lookup_at=None,
            status_at=now,
        )
    )


def mark_dirty(connection: sa.Connection, shard_ids: Collection[int]) -> None:
    """Say within the caller's transaction that messages of these shards stand differently."""
    connection.execute(_MARK_DIRTY, {"shards": list(shard_ids)})


def mark_dirty_by_message(connection: sa.Connection, message_id: int) -> None:
    """Do what `mark` does for the one shard in which a message is."""
    connection.execute(_MARK_DIRTY_BY_MESSAGE, {"m": message_id})


def _mark_dirty_statement(condition: sa.ColumnElement[bool]) -> sa.Update:
    # Locked in order, so that two who mark the same shards wait for each other instead of blocking.
    changed = (
        sa.select(shard.c.id)
        .where(condition, shard.c.needs_recount == 0)
        .order_by(shard.c.id)
        .with_for_update()
    )
    return sa.update(shard).where(shard.c.id.in_(changed)).values(needs_recount=1)


_MARK_DIRTY = _mark_dirty_statement(shard.c.id.in_(sa.bindparam("shards", expanding=True)))

_MARK_DIRTY_BY_MESSAGE = _mark_dirty_statement(
    shard.c.id == sa.select(message.c.shard_id).where(message.c.id == sa.bindparam("m")).scalar_subquery()
)


def set_id_ranges(connection: sa.Connection, first_shard: int, beyond: int) -> None:
    """Write down between which ids the messages of new shards stand; all of them wait still."""
    bounds = (
        sa.select(
            message.c.shard_id,
            sa.func.min(message.c.id).label("first"),
            sa.func.max(message.c.id).label("last"),
        )
        .where(message.c.shard_id >= first_shard, message.c.shard_id < beyond, message.c.next_at.is_not(None))
        .group_by(message.c.shard_id)
        .subquery()
    )
    connection.execute(
        sa.update(shard)
        .where(shard.c.id == bounds.c.shard_id)
        .values(first_id=bounds.c.first, last_id=bounds.c.last)
    )


def next_open_at(ledger: Ledger) -> datetime | None:
    """Return when the next shard of an active campaign wants a worker; None when there is no open shard."""
    with ledger.read() as connection:
        next_at: datetime | None = connection.scalar(
            sa.select(sa.func.min(shard.c.not_before))
            .join_from(shard, occurrence, occurrence.c.id == shard.c.occurrence_id)
            .join(campaign, campaign.c.name == occurrence.c.campaign)
            .where(shard.c.state == "open", campaign.c.state == "active")
        )
    return next_at
