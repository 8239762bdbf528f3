"""What waits for a person, counted: held contacts, texts to read, doubts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.event_results import IS_FOR_A_PERSON, IS_SET_ASIDE, raw_text
from dispatcher.ledger.schema.message_status import IN_DOUBT
from dispatcher.ledger.schema.tables import contact, event, message_count

PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ToDo:
    """How much waits. Doubts are counted as of the last recount."""

    held: int
    unread_replies: int
    in_doubt: int
    set_aside: int = 0  # reports, other than people's answers, that could not be read


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """A report that could not be read, and why."""

    event_id: int
    at: datetime
    kind: str  # status | bounce | complaint
    gateway: str
    reason: str


def counts(ledger: Ledger) -> ToDo:
    """Count what waits for a person."""
    with ledger.read() as connection:
        held = connection.scalar(
            sa.select(sa.func.count()).select_from(contact).where(contact.c.state == "held")
        )
        unread = connection.scalar(sa.select(sa.func.count()).select_from(event).where(*IS_UNREAD_ANSWER))
        doubts = connection.scalar(
            sa.select(sa.func.sum(message_count.c.messages)).where(message_count.c.status == IN_DOUBT)
        )
        aside = connection.scalar(sa.select(sa.func.count()).select_from(event).where(*_SET_ASIDE))
    return ToDo(held=held or 0, unread_replies=unread or 0, in_doubt=int(doubts or 0), set_aside=aside or 0)


IS_UNREAD_ANSWER = (event.c.kind == "inbound", IS_FOR_A_PERSON)
_SET_ASIDE = (event.c.kind != "inbound", IS_SET_ASIDE)


def set_aside(ledger: Ledger, *, before: int = 0, limit: int = PAGE) -> tuple[SetAside, ...]:
    """List the reports that could not be read, the latest first; `before` an event's id pages on."""
    question = sa.select(event).where(*_SET_ASIDE).order_by(event.c.id.desc()).limit(limit)
    if before:
        question = question.where(event.c.id < before)
    with ledger.read() as connection:
        rows = connection.execute(question).all()
    return tuple(
        SetAside(
            event_id=row.id,
            at=row.received_at,
            kind=row.kind,
            gateway=row.gateway,
            reason=raw_text(row.raw, "reason"),
        )
        for row in rows
    )
