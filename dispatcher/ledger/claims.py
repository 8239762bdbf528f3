"""Claiming work: a shard under a lease, then a batch of its messages, eligibility decided at that moment.

One transaction renews the lease, looks at the next messages, settles the ineligible with their reason
and commits the intent for the rest. Only then may anything go on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher import faults
from dispatcher.errors import LostLease
from dispatcher.ledger import Ledger, shards
from dispatcher.ledger.status import (
    CANCELLED,
    EXPIRED,
    RANK,
    RANK_NOT_TAKEN,
    SUBMITTING,
    TECHNICAL_FAILURE,
)
from dispatcher.ledger.tables import (
    Instant,
    address,
    campaign,
    contact,
    message,
    occurrence,
    participation,
    person,
    shard,
    suppression,
    wording,
)
from dispatcher.message import Draft, Recipient
from dispatcher.message.unfit import MessageUnfit

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
# Yesterday's text went out a few minutes later than its hour: today's waits those minutes. A longer wait
# would be another occasion, so it is cancelled instead.
CAP_WAIT = timedelta(hours=2)
# Made once: an alias costs as much as the query it stands in.
_family = address.alias("family")
_held_elsewhere = contact.alias("held_elsewhere")
_earlier = message.alias("earlier")
_recently = message.alias("recently")

LEASE_MAX = timedelta(hours=1)
CAP_LOCK = 7_305_211  # our advisory lock's number on PostgreSQL; any constant will do


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """A shard held by one worker; a newer holder always has a higher token."""

    shard_id: int
    token: int
    until: datetime
    occurrence_id: int
    campaign: str
    step: str
    kind: str
    moment: str
    due_at: datetime
    expires_at: datetime
    audience: str
    channel: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What the claim enforces, besides the facts in the ledger."""

    batch: int
    cap_per_day: int | None = None  # texts to one number in any 24 h, over all campaigns
    cap_per_week: int | None = None
    budget_vnd: int | None = None
    approved: Mapping[str, str] | None = None  # hashes that the approval has to hold; None: it needs none
    vnd_per_part: Callable[[str], int] = field(default=lambda _address: 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """One message whose intent is committed: it may go out now, and only by the one who holds this."""

    message_id: int
    attempt: int
    tries: int = 1  # this one included, without those that the provider never looked at
    recipient: Recipient
    draft: Draft
    vnd: int  # reserved for this attempt


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """What one claim found."""

    claimed: tuple[Claimed, ...] = ()
    settled: int = 0  # skipped with a reason
    deferred: int = 0  # put off: the cap frees later
    empty: bool = False  # nothing in this shard is due now
    stopped: str = ""  # the campaign may not send: paused, cancelled, approval, budget, canary
    unfit: str = ""  # why a message could not be written, if one could not


# (recipient, whether it is their first message of the campaign) -> words; raises MessageUnfit
Compose = Callable[[Recipient, bool], Draft]


def take_shard(
    ledger: Ledger, *, owner: str, now: datetime, lease: timedelta, channels: Sequence[str]
) -> Lease | None:
    """Lease the most urgent open shard of a campaign that may send; None when there is none."""
    with ledger.begin() as connection:
        candidate = (
            sa.select(shard.c.id, shard.c.token)
            .join_from(shard, occurrence)
            .join(campaign, campaign.c.name == occurrence.c.campaign)
            .where(
                shard.c.state == "open",
                shard.c.not_before <= now,
                _is_free(now),
                shard.c.channel.in_(channels),
                campaign.c.state == "active",
            )
            .order_by(shard.c.priority.desc(), shard.c.not_before, shard.c.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=shard)
        )
        found = connection.execute(candidate).first()
        if found is None:
            return None
        until = now + lease
        connection.execute(
            sa.update(shard)
            .where(shard.c.id == found.id, shard.c.token == found.token)
            .values(token=found.token + 1, owner=owner, lease_until=until, attempts=shard.c.attempts + 1)
        )
        row = connection.execute(
            sa.select(shard, occurrence).join_from(shard, occurrence).where(shard.c.id == found.id)
        ).one()
        faults.point("shard-taking")
    return Lease(
        shard_id=found.id,
        token=found.token + 1,
        until=until,
        occurrence_id=row.occurrence_id,
        campaign=row.campaign,
        step=row.step,
        kind=row.kind,
        moment=row.moment,
        due_at=row.due_at,
        expires_at=row.expires_at,
        audience=row.audience,
        channel=row.channel,
    )


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Tell whether nobody holds a shard; no honest lease runs for an hour: that is a clock that went back."""
    until = shard.c.lease_until
    return sa.or_(until.is_(None), until < now, until > now + LEASE_MAX)


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
        rows = connection.execute(_candidates(lease, limits, now=now, count=room)).all()
        if not rows:
            return Batch(empty=True)
        sorting = _Sorting(lease, limits, now=now, budget_used=standing.budget_used, compose=compose)
        for row in rows:
            sorting.add(row)
        _write(connection, ledger, sorting, gateway=gateway, wire_by=wire_by, ask_at=ask_at, now=now)
        if sorting.claimed:
            connection.execute(
                sa.update(campaign)
                .where(campaign.c.name == lease.campaign)
                .values(
                    budget_used=campaign.c.budget_used + sum(item.vnd for item in sorting.claimed),
                    canary_left=campaign.c.canary_left
                    - (len(sorting.claimed) if standing.canary_left > 0 else 0),
                )
            )
        faults.point("claiming")
    return Batch(
        claimed=tuple(sorting.claimed),
        settled=len(sorting.settled),
        deferred=sorting.deferred,
        stopped=sorting.stopped,
        unfit=sorting.unfit,
    )


def finish(
    ledger: Ledger, lease: Lease, *, now: datetime, not_before: datetime | None = None
) -> datetime | None:
    """Give a shard back: done when nothing in it can be claimed any more, else open again.

    `not_before` keeps it closed until then (window, rate). Gives the moment of its next work, None if done.
    """
    with ledger.begin() as connection:
        shards.lock(connection, [lease.shard_id])  # whoever lets a message wait again takes the same lock
        soonest = connection.scalar(
            sa.select(sa.func.min(message.c.next_at)).where(
                message.c.shard_id == lease.shard_id, message.c.next_at.is_not(None)
            )
        )
        again = None if soonest is None else max(soonest, not_before or soonest)
        values: dict[str, Any] = {"lease_until": None, "owner": "", "changed": 1}
        values |= {"state": "done"} if again is None else {"not_before": again}
        connection.execute(
            sa.update(shard).where(shard.c.id == lease.shard_id, shard.c.token == lease.token).values(values)
        )
        faults.point("finishing")
    return again


def _renew(connection: sa.Connection, lease: Lease, *, until: datetime) -> None:
    renewed = connection.execute(
        sa.update(shard)
        .where(shard.c.id == lease.shard_id, shard.c.token == lease.token, shard.c.state == "open")
        .values(lease_until=until, changed=1)
    )
    if renewed.rowcount != 1:
        raise LostLease(f"shard {lease.shard_id} is no longer held under token {lease.token}")


def _one_at_a_time(connection: sa.Connection, ledger: Ledger, lease: Lease) -> None:
    """Count caps one claim after the other: two workers must not both see a number as free."""
    if ledger.dialect == "postgresql" and lease.channel == "sms":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CAP_LOCK)))


def _standing(connection: sa.Connection, name: str) -> Any:
    """Read what the campaign allows; while it counts down, one claim after the other."""
    question = sa.select(
        campaign.c.state, campaign.c.budget_used, campaign.c.canary_left, campaign.c.approved_parts
    ).where(campaign.c.name == name)
    standing = connection.execute(question).one()
    return standing if standing.canary_left < 0 else connection.execute(question.with_for_update()).one()


def _forbidden(standing: Any, limits: Limits) -> str:
    """Say why the campaign may not send now; empty when it may."""
    if standing.state != "active":
        return str(standing.state)
    if limits.approved is not None:
        given = standing.approved_parts or {}
        if any(given.get(part) != wanted for part, wanted in limits.approved.items()):
            return "approval"
    return "canary" if standing.canary_left == 0 else ""


def _candidates(lease: Lease, limits: Limits, *, now: datetime, count: int) -> sa.Select[tuple[object, ...]]:
    """Look at the next messages, each with everything that could forbid it and all that its words need."""
    return (
        sa.select(
            message.c.id,
            message.c.attempt,
            message.c.tries,
            message.c.person_id,
            message.c.address,
            person.c.name,
            person.c.given_name,
            person.c.honorific,
            person.c.area,
            person.c.erased_at,
            contact.c.unit,
            contact.c.role,
            contact.c.lead,
            contact.c.file,
            contact.c.row,
            contact.c.state.label("contact_state"),
            _suppressed(lease).label("suppressed"),
            _participated(lease).label("participated"),
            _held().label("held"),
            _written_before(lease).label("written_before"),
            _recent(lease, limits, since=now - DAY).label("last_day"),
            _recent(lease, limits, since=now - WEEK, weekly=True).label("last_week"),
        )
        .join_from(message, person, person.c.id == message.c.person_id)
        .join(contact, contact.c.id == message.c.contact_id)
        .where(message.c.shard_id == lease.shard_id, message.c.next_at <= now)
        .order_by(message.c.id)
        .limit(count)
        .with_for_update(of=message)  # a receipt that settles one of them comes before us or after us
    )


def _suppressed(lease: Lease) -> sa.ScalarSelect[str]:
    scopes = ("all", f"audience:{lease.audience}", f"campaign:{lease.campaign}")
    return (
        sa.select(sa.func.min(suppression.c.reason))
        .where(
            suppression.c.channel == message.c.channel,
            suppression.c.address == message.c.address,
            suppression.c.scope.in_(scopes),
        )
        .scalar_subquery()
    )


def _participated(lease: Lease) -> sa.ColumnElement[bool]:
    """Tell whether anybody at this address took part: a family is not reminded of what it has done."""
    if lease.kind in {"thanks", "digest"}:
        return sa.false()
    other = _family.c
    return sa.exists().where(
        other.channel == message.c.channel,
        other.address == message.c.address,
        participation.c.person_id == other.person_id,
        participation.c.campaign == lease.campaign,
    )


def _held() -> sa.Exists:
    other = _held_elsewhere.c
    return sa.exists().where(
        other.person_id == message.c.person_id, other.state == "held", other.held_reason != "retired"
    )


def _written_before(lease: Lease) -> sa.Exists:
    """Tell whether this address was written to before: the first text carries the opt-out line."""
    other = _earlier.c
    return sa.exists().where(
        other.address == message.c.address,
        other.submitted_at.is_not(None),
        other.rank != RANK_NOT_TAKEN,
        other.id != message.c.id,
        other.occurrence_id == occurrence.c.id,
        occurrence.c.campaign == lease.campaign,
    )


def _recent(
    lease: Lease, limits: Limits, *, since: datetime, weekly: bool = False
) -> sa.ColumnElement[int] | sa.ScalarSelect[int]:
    """Count what this number has been sent since, whatever the campaign."""
    cap = limits.cap_per_week if weekly else limits.cap_per_day
    if cap is None or lease.channel != "sms":
        return sa.literal(0)
    other = _recently.c
    return (
        sa.select(sa.func.count())
        .where(
            other.address == message.c.address,
            other.channel == "sms",
            other.submitted_at > since,
            other.rank != RANK_NOT_TAKEN,
            other.id != message.c.id,
        )
        .scalar_subquery()
    )


class _Sorting:
    """The rows of one claim, sorted into what goes out, what is settled and what is put off."""

    def __init__(
        self, lease: Lease, limits: Limits, *, now: datetime, budget_used: int, compose: Compose
    ) -> None:
        self.lease = lease
        self.limits = limits
        self.now = now
        self._budget_used = budget_used
        self._compose = compose
        self.claimed: list[Claimed] = []
        self.settled: list[dict[str, object]] = []
        self.capped: list[Any] = []
        self.deferred = 0
        self.stopped = ""
        self.unfit = ""

    def add(self, row: Any) -> None:
        if self.stopped:
            return
        if verdict := self._verdict(row):
            status, reason = verdict
            self.settle(row.id, status, reason)
        elif self._capped(row):
            self.capped.append(row)
        else:
            self._write_words(row)

    def settle(self, message_id: int, status: str, reason: str) -> None:
        row = {"m": message_id, "to_status": status, "to_rank": RANK[status], "why": reason}
        self.settled.append(row)

    def _verdict(self, row: Any) -> tuple[str, str] | None:
        if self.now >= self.lease.expires_at:
            return EXPIRED, "expired"
        if row.erased_at is not None:
            return CANCELLED, "erased"
        if row.suppressed:
            return CANCELLED, "opted-out" if row.suppressed == "opted-out" else "suppressed"
        if row.participated:
            return CANCELLED, "participated"
        if row.held or row.contact_state != "active":
            return CANCELLED, "held"
        return None

    def _capped(self, row: Any) -> bool:
        per_day, per_week = self.limits.cap_per_day, self.limits.cap_per_week
        over_day = per_day is not None and row.last_day >= per_day
        return over_day or (per_week is not None and row.last_week >= per_week)

    def _write_words(self, row: Any) -> None:
        recipient = Recipient(
            person_id=row.person_id,
            audience=self.lease.audience,
            channel=self.lease.channel,  # type: ignore[arg-type]  # the ledger knows only the two
            address=row.address,
            name=row.name,
            given_name=row.given_name,
            honorific=row.honorific,
            area=row.area,
            unit=row.unit,
            role=row.role,
            lead=row.lead,
            list_file=row.file,
            list_row=row.row,
        )
        try:
            draft = self._compose(recipient, not row.written_before)
        except MessageUnfit as reason:
            self.settle(row.id, TECHNICAL_FAILURE, "content")
            self.unfit = str(reason)
            return
        vnd = draft.parts * self.limits.vnd_per_part(row.address) if draft.parts else 0
        if self.limits.budget_vnd is not None and vnd and self._budget_used + vnd > self.limits.budget_vnd:
            self.stopped = "budget"
            return
        self._budget_used += vnd
        self.claimed.append(
            Claimed(
                message_id=row.id,
                attempt=row.attempt + 1,
                tries=row.tries + 1,
                recipient=recipient,
                draft=draft,
                vnd=vnd,
            )
        )


def _write(
    connection: sa.Connection,
    ledger: Ledger,
    sorting: _Sorting,
    *,
    gateway: str,
    wire_by: datetime,
    ask_at: datetime,
    now: datetime,
) -> None:
    if sorting.capped:
        _put_off(connection, sorting)
    if sorting.settled:
        connection.execute(_SETTLED, [{**row, "now": now} for row in sorting.settled])
    if sorting.claimed:
        connection.execute(
            _INTENT,
            [
                {
                    "m": item.message_id,
                    "no": item.attempt,
                    "n_tries": item.tries,
                    "n_parts": item.draft.parts,
                    "n_vnd": item.vnd,
                    "hash": item.draft.body_hash,
                    "by": gateway,
                    "now": now,
                    "wire": wire_by,
                    "ask": ask_at,
                }
                for item in sorting.claimed
            ],
        )
        _keep_words(connection, ledger, sorting.claimed, now=now)


def _keep_words(
    connection: sa.Connection, ledger: Ledger, claimed: Sequence[Claimed], *, now: datetime
) -> None:
    """Keep what is about to be said, once for all who are told the same."""
    words = {item.draft.body_hash: item.draft for item in claimed}
    connection.execute(
        ledger.insert(wording).on_conflict_do_nothing(),
        [
            {
                "body_hash": body_hash,
                "body": f"{draft.mail.subject}\n\n{draft.mail.text}" if draft.mail else draft.body,
                "first_at": now,
            }
            for body_hash, draft in words.items()
        ],
    )


def _put_off(connection: sa.Connection, sorting: _Sorting) -> None:
    """Let those over their cap wait until it frees, when that is soon; cancel the rest."""
    frees = _cap_frees(connection, sorting)
    later = []
    for row in sorting.capped:
        again = frees[row.address]
        if again <= min(sorting.now + CAP_WAIT, sorting.lease.expires_at):
            later.append({"m": row.id, "again": again})
        else:
            sorting.settle(row.id, CANCELLED, "frequency-cap")
    sorting.deferred = len(later)
    if later:
        connection.execute(
            sa.update(message)
            .where(message.c.id == sa.bindparam("m"))
            .values(next_at=sa.bindparam("again", type_=Instant)),
            later,
        )


def _cap_frees(connection: sa.Connection, sorting: _Sorting) -> Mapping[str, datetime]:
    """Tell for each number over its cap when one more text would be within it."""
    numbers = {row.address for row in sorting.capped}
    sent: dict[str, list[datetime]] = {number: [] for number in numbers}
    rows = connection.execute(
        sa.select(message.c.address, message.c.submitted_at)
        .where(
            message.c.address.in_(numbers),
            message.c.channel == "sms",
            message.c.submitted_at > sorting.now - WEEK,
            message.c.rank != RANK_NOT_TAKEN,
        )
        .order_by(message.c.submitted_at.desc())
    )
    for row in rows:
        sent[row.address].append(row.submitted_at)
    caps = [(DAY, sorting.limits.cap_per_day), (WEEK, sorting.limits.cap_per_week)]
    return {
        number: max(
            (
                moments[cap - 1] + span + timedelta(seconds=1)
                for span, cap in caps
                if cap is not None and 0 < cap <= len(moments)
            ),
            default=sorting.now + WEEK,
        )
        for number, moments in sent.items()
    }


_SETTLED = (
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values(
        status=sa.bindparam("to_status"),
        rank=sa.bindparam("to_rank"),
        reason=sa.bindparam("why"),
        next_at=sa.null(),
        ask_at=sa.null(),
        status_at=sa.bindparam("now", type_=Instant),
    )
)

_INTENT = (
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values(
        status=SUBMITTING,
        rank=RANK[SUBMITTING],
        reason="",
        next_at=sa.null(),
        attempt=sa.bindparam("no"),
        tries=sa.bindparam("n_tries"),
        parts=sa.bindparam("n_parts"),
        vnd=message.c.vnd + sa.bindparam("n_vnd"),
        vnd_attempt=sa.bindparam("n_vnd"),
        body_hash=sa.bindparam("hash"),
        gateway=sa.bindparam("by"),
        submitted_at=sa.bindparam("wire", type_=Instant),
        status_at=sa.bindparam("now", type_=Instant),
        ask_at=sa.bindparam("ask", type_=Instant),
        provider_id=sa.null(),
    )
)
