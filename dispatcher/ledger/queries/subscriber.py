"""What a person's own page may say about them: what they have decided. Which lists have them is not said."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import address, participation, person, suppression


@dataclass(frozen=True, kw_only=True, slots=True)
class Subscriber:
    """Somebody who opened a link of ours. `opted_out_scopes` are what they said no to themselves."""

    is_known: bool
    is_erased: bool  # and nobody else has the address: nothing about it may be written down again
    opted_out_scopes: tuple[str, ...]
    took_part: bool


def load(ledger: Ledger, *, channel: str, address_value: str, campaign: str, person_id: int) -> Subscriber:
    """Return what stands about the reader of a link."""
    with ledger.read() as connection:
        found = connection.execute(sa.select(person.c.erased_at).where(person.c.id == person_id)).first()
        was_erased = found is not None and found.erased_at is not None
        others = sa.select(address.c.person_id).where(address.c.address == address_value).limit(1)
        stopped = connection.scalars(
            sa.select(suppression.c.scope).where(
                suppression.c.channel == channel,
                suppression.c.address == address_value,
                suppression.c.reason == "opted-out",
            )
        ).all()
        took = connection.scalar(
            sa.select(participation.c.person_id).where(
                participation.c.person_id == person_id, participation.c.campaign == campaign
            )
        )
        return Subscriber(
            is_known=found is not None and not was_erased,
            is_erased=was_erased and connection.scalar(others) is None,
            opted_out_scopes=tuple(sorted(stopped)),
            took_part=took is not None,
        )
