"""The thôn that people of the lists live in."""

from __future__ import annotations

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import is_listed
from dispatcher.ledger.schema.tables import contact, person
from dispatcher.vietnamese.names import sort_key


def listed(ledger: Ledger) -> tuple[str, ...]:
    """Return them as the lists write them, in the order people look for them."""
    question = (
        sa.select(person.c.area)
        .distinct()
        .where(person.c.area != "", person.c.erased_at.is_(None))
        .where(is_listed(person.c.id, contact.c.state != "gone"))
    )
    with ledger.read() as connection:
        return tuple(sorted(connection.scalars(question), key=sort_key))
