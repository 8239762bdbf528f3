"""What waits for a person, counted: held contacts, texts to read, doubts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import contact, event, message_count


@dataclass(frozen=True, kw_only=True, slots=True)
class ToDo:
    """How much waits. Doubts are counted as of the last recount."""

    held: int
    unread_replies: int
    in_doubt: int


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadReply:
    """A text from a phone that no rule understood."""

    event_id: int
    at: datetime
    address: str
    body: str


def counts(ledger: Ledger) -> ToDo:
    """Count what waits for a person."""
    with ledger.read() as connection:
        held = connection.scalar(
            sa.select(sa.func.count()).select_from(contact).where(contact.c.state == "held")
        )
        unread = connection.scalar(sa.select(sa.func.count()).select_from(event).where(*_UNREAD))
        doubts = connection.scalar(
            sa.select(sa.func.sum(message_count.c.messages)).where(message_count.c.status == "in-doubt")
        )
    return ToDo(held=held or 0, unread_replies=unread or 0, in_doubt=int(doubts or 0))


_UNREAD = (event.c.kind == "inbound", event.c.result == "to-read")


def unread_replies(ledger: Ledger, *, limit: int = 100) -> tuple[UnreadReply, ...]:
    """List the texts that a person should read, the latest first."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(event).where(*_UNREAD).order_by(event.c.id.desc()).limit(limit)
        ).all()
    return tuple(
        UnreadReply(
            event_id=row.id,
            at=row.received_at,
            address=row.raw.get("from", ""),
            body=row.raw.get("body", ""),
        )
        for row in rows
    )


def mark_read(ledger: Ledger, event_id: int) -> bool:
    """Mark a text as read by a person; False when it was before."""
    with ledger.begin() as connection:
        done = connection.execute(
            sa.update(event).where(event.c.id == event_id, *_UNREAD).values(result="read")
        )
    return bool(done.rowcount)
