"""What waits for a person, counted: held contacts, texts to read, doubts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.event_results import IS_FOR_A_PERSON, IS_SET_ASIDE, raw_text
from dispatcher.ledger.schema.message_status import IN_DOUBT
from dispatcher.ledger.schema.tables import contact, event, message_count, rights_request

PAGE = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ToDo:
    """How much waits. Doubts are counted as of the last recount."""

    held: int
    unread_replies: int
    in_doubt: int
    rights_near: int = 0  # requests about people's data that are near their day, and past it
    rights_overdue: int = 0
    set_aside: int = 0  # reports, other than people's answers, that could not be read


@dataclass(frozen=True, kw_only=True, slots=True)
class SetAside:
    """A report that could not be read, and why."""

    event_id: int
    at: datetime
    kind: str  # status | bounce | complaint
    gateway: str
    reason: str


def counts(ledger: Ledger, *, now: datetime | None = None, warning: timedelta = timedelta()) -> ToDo:
    """Count what waits for a person; with `now` also what people asked, `warning` before its day."""
    with ledger.read() as connection:
        held = connection.scalar(
            sa.select(sa.func.count()).select_from(contact).where(contact.c.state == "held")
        )
        unread = connection.scalar(sa.select(sa.func.count()).select_from(event).where(*IS_UNREAD_ANSWER))
        doubts = connection.scalar(
            sa.select(sa.func.sum(message_count.c.messages)).where(message_count.c.status == IN_DOUBT)
        )
        aside = connection.scalar(sa.select(sa.func.count()).select_from(event).where(*_SET_ASIDE))
        near, overdue = (0, 0) if now is None else _rights_due(connection, now=now, warning=warning)
    return ToDo(
        held=held or 0,
        unread_replies=unread or 0,
        in_doubt=int(doubts or 0),
        set_aside=aside or 0,
        rights_near=near,
        rights_overdue=overdue,
    )


def _rights_due(connection: sa.Connection, *, now: datetime, warning: timedelta) -> tuple[int, int]:
    """Count the requests that are to be done or answered within `warning`, and those that were to be."""
    asked = rights_request.c

    def until(moment: datetime) -> int:
        is_late = sa.or_(
            sa.and_(asked.answered_at.is_(None), asked.answer_by < moment),
            sa.and_(asked.state == "open", asked.due_at < moment),
        )
        return connection.scalar(sa.select(sa.func.count()).select_from(rights_request).where(is_late)) or 0

    overdue = until(now)
    return until(now + warning) - overdue, overdue


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
