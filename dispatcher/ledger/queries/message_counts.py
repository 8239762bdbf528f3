"""Messages counted: exactly, one by one, or as `sending.recount` has counted them shard by shard.

The counted ones lag a little and never drift; a page over a million messages adds up a few thousand of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import counted_status
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import message, message_count, occurrence, shard


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
class StepCount(ExactCount):
    """The same by `day`: the local day on which they went out, None for those that have not."""

    day: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaMessageCount:
    """Messages of one area, by status and reason."""

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


def by_step(ledger: Ledger, campaign: str) -> tuple[StepCount, ...]:
    """Add a campaign up by occurrence, audience, channel, status, reason and day, as last counted."""
    question = _add_up(StepCount, message_count).where(occurrence.c.campaign == campaign)
    return _read(ledger, StepCount, question.order_by(occurrence.c.due_at, occurrence.c.step))


def totals(ledger: Ledger) -> tuple[CampaignTotal, ...]:
    """Add everything up by campaign, channel, status and reason, as last counted."""
    question = _add_up(CampaignTotal, message_count)
    return _read(ledger, CampaignTotal, question.order_by(*question.selected_columns[:-1]))


def exact_by_step(ledger: Ledger, *, campaign_name: str = "") -> tuple[ExactCount, ...]:
    """Count messages by campaign, occurrence, audience, channel, status and reason."""
    question = _add_up(ExactCount, message).order_by(
        occurrence.c.due_at, occurrence.c.step, message.c.audience, sa.literal_column("status")
    )
    if campaign_name:
        question = question.where(occurrence.c.campaign == campaign_name)
    return _read(ledger, ExactCount, question)


def exact_by_area(ledger: Ledger, campaign_name: str) -> tuple[AreaMessageCount, ...]:
    """Count a campaign's messages by area, audience, status and reason; digests apart."""
    question = _add_up(AreaMessageCount, message).where(
        occurrence.c.campaign == campaign_name, occurrence.c.kind.not_in(step_kinds.FOR_STAFF)
    )
    return _read(ledger, AreaMessageCount, question)


def count_dirty_shards(ledger: Ledger) -> int:
    """Return how many shards wait to be counted anew."""
    question = sa.select(sa.func.count()).select_from(shard).where(shard.c.needs_recount == 1)
    with ledger.read() as connection:
        return connection.scalar(question) or 0


def _total(column: sa.Column[int]) -> sa.ColumnElement[int]:
    """Add up as a whole number: PostgreSQL makes a decimal of large sums."""
    return sa.cast(sa.func.coalesce(sa.func.sum(column), 0), sa.BigInteger)


_SUMS = ("messages", "parts", "vnd")
_SUMS_OF: Mapping[sa.Table, Mapping[str, records.Column]] = {
    message: {
        "status": counted_status(),
        "messages": sa.func.count(),
        "parts": _total(message.c.parts),
        "vnd": _total(message.c.vnd),
    },
    message_count: {name: _total(message_count.c[name]) for name in _SUMS},
}


def _add_up(kind: type[records.Value], source: sa.Table) -> records.Query:
    """Add up `source` by every field of `kind` that is no sum itself."""
    columns = records.columns_of(kind, occurrence, source, **_SUMS_OF[source])
    return (
        sa.select(*columns)
        .join_from(source, occurrence, occurrence.c.id == source.c.occurrence_id)
        .group_by(*(column for column in columns if column.name not in _SUMS))
    )


def _read(ledger: Ledger, kind: type[records.V], question: records.Query) -> tuple[records.V, ...]:
    with ledger.read() as connection:
        return records.read(connection, kind, question)
