"""Counts messages shard by shard, so that pages and metrics need not look at every one.

Whatever changes a message marks its shard, in the same transaction; such shards are counted anew here.
Between recounts the sums lag a little, and never drift: a shard is counted whole or not at all.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import counted_status, was_sent
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import day_of, message, message_count, shard

SHARDS_PER_ROUND = 50


def recount_shards(ledger: Ledger, *, offset: timedelta, limit: int = SHARDS_PER_ROUND) -> int:
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


_BY = ("shard_id", "occurrence_id", "audience", "channel", "area", "reason")
_COLUMNS = (*_BY, "status", "day", "messages", "parts", "vnd")


def _count_query(ids: Collection[int], offset: timedelta) -> records.Query:
    day = sa.case((was_sent(), sa.type_coerce(day_of(message.c.submitted_at, offset), sa.Integer)), else_=0)
    by = (*(message.c[name] for name in _BY), counted_status().label("status_counted"), day.label("day"))
    mine = sa.and_(message.c.id.between(shard.c.first_id, shard.c.last_id), message.c.shard_id == shard.c.id)
    return (
        sa.select(*by, sa.func.count(), sa.func.sum(message.c.parts), sa.func.sum(message.c.vnd))
        .join_from(shard, message, mine)
        .where(shard.c.id.in_(ids))
        .group_by(*by)
    )
