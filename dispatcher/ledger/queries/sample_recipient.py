"""Real people to try words on: one contact of an audience, as a template sees them."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.channels import Channel
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import address, contact, person
from dispatcher.message import Recipient


def find(
    ledger: Ledger, audience: str, channel: Channel, *, leads_only: bool = False, index: int = 0
) -> Recipient | None:
    """Return the contact at `place` among those of an audience who are reached by `channel`; None: nobody."""
    question = (
        sa.select(contact, person.c.name, person.c.given_name, person.c.honorific, person.c.area,
                  address.c.address)
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
        .limit(1)
        .offset(max(0, index))
    )  # fmt: skip
    if leads_only:
        question = question.where(contact.c.lead != "")
    with ledger.read() as connection:
        row = connection.execute(question).first()
    if row is None:
        return None
    return Recipient(
        person_id=row.person_id,
        audience=audience,
        channel=channel,
        address=row.address,
        name=row.name,
        given_name=row.given_name,
        honorific=row.honorific,
        area=row.area,
        unit=row.unit,
        role=row.role,
        lead=row.lead,
        list_file=row.file,
        list_row=row.row,
    )
