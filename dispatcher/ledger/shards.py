"""Shards as rows that several transactions want: locked in one order, opened again when a message waits.

On PostgreSQL every transaction of the sending path locks shards first, by id, then messages, by id, then the
campaign: whoever is late waits, and nobody blocks anybody for good. SQLite has one writer anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger.tables import Instant, shard


def lock(connection: sa.Connection, shards: Collection[int]) -> None:
    """Hold these until the end of the caller's transaction."""
    if shards and connection.dialect.name != "sqlite":
        connection.execute(
            sa.select(shard.c.id).where(shard.c.id.in_(shards)).order_by(shard.c.id).with_for_update()
        )


def reopen(connection: sa.Connection, moments: Mapping[int, datetime]) -> None:
    """Let these be served from their moment on, because a message in them waits again.

    The caller has written the message and holds the lock: whoever gives the shard back at the same time
    either sees that message or comes first and is corrected here.
    """
    if moments:
        connection.execute(_REOPEN, [{"s": key, "again": again} for key, again in sorted(moments.items())])


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
        changed=1,
    )
)
