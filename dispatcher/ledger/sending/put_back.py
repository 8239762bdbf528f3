"""Puts intents back that have certainly not left: they wait again as they did before they were claimed.

An attempt that is put back keeps its number, which nobody outside has seen, and costs no patience.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import is_uncleared
from dispatcher.ledger.schema.message_status import (
    CREATED,
    RANK,
    RANK_NOT_ACCEPTED,
    SCHEDULE_CHANGED,
    SUBMITTING,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.schema.tables import attempt, campaign, message, occurrence, shard
from dispatcher.ledger.sending import budgets, shards
from dispatcher.ledger.sending.campaign_states import CANCEL_REASONS
from dispatcher.ledger.sending.claim_types import ClaimedMessage, Lease


def put_back(ledger: Ledger, claimed: Sequence[ClaimedMessage], *, now: datetime) -> int:
    """Put back what was claimed and must not leave now; gives how many there were.

    The caller lives, and lets nothing of them go any more.
    """
    attempts = {item.message_id: item.attempt for item in claimed}
    with ledger.begin() as connection:
        undone = _put_back(connection, message.c.id.in_(attempts), attempts=attempts, now=now)
        failpoints.hit("putting-back")
    return len(undone)


def put_back_uncleared(connection: sa.Connection, shard_ids: Collection[int], *, now: datetime) -> int:
    """Put back the intents of dead holders whose slots had not come, within the caller's transaction.

    A holder clears a stretch of slots in the ledger before it lets anything of that stretch go
    (`claims.extend_clearance`), and only while its lease is its own: the caller has ended that.
    """
    abandoned = sa.and_(message.c.shard_id.in_(shard_ids), is_uncleared())
    return len(_put_back(connection, abandoned, now=now))


def release_unfinished_claim(
    ledger: Ledger, lease: Lease, *, lookup_at: datetime | None, now: datetime
) -> int:
    """Give back a shard, and the intents of a claim that nobody heard the end of; gives how many there were.

    The ledger went away while it was told: it may have committed. The caller lives and has offered nothing of
    that claim, which is known by its `lookup_at` (None: there was no claim).
    """
    with ledger.begin() as connection:
        undone: Collection[int] = ()
        if lookup_at is not None:
            shards.lock(connection, [lease.shard_id])
            claim = sa.and_(message.c.shard_id == lease.shard_id, message.c.lookup_at == lookup_at)
            undone = _put_back(connection, claim, now=now)
        connection.execute(
            sa.update(shard)
            .where(shard.c.id == lease.shard_id, shard.c.token == lease.token)
            .values(lease_until=None, owner="", needs_recount=1)
        )
    return len(undone)


def _put_back(
    connection: sa.Connection,
    condition: sa.ColumnElement[bool],
    *,
    attempts: Mapping[int, int] | None = None,
    now: datetime,
) -> Sequence[int]:
    """Let intents wait again, or close them where nothing goes out any more; gives their ids."""
    question = _INTENTS.where(condition)
    shards.lock(connection, {row.shard_id for row in connection.execute(question)})
    intents = connection.execute(question.order_by(message.c.id).with_for_update(of=message)).all()
    mine = [row for row in intents if attempts is None or attempts.get(row.id) == row.attempt]
    if not mine:
        return ()
    ids = [row.id for row in mine]
    over = {row.id: reason for row in mine if (reason := _why_over(row.campaign_state, row.shard_state))}
    with budgets.keep_in_sync(connection, ids):
        connection.execute(_UNDO.where(message.c.id.in_(ids)), {"again": now, "at": now})
    for reason in set(over.values()):
        closed = [key for key, why in over.items() if why == reason]
        connection.execute(shards.cancel_waiting(reason, now=now).where(message.c.id.in_(closed)))
    for name, count in Counter(row.campaign for row in mine if row.kind not in step_kinds.FOR_STAFF).items():
        _restore_canaries(connection, name, count)
    touched = {row.shard_id for row in mine}
    shards.mark_dirty(connection, touched)
    shards.reopen(connection, dict.fromkeys(touched, now))
    return ids


def _why_over(campaign_state: str, shard_state: str) -> str:
    """Return the reason why nothing of a shard goes out any more; empty when it goes on."""
    return CANCEL_REASONS.get(campaign_state) or (SCHEDULE_CHANGED if shard_state == "cancelled" else "")


def _restore_canaries(connection: sa.Connection, name: str, count: int) -> None:
    """Count these canaries back in, where they were some."""
    connection.execute(
        sa.update(campaign)
        .where(campaign.c.name == name, campaign.c.canary_passed == 0, campaign.c.canary_sent >= count)
        .values(canary_sent=campaign.c.canary_sent - count)
    )


_INTENTS = (
    sa.select(
        message.c.id,
        message.c.attempt,
        message.c.shard_id,
        occurrence.c.campaign,
        occurrence.c.kind,
        campaign.c.state.label("campaign_state"),
        shard.c.state.label("shard_state"),
    )
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .join(shard, shard.c.id == message.c.shard_id)
    .join(campaign, campaign.c.name == occurrence.c.campaign)
    .where(message.c.status == SUBMITTING)
)
_accepted_before = sa.and_(attempt.c.message_id == message.c.id, attempt.c.outcome == "accepted")
_first = message.c.attempt == 1
_UNDO = sa.update(message).values(
    status=sa.case((_first, CREATED), else_=TEMPORARY_FAILURE),
    rank=sa.case(
        (_first, RANK[CREATED]),
        (sa.exists().where(_accepted_before), RANK[TEMPORARY_FAILURE]),
        else_=RANK_NOT_ACCEPTED,
    ),
    reason="",
    status_at=sa.bindparam("at"),
    counted_attempts=message.c.counted_attempts - 1,
    # What caps are counted from: when it last went out, if it ever did.
    submitted_at=sa.select(sa.func.max(attempt.c.started_at)).where(_accepted_before).scalar_subquery(),
    slot_at=sa.null(),
    next_at=sa.bindparam("again"),
    lookup_at=sa.null(),
    vnd=message.c.vnd - message.c.vnd_attempt,
    vnd_attempt=0,
)
