"""What waits for a person, counted: held contacts, texts to read, doubts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.tables import audit, contact, event, occurrence, tally


@dataclass(frozen=True, kw_only=True, slots=True)
class Attention:
    """How much waits. Doubts are counted as of the last tally."""

    held: int
    to_read: int
    in_doubt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A text from a phone that no rule understood."""

    event_id: int
    at: datetime
    address: str
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """One line of the audit log."""

    id: int
    at: datetime
    who: str
    action: str
    subject: str
    detail: dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbox:
    """How the inbox stands: what waits since when, and when a provider last reported."""

    waiting: int
    oldest_at: datetime | None
    last_at: datetime | None


def attention(ledger: Ledger) -> Attention:
    """Count what waits for a person."""
    with ledger.read() as connection:
        held = connection.scalar(
            sa.select(sa.func.count()).select_from(contact).where(contact.c.state == "held")
        )
        unread = connection.scalar(sa.select(sa.func.count()).select_from(event).where(*_UNREAD))
        doubts = connection.scalar(
            sa.select(sa.func.sum(tally.c.messages)).where(tally.c.status == "in-doubt")
        )
    return Attention(held=held or 0, to_read=unread or 0, in_doubt=int(doubts or 0))


_UNREAD = (event.c.kind == "inbound", event.c.result == "to-read")


def answers(ledger: Ledger, *, limit: int = 100) -> tuple[Answer, ...]:
    """List the texts that a person should read, the latest first."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(event).where(*_UNREAD).order_by(event.c.id.desc()).limit(limit)
        ).all()
    return tuple(
        Answer(
            event_id=row.id,
            at=row.received_at,
            address=row.raw.get("from", ""),
            body=row.raw.get("body", ""),
        )
        for row in rows
    )


def read(ledger: Ledger, event_id: int) -> bool:
    """Mark a text as read by a person; False when it was before."""
    with ledger.begin() as connection:
        done = connection.execute(
            sa.update(event).where(event.c.id == event_id, *_UNREAD).values(result="read")
        )
    return bool(done.rowcount)


def deeds(ledger: Ledger, *, limit: int = 200, subject: str = "") -> tuple[Deed, ...]:
    """List who did what, the latest first."""
    question = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if subject:
        question = question.where(audit.c.subject == subject)
    with ledger.read() as connection:
        return tuple(
            Deed(
                id=row.id,
                at=row.at,
                who=row.who,
                action=row.action,
                subject=row.subject,
                detail=row.detail or {},
            )
            for row in connection.execute(question)
        )


def inbox(ledger: Ledger) -> Inbox:
    """Tell how long the oldest report has waited, and when the last one came."""
    with ledger.read() as connection:
        row = connection.execute(
            sa.select(sa.func.count(), sa.func.min(event.c.received_at)).where(event.c.folded_at.is_(None))
        ).one()
        last = connection.execute(sa.select(event.c.received_at).order_by(event.c.id.desc()).limit(1)).first()
    return Inbox(waiting=row[0], oldest_at=row[1], last_at=last[0] if last else None)


def fired(ledger: Ledger, campaign: str) -> dict[tuple[str, str], str]:
    """Give the state of each occurrence that was fired or missed: (step, key) → state."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(occurrence.c.step, occurrence.c.key, occurrence.c.state).where(
                occurrence.c.campaign == campaign
            )
        )
        return {(row.step, row.key): row.state for row in rows}
