"""People found by their name, whether or not a message reaches them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import address, contact, participation, person
from dispatcher.vietnamese.text import fold

FOUND_MAX = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class ListPlace:
    """Where a list has somebody; `state` is a word of the ledger."""

    audience: str
    file: str
    sheet: str
    row: int
    state: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPerson:
    """Somebody of a name. `addresses` is empty where no list has a usable one."""

    person_id: int
    name: str
    area: str
    addresses: tuple[str, ...]
    lists: tuple[ListPlace, ...]
    campaigns: tuple[str, ...]  # in which they are known to have taken part


def by_name(ledger: Ledger, name: str, *, limit: int = FOUND_MAX) -> tuple[FoundPerson, ...]:
    """Find who is called `name`, or whose name ends so; accents and case need not be right."""
    key = fold(name)
    if not key:
        return ()
    escaped = key.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    question = (
        sa.select(person.c.id, person.c.name, person.c.area)
        .where(person.c.name_key.like(f"%{escaped}", escape="\\"), person.c.erased_at.is_(None))
        .order_by(person.c.name_key != key, person.c.name_key, person.c.area_key, person.c.id)
        .limit(limit)
    )
    with ledger.read() as connection:
        rows = connection.execute(question).all()
        ids = [row.id for row in rows]
        addresses, lists, campaigns = (
            _addresses(connection, ids),
            _lists(connection, ids),
            _took(connection, ids),
        )
    return tuple(
        FoundPerson(
            person_id=row.id,
            name=row.name,
            area=row.area,
            addresses=tuple(addresses[row.id]),
            lists=tuple(lists[row.id]),
            campaigns=tuple(campaigns[row.id]),
        )
        for row in rows
    )


def _addresses(connection: sa.Connection, ids: list[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    question = (
        sa.select(address.c.person_id, address.c.address)
        .where(address.c.person_id.in_(ids))
        .order_by(address.c.channel.desc(), address.c.rank)
    )
    for person_id, value in connection.execute(question):
        found[person_id].append(value)
    return found


def _lists(connection: sa.Connection, ids: list[int]) -> defaultdict[int, list[ListPlace]]:
    found: defaultdict[int, list[ListPlace]] = defaultdict(list)
    question = sa.select(contact).where(contact.c.person_id.in_(ids)).order_by(contact.c.id)
    for row in connection.execute(question):
        found[row.person_id].append(
            ListPlace(audience=row.audience, file=row.file, sheet=row.sheet, row=row.row, state=row.state)
        )
    return found


def _took(connection: sa.Connection, ids: list[int]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    question = (
        sa.select(participation.c.person_id, participation.c.campaign)
        .where(participation.c.person_id.in_(ids))
        .order_by(participation.c.campaign)
    )
    for person_id, campaign in connection.execute(question):
        found[person_id].append(campaign)
    return found
