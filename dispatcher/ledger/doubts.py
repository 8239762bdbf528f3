"""What nobody knows yet: intents without an answer, and messages the provider has gone quiet about.

`ask_at` says when a message is looked at next. An intent past it is in doubt; what is in doubt, or sent
without news, is asked about with growing pauses, and no question is asked for ever.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger, budgets, tally
from dispatcher.ledger.status import (
    IN_DOUBT,
    RANK,
    SENDING,
    SENT,
    SUBMITTING,
    TECHNICAL_FAILURE,
)
from dispatcher.ledger.tables import Instant, attempt, message, occurrence, shard, wording

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
    campaign: str
    audience: str
    kind: str
    expires_at: datetime


def overdue(ledger: Ledger, *, now: datetime, limit: int = 200) -> tuple[Doubt, ...]:
    """Take unanswered intents for in doubt, then give what is to be asked about now."""
    unanswered = (message.c.ask_at <= now, message.c.status == SUBMITTING)
    with ledger.begin() as connection:
        tally.mark(connection, sa.select(message.c.shard_id).where(*unanswered))
        connection.execute(
            sa.update(message).where(*unanswered).values(status=IN_DOUBT, rank=RANK[IN_DOUBT], status_at=now)
        )
        rows = connection.execute(
            sa.select(
                message,
                occurrence.c.campaign,
                occurrence.c.kind,
                occurrence.c.expires_at,
                wording.c.body,
            )
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .outerjoin(wording, wording.c.body_hash == message.c.body_hash)
            .where(message.c.ask_at <= now)
            .order_by(message.c.ask_at)
            .limit(limit)
        ).all()
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
            campaign=row.campaign,
            audience=row.audience,
            kind=row.kind,
            expires_at=row.expires_at,
        )
        for row in rows
    )


def asked(ledger: Ledger, doubts: Sequence[Doubt], *, now: datetime) -> None:
    """Note that these were asked about without a clear answer, and when to ask again."""
    if not doubts:
        return
    ids = [doubt.message_id for doubt in doubts]
    with ledger.begin() as connection:
        tally.mark(connection, sa.select(message.c.shard_id).where(message.c.id.in_(ids)))
        connection.execute(
            sa.update(message)
            .where(message.c.id == sa.bindparam("m"), message.c.attempt == sa.bindparam("no"))
            .values(
                asked=message.c.asked + 1,
                ask_at=sa.bindparam("again", type_=Instant),
                reason=sa.case(
                    (message.c.status == SENT, sa.bindparam("why", type_=sa.Text)), else_=message.c.reason
                ),
            ),
            [
                {
                    "m": doubt.message_id,
                    "no": doubt.attempt,
                    "again": _again(doubt, now),
                    # Said in the books: it went to the carrier and nothing more was ever heard.
                    "why": "no-receipt" if doubt.asked + 1 >= len(PAUSES) else "",
                }
                for doubt in doubts
            ],
        )


def _again(doubt: Doubt, now: datetime) -> datetime | None:
    pauses = PAUSES_IN_DOUBT if doubt.status == IN_DOUBT else PAUSES
    return now + pauses[doubt.asked] if doubt.asked < len(pauses) else None


def resend(ledger: Ledger, doubts: Sequence[Doubt], *, now: datetime) -> None:
    """Offer messages again that are clearly not at the provider, or may be repeated."""
    _settle(ledger, doubts, status="temporary-failure", reason="not-found", next_at=now, now=now)
    shards = sa.select(message.c.shard_id).where(message.c.id.in_([doubt.message_id for doubt in doubts]))
    with ledger.begin() as connection:
        connection.execute(
            sa.update(shard)
            .where(shard.c.id.in_(shards), shard.c.state == "done")
            .values(state="open", not_before=now)
        )


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
    ids = [doubt.message_id for doubt in doubts]
    # What is clearly not there costs nothing; a mail never did.
    cost = {"vnd": message.c.vnd - message.c.vnd_attempt, "vnd_attempt": 0}
    with ledger.begin() as connection:
        tally.mark(connection, sa.select(message.c.shard_id).where(message.c.id.in_(ids)))
        with budgets.in_step(connection, ids):
            connection.execute(
                sa.update(message)
                .where(
                    message.c.id == sa.bindparam("m"),
                    message.c.attempt == sa.bindparam("no"),
                    message.c.rank <= RANK[IN_DOUBT],
                )
                .values(
                    status=status,
                    rank=RANK[TECHNICAL_FAILURE],
                    reason=reason,
                    next_at=next_at,
                    ask_at=None,
                    status_at=now,
                    **cost,
                ),
                [{"m": doubt.message_id, "no": doubt.attempt} for doubt in doubts],
            )
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
                    "code": reason,
                    "detail": "",
                }
                for doubt in doubts
            ],
        )


def next_question(ledger: Ledger) -> datetime | None:
    """Tell when the next message is to be asked about."""
    with ledger.read() as connection:
        moment: datetime | None = connection.scalar(
            sa.select(sa.func.min(message.c.ask_at)).where(message.c.ask_at.is_not(None))
        )
    return moment


def open_questions(ledger: Ledger) -> dict[str, int]:
    """Count what is in doubt or without news, by status."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(message.c.status, sa.func.count())
            .where(message.c.status.in_((SUBMITTING, IN_DOUBT, SENDING)))
            .group_by(message.c.status)
        )
        return {row[0]: row[1] for row in rows}
