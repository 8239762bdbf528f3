"""Real people to try words on: one contact of an audience, as a template sees them."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.channels import Channel
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import address, contact, person
from dispatcher.message import Recipient


def find(
    ledger: Ledger, audience: str, channel: Channel, *, leads_only: bool = False, index: int = 0
) -> Recipient | None:
    """Return the contact at `index` among those of an audience who are reached by `channel`; None: nobody."""
    columns = records.columns_of(
        Recipient, contact, person, address, list_file=contact.c.file, list_row=contact.c.row
    )
    question = (
        sa.select(*columns)
        .join_from(contact, person, person.c.id == contact.c.person_id)
        .join(address, address.c.person_id == person.c.id)
        .where(
            contact.c.audience == audience,
            contact.c.state == "active",
            person.c.erased_at.is_(None),
            address.c.channel == channel,
            address.c.rank == 0,
        )
        .order_by(contact.c.id)
        .offset(max(0, index))
    )
    if leads_only:
        question = question.where(contact.c.lead != "")
    with ledger.read() as connection:
        return records.first(connection, Recipient, question)
