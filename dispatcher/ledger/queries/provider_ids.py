"""What a provider calls our messages: what is compared with its own list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.message_status import ANONYMISED, UNRESOLVED
from dispatcher.ledger.schema.tables import attempt, message

CHANNEL = "sms"
# A text counts by its last attempt in the ledger, and by its own moment with the provider.
MARGIN = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class AcceptedMessage:
    """A text with what finds it at the provider."""

    message_id: int
    address: str
    status: str
    gateway: str
    provider_id: str
    submitted_at: datetime


def last_submitted_at(ledger: Ledger) -> datetime | None:
    """Return when the last text left; None when none did."""
    with ledger.read() as connection:
        moment: datetime | None = connection.scalar(
            sa.select(sa.func.max(message.c.submitted_at)).where(message.c.channel == CHANNEL)
        )
    return moment


COLUMNS = tuple(field.name for field in fields(AcceptedMessage))
ACCEPTED = (  # what a provider has taken of us, as far as we still know its name there
    sa.select(*records.columns_of(AcceptedMessage, message, message_id=message.c.id)).where(
        message.c.channel == CHANNEL,
        message.c.provider_id.is_not(None),
        message.c.provider_id != ANONYMISED,
        message.c.submitted_at.is_not(None),
    )
)


def unresolved(ledger: Ledger) -> dict[str, list[datetime]]:
    """Return by number when texts were offered of which nobody knows now whether the provider has them."""
    question = sa.select(message.c.address, message.c.submitted_at).where(
        message.c.channel == CHANNEL,
        message.c.status.in_(UNRESOLVED),
        message.c.provider_id.is_(None),
        message.c.submitted_at.is_not(None),
    )
    found: dict[str, list[datetime]] = {}
    with ledger.read() as connection:
        for address, at in connection.execute(question):
            found.setdefault(address, []).append(at)
    return found


def forgotten(ledger: Ledger, since: datetime) -> Iterator[datetime]:
    """Yield, in order, when texts were offered whose names with the provider were forgotten on purpose.

    Among them are those in doubt that were forgotten before the provider was asked.
    """
    since -= MARGIN
    in_doubt = sa.and_(message.c.status.in_(UNRESOLVED), message.c.address.like(f"{ANONYMISED}-%"))
    last = sa.select(message.c.submitted_at.label("at")).where(
        message.c.channel == CHANNEL,
        message.c.submitted_at >= since,
        sa.or_(message.c.provider_id == ANONYMISED, in_doubt),
    )
    earlier = (
        sa.select(attempt.c.started_at)
        .join_from(attempt, message, message.c.id == attempt.c.message_id)
        .where(
            message.c.channel == CHANNEL,
            attempt.c.provider_id == ANONYMISED,
            attempt.c.no < message.c.attempt,
            attempt.c.started_at >= since,
        )
    )
    both = sa.union_all(last, earlier).subquery()
    question = sa.select(both.c.at).order_by(both.c.at).execution_options(yield_per=1000)
    with ledger.read() as connection:
        yield from connection.scalars(question)
