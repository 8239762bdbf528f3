"""Messages a provider took, for asking it about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.retention import DONE
from dispatcher.ledger.tables import message, wording


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A message with what finds it at the provider."""

    message_id: int
    attempt: int
    address: str
    status: str
    provider_id: str
    submitted_at: datetime
    words: str


def latest(ledger: Ledger, channel: str, *, limit: int) -> tuple[Taken, ...]:
    """Give the messages of a channel that were taken last; `limit` 0 gives all."""
    question = (
        sa.select(message, wording.c.body)
        .outerjoin(wording, wording.c.body_hash == message.c.body_hash)
        .where(
            message.c.channel == channel,
            message.c.provider_id.is_not(None),
            message.c.provider_id != DONE,
            message.c.submitted_at.is_not(None),
        )
        .order_by(message.c.submitted_at.desc(), message.c.id.desc())
    )
    with ledger.read() as connection:
        rows = connection.execute(question.limit(limit) if limit else question)
        return tuple(
            Taken(
                message_id=row.id,
                attempt=row.attempt,
                address=row.address,
                status=row.status,
                provider_id=row.provider_id,
                submitted_at=row.submitted_at,
                words=row.body or "",
            )
            for row in rows
        )
