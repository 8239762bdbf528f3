"""Forgetting what is no longer needed: after a campaign's time, who got which words; the counts stay."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log, scrubbing
from dispatcher.ledger.schema.message_status import ANONYMISED
from dispatcher.ledger.schema.tables import attempt, event, message, message_text, occurrence


def anonymise_campaign(ledger: Ledger, campaign: str, *, now: datetime) -> int:
    """Take addresses, texts and raw reports of a campaign out of the ledger. Return of how many messages.

    Statuses, parts and costs stay, so every sum stays what it was. Doing it again does nothing.
    """
    with ledger.begin() as connection:
        count = anonymise_messages(connection, is_readable(campaign))
        if count:
            scrubbing.mark(connection)
            audit_log.insert(
                connection,
                who="dispatcher",
                action="forget-messages",
                subject=campaign,
                detail={"messages": count},
                now=now,
            )
    return count


def is_readable(campaign: str) -> sa.ColumnElement[bool]:
    """Choose the messages of a campaign whose readers are still named."""
    of_campaign = sa.select(occurrence.c.id).where(occurrence.c.campaign == campaign)
    return sa.and_(message.c.occurrence_id.in_(of_campaign), message.c.address.not_like(f"{ANONYMISED}-%"))


def anonymise_messages(connection: sa.Connection, chosen: sa.ColumnElement[bool]) -> int:
    """Take what names a reader out of the chosen messages, their attempts and reports. Return how many.

    The provider's names go as well: with them anybody who has its account finds the number again.
    """
    ids = sa.select(message.c.id).where(chosen)
    connection.execute(sa.update(event).where(event.c.message_id.in_(ids)).values(raw={}, provider_id=""))
    connection.execute(
        sa.update(attempt)
        .where(attempt.c.message_id.in_(ids))
        .values(detail="", provider_id=_anonymised(attempt.c.provider_id))
    )
    count = connection.execute(
        sa.update(message)
        .where(chosen)
        .values(
            address=sa.literal(f"{ANONYMISED}-") + sa.cast(message.c.id, sa.Text),
            body_hash="",
            provider_id=_anonymised(message.c.provider_id),
        )
    ).rowcount
    if count:
        others = sa.select(message.c.body_hash).where(message.c.body_hash != "")
        connection.execute(sa.delete(message_text).where(message_text.c.body_hash.not_in(others)))
    return count


def _anonymised(provider_id: sa.Column[str]) -> sa.ColumnElement[str]:
    """Keep that there was a name, which is the proof of acceptance, and not which."""
    return sa.case((provider_id.is_not(None), ANONYMISED), else_=None)
