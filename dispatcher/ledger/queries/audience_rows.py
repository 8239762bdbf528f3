"""The rows of an audience as templates see them, for trying words on everybody before the run."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import address, contact, person
from dispatcher.message import Recipient


def question(audience: str) -> records.Query:
    """Return the query for those of an audience who may be written to, once for every channel they have."""
    columns = records.columns_of(
        Recipient, contact, person, address, list_file=contact.c.file, list_row=contact.c.row
    )
    return (
        sa.select(*columns)
        .join_from(contact, person, person.c.id == contact.c.person_id)
        .join(address, address.c.person_id == person.c.id)
        .where(
            contact.c.audience == audience,
            contact.c.state == "active",
            person.c.erased_at.is_(None),
            address.c.rank == 0,
        )
    )


def stream(ledger: Ledger, audience: str, *, limit: int) -> Iterator[Recipient]:
    """Yield who may be written to, once for every channel they have; at most `limit` rows."""
    rows = question(audience).order_by(contact.c.id, address.c.channel).limit(limit)
    with ledger.read() as connection:
        yield from records.stream(connection, Recipient, rows)


def sizes(ledger: Ledger) -> dict[str, tuple[int, int]]:
    """Return (people, of whom so many have an address) by audience; held and erased people are left out."""
    has_address = sa.exists().where(address.c.person_id == contact.c.person_id, address.c.rank == 0)
    people = (
        sa.select(contact.c.audience, contact.c.person_id, sa.func.max(sa.case((has_address, 1), else_=0)))
        .join_from(contact, person, person.c.id == contact.c.person_id)
        .where(contact.c.state == "active", person.c.erased_at.is_(None))
        .group_by(contact.c.audience, contact.c.person_id)
        .subquery()
    )
    reached = people.c[2]
    question = sa.select(people.c.audience, sa.func.count(), sa.func.sum(reached)).group_by(people.c.audience)
    with ledger.read() as connection:
        return {row[0]: (row[1], int(row[2] or 0)) for row in connection.execute(question)}
