"""What went out when, and in which words: questions for summaries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.audit import LEFT
from dispatcher.ledger.tables import (
    contact,
    from_micros,
    message,
    occurrence,
    participation,
    person,
    suppression,
    wording,
)

HOUR_MICROS = 3_600_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Hour:
    """An hour of the clock (UTC) and how many messages left in it."""

    begins: datetime
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """Words that somebody received."""

    campaign: str
    step: str
    moment: str
    audience: str
    channel: str
    parts: int
    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How many people there are, and what they said."""

    people: int  # who may be written to
    held: int
    took_part: int
    opted_out: int  # addresses
    dead: int  # addresses


def busiest_hour(ledger: Ledger, channel: str) -> Hour | None:
    """Find the hour in which most messages of a channel left; None when none did."""
    hour = (sa.type_coerce(message.c.submitted_at, sa.BigInteger) // HOUR_MICROS).label("hour")
    question = (
        sa.select(hour, sa.func.count())
        .where(LEFT, message.c.channel == channel)
        .group_by(hour)
        .order_by(sa.func.count().desc(), hour)
        .limit(1)
    )
    with ledger.read() as connection:
        row = connection.execute(question).first()
    return None if row is None else Hour(begins=from_micros(row[0] * HOUR_MICROS), messages=row[1])


def missed(ledger: Ledger) -> int:
    """Count the occurrences that came too late to be sent."""
    question = sa.select(sa.func.count()).select_from(occurrence).where(occurrence.c.state == "missed")
    with ledger.read() as connection:
        return connection.scalar(question) or 0


def samples(ledger: Ledger, channel: str) -> tuple[Sample, ...]:
    """Give the first message that left of each moment and audience, in order of time."""
    first = (
        sa.select(sa.func.min(message.c.id).label("id"))
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(LEFT, message.c.channel == channel)
        .group_by(occurrence.c.campaign, occurrence.c.moment, message.c.audience)
        .subquery()
    )
    question = (
        sa.select(
            occurrence.c.campaign, occurrence.c.step, occurrence.c.moment, message.c.audience,
            message.c.channel, message.c.parts, message.c.submitted_at, wording.c.body,
        )
        .join_from(first, message, message.c.id == first.c.id)
        .join(occurrence, occurrence.c.id == message.c.occurrence_id)
        .join(wording, wording.c.body_hash == message.c.body_hash)
        .order_by(message.c.submitted_at, message.c.id)
    )  # fmt: skip
    with ledger.read() as connection:
        return tuple(
            Sample(
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


def standing(ledger: Ledger) -> Standing:
    """Count people and their wishes, over all lists and campaigns."""
    listed = sa.exists().where(contact.c.person_id == person.c.id, contact.c.state == "active")
    held = sa.exists().where(contact.c.person_id == person.c.id, contact.c.state == "held")

    def people(condition: sa.ColumnElement[bool]) -> sa.Select[Any]:
        return sa.select(sa.func.count()).select_from(person).where(person.c.erased_at.is_(None), condition)

    def stopped(reason: str) -> sa.Select[Any]:
        places = sa.select(suppression.c.channel, suppression.c.address).where(suppression.c.reason == reason)
        return sa.select(sa.func.count()).select_from(places.distinct().subquery())

    took = sa.select(sa.func.count(participation.c.person_id.distinct()))
    with ledger.read() as connection:
        return Standing(
            people=connection.scalar(people(listed)) or 0,
            held=connection.scalar(people(held)) or 0,
            took_part=connection.scalar(took) or 0,
            opted_out=connection.scalar(stopped("opted-out")) or 0,
            dead=connection.scalar(stopped("dead-address")) or 0,
        )
