"""Real people to try words on: one contact of an audience, as a template sees them."""

from __future__ import annotations

from dispatcher.channels import Channel
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import audience_rows
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import address, contact
from dispatcher.message import Recipient


def find(
    ledger: Ledger, audience: str, channel: Channel, *, leads_only: bool = False, index: int = 0
) -> Recipient | None:
    """Return the contact at `index` among those of an audience who are reached by `channel`; None: nobody."""
    question = audience_rows.question(audience).where(address.c.channel == channel)
    question = question.order_by(contact.c.id).offset(max(0, index))
    if leads_only:
        question = question.where(contact.c.lead != "")
    with ledger.read() as connection:
        return records.first(connection, Recipient, question)
