"""Forgetting what is no longer needed: after a campaign's time, who got which words; the counts stay."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import attempt, audit, event, message, message_text, occurrence

ANONYMISED = "forgotten"


def anonymise_campaign(ledger: Ledger, campaign: str, *, now: datetime) -> int:
    """Take addresses, texts and raw reports of a campaign out of the ledger; gives how many messages.

    Statuses, parts and costs stay, so every sum stays what it was. Doing it again does nothing.
    """
    mine = sa.select(occurrence.c.id).where(occurrence.c.campaign == campaign)
    messages = sa.select(message.c.id).where(message.c.occurrence_id.in_(mine))
    others = sa.select(message.c.body_hash).where(message.c.body_hash != "")
    with ledger.begin() as connection:
        purged = connection.execute(
            sa.update(message)
            .where(message.c.occurrence_id.in_(mine), message.c.address.not_like(f"{ANONYMISED}-%"))
            .values(
                address=sa.literal(f"{ANONYMISED}-") + sa.cast(message.c.id, sa.Text),
                body_hash="",
                provider_id=sa.case((message.c.provider_id.is_not(None), ANONYMISED), else_=None),
            )
        ).rowcount
        if not purged:
            return 0
        connection.execute(sa.update(event).where(event.c.message_id.in_(messages)).values(raw={}))
        connection.execute(sa.update(attempt).where(attempt.c.message_id.in_(messages)).values(detail=""))
        connection.execute(sa.delete(message_text).where(message_text.c.body_hash.not_in(others)))
        facts = {"at": now, "who": "dispatcher", "action": "forget-messages", "subject": campaign}
        connection.execute(sa.insert(audit).values(**facts, detail={"messages": purged}))
    return purged
