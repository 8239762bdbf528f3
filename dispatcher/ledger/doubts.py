"""What nobody knows yet: intents without an answer, and messages the provider has gone quiet about.

`ask_at` says when a message is looked at next. An intent past it is in doubt; what is in doubt, or sent
without news, is asked about with growing pauses, and no question is asked for ever.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher import faults
from dispatcher.ledger import Ledger, budgets, shards, tally
from dispatcher.ledger.bulk import Many
from dispatcher.ledger.status import (
    EXPIRED,
    IN_DOUBT,
    RANK,
    RANK_NOT_TAKEN,
    SENDING,
    SENT,
    SUBMITTING,
    TECHNICAL_FAILURE,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.tables import (
    Instant,
    attempt,
    campaign,
    event,
    message,
    occurrence,
    to_micros,
    wording,
)

PAGE = 200
HOLD = timedelta(minutes=2)  # a question whose asker was not heard of again is asked by another
# How long after the last question the next one is asked.
PAUSES = (timedelta(hours=1), timedelta(hours=4), timedelta(hours=24), timedelta(hours=72))
# What may not have left at all is asked about sooner: its window is closing.
PAUSES_IN_DOUBT = (timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=4))


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """A message to ask the provider about."""

    message_id: int
    attempt: int
    tries: int
    status: str
    channel: str
    address: str
    gateway: str
    provider_id: str
    words: str  # what was to be said: the provider's list is compared with it
    submitted_at: datetime
    asked: int
    doubts: int  # earlier attempts that ended in doubt as well
    campaign: str
    is_over: bool  # the campaign was cancelled or has ended: nothing is sent again
    audience: str
    kind: str
    expires_at: datetime


def overdue(
    ledger: Ledger,
    *,
    now: datetime,
    hold: timedelta = HOLD,
    sparing: Collection[int] = (),
    limit: int = PAGE,
) -> tuple[Doubt, ...]:
    """Take unanswered intents for in doubt, all but those `sparing`, and give what is to be asked about now.

    What is given is not given again, to anybody, before `hold` has passed or an answer was written.
    """
    with ledger.begin() as connection:
        _doubt_unanswered(connection, sparing, now=now)
        rows = connection.execute(_QUESTIONS, {"now": now, "sparing": list(sparing), "count": limit}).all()
        if rows:
            taken = message.c.id.in_([row.id for row in rows])
            connection.execute(sa.update(message).where(taken).values(ask_at=now + hold))
        faults.point("doubting")
    return tuple(
        Doubt(
            message_id=row.id,
            attempt=row.attempt,
            tries=row.tries,
            status=row.status,
            channel=row.channel,
            address=row.address,
            gateway=row.gateway,
            provider_id=row.provider_id or "",
            words=row.body or "",
            submitted_at=row.submitted_at,
            asked=row.asked,
            doubts=row.doubts,
            campaign=row.campaign,
            is_over=row.campaign_state in {"cancelled", "ended"},
            audience=row.audience,
            kind=row.kind,
            expires_at=row.expires_at,
        )
        for row in rows
    )


def _doubt_unanswered(connection: sa.Connection, sparing: Collection[int], *, now: datetime) -> None:
    facts = {"now": now, "sparing": list(sparing)}
    touched = connection.scalars(_UNANSWERED_SHARDS, facts).all()
    if touched:
        tally.mark(connection, touched)
        ids = connection.scalars(_UNANSWERED, facts).all()
        doubtful = {"status": IN_DOUBT, "rank": RANK[IN_DOUBT], "status_at": now}
        connection.execute(sa.update(message).where(message.c.id.in_(ids)).values(doubtful))


def _questions() -> sa.Select[Any]:
    earlier = attempt.c
    doubts = sa.select(sa.func.count()).where(
        earlier.message_id == message.c.id, earlier.no < message.c.attempt, earlier.outcome == "unknown"
    )
    return (
        sa.select(
            message,
            occurrence.c.campaign,
            occurrence.c.kind,
            occurrence.c.expires_at,
            campaign.c.state.label("campaign_state"),
            wording.c.body,
            doubts.scalar_subquery().label("doubts"),
        )
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .join(campaign, campaign.c.name == occurrence.c.campaign)
        .outerjoin(wording, wording.c.body_hash == message.c.body_hash)
        .where(*_DUE)
        .order_by(message.c.ask_at)
        .limit(sa.bindparam("count"))
        .with_for_update(of=message, skip_locked=True)
    )


_DUE = (
    message.c.ask_at <= sa.bindparam("now", type_=Instant),
    message.c.id.not_in(sa.bindparam("sparing", expanding=True)),
)
_UNANSWERED_SHARDS = sa.select(message.c.shard_id).where(*_DUE, message.c.status == SUBMITTING).distinct()
_UNANSWERED = (
    sa.select(message.c.id)
    .where(*_DUE, message.c.status == SUBMITTING)
    .order_by(message.c.id)
    .with_for_update(skip_locked=True)
)
_QUESTIONS = _questions()


def known_elsewhere(ledger: Ledger, doubts: Sequence[Doubt]) -> dict[int, frozenset[str]]:
    """Give for each message the provider's names of all other messages, and other attempts, to its address.

    What the provider has under another name than these is ours, whatever any clock says.
    """
    named: dict[str, set[tuple[int, int, str]]] = {doubt.address: set() for doubt in doubts}
    with ledger.read() as connection:
        for question in _NAMES:
            for address, message_id, no, provider_id in connection.execute(
                question, {"addresses": list(named)}
            ):
                named[address].add((message_id, no, provider_id))
    return {
        doubt.message_id: frozenset(
            provider_id
            for message_id, no, provider_id in named[doubt.address]
            if (message_id, no) != (doubt.message_id, doubt.attempt)
        )
        for doubt in doubts
    }


_HERE = message.c.address.in_(sa.bindparam("addresses", expanding=True))
_NAMES = (
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


def asked(ledger: Ledger, doubts: Sequence[Doubt], *, now: datetime) -> None:
    """Note that these were asked about without a clear answer, and when to ask again."""
    if not doubts:
        return
    ids = [doubt.message_id for doubt in doubts]
    with ledger.begin() as connection:
        tally.mark(connection, _shards_of(connection, ids))
        _ASKED(
            connection,
            [
                {
                    "m": doubt.message_id,
                    "no": doubt.attempt,
                    "again": None if (again := _again(doubt, now)) is None else to_micros(again),
                    # Said in the books: it went to the carrier and nothing more was ever heard.
                    "why": "no-receipt" if doubt.asked + 1 >= len(PAUSES) else "",
                }
                for doubt in sorted(doubts, key=_by_id)
            ],
        )


_ASKED = Many(
    sa.update(message)
    .where(
        message.c.id == sa.bindparam("m"),
        message.c.attempt == sa.bindparam("no"),
        message.c.ask_at.is_not(None),  # news of the meantime may have settled it
    )
    .values(
        asked=message.c.asked + 1,
        ask_at=sa.bindparam("again", type_=Instant),
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


def _by_id(doubt: Doubt) -> int:
    return doubt.message_id


def _again(doubt: Doubt, now: datetime) -> datetime | None:
    pauses = PAUSES_IN_DOUBT if doubt.status == IN_DOUBT else PAUSES
    return now + pauses[doubt.asked] if doubt.asked < len(pauses) else None


def resend(ledger: Ledger, doubts: Sequence[Doubt], *, now: datetime) -> None:
    """Offer messages again that are clearly not at the provider, or may be repeated."""
    _settle(ledger, doubts, status=TEMPORARY_FAILURE, reason="not-found", next_at=now, now=now)


def expire(ledger: Ledger, doubts: Sequence[Doubt], *, now: datetime) -> None:
    """Close messages that are clearly not at the provider, and whose time is over."""
    _settle(ledger, doubts, status=EXPIRED, reason="expired", next_at=None, now=now)


def give_up(ledger: Ledger, doubts: Sequence[Doubt], *, reason: str, now: datetime) -> None:
    """Close messages that stay unknown or may not be repeated."""
    _settle(ledger, doubts, status=TECHNICAL_FAILURE, reason=reason, next_at=None, now=now)


def _settle(
    ledger: Ledger,
    doubts: Sequence[Doubt],
    *,
    status: str,
    reason: str,
    next_at: datetime | None,
    now: datetime,
) -> None:
    if not doubts:
        return
    by_id = {doubt.message_id: doubt for doubt in doubts}
    with ledger.begin() as connection:
        touched = _shards_of(connection, by_id)
        shards.lock(connection, touched)
        tally.mark(connection, touched)
        rows = connection.execute(_STILL_OPEN, {"ids": list(by_id)}).all()
        open_now = [row for row in rows if row.attempt == by_id[row.id].attempt]
        if not open_now:
            return
        ids = [row.id for row in open_now]
        with budgets.in_step(connection, ids):
            connection.execute(
                sa.update(message)
                .where(message.c.id.in_(ids))
                .values(
                    status=status,
                    rank=RANK_NOT_TAKEN,
                    reason=reason,
                    next_at=next_at,
                    ask_at=None,
                    status_at=now,
                    # What is clearly not there costs nothing; a mail never did.
                    vnd=message.c.vnd - message.c.vnd_attempt,
                    vnd_attempt=0,
                )
            )
        if next_at is not None:
            shards.reopen(connection, dict.fromkeys({row.shard_id for row in open_now}, next_at))
        _close_attempts(connection, ledger, [by_id[row.id] for row in open_now], code=reason, now=now)
        faults.point("resending")


def _close_attempts(
    connection: sa.Connection, ledger: Ledger, doubts: Sequence[Doubt], *, code: str, now: datetime
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
            for doubt in doubts
        ],
    )


_STILL_OPEN = (
    sa.select(message.c.id, message.c.attempt, message.c.shard_id)
    .where(message.c.id.in_(sa.bindparam("ids", expanding=True)), message.c.rank <= RANK[IN_DOUBT])
    .order_by(message.c.id)
    .with_for_update()
)


def next_question(ledger: Ledger) -> datetime | None:
    """Tell when the next message is to be asked about."""
    with ledger.read() as connection:
        moment: datetime | None = connection.scalar(
            sa.select(sa.func.min(message.c.ask_at)).where(message.c.ask_at.is_not(None))
        )
    return moment


def open_questions(ledger: Ledger, campaign_name: str = "") -> dict[str, int]:
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
