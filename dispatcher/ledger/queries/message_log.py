"""Messages one by one: how each stands, and when it left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import is_uncleared, was_sent
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.message_status import (
    ACCEPTED_STATUSES,
    IN_DOUBT,
    SUBMITTING,
    UNRESOLVED,
)
from dispatcher.ledger.schema.tables import (
    attempt,
    event,
    from_micros,
    message,
    message_text,
    occurrence,
    shard,
)

PAGE = 2000
HOUR_MICROS = 3_600_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageState:
    """One message: whose it is, how it stands, and how often nobody knew."""

    message_id: int
    person_id: int
    campaign: str
    step: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    address: str
    status: str
    reason: str
    attempt: int
    submitted_at: datetime | None
    unknown_attempts: int  # attempts that ended without an answer
    is_accepted: bool  # the ledger holds proof that the provider had it

    @property
    def sent_at(self) -> datetime:
        """When it last went on the wire. Raises AssertionError for one that never did."""
        assert self.submitted_at is not None, self.message_id
        return self.submitted_at


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


# --- every one of them --------------------------------------------------------------------------------


def states(ledger: Ledger) -> Iterator[MessageState]:
    """Yield every message by id."""
    return _walk(ledger)


def sent(ledger: Ledger) -> Iterator[MessageState]:
    """Yield every message that left, by id."""
    return _walk(ledger, was_sent())


def accepted_between(ledger: Ledger, *, since: datetime, until: datetime) -> Iterator[MessageState]:
    """Yield what a provider took that left in (since, until], by id."""
    moment = message.c.submitted_at
    return _walk(ledger, moment > since, moment <= until, message.c.status.in_(ACCEPTED_STATUSES))


def _walk(ledger: Ledger, *conditions: sa.ColumnElement[bool]) -> Iterator[MessageState]:
    """Go by id, a page at a time, without holding a transaction between pages."""
    question = (
        sa.select(
            *records.columns_of(
                MessageState, message, occurrence,
                message_id=message.c.id, unknown_attempts=_UNKNOWN_ATTEMPTS, is_accepted=_IS_ACCEPTED,
            )
        )
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(message.c.id > sa.bindparam("after", type_=sa.BigInteger), *conditions)
        .order_by(message.c.id)
        .limit(PAGE)
    )  # fmt: skip
    after = 0
    while True:
        with ledger.read() as connection:
            page = records.read(connection, MessageState, question.params(after=after))
        if not page:
            return
        yield from page
        after = page[-1].message_id


_OF_THIS = attempt.c.message_id == message.c.id
_UNKNOWN_ATTEMPTS = (
    sa.select(sa.func.count()).where(_OF_THIS, attempt.c.outcome == "unknown").scalar_subquery()
)
_IS_ACCEPTED = sa.or_(
    message.c.provider_id.is_not(None), sa.exists().where(_OF_THIS, attempt.c.outcome == "accepted")
)


# --- some of them -------------------------------------------------------------------------------------


def unresolved_attempts(ledger: Ledger) -> frozenset[tuple[int, int]]:
    """Return by message and attempt everything of which nobody knows now whether the provider has it.

    Only while nobody serves the ledger: what has not been cleared to leave is left out.
    """
    question = (
        sa.select(message.c.id, message.c.attempt)
        .join_from(message, shard, shard.c.id == message.c.shard_id)
        .where(message.c.status.in_(UNRESOLVED), ~is_uncleared())
    )
    with ledger.read() as connection:
        return frozenset((row.id, row.attempt) for row in connection.execute(question))


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
        count(message.c.next_at.is_not(None)).label("waiting"),
        count(message.c.lookup_at.is_not(None), message.c.status == SUBMITTING).label("unanswered"),
        count(message.c.lookup_at.is_not(None), message.c.status == IN_DOUBT, ~asked_about).label("in_doubt"),
        unread.scalar_subquery().label("unread"),
    )
    with ledger.read() as connection:
        return records.read(connection, PendingWork, question)[0]


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


def sms_times(ledger: Ledger) -> Iterator[tuple[str, datetime, str]]:
    """Yield (number, when, campaign) of every text that left, by number and then by time."""
    question = (
        sa.select(message.c.address, message.c.submitted_at, occurrence.c.campaign)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(was_sent(), message.c.channel == "sms")
        .order_by(message.c.address, message.c.submitted_at)
    )
    with ledger.read() as connection:
        for row in connection.execution_options(yield_per=PAGE).execute(question):
            yield row.address, row.submitted_at, row.campaign


def busiest_hour(ledger: Ledger, channel: str) -> BusiestHour | None:
    """Find the hour in which most messages of a channel left; None when none did."""
    hour = (sa.type_coerce(message.c.submitted_at, sa.BigInteger) // HOUR_MICROS).label("hour")
    question = (
        sa.select(hour, sa.func.count())
        .where(was_sent(), message.c.channel == channel)
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
        .where(was_sent(), message.c.channel == channel)
        .group_by(occurrence.c.campaign, occurrence.c.moment, message.c.audience)
        .subquery()
    )
    columns = records.columns_of(
        TextSample, message, occurrence, at=message.c.submitted_at, words=message_text.c.body
    )
    question = (
        sa.select(*columns)
        .join_from(first, message, message.c.id == first.c.id)
        .join(occurrence, occurrence.c.id == message.c.occurrence_id)
        .join(message_text, message_text.c.body_hash == message.c.body_hash)
        .order_by(message.c.submitted_at, message.c.id)
    )
    with ledger.read() as connection:
        return records.read(connection, TextSample, question)
