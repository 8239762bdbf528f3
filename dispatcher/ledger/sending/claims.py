"""The transactions of a worker: take a shard, claim a batch of it, clear what may leave, give it back.

Every statement is made once: building one anew costs as much as running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.campaign import step_kinds
from dispatcher.errors import LeaseLost
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records, revision
from dispatcher.ledger.schema.tables import Instant, campaign, message, occurrence, shard
from dispatcher.ledger.sending import shards
from dispatcher.ledger.sending.candidates import lock_candidates
from dispatcher.ledger.sending.claim_decisions import ClaimBatch
from dispatcher.ledger.sending.claim_types import ClaimedMessage, ClaimResult, Compose, Lease, Limits
from dispatcher.ledger.sending.put_back import put_back_uncleared

LEASE_MAX = timedelta(hours=1)
CAP_LOCK = 7_305_211  # our advisory lock's number on PostgreSQL; any constant will do


class _CampaignRow(NamedTuple):
    """What the ledger says about a campaign that wants to send."""

    state: str
    budget_used: int
    canary_sent: int
    canary_passed: int
    approved_hashes: dict[str, str] | None


def lease_shard(
    ledger: Ledger, *, owner: str, now: datetime, lease: timedelta, channels: Sequence[str]
) -> Lease | None:
    """Lease the most urgent open shard of a campaign that may send; None when there is none."""
    with ledger.begin() as connection:
        row = connection.execute(
            _MOST_URGENT, {"now": now, "insane": now + LEASE_MAX, "channels": list(channels)}
        ).first()
        if row is None:
            return None
        until = now + lease
        current = revision.read(connection)
        connection.execute(
            _LEASE, {"s": row.shard_id, "held": row.token, "next": row.token + 1, "by": owner, "until": until}
        )
        undone = put_back_uncleared(connection, [row.shard_id], now=now) if row.until is not None else 0
        due = connection.scalar(_DUE, {"s": row.shard_id, "now": now}) or 0
        failpoints.hit("shard-taking")
    return records.value_of(
        Lease, row, token=row.token + 1, until=until, revision=current, due=due, put_back=undone
    )


def claim_messages(
    ledger: Ledger,
    lease: Lease,
    *,
    now: datetime,
    lease_until: datetime,
    latest_send_at: datetime,
    lookup_at: datetime,
    gateway: str,
    limits: Limits,
    compose: Compose,
    slots: Sequence[datetime] = (),
) -> ClaimResult:
    """Commit the intent for the next messages of a leased shard, skipping those who must not get one.

    `latest_send_at`: the latest moment one of them may go on the wire, what caps are counted from.
    `lookup_at`: when the sweeper may take an unanswered intent for in doubt.
    `slots`: the moments before which they do not leave, in order; without, each may leave at once.
    Raises LeaseLost when another worker holds a newer token.
    """
    with ledger.begin() as connection:
        _renew(connection, lease, until=lease_until)
        current = revision.read(connection)
        _lock_caps(connection, ledger, lease)
        campaign_row = _campaign_row(connection, lease.campaign)
        canary_left = _canary_left(campaign_row, limits, lease)
        if reason := _stop_reason(campaign_row, limits, canary_left):
            return ClaimResult(stop_reason=reason, revision=current)
        limit = limits.batch_size if canary_left is None else min(limits.batch_size, canary_left)
        rows = lock_candidates(connection, lease, limits, now=now, count=limit)
        if not rows:
            return ClaimResult(is_last=True, revision=current)
        batch = ClaimBatch(lease, limits, now=now, budget_used=campaign_row.budget_used, compose=compose)
        for row in rows:
            batch.decide(row)
        batch.store(
            connection, gateway=gateway, latest_send_at=latest_send_at, lookup_at=lookup_at, slots=slots
        )
        if batch.claimed:
            _count_usage(connection, lease, limits, campaign_row, batch.claimed)
        failpoints.hit("claiming")
    return ClaimResult(
        claimed=tuple(batch.claimed),
        revision=current,
        skipped=len(batch.skipped),
        deferred=batch.deferred,
        is_last=len(rows) < limit,
        stop_reason=batch.stop_reason,
        render_error=batch.render_error,
    )


def extend_clearance(ledger: Ledger, lease: Lease, *, until: datetime, lease_until: datetime) -> int:
    """Commit that intents of a leased shard with slots up to `until` may leave from now on.

    Return the revision of what decides about sending. Raises LeaseLost when another worker holds the shard by
    now, or its campaign is over.
    """
    with ledger.begin() as connection:
        current = revision.read(connection)
        cleared = connection.execute(
            _CLEAR, {"s": lease.shard_id, "held": lease.token, "clear": until, "until": lease_until}
        )
        failpoints.hit("clearing")
    if cleared.rowcount != 1:
        raise LeaseLost(f"shard {lease.shard_id} is no longer held under token {lease.token}")
    return current


def release_shard(
    ledger: Ledger, lease: Lease, *, now: datetime, not_before: datetime | None = None
) -> datetime | None:
    """Return a shard back: done when nothing in it can be claimed any more, else open again.

    `not_before` keeps it closed until then (window, rate). Gives the moment of its next work, None if done.
    """
    mine = {"s": lease.shard_id, "held": lease.token}
    with ledger.begin() as connection:
        shards.lock(connection, [lease.shard_id])  # whoever lets a message wait again takes the same lock
        soonest = connection.scalar(_NEXT_DUE, {"s": lease.shard_id})
        again: datetime | None = None if soonest is None else max(soonest, not_before or soonest)
        if again is None:
            connection.execute(_CLOSE, mine)
        else:
            connection.execute(_RELEASE, {**mine, "again": again})
        failpoints.hit("finishing")
    return again


def _renew(connection: sa.Connection, lease: Lease, *, until: datetime) -> None:
    renewed = connection.execute(_RENEW, {"s": lease.shard_id, "held": lease.token, "until": until})
    if renewed.rowcount != 1:
        raise LeaseLost(f"shard {lease.shard_id} is no longer held under token {lease.token}")


def _lock_caps(connection: sa.Connection, ledger: Ledger, lease: Lease) -> None:
    """Count caps one claim after the other: two workers must not both see a number as free."""
    if ledger.dialect == "postgresql" and lease.channel == "sms":
        connection.execute(_LOCK_CAPS)


def _campaign_row(connection: sa.Connection, name: str) -> _CampaignRow:
    """Read what the campaign allows; until its canary has passed, one claim after the other."""
    row = _CampaignRow(*connection.execute(_CAMPAIGN, {"of": name}).one())
    if row.canary_passed:
        return row
    return _CampaignRow(*connection.execute(_CAMPAIGN_FOR_UPDATE, {"of": name}).one())


def _canary_left(row: _CampaignRow, limits: Limits, lease: Lease) -> int | None:
    """Return how many canaries may still go out; None when none is in force. Colleagues are no canaries."""
    if row.canary_passed or not limits.canary or lease.kind in step_kinds.FOR_STAFF:
        return None
    return max(0, limits.canary - row.canary_sent)


def _count_usage(
    connection: sa.Connection,
    lease: Lease,
    limits: Limits,
    row: _CampaignRow,
    claimed: Sequence[ClaimedMessage],
) -> None:
    """Count what the claim costs, and its canaries; once people are written to without one, none comes."""
    spent = sum(item.vnd for item in claimed)
    to_people = not row.canary_passed and lease.kind not in step_kinds.FOR_STAFF
    if spent or to_people:
        canaries = len(claimed) if to_people and limits.canary else 0
        passed = row.canary_passed or int(to_people and not limits.canary)
        usage = {"of": lease.campaign, "spent": spent, "canaries": canaries, "passed": passed}
        connection.execute(_COUNT_USAGE, usage)


def _stop_reason(row: _CampaignRow, limits: Limits, canary_left: int | None) -> str:
    """Return why the campaign may not send now; empty when it may."""
    if row.state != "active":
        return str(row.state)
    if limits.approved_hashes is not None:
        approved = row.approved_hashes or {}
        if any(approved.get(part) != wanted for part, wanted in limits.approved_hashes.items()):
            return "approval"
    return "canary" if canary_left == 0 else ""


_AS_LEASED_BEFORE = records.columns_of(
    Lease,
    shard,
    occurrence,
    shard_id=shard.c.id,
    until=shard.c.lease_until,
    template=occurrence.c.moment,
)
_MOST_URGENT: records.Query = (
    sa.select(*_AS_LEASED_BEFORE)
    .join_from(shard, occurrence)
    .join(campaign, campaign.c.name == occurrence.c.campaign)
    .where(
        shard.c.state == "open",
        shard.c.not_before <= sa.bindparam("now", type_=Instant),
        sa.or_(
            shard.c.lease_until.is_(None),
            shard.c.lease_until < sa.bindparam("now", type_=Instant),
            # No honest lease runs for so long: that is a clock that was set back.
            shard.c.lease_until > sa.bindparam("insane", type_=Instant),
        ),
        shard.c.channel.in_(sa.bindparam("channels", expanding=True)),
        campaign.c.state == "active",
    )
    .order_by(shard.c.priority.desc(), shard.c.not_before, shard.c.id)
    .limit(1)
    .with_for_update(skip_locked=True, of=shard)
)
_UNTIL = sa.bindparam("until", type_=Instant)
_IS_OUR_LEASE = sa.and_(shard.c.id == sa.bindparam("s"), shard.c.token == sa.bindparam("held"))
_LEASE = (
    sa.update(shard)
    .where(_IS_OUR_LEASE)
    .values(
        token=sa.bindparam("next"),
        owner=sa.bindparam("by"),
        lease_until=_UNTIL,
        attempts=shard.c.attempts + 1,
    )
)
_RENEW = (
    sa.update(shard).where(_IS_OUR_LEASE, shard.c.state == "open").values(lease_until=_UNTIL, needs_recount=1)
)
_CLEAR = (
    sa.update(shard)
    .where(_IS_OUR_LEASE, shard.c.state == "open")
    .values(
        lease_until=_UNTIL,
        cleared_until=sa.case(
            (shard.c.cleared_until > sa.bindparam("clear", type_=Instant), shard.c.cleared_until),
            else_=sa.bindparam("clear", type_=Instant),
        ),
    )
)
_FREE = {"lease_until": sa.null(), "owner": "", "needs_recount": 1}
_CLOSE = sa.update(shard).where(_IS_OUR_LEASE).values(**_FREE, state="done")
_RELEASE = (
    sa.update(shard).where(_IS_OUR_LEASE).values(**_FREE, not_before=sa.bindparam("again", type_=Instant))
)
_DUE = sa.select(sa.func.count()).where(
    message.c.shard_id == sa.bindparam("s"), message.c.next_at <= sa.bindparam("now", type_=Instant)
)
_NEXT_DUE = sa.select(sa.func.min(message.c.next_at)).where(
    message.c.shard_id == sa.bindparam("s"), message.c.next_at.is_not(None)
)
_CAMPAIGN = sa.select(*(campaign.c[name] for name in _CampaignRow._fields)).where(
    campaign.c.name == sa.bindparam("of")
)
_CAMPAIGN_FOR_UPDATE = _CAMPAIGN.with_for_update()
_COUNT_USAGE = (
    sa.update(campaign)
    .where(campaign.c.name == sa.bindparam("of"))
    .values(
        budget_used=campaign.c.budget_used + sa.bindparam("spent"),
        canary_sent=campaign.c.canary_sent + sa.bindparam("canaries"),
        canary_passed=sa.bindparam("passed"),
    )
)
_LOCK_CAPS = sa.select(sa.func.pg_advisory_xact_lock(CAP_LOCK))
