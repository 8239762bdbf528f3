"""What a provider calls our messages: what is compared with its own list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.message_status import ANONYMISED, UNRESOLVED
from dispatcher.ledger.schema.tables import attempt, event, message

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


def accepted_since(ledger: Ledger, since: datetime) -> tuple[AcceptedMessage, ...]:
    """Return the texts that a provider took and that left at `since` or later, the latest first."""
    with ledger.read() as connection:
        return records.read(connection, AcceptedMessage, _ACCEPTED.where(message.c.submitted_at >= since))


def latest_accepted(ledger: Ledger, limit: int) -> tuple[AcceptedMessage, ...]:
    """Return the texts that a provider took last; `limit` 0 gives all."""
    with ledger.read() as connection:
        return records.read(connection, AcceptedMessage, _ACCEPTED.limit(limit) if limit else _ACCEPTED)


_ACCEPTED = (
    sa.select(*records.columns_of(AcceptedMessage, message, message_id=message.c.id))
    .where(
        message.c.channel == CHANNEL,
        message.c.provider_id.is_not(None),
        message.c.provider_id != ANONYMISED,
        message.c.submitted_at.is_not(None),
    )
    .order_by(message.c.submitted_at.desc(), message.c.id.desc())
)


def message_by_provider_id(ledger: Ledger, since: datetime) -> dict[str, int]:
    """Return every name that a provider gave to a message of ours from `since` on, and to which.

    An attempt that was followed by another has a name of its own; a report may have told one first.
    """
    since -= MARGIN
    named = (
        sa.select(message.c.provider_id, message.c.id).where(message.c.submitted_at >= since),
        sa.select(attempt.c.provider_id, attempt.c.message_id).where(attempt.c.started_at >= since),
        sa.select(event.c.provider_id, event.c.message_id).where(
            event.c.received_at >= since, event.c.message_id.is_not(None), event.c.provider_id != ""
        ),
    )
    with ledger.read() as connection:
        return {
            provider_id: message_id
            for question in named
            for provider_id, message_id in connection.execute(question)
            if provider_id is not None
        }


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


def forgotten(ledger: Ledger, since: datetime) -> list[datetime]:
    """Return, in order, when texts were offered whose names with the provider were forgotten on purpose.

    Among them are those in doubt that were forgotten before the provider was asked.
    """
    since -= MARGIN
    in_doubt = sa.and_(message.c.status.in_(UNRESOLVED), message.c.address.like(f"{ANONYMISED}-%"))
    last = sa.select(message.c.submitted_at).where(
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
    with ledger.read() as connection:
        return sorted(at for question in (last, earlier) for at in connection.scalars(question))
