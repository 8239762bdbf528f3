"""What a person's own page may say about them: which lists have them, and what they have decided."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import contact, participation, person, suppression


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    """Somebody who opened a link of ours. `stopped` are the scopes they said no to themselves."""

    exists: bool
    audiences: tuple[str, ...]
    opted_out_scopes: tuple[str, ...]
    took_part: bool


def load(ledger: Ledger, *, channel: str, address: str, campaign: str, person_id: int) -> Subscriber:
    """Return what stands about the reader of a link."""
    with ledger.read() as connection:
        known = connection.scalar(
            sa.select(person.c.id).where(person.c.id == person_id, person.c.erased_at.is_(None))
        )
        audiences = connection.scalars(
            sa.select(contact.c.audience).where(contact.c.person_id == person_id, contact.c.state == "active")
        ).all()
        stopped = connection.scalars(
            sa.select(suppression.c.scope).where(
                suppression.c.channel == channel,
                suppression.c.address == address,
                suppression.c.reason == "opted-out",
            )
        ).all()
        took = connection.scalar(
            sa.select(participation.c.person_id).where(
                participation.c.person_id == person_id, participation.c.campaign == campaign
            )
        )
    return Subscriber(
        exists=known is not None,
        audiences=tuple(audiences),
        opted_out_scopes=tuple(sorted(stopped)),
        took_part=took is not None,
    )
