"""One hash of who stands in which audience, so that an approval can tell when the lists have changed."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.schema.tables import address, contact, contact_import

# Sums over these stay inside 64 bits for nine million contacts.
PRIME, OTHER_PRIME = 1_000_003, 2_147_483_629
DECISIONS = (
    "release",
    "drop",
)  # what changes an audience besides loads; erasing a person asks for no approval


def compute(ledger: Ledger, audiences: Collection[str]) -> str:
    """Return a hash of everybody active in `audiences` and of all that their rows say, as 64 hex digits.

    Taking a load back brings its old value back. Worked out once a change of the lists, by whoever asks.
    """
    names = sorted(audiences)
    key = f"lists {' '.join(names)}"
    with ledger.begin() as connection:
        version = _lists_version(connection)
        cached = key_values.read(connection, key)
        cached_version, _space, digest = cached.partition(" ")
        if cached_version == version:
            return digest
        digest = _hash(connection, names)
        key_values.write(connection, key, f"{version} {digest}")
    return digest


def _lists_version(connection: sa.Connection) -> str:
    """Return what is another whenever the lists may have changed."""
    loads = connection.execute(
        sa.select(sa.func.max(contact_import.c.id), sa.func.count(contact_import.c.undone_at)).select_from(
            contact_import
        )
    ).one()
    decisions = connection.scalar(sa.select(sa.func.max(audit_log.source(DECISIONS).c.id)))
    return f"{loads[0] or 0}-{loads[1]}-{decisions or 0}"


def _is_reached() -> sa.ColumnElement[bool]:
    """Return whether messages go to a contact: whom nothing reaches needs nobody's approval."""
    has_address = sa.exists().where(address.c.person_id == contact.c.person_id)
    return sa.or_(contact.c.phones != "", contact.c.email != "", has_address)


def _hash(connection: sa.Connection, audiences: Collection[str]) -> str:
    mixed = (contact.c.fingerprint % PRIME) * (contact.c.id % PRIME)
    rows = connection.execute(
        sa.select(
            contact.c.audience,
            sa.func.count(),
            sa.func.sum(contact.c.id),
            sa.func.sum(mixed),
            sa.func.sum(contact.c.fingerprint % OTHER_PRIME),
        )
        .where(contact.c.audience.in_(audiences), contact.c.state == "active", _is_reached())
        .group_by(contact.c.audience)
        .order_by(contact.c.audience)
    )
    facts = "\n".join(f"{row[0]} {row[1]} {int(row[2])} {int(row[3])} {int(row[4])}" for row in rows)
    return hashlib.sha256(facts.encode()).hexdigest()
