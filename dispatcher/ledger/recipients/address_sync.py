"""A person's addresses: what all their lists say together, and nothing that no list says any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema import bulk
from dispatcher.ledger.schema.tables import address, contact


def sync(
    connection: sa.Connection,
    people: Sequence[int],
    *,
    now: datetime,
    first: Mapping[int, Sequence[str]] | None = None,
) -> None:
    """Bring the addresses of `people` in line with their lists; `first` are preferred, being the newest word.

    Whom no list has any more keeps the addresses: they are known by them when they come back. Whoever said
    no at the address we wrote to has said it at the one that takes its place.
    """
    if not people:
        return
    listed = _listed_addresses(connection, people)
    stored = _stored_addresses(connection, people)
    gone: list[dict[str, object]] = []
    ranked: list[dict[str, object]] = []
    added: list[tuple[object, ...]] = []
    moves: dict[tuple[str, str], list[str]] = defaultdict(list)
    for person_id, lists in listed.items():
        for channel in ("sms", "email"):
            before = stored.get((person_id, channel), [])
            values = lists[channel]
            newest = [value for value in (first or {}).get(person_id, ()) if value in values]
            order = list(dict.fromkeys([*newest, *(value for value in before if value in values), *values]))
            gone += [_at(person_id, channel, value) for value in before if value not in values]
            if before and order and before[0] != order[0]:
                moves[channel, before[0]].append(order[0])
            for rank, value in enumerate(order):
                if value not in before:
                    added.append((person_id, channel, value, rank))
                elif before.index(value) != rank or len(before) != len(order):
                    ranked.append(_at(person_id, channel, value) | {"to": rank})
    if gone:
        connection.execute(_DELETE, gone)
    if ranked:
        connection.execute(_RANK, ranked)
    bulk.insert(connection, "address", ("person_id", "channel", "address", "rank"), added)
    suppressions.carry_over(connection, moves, now=now)


def _at(person_id: int, channel: str, value: str) -> dict[str, object]:
    return {"of": person_id, "on": channel, "at": value}


_HERE = (
    address.c.person_id == sa.bindparam("of"),
    address.c.channel == sa.bindparam("on"),
    address.c.address == sa.bindparam("at"),
)
_DELETE = sa.delete(address).where(*_HERE)
_RANK = sa.update(address).where(*_HERE).values(rank=sa.bindparam("to"))


def _listed_addresses(connection: sa.Connection, people: Sequence[int]) -> dict[int, dict[str, list[str]]]:
    """Return what the lists say, for people whom at least one list still has."""
    rows = connection.execute(
        sa.select(contact.c.person_id, contact.c.phones, contact.c.email)
        .where(contact.c.person_id.in_(people), contact.c.state != "gone")
        .order_by(contact.c.id)
    )
    listed: dict[int, dict[str, list[str]]] = {}
    for person_id, phones, email in rows:
        lists = listed.setdefault(person_id, {"sms": [], "email": []})
        lists["sms"] += phones.split()
        lists["email"] += [email] if email else []
    return listed


def _stored_addresses(connection: sa.Connection, people: Sequence[int]) -> dict[tuple[int, str], list[str]]:
    rows = connection.execute(
        sa.select(address.c.person_id, address.c.channel, address.c.address)
        .where(address.c.person_id.in_(people))
        .order_by(address.c.rank, address.c.address)
    )
    stored: dict[tuple[int, str], list[str]] = defaultdict(list)
    for person_id, channel, value in rows:
        stored[person_id, channel].append(value)
    return stored
