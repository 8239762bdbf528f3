"""What became of every message, for somebody who compares it with a provider's own log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.status import IN_DOUBT, SUBMITTING
from dispatcher.ledger.tables import attempt, event, message, occurrence

PAGE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """One message: how it stands, and how often nobody knew."""

    message_id: int
    campaign: str
    step: str
    channel: str
    status: str
    reason: str
    attempt: int
    doubts: int  # attempts that ended without an answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Unrest:
    """What is not at rest yet."""

    waiting: int  # messages that will be claimed
    unanswered: int  # intents without an answer
    in_doubt: int  # not asked about yet
    unread: int  # reports in the inbox

    @property
    def total(self) -> int:
        """Everything that is still to come."""
        return self.waiting + self.unanswered + self.in_doubt + self.unread


def unknown(ledger: Ledger) -> frozenset[tuple[int, int]]:
    """Name by message and attempt everything of which nobody knows now whether the provider has it."""
    question = sa.select(message.c.id, message.c.attempt).where(message.c.status.in_((SUBMITTING, IN_DOUBT)))
    with ledger.read() as connection:
        return frozenset((row.id, row.attempt) for row in connection.execute(question))


def fates(ledger: Ledger) -> Iterator[Fate]:
    """Go through every message by id, a page at a time."""
    doubts = sa.select(sa.func.count()).where(
        attempt.c.message_id == message.c.id, attempt.c.outcome == "unknown"
    )
    question = (
        sa.select(
            message.c.id,
            message.c.channel,
            message.c.status,
            message.c.reason,
            message.c.attempt,
            occurrence.c.campaign,
            occurrence.c.step,
            doubts.scalar_subquery().label("doubts"),
        )
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .order_by(message.c.id)
        .limit(PAGE)
    )
    after = 0
    while True:
        with ledger.read() as connection:
            rows = connection.execute(question.where(message.c.id > after)).all()
        if not rows:
            return
        for row in rows:
            yield Fate(
                message_id=row.id,
                campaign=row.campaign,
                step=row.step,
                channel=row.channel,
                status=row.status,
                reason=row.reason,
                attempt=row.attempt,
                doubts=row.doubts,
            )
        after = rows[-1].id


def unrest(ledger: Ledger) -> Unrest:
    """Count what is still to come; a mail in doubt that was looked at once is held, and at rest.

    In one statement: on PostgreSQL each has a look of its own, and a message on its way from one state to the
    next would be missed by all of them.
    """
    asked_about = sa.and_(message.c.channel == "email", message.c.asked > 0)

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(message).where(*conditions).scalar_subquery()

    unread = sa.select(sa.func.count()).select_from(event).where(event.c.folded_at.is_(None))
    question = sa.select(
        count(message.c.next_at.is_not(None)),
        count(message.c.ask_at.is_not(None), message.c.status == SUBMITTING),
        count(message.c.ask_at.is_not(None), message.c.status == IN_DOUBT, ~asked_about),
        unread.scalar_subquery(),
    )
    with ledger.read() as connection:
        waiting, unanswered, in_doubt, events = connection.execute(question).one()
    return Unrest(waiting=waiting, unanswered=unanswered, in_doubt=in_doubt, unread=events)
