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

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.message_status import RANK_NOT_ACCEPTED
from dispatcher.ledger.schema.tables import message, message_count, occurrence, shard

SHARDS_PER_ROUND = 50
DAY_MICROS = 86_400_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True, slots=True)
class StepCount:
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
class AreaMessageCount:
    """Messages of one area, counted."""

    area: str
    audience: str
    status: str
    reason: str
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignTotal:
    """All messages of a campaign and channel in one status."""

    campaign: str
    channel: str
    status: str
    reason: str
    messages: int


def recount(ledger: Ledger, *, offset: timedelta, limit: int = SHARDS_PER_ROUND) -> int:
    """Count changed shards anew; gives how many, `limit` when there may be more.

    `offset` is what local time is ahead of UTC: days are local days.
    """
    with ledger.begin() as connection:
        ids = connection.scalars(
            sa.select(shard.c.id)
            .where(shard.c.needs_recount == 1)
            .order_by(shard.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        if ids:
            connection.execute(sa.delete(message_count).where(message_count.c.shard_id.in_(ids)))
            connection.execute(sa.insert(message_count).from_select(_COLUMNS, _count_query(ids, offset)))
            connection.execute(sa.update(shard).where(shard.c.id.in_(ids)).values(needs_recount=0))
    return len(ids)


_BY = ("shard_id", "occurrence_id", "audience", "channel", "area", "status", "reason")
_COLUMNS = (*_BY, "day", "messages", "parts", "vnd")


def _count_query(ids: Collection[int], offset: timedelta) -> sa.Select[Any]:
    micros = offset // timedelta(microseconds=1)
    submitted = sa.type_coerce(message.c.submitted_at, sa.BigInteger)
    day = sa.case(
        (sa.or_(message.c.submitted_at.is_(None), message.c.rank == RANK_NOT_ACCEPTED), 0),
        else_=(submitted + micros) // DAY_MICROS,
    )
    by = (*(message.c[name] for name in _BY), day.label("day"))
    mine = sa.and_(message.c.id.between(shard.c.first_id, shard.c.last_id), message.c.shard_id == shard.c.id)
    return (
        sa.select(*by, sa.func.count(), sa.func.sum(message.c.parts), sa.func.sum(message.c.vnd))
        .join_from(shard, message, mine)
        .where(shard.c.id.in_(ids))
        .group_by(*by)
    )


def by_step(ledger: Ledger, campaign: str) -> tuple[StepCount, ...]:
    """Add a campaign up by occurrence, audience, channel, status, reason and day."""
    by = (
        occurrence.c.campaign,
        occurrence.c.step,
        occurrence.c.key,
        occurrence.c.kind,
        occurrence.c.due_at,
        message_count.c.audience,
        message_count.c.channel,
        message_count.c.status,
        message_count.c.reason,
        message_count.c.day,
    )
    question = (
        sa.select(*by, *_SUMS)
        .join_from(message_count, occurrence, occurrence.c.id == message_count.c.occurrence_id)
        .where(occurrence.c.campaign == campaign)
        .group_by(*by)
        .order_by(occurrence.c.due_at, occurrence.c.step)
    )
    with ledger.read() as connection:
        return tuple(
            StepCount(
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


def by_area(ledger: Ledger, campaign: str) -> tuple[AreaMessageCount, ...]:
    """Add a campaign up by area, audience, status and reason; digests apart."""
    by = (message_count.c.area, message_count.c.audience, message_count.c.status, message_count.c.reason)
    question = (
        sa.select(*by, *_SUMS)
        .join_from(message_count, occurrence, occurrence.c.id == message_count.c.occurrence_id)
        .where(occurrence.c.campaign == campaign, occurrence.c.kind.not_in(step_kinds.FOR_STAFF))
        .group_by(*by)
    )
    with ledger.read() as connection:
        return tuple(
            AreaMessageCount(
                area=row.area,
                audience=row.audience,
                status=row.status,
                reason=row.reason,
                messages=int(row.messages),
            )
            for row in connection.execute(question)
        )


def totals(ledger: Ledger) -> tuple[CampaignTotal, ...]:
    """Add everything up by campaign, channel, status and reason."""
    by = (occurrence.c.campaign, message_count.c.channel, message_count.c.status, message_count.c.reason)
    question = (
        sa.select(*by, *_SUMS)
        .join_from(message_count, occurrence, occurrence.c.id == message_count.c.occurrence_id)
        .group_by(*by)
        .order_by(*by)
    )
    with ledger.read() as connection:
        return tuple(
            CampaignTotal(
                campaign=row.campaign,
                channel=row.channel,
                status=row.status,
                reason=row.reason,
                messages=int(row.messages),
            )
            for row in connection.execute(question)
        )


def count_dirty_shards(ledger: Ledger) -> int:
    """Return how many shards wait to be counted anew."""
    with ledger.read() as connection:
        question = sa.select(sa.func.count()).select_from(shard).where(shard.c.needs_recount == 1)
        return connection.scalar(question) or 0


_SUMS = (
    sa.func.sum(message_count.c.messages).label("messages"),
    sa.func.sum(message_count.c.parts).label("parts"),
    sa.func.sum(message_count.c.vnd).label("vnd"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ExactCount:
    """Messages of one kind, counted."""

    campaign: str
    step: str
    key: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    status: str
    reason: str
    messages: int
    parts: int
    vnd: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ExactAreaCount:
    """Messages of one area, by status and reason."""

    area: str
    audience: str
    status: str
    reason: str
    messages: int


def exact_by_step(ledger: Ledger, *, campaign_name: str = "") -> tuple[ExactCount, ...]:
    """Count messages by campaign, occurrence, audience, channel, status and reason."""
    by = (
        occurrence.c.campaign,
        occurrence.c.step,
        occurrence.c.key,
        occurrence.c.kind,
        occurrence.c.due_at,
        message.c.audience,
        message.c.channel,
        message.c.status,
        message.c.reason,
    )
    question = (
        sa.select(
            *by,
            sa.func.count().label("messages"),
            sa.func.sum(message.c.parts).label("parts"),
            sa.func.sum(message.c.vnd).label("vnd"),
        )
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .group_by(*by)
        .order_by(occurrence.c.due_at, occurrence.c.step, message.c.audience, message.c.status)
    )
    if campaign_name:
        question = question.where(occurrence.c.campaign == campaign_name)
    with ledger.read() as connection:
        return tuple(
            ExactCount(
                campaign=row.campaign,
                step=row.step,
                key=row.key,
                kind=row.kind,
                due_at=row.due_at,
                audience=row.audience,
                channel=row.channel,
                status=row.status,
                reason=row.reason,
                messages=row.messages,
                parts=int(row.parts or 0),
                vnd=int(row.vnd or 0),
            )
            for row in connection.execute(question)
        )


def exact_by_area(
    ledger: Ledger, campaign_name: str, *, until: datetime | None = None
) -> tuple[ExactAreaCount, ...]:
    """Count a campaign's messages by area, audience, status and reason."""
    by = (message.c.area, message.c.audience, message.c.status, message.c.reason)
    question = (
        sa.select(*by, sa.func.count().label("messages"))
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(occurrence.c.campaign == campaign_name, occurrence.c.kind.not_in(step_kinds.FOR_STAFF))
        .group_by(*by)
    )
    if until is not None:
        question = question.where(message.c.status_at <= until)
    with ledger.read() as connection:
        return tuple(
            ExactAreaCount(
                area=row.area,
                audience=row.audience,
                status=row.status,
                reason=row.reason,
                messages=row.messages,
            )
            for row in connection.execute(question)
        )
