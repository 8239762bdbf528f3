"""Messages counted shard by shard, so that a page over a million messages adds up a few thousand lines.

Whatever changes a message marks its shard as changed, in the same transaction; `refresh` counts such shards
anew. Between refreshes the sums lag a little, and never drift: a shard is counted whole or not at all.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.status import RANK_NOT_TAKEN
from dispatcher.ledger.tables import message, occurrence, shard, tally

SHARDS_PER_ROUND = 50
DAY_MICROS = 86_400_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """Messages of one kind, counted. `day` is the local day on which they went out, if they have."""

    campaign: str
    step: str
    key: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    status: str
    reason: str
    day: date | None
    messages: int
    parts: int
    vnd: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaCount:
    """Messages of one area, counted."""

    area: str
    audience: str
    status: str
    reason: str
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Total:
    """All messages of a campaign and channel in one status."""

    campaign: str
    channel: str
    status: str
    reason: str
    messages: int


def mark(connection: sa.Connection, shards: Collection[int]) -> None:
    """Say within the caller's transaction that messages of these shards stand differently."""
    connection.execute(_MARK, {"shards": list(shards)})


def mark_shard_of(connection: sa.Connection, message_id: int) -> None:
    """Do what `mark` does for the one shard in which a message is."""
    connection.execute(_MARK_SHARD_OF, {"m": message_id})


def _marking(shards: sa.ColumnElement[bool]) -> sa.Update:
    # Locked in order, so that two who mark the same shards wait for each other instead of blocking.
    changed = sa.select(shard.c.id).where(shards, shard.c.changed == 0).order_by(shard.c.id).with_for_update()
    return sa.update(shard).where(shard.c.id.in_(changed)).values(changed=1)


_MARK = _marking(shard.c.id.in_(sa.bindparam("shards", expanding=True)))
_MARK_SHARD_OF = _marking(
    shard.c.id == sa.select(message.c.shard_id).where(message.c.id == sa.bindparam("m")).scalar_subquery()
)


def find_bounds(connection: sa.Connection, first_shard: int, beyond: int) -> None:
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


def refresh(ledger: Ledger, *, offset: timedelta, limit: int = SHARDS_PER_ROUND) -> int:
    """Count changed shards anew; gives how many, `limit` when there may be more.

    `offset` is what local time is ahead of UTC: days are local days.
    """
    with ledger.begin() as connection:
        ids = connection.scalars(
            sa.select(shard.c.id)
            .where(shard.c.changed == 1)
            .order_by(shard.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        if ids:
            connection.execute(sa.delete(tally).where(tally.c.shard_id.in_(ids)))
            connection.execute(sa.insert(tally).from_select(_COLUMNS, _counted(ids, offset)))
            connection.execute(sa.update(shard).where(shard.c.id.in_(ids)).values(changed=0))
    return len(ids)


_BY = ("shard_id", "occurrence_id", "audience", "channel", "area", "status", "reason")
_COLUMNS = (*_BY, "day", "messages", "parts", "vnd")


def _counted(ids: Collection[int], offset: timedelta) -> sa.Select[Any]:
    micros = offset // timedelta(microseconds=1)
    went = sa.type_coerce(message.c.submitted_at, sa.BigInteger)
    day = sa.case(
        (sa.or_(message.c.submitted_at.is_(None), message.c.rank == RANK_NOT_TAKEN), 0),
        else_=(went + micros) // DAY_MICROS,
    )
    by = (*(message.c[name] for name in _BY), day.label("day"))
    mine = sa.and_(message.c.id.between(shard.c.first_id, shard.c.last_id), message.c.shard_id == shard.c.id)
    return (
        sa.select(*by, sa.func.count(), sa.func.sum(message.c.parts), sa.func.sum(message.c.vnd))
        .join_from(shard, message, mine)
        .where(shard.c.id.in_(ids))
        .group_by(*by)
    )


def counts(ledger: Ledger, campaign: str) -> tuple[Count, ...]:
    """Add a campaign up by occurrence, audience, channel, status, reason and day."""
    by = (
        occurrence.c.campaign,
        occurrence.c.step,
        occurrence.c.key,
        occurrence.c.kind,
        occurrence.c.due_at,
        tally.c.audience,
        tally.c.channel,
        tally.c.status,
        tally.c.reason,
        tally.c.day,
    )
    question = (
        sa.select(*by, *_SUMS)
        .join_from(tally, occurrence, occurrence.c.id == tally.c.occurrence_id)
        .where(occurrence.c.campaign == campaign)
        .group_by(*by)
        .order_by(occurrence.c.due_at, occurrence.c.step)
    )
    with ledger.read() as connection:
        return tuple(
            Count(
                campaign=row.campaign,
                step=row.step,
                key=row.key,
                kind=row.kind,
                due_at=row.due_at,
                audience=row.audience,
                channel=row.channel,
                status=row.status,
                reason=row.reason,
                day=date.fromordinal(EPOCH_DAY + row.day) if row.day else None,
                messages=int(row.messages),
                parts=int(row.parts),
                vnd=int(row.vnd),
            )
            for row in connection.execute(question)
        )


def by_area(ledger: Ledger, campaign: str) -> tuple[AreaCount, ...]:
    """Add a campaign up by area, audience, status and reason; digests apart."""
    by = (tally.c.area, tally.c.audience, tally.c.status, tally.c.reason)
    question = (
        sa.select(*by, *_SUMS)
        .join_from(tally, occurrence, occurrence.c.id == tally.c.occurrence_id)
        .where(occurrence.c.campaign == campaign, occurrence.c.kind != "digest")
        .group_by(*by)
    )
    with ledger.read() as connection:
        return tuple(
            AreaCount(
                area=row.area,
                audience=row.audience,
                status=row.status,
                reason=row.reason,
                messages=int(row.messages),
            )
            for row in connection.execute(question)
        )


def totals(ledger: Ledger) -> tuple[Total, ...]:
    """Add everything up by campaign, channel, status and reason."""
    by = (occurrence.c.campaign, tally.c.channel, tally.c.status, tally.c.reason)
    question = (
        sa.select(*by, *_SUMS)
        .join_from(tally, occurrence, occurrence.c.id == tally.c.occurrence_id)
        .group_by(*by)
        .order_by(*by)
    )
    with ledger.read() as connection:
        return tuple(
            Total(
                campaign=row.campaign,
                channel=row.channel,
                status=row.status,
                reason=row.reason,
                messages=int(row.messages),
            )
            for row in connection.execute(question)
        )


def lagging(ledger: Ledger) -> int:
    """Tell how many shards wait to be counted anew."""
    with ledger.read() as connection:
        question = sa.select(sa.func.count()).select_from(shard).where(shard.c.changed == 1)
        return connection.scalar(question) or 0


_SUMS = (
    sa.func.sum(tally.c.messages).label("messages"),
    sa.func.sum(tally.c.parts).label("parts"),
    sa.func.sum(tally.c.vnd).label("vnd"),
)
