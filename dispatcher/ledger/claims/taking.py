"""The three transactions of a worker: take a shard, claim a batch of it, give it back.

Every statement is made once: building one anew costs as much as running it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher import faults
from dispatcher.errors import LostLease
from dispatcher.ledger import Ledger, shards
from dispatcher.ledger.claims.candidates import candidates
from dispatcher.ledger.claims.sorting import Sorting
from dispatcher.ledger.claims.values import Batch, Compose, Lease, Limits
from dispatcher.ledger.tables import Instant, campaign, message, occurrence, shard

LEASE_MAX = timedelta(hours=1)
CAP_LOCK = 7_305_211  # our advisory lock's number on PostgreSQL; any constant will do


def take_shard(
    ledger: Ledger, *, owner: str, now: datetime, lease: timedelta, channels: Sequence[str]
) -> Lease | None:
    """Lease the most urgent open shard of a campaign that may send; None when there is none."""
    with ledger.begin() as connection:
        found = connection.execute(
            _MOST_URGENT, {"now": now, "insane": now + LEASE_MAX, "channels": list(channels)}
        ).first()
        if found is None:
            return None
        until = now + lease
        connection.execute(
            _TAKE, {"s": found.id, "held": found.token, "next": found.token + 1, "by": owner, "until": until}
        )
        faults.point("shard-taking")
    return Lease(
        shard_id=found.id,
        token=found.token + 1,
        until=until,
        occurrence_id=found.occurrence_id,
        campaign=found.campaign,
        step=found.step,
        kind=found.kind,
        moment=found.moment,
        due_at=found.due_at,
        expires_at=found.expires_at,
        audience=found.audience,
        channel=found.channel,
    )


def claim(
    ledger: Ledger,
    lease: Lease,
    *,
    now: datetime,
    lease_until: datetime,
    wire_by: datetime,
    ask_at: datetime,
    gateway: str,
    limits: Limits,
    compose: Compose,
) -> Batch:
    """Commit the intent for the next messages of a leased shard, skipping those who must not get one.

    `wire_by`: the latest moment one of them may go on the wire, what caps are counted from.
    `ask_at`: when the sweeper may take an unanswered intent for in doubt.
    Raises LostLease when another worker holds a newer token.
    """
    with ledger.begin() as connection:
        _renew(connection, lease, until=lease_until)
        _one_at_a_time(connection, ledger, lease)
        standing = _standing(connection, lease.campaign)
        if reason := _forbidden(standing, limits):
            return Batch(stopped=reason)
        room = limits.batch if standing.canary_left < 0 else min(limits.batch, standing.canary_left)
        rows = candidates(connection, lease, limits, now=now, count=room)
        if not rows:
            return Batch(last=True)
        sorting = Sorting(lease, limits, now=now, budget_used=standing.budget_used, compose=compose)
        for row in rows:
            sorting.add(row)
        sorting.write(connection, gateway=gateway, wire_by=wire_by, ask_at=ask_at)
        if sorting.claimed:
            spent = sum(item.vnd for item in sorting.claimed)
            flown = len(sorting.claimed) if standing.canary_left > 0 else 0
            if spent or flown:
                connection.execute(_USE, {"of": lease.campaign, "spent": spent, "flown": flown})
        faults.point("claiming")
    return Batch(
        claimed=tuple(sorting.claimed),
        settled=len(sorting.settled),
        deferred=sorting.deferred,
        last=len(rows) < room,
        stopped=sorting.stopped,
        unfit=sorting.unfit,
    )


def finish(
    ledger: Ledger, lease: Lease, *, now: datetime, not_before: datetime | None = None
) -> datetime | None:
    """Give a shard back: done when nothing in it can be claimed any more, else open again.

    `not_before` keeps it closed until then (window, rate). Gives the moment of its next work, None if done.
    """
    mine = {"s": lease.shard_id, "held": lease.token}
    with ledger.begin() as connection:
        shards.lock(connection, [lease.shard_id])  # whoever lets a message wait again takes the same lock
        soonest = connection.scalar(_SOONEST, {"s": lease.shard_id})
        again: datetime | None = None if soonest is None else max(soonest, not_before or soonest)
        if again is None:
            connection.execute(_CLOSE, mine)
        else:
            connection.execute(_GIVE_BACK, {**mine, "again": again})
        faults.point("finishing")
    return again


def _renew(connection: sa.Connection, lease: Lease, *, until: datetime) -> None:
    renewed = connection.execute(_RENEW, {"s": lease.shard_id, "held": lease.token, "until": until})
    if renewed.rowcount != 1:
        raise LostLease(f"shard {lease.shard_id} is no longer held under token {lease.token}")


def _one_at_a_time(connection: sa.Connection, ledger: Ledger, lease: Lease) -> None:
    """Count caps one claim after the other: two workers must not both see a number as free."""
    if ledger.dialect == "postgresql" and lease.channel == "sms":
        connection.execute(_CAPS_ARE_COUNTED)


def _standing(connection: sa.Connection, name: str) -> Any:
    """Read what the campaign allows; while it counts down, one claim after the other."""
    standing = connection.execute(_STANDING, {"of": name}).one()
    if standing.canary_left < 0:
        return standing
    return connection.execute(_STANDING_ALONE, {"of": name}).one()


def _forbidden(standing: Any, limits: Limits) -> str:
    """Say why the campaign may not send now; empty when it may."""
    if standing.state != "active":
        return str(standing.state)
    if limits.approved is not None:
        given = standing.approved_parts or {}
        if any(given.get(part) != wanted for part, wanted in limits.approved.items()):
            return "approval"
    return "canary" if standing.canary_left == 0 else ""


_MOST_URGENT = (
    sa.select(
        shard.c.id,
        shard.c.token,
        shard.c.occurrence_id,
        shard.c.audience,
        shard.c.channel,
        occurrence.c.campaign,
        occurrence.c.step,
        occurrence.c.kind,
        occurrence.c.moment,
        occurrence.c.due_at,
        occurrence.c.expires_at,
    )
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
_HELD = sa.and_(shard.c.id == sa.bindparam("s"), shard.c.token == sa.bindparam("held"))
_TAKE = (
    sa.update(shard)
    .where(_HELD)
    .values(
        token=sa.bindparam("next"),
        owner=sa.bindparam("by"),
        lease_until=_UNTIL,
        attempts=shard.c.attempts + 1,
    )
)
_RENEW = sa.update(shard).where(_HELD, shard.c.state == "open").values(lease_until=_UNTIL, changed=1)
_FREE = {"lease_until": sa.null(), "owner": "", "changed": 1}
_CLOSE = sa.update(shard).where(_HELD).values(**_FREE, state="done")
_GIVE_BACK = sa.update(shard).where(_HELD).values(**_FREE, not_before=sa.bindparam("again", type_=Instant))
_SOONEST = sa.select(sa.func.min(message.c.next_at)).where(
    message.c.shard_id == sa.bindparam("s"), message.c.next_at.is_not(None)
)
_STANDING = sa.select(
    campaign.c.state, campaign.c.budget_used, campaign.c.canary_left, campaign.c.approved_parts
).where(campaign.c.name == sa.bindparam("of"))
_STANDING_ALONE = _STANDING.with_for_update()
_USE = (
    sa.update(campaign)
    .where(campaign.c.name == sa.bindparam("of"))
    .values(
        budget_used=campaign.c.budget_used + sa.bindparam("spent"),
        canary_left=campaign.c.canary_left - sa.bindparam("flown"),
    )
)
_CAPS_ARE_COUNTED = sa.select(sa.func.pg_advisory_xact_lock(CAP_LOCK))
