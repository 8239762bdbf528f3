"""What became of every message, for somebody who compares it with a provider's own log."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.privacy.retention import ANONYMISED
from dispatcher.ledger.schema.message_status import IN_DOUBT, RANK_NOT_ACCEPTED, SUBMITTING
from dispatcher.ledger.schema.tables import (
    Instant,
    attempt,
    event,
    from_micros,
    message,
    message_text,
    occurrence,
)

PAGE = 2000


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageState:
    """One message: how it stands, and how often nobody knew."""

    message_id: int
    campaign: str
    step: str
    channel: str
    status: str
    reason: str
    attempt: int
    unknown_attempts: int  # attempts that ended without an answer


@dataclass(frozen=True, kw_only=True, slots=True)
class PendingWork:
    """What is not at rest yet."""

    waiting: int  # messages that will be claimed
    unanswered: int  # intents without an answer
    in_doubt: int  # not asked about yet
    unread: int  # reports in the inbox

    @property
    def total(self) -> int:
        """Everything that is still to come."""
        return self.waiting + self.unanswered + self.in_doubt + self.unread


def unresolved_attempts(ledger: Ledger) -> frozenset[tuple[int, int]]:
    """Name by message and attempt everything of which nobody knows now whether the provider has it."""
    question = sa.select(message.c.id, message.c.attempt).where(message.c.status.in_((SUBMITTING, IN_DOUBT)))
    with ledger.read() as connection:
        return frozenset((row.id, row.attempt) for row in connection.execute(question))


def states(ledger: Ledger) -> Iterator[MessageState]:
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
            yield MessageState(
                message_id=row.id,
                campaign=row.campaign,
                step=row.step,
                channel=row.channel,
                status=row.status,
                reason=row.reason,
                attempt=row.attempt,
                unknown_attempts=row.doubts,
            )
        after = rows[-1].id


def pending_work(ledger: Ledger) -> PendingWork:
    """Count what is still to come; a mail in doubt that was looked at once is held, and at rest.

    In one statement: on PostgreSQL each has a look of its own, and a message on its way from one state to the
    next would be missed by all of them.
    """
    asked_about = sa.and_(message.c.channel == "email", message.c.lookups > 0)

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count()).select_from(message).where(*conditions).scalar_subquery()

    unread = sa.select(sa.func.count()).select_from(event).where(event.c.processed_at.is_(None))
    question = sa.select(
        count(message.c.next_at.is_not(None)),
        count(message.c.lookup_at.is_not(None), message.c.status == SUBMITTING),
        count(message.c.lookup_at.is_not(None), message.c.status == IN_DOUBT, ~asked_about),
        unread.scalar_subquery(),
    )
    with ledger.read() as connection:
        waiting, unanswered, in_doubt, events = connection.execute(question).one()
    return PendingWork(waiting=waiting, unanswered=unanswered, in_doubt=in_doubt, unread=events)


def last_campaign(ledger: Ledger, address_value: str) -> str | None:
    """Return which campaign an address was last written to about."""
    with ledger.read() as connection:
        name: str | None = connection.scalar(
            sa.select(occurrence.c.campaign)
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .where(message.c.address == address_value, message.c.submitted_at.is_not(None))
            .order_by(message.c.submitted_at.desc())
            .limit(1)
        )
    return name


@dataclass(frozen=True, kw_only=True, slots=True)
class SentMessage:
    """A message that left, as far as an observer needs."""

    message_id: int
    person_id: int
    channel: str
    address: str
    campaign: str
    step: str
    kind: str
    due_at: datetime
    submitted_at: datetime


def sent_between(ledger: Ledger, *, since: datetime, until: datetime) -> Iterator[SentMessage]:
    """Go through what left in (since, until], oldest occurrence first, a page at a time."""
    after = 0
    while True:
        with ledger.read() as connection:
            rows = connection.execute(_SENT_BETWEEN, {"after": after, "since": since, "until": until}).all()
        if not rows:
            return
        for row in rows:
            yield SentMessage(
                message_id=row.id,
                person_id=row.person_id,
                channel=row.channel,
                address=row.address,
                campaign=row.campaign,
                step=row.step,
                kind=row.kind,
                due_at=row.due_at,
                submitted_at=row.submitted_at,
            )
        after = rows[-1].id


_SENT_BETWEEN = (
    sa.select(
        message.c.id,
        message.c.person_id,
        message.c.channel,
        message.c.address,
        message.c.submitted_at,
        occurrence.c.campaign,
        occurrence.c.step,
        occurrence.c.kind,
        occurrence.c.due_at,
    )
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .where(
        message.c.id > sa.bindparam("after"),
        message.c.submitted_at > sa.bindparam("since", type_=Instant),
        message.c.submitted_at <= sa.bindparam("until", type_=Instant),
        message.c.status.in_(("sending", "sent", "delivered")),
    )
    .order_by(message.c.id)
    .limit(PAGE)
)

WAS_SENT = sa.and_(message.c.submitted_at.is_not(None), message.c.rank != RANK_NOT_ACCEPTED)


@dataclass(frozen=True, kw_only=True, slots=True)
class SendTime:
    """A message that left, and when."""

    campaign: str
    step: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptanceState:
    """One message beside a provider's log; `taken`: the ledger holds proof that the provider had it."""

    message_id: int
    status: str
    is_accepted: bool


def send_times(ledger: Ledger) -> Iterator[SendTime]:
    """Go through everything that left."""
    question = (
        sa.select(message.c.id, message.c.audience, message.c.channel, message.c.submitted_at,
                  occurrence.c.campaign, occurrence.c.step, occurrence.c.kind, occurrence.c.due_at)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(WAS_SENT)
    )  # fmt: skip
    for row in _pages(ledger, question):
        yield SendTime(
            campaign=row.campaign,
            step=row.step,
            kind=row.kind,
            due_at=row.due_at,
            audience=row.audience,
            channel=row.channel,
            at=row.submitted_at,
        )


def acceptance_states(ledger: Ledger) -> Iterator[AcceptanceState]:
    """Go through every message, and whether the provider is known to have taken it in any attempt."""
    earlier = sa.exists().where(attempt.c.message_id == message.c.id, attempt.c.outcome == "accepted")
    taken = sa.or_(message.c.provider_id.is_not(None), earlier)
    for row in _pages(ledger, sa.select(message.c.id, message.c.status, taken.label("taken"))):
        yield AcceptanceState(message_id=row.id, status=row.status, is_accepted=bool(row.taken))


def sms_times(ledger: Ledger) -> Iterator[tuple[str, datetime, str]]:
    """Yield (number, when, campaign) of every text that left, by number and then by time."""
    question = (
        sa.select(message.c.address, message.c.submitted_at, occurrence.c.campaign)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(WAS_SENT, message.c.channel == "sms")
        .order_by(message.c.address, message.c.submitted_at)
    )
    with ledger.read() as connection:
        for row in connection.execution_options(yield_per=PAGE).execute(question):
            yield row.address, row.submitted_at, row.campaign


def _pages(ledger: Ledger, question: sa.Select[Any]) -> Iterator[Any]:
    """Go through messages by id, a page at a time, without holding a transaction between pages."""
    after = 0
    while True:
        with ledger.read() as connection:
            page = question.where(message.c.id > after).order_by(message.c.id).limit(PAGE)
            rows = connection.execute(page).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].id


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedMessage:
    """A message with what finds it at the provider."""

    message_id: int
    attempt: int
    address: str
    status: str
    gateway: str
    provider_id: str
    submitted_at: datetime
    text: str


def latest_accepted(ledger: Ledger, channel: str, *, limit: int) -> tuple[AcceptedMessage, ...]:
    """Return the messages of a channel that were taken last; `limit` 0 gives all."""
    question = (
        sa.select(message, message_text.c.body)
        .outerjoin(message_text, message_text.c.body_hash == message.c.body_hash)
        .where(
            message.c.channel == channel,
            message.c.provider_id.is_not(None),
            message.c.provider_id != ANONYMISED,
            message.c.submitted_at.is_not(None),
        )
        .order_by(message.c.submitted_at.desc(), message.c.id.desc())
    )
    with ledger.read() as connection:
        rows = connection.execute(question.limit(limit) if limit else question)
        return tuple(
            AcceptedMessage(
                message_id=row.id,
                attempt=row.attempt,
                address=row.address,
                status=row.status,
                gateway=row.gateway,
                provider_id=row.provider_id,
                submitted_at=row.submitted_at,
                text=row.body or "",
            )
            for row in rows
        )


HOUR_MICROS = 3_600_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class BusiestHour:
    """An hour of the clock (UTC) and how many messages left in it."""

    begins: datetime
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class TextSample:
    """Words that somebody received."""

    campaign: str
    step: str
    moment: str
    audience: str
    channel: str
    parts: int
    at: datetime
    words: str


def busiest_hour(ledger: Ledger, channel: str) -> BusiestHour | None:
    """Find the hour in which most messages of a channel left; None when none did."""
    hour = (sa.type_coerce(message.c.submitted_at, sa.BigInteger) // HOUR_MICROS).label("hour")
    question = (
        sa.select(hour, sa.func.count())
        .where(WAS_SENT, message.c.channel == channel)
        .group_by(hour)
        .order_by(sa.func.count().desc(), hour)
        .limit(1)
    )
    with ledger.read() as connection:
        row = connection.execute(question).first()
    return None if row is None else BusiestHour(begins=from_micros(row[0] * HOUR_MICROS), messages=row[1])


def text_samples(ledger: Ledger, channel: str) -> tuple[TextSample, ...]:
    """Return the first message that left of each moment and audience, in order of time."""
    first = (
        sa.select(sa.func.min(message.c.id).label("id"))
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(WAS_SENT, message.c.channel == channel)
        .group_by(occurrence.c.campaign, occurrence.c.moment, message.c.audience)
        .subquery()
    )
    question = (
        sa.select(
            occurrence.c.campaign, occurrence.c.step, occurrence.c.moment, message.c.audience,
            message.c.channel, message.c.parts, message.c.submitted_at, message_text.c.body,
        )
        .join_from(first, message, message.c.id == first.c.id)
        .join(occurrence, occurrence.c.id == message.c.occurrence_id)
        .join(message_text, message_text.c.body_hash == message.c.body_hash)
        .order_by(message.c.submitted_at, message.c.id)
    )  # fmt: skip
    with ledger.read() as connection:
        return tuple(
            TextSample(
                campaign=row.campaign,
                step=row.step,
                moment=row.moment,
                audience=row.audience,
                channel=row.channel,
                parts=row.parts,
                at=row.submitted_at,
                words=row.body,
            )
            for row in connection.execute(question)
        )
