"""Who is known from sensitive lists only: to name them would say that they are in one."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import is_listed
from dispatcher.ledger.schema.tables import contact, person


def is_protected(open_audiences: Collection[str]) -> sa.ColumnElement[bool]:
    """Whether no list of an audience that may be seen has the `person` of a question."""
    return ~is_listed(person.c.id, contact.c.state != "gone", contact.c.audience.in_(open_audiences))


def loaded_audiences(ledger: Ledger) -> frozenset[str]:
    """Return the audiences that anybody in the ledger is in."""
    with ledger.read() as connection:
        return frozenset(connection.scalars(sa.select(contact.c.audience).distinct()))
