"""Withdraws what waits and the schedules have no more, and lets it wait again when an edit is taken back.

All of it is by shard: a shard is one audience of one occurrence on one channel. What a worker has in hand is
fenced off, so that its next claim finds the new state.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import had_occasion, is_withdrawn
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.message_status import (
    CREATED,
    RANK,
    RANK_NOT_ACCEPTED,
    SCHEDULE_CHANGED,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.schema.tables import attempt, campaign, message, occurrence, shard
from dispatcher.ledger.sending import shards
from dispatcher.plan import Occurrence


@dataclass(frozen=True, kw_only=True, slots=True)
class FiredShard:
    """A shard (`state`: open, done, or cancelled when it was withdrawn), with its occurrence as fired."""

    id: int
    occurrence_id: int
    campaign: str
    step: str
    key: str
    kind: str
    template: str
    due_at: datetime
    expires_at: datetime
    audience: str
    channel: str
    state: str
    has_waiting: bool


def fired_shards(ledger: Ledger, *, moved: Collection[int] = ()) -> tuple[FiredShard, ...]:
    """Return the shards, of campaigns that go on, in which something waits or was withdrawn.

    `moved` are occurrences that are at their time again: of these every shard, for what was in flight when
    they were withdrawn, or fired at another time, comes back later.
    """
    has_waiting = sa.exists().where(message.c.shard_id == shard.c.id, message.c.next_at.is_not(None))
    columns = records.columns_of(
        FiredShard, shard, occurrence, template=occurrence.c.moment, has_waiting=has_waiting
    )
    question = (
        sa.select(*columns)
        .join_from(shard, occurrence, occurrence.c.id == shard.c.occurrence_id)
        .join(campaign, campaign.c.name == occurrence.c.campaign)
        .where(
            campaign.c.state.in_(("active", "paused")),
            sa.or_(
                shard.c.state == "cancelled",
                sa.and_(shard.c.state == "open", has_waiting),
                shard.c.occurrence_id.in_(moved),
            ),
        )
        .order_by(shard.c.id)
    )
    with ledger.read() as connection:
        return records.read(connection, FiredShard, question)


def withdraw(ledger: Ledger, shard_ids: Collection[int], *, now: datetime) -> int:
    """Settle what waits in these shards; gives how many messages. What is with a provider stays with it."""
    with ledger.begin() as connection:
        shards.lock(connection, shard_ids)
        shards.cancel(connection, shard.c.id.in_(shard_ids))
        withdrawn = connection.execute(
            shards.cancel_waiting(SCHEDULE_CHANGED, now=now).where(message.c.shard_id.in_(shard_ids))
        )
        failpoints.hit("withdrawing")
    return withdrawn.rowcount


def restore(
    ledger: Ledger,
    shard_ids: Collection[int],
    *,
    siblings: Sequence[int],
    not_before: datetime,
    now: datetime,
) -> int:
    """Let what was withdrawn wait again; gives how many messages.

    `siblings` are the other occurrences of the same occasion: whom one of them has reached is left out.
    Shards that are not withdrawn stay as they are, unless something in them waits again.
    """
    chosen = [message.c.shard_id.in_(shard_ids), is_withdrawn(message)]
    if siblings:
        chosen.append(~had_occasion(siblings, message))
    with ledger.begin() as connection:
        shards.lock(connection, shard_ids)
        reopened = connection.scalars(sa.select(message.c.shard_id).where(*chosen).distinct()).all()
        restored = connection.execute(
            sa.update(message)
            .where(*chosen)
            .values(
                status=sa.case((_IS_UNTRIED, CREATED), else_=TEMPORARY_FAILURE),
                rank=sa.case(
                    (_IS_UNTRIED, RANK[CREATED]),
                    (_WAS_ACCEPTED, RANK[TEMPORARY_FAILURE]),
                    else_=RANK_NOT_ACCEPTED,
                ),
                reason="",
                next_at=not_before,
                status_at=now,
            )
        )
        connection.execute(
            sa.update(shard)
            .where(shard.c.id.in_(shard_ids), sa.or_(shard.c.state == "cancelled", shard.c.id.in_(reopened)))
            .values(state="open", not_before=not_before, needs_recount=1)
        )
        failpoints.hit("restoring")
    return restored.rowcount


def retime(ledger: Ledger, occurrence_id: int, planned: Occurrence, *, now: datetime) -> None:
    """Let an occurrence that was fired be as it is planned now: when, until when, in which words."""
    facts = {"due_at": planned.due_at, "expires_at": planned.expires_at, "moment": planned.template}
    waiting = (shard.c.occurrence_id == occurrence_id, shard.c.state == "open")
    with ledger.begin() as connection:
        ids = connection.scalars(sa.select(shard.c.id).where(*waiting)).all()
        shards.lock(connection, ids)
        before = connection.scalar(sa.select(occurrence.c.due_at).where(occurrence.c.id == occurrence_id))
        connection.execute(sa.update(occurrence).where(occurrence.c.id == occurrence_id).values(facts))
        moved: dict[str, object] = {}
        if before != planned.due_at:
            again = max(planned.due_at, now)
            moved = {"not_before": again}
            connection.execute(
                sa.update(message)
                .where(message.c.shard_id.in_(ids), message.c.next_at.is_not(None), message.c.attempt == 0)
                .values(next_at=again)
            )
        connection.execute(
            sa.update(shard)
            .where(shard.c.id.in_(ids))
            .values(lease_until=None, owner="", token=shard.c.token + 1, needs_recount=1, **moved)
        )
        failpoints.hit("retiming")


_IS_UNTRIED = message.c.counted_attempts == 0
_WAS_ACCEPTED = sa.exists().where(attempt.c.message_id == message.c.id, attempt.c.outcome == "accepted")
