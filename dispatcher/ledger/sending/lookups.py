"""What nobody knows yet: intents without an answer, and messages the provider has gone quiet about.

`lookup_at` says when a message is looked at next. An intent past it is in doubt; what is in doubt, or sent
without news, is asked about with growing pauses, and no question is asked for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.bulk import BulkStatement
from dispatcher.ledger.schema.message_status import (
    EXPIRED,
    IN_DOUBT,
    RANK,
    RANK_NOT_ACCEPTED,
    SENDING,
    SENT,
    SUBMITTING,
    TECHNICAL_FAILURE,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.schema.tables import (
    Instant,
    attempt,
    campaign,
    event,
    message,
    message_text,
    occurrence,
    to_micros,
)
from dispatcher.ledger.sending import budgets, shards

PAGE = 200
LOOKUP_LEASE = timedelta(minutes=2)  # a question whose asker was not heard of again is asked by another
# How long after the last question the next one is asked.
LOOKUP_INTERVALS = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24), timedelta(hours=72))
# What may not have left at all is asked about sooner: its window is closing.
IN_DOUBT_LOOKUP_INTERVALS = (
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingLookup:
    """A message to ask the provider about."""

    message_id: int
    attempt: int
    counted_attempts: int
    status: str
    channel: str
    address: str
    gateway: str
    provider_id: str
    text: str  # what was to be said: the provider's list is compared with it
    submitted_at: datetime
    lookups: int
    unknown_attempts: int  # earlier attempts that ended in doubt as well
    campaign: str
    campaign_is_over: bool  # the campaign was cancelled or has ended: nothing is sent again
    audience: str
    kind: str
    expires_at: datetime


def lease_due(
    ledger: Ledger,
    *,
    now: datetime,
    lease: timedelta = LOOKUP_LEASE,
    exclude: Collection[int] = (),
    limit: int = PAGE,
) -> tuple[PendingLookup, ...]:
    """Take unanswered intents but those in `exclude` for in doubt; return what is to be asked about now.

    What is returned is not returned again, to anybody, before `lease` has passed or an answer was written.
    """
    with ledger.begin() as connection:
        _mark_unanswered_in_doubt(connection, exclude, now=now)
        facts = {"now": now, "excluded": list(exclude), "count": limit}
        due = records.read(connection, PendingLookup, _DUE_MESSAGES.params(facts))
        if due:
            taken = message.c.id.in_([one.message_id for one in due])
            connection.execute(sa.update(message).where(taken).values(lookup_at=now + lease))
        failpoints.hit("doubting")
    return due


def _mark_unanswered_in_doubt(connection: sa.Connection, exclude: Collection[int], *, now: datetime) -> None:
    facts = {"now": now, "excluded": list(exclude)}
    touched = connection.scalars(_UNANSWERED_SHARDS, facts).all()
    if touched:
        shards.mark_dirty(connection, touched)
        ids = connection.scalars(_UNANSWERED, facts).all()
        doubtful = {"status": IN_DOUBT, "rank": RANK[IN_DOUBT], "status_at": now}
        connection.execute(sa.update(message).where(message.c.id.in_(ids)).values(doubtful))


def _due_query() -> records.Query:
    earlier = attempt.c
    doubts = sa.select(sa.func.count()).where(
        earlier.message_id == message.c.id, earlier.no < message.c.attempt, earlier.outcome == "unknown"
    )
    return (
        sa.select(
            *records.columns_of(
                PendingLookup,
                message,
                occurrence,
                message_id=message.c.id,
                provider_id=sa.func.coalesce(message.c.provider_id, ""),
                text=sa.func.coalesce(message_text.c.body, ""),
                unknown_attempts=doubts.scalar_subquery(),
                campaign_is_over=campaign.c.state.in_(("cancelled", "ended")),
            )
        )
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .join(campaign, campaign.c.name == occurrence.c.campaign)
        .outerjoin(message_text, message_text.c.body_hash == message.c.body_hash)
        .where(*_DUE)
        .order_by(message.c.lookup_at)
        .limit(sa.bindparam("count"))
        .with_for_update(of=message, skip_locked=True)
    )


_DUE = (
    message.c.lookup_at <= sa.bindparam("now", type_=Instant),
    message.c.id.not_in(sa.bindparam("excluded", expanding=True)),
)
_UNANSWERED_SHARDS = sa.select(message.c.shard_id).where(*_DUE, message.c.status == SUBMITTING).distinct()
_UNANSWERED = (
    sa.select(message.c.id)
    .where(*_DUE, message.c.status == SUBMITTING)
    .order_by(message.c.id)
    .with_for_update(skip_locked=True)
)
_DUE_MESSAGES = _due_query()


def other_provider_ids(ledger: Ledger, pending: Sequence[PendingLookup]) -> dict[int, frozenset[str]]:
    """Return for each message the provider's names of all other messages, and other attempts, to its address.

    What the provider has under another name than these is ours, whatever any clock says.
    """
    provider_ids: dict[str, set[tuple[int, int, str]]] = {doubt.address: set() for doubt in pending}
    with ledger.read() as connection:
        for question in _PROVIDER_IDS:
            for address, message_id, no, provider_id in connection.execute(
                question, {"addresses": list(provider_ids)}
            ):
                provider_ids[address].add((message_id, no, provider_id))
    return {
        doubt.message_id: frozenset(
            provider_id
            for message_id, no, provider_id in provider_ids[doubt.address]
            if (message_id, no) != (doubt.message_id, doubt.attempt)
        )
        for doubt in pending
    }


_HERE = message.c.address.in_(sa.bindparam("addresses", expanding=True))
_PROVIDER_IDS = (
    sa.select(message.c.address, message.c.id, message.c.attempt, message.c.provider_id).where(
        _HERE, message.c.provider_id.is_not(None)
    ),
    sa.select(message.c.address, message.c.id, attempt.c.no, attempt.c.provider_id)
    .join_from(message, attempt, attempt.c.message_id == message.c.id)
    .where(_HERE, attempt.c.provider_id.is_not(None)),
    sa.select(message.c.address, message.c.id, event.c.attempt, event.c.provider_id)
    .join_from(message, event, event.c.message_id == message.c.id)
    .where(_HERE, event.c.provider_id != "", event.c.attempt > 0),
)


def postpone(ledger: Ledger, pending: Sequence[PendingLookup], *, now: datetime) -> None:
    """Note that these were asked about without a clear answer, and when to ask again."""
    if not pending:
        return
    ids = [doubt.message_id for doubt in pending]
    with ledger.begin() as connection:
        shards.mark_dirty(connection, _shards_of(connection, ids))
        _POSTPONE(
            connection,
            [
                {
                    "m": doubt.message_id,
                    "no": doubt.attempt,
                    "again": None if (again := _next_lookup_at(doubt, now)) is None else to_micros(again),
                    # Said in the books: it went to the carrier and nothing more was ever heard.
                    "why": "no-receipt" if doubt.lookups + 1 >= len(LOOKUP_INTERVALS) else "",
                }
                for doubt in sorted(pending, key=_by_id)
            ],
        )


_POSTPONE = BulkStatement(
    sa.update(message)
    .where(
        message.c.id == sa.bindparam("m"),
        message.c.attempt == sa.bindparam("no"),
        message.c.lookup_at.is_not(None),  # news of the meantime may have settled it
    )
    .values(
        lookups=message.c.lookups + 1,
        lookup_at=sa.bindparam("again", type_=Instant),
        reason=sa.case(
            (message.c.status == SENT, sa.bindparam("why", type_=sa.Text)), else_=message.c.reason
        ),
    )
)


def _shards_of(connection: sa.Connection, ids: Collection[int]) -> Sequence[int]:
    return connection.scalars(_SHARDS, {"ids": list(ids)}).all()


_SHARDS = (
    sa.select(message.c.shard_id).where(message.c.id.in_(sa.bindparam("ids", expanding=True))).distinct()
)


def _by_id(lookup: PendingLookup) -> int:
    return lookup.message_id


def _next_lookup_at(lookup: PendingLookup, now: datetime) -> datetime | None:
    pauses = IN_DOUBT_LOOKUP_INTERVALS if lookup.status == IN_DOUBT else LOOKUP_INTERVALS
    return now + pauses[lookup.lookups] if lookup.lookups < len(pauses) else None


def requeue(ledger: Ledger, pending: Sequence[PendingLookup], *, now: datetime) -> None:
    """Offer messages again that are clearly not at the provider, or may be repeated."""
    _close(ledger, pending, status=TEMPORARY_FAILURE, reason="not-found", next_at=now, now=now)


def expire(ledger: Ledger, pending: Sequence[PendingLookup], *, now: datetime) -> None:
    """Close messages that are clearly not at the provider, and whose time is over."""
    _close(ledger, pending, status=EXPIRED, reason="expired", next_at=None, now=now)


def fail(ledger: Ledger, pending: Sequence[PendingLookup], *, reason: str, now: datetime) -> None:
    """Close messages that stay unknown or may not be repeated."""
    _close(ledger, pending, status=TECHNICAL_FAILURE, reason=reason, next_at=None, now=now)


def _close(
    ledger: Ledger,
    pending: Sequence[PendingLookup],
    *,
    status: str,
    reason: str,
    next_at: datetime | None,
    now: datetime,
) -> None:
    if not pending:
        return
    by_id = {doubt.message_id: doubt for doubt in pending}
    with ledger.begin() as connection:
        touched = _shards_of(connection, by_id)
        shards.lock(connection, touched)
        shards.mark_dirty(connection, touched)
        rows = connection.execute(_STILL_OPEN, {"ids": list(by_id)}).all()
        open_now = [row for row in rows if row.attempt == by_id[row.id].attempt]
        if not open_now:
            return
        ids = [row.id for row in open_now]
        with budgets.keep_in_sync(connection, ids):
            connection.execute(
                sa.update(message)
                .where(message.c.id.in_(ids))
                .values(
                    status=status,
                    rank=RANK_NOT_ACCEPTED,
                    reason=reason,
                    next_at=next_at,
                    lookup_at=None,
                    slot_at=None,
                    status_at=now,
                    # What is clearly not there costs nothing; a mail never did.
                    vnd=message.c.vnd - message.c.vnd_attempt,
                    vnd_attempt=0,
                )
            )
        if next_at is not None:
            shards.reopen(connection, dict.fromkeys({row.shard_id for row in open_now}, next_at))
        _close_attempts(connection, ledger, [by_id[row.id] for row in open_now], code=reason, now=now)
        failpoints.hit("resending")


def _close_attempts(
    connection: sa.Connection, ledger: Ledger, pending: Sequence[PendingLookup], *, code: str, now: datetime
) -> None:
    connection.execute(
        ledger.insert(attempt).on_conflict_do_nothing(),
        [
            {
                "message_id": doubt.message_id,
                "no": doubt.attempt,
                "started_at": doubt.submitted_at,
                "ended_at": now,
                "gateway": doubt.gateway,
                "outcome": "unknown",
                "code": code,
                "detail": "",
            }
            for doubt in pending
        ],
    )


_STILL_OPEN = (
    sa.select(message.c.id, message.c.attempt, message.c.shard_id)
    .where(message.c.id.in_(sa.bindparam("ids", expanding=True)), message.c.rank <= RANK[IN_DOUBT])
    .order_by(message.c.id)
    .with_for_update()
)


def next_due_at(ledger: Ledger) -> datetime | None:
    """Return when the next message is to be asked about."""
    with ledger.read() as connection:
        moment: datetime | None = connection.scalar(
            sa.select(sa.func.min(message.c.lookup_at)).where(message.c.lookup_at.is_not(None))
        )
    return moment


def count_unresolved(ledger: Ledger, campaign_name: str = "") -> dict[str, int]:
    """Count what is in doubt or without news, by status; of all campaigns, or of one."""
    question = (
        sa.select(message.c.status, sa.func.count())
        .where(message.c.status.in_((SUBMITTING, IN_DOUBT, SENDING)))
        .group_by(message.c.status)
    )
    if campaign_name:
        mine = sa.select(occurrence.c.id).where(occurrence.c.campaign == campaign_name)
        question = question.where(message.c.occurrence_id.in_(mine))
    with ledger.read() as connection:
        return {row[0]: row[1] for row in connection.execute(question)}
