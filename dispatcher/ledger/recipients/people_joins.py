"""Whom a load took for one person because of name and thôn: told, and parted again when it was a namesake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import sqlalchemy as sa

from dispatcher.errors import DispatcherError
from dispatcher.i18n import N_, _
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.recipients import address_sync, suppressions
from dispatcher.ledger.recipients.contact_fields import PERSON_COLUMNS
from dispatcher.ledger.schema import bulk, records, revision
from dispatcher.ledger.schema.tables import (
    address,
    contact,
    contact_import,
    contact_snapshot,
    meta,
    person,
    person_join,
)

JoinReason = Literal["number-changed", "name-area"]
JOIN_REASONS: Mapping[str, str] = {
    "number-changed": N_("same name and thôn; the row went and came again with another number or address"),
    "name-area": N_(
        "same name and thôn, in different lists, and only one has a number or this kind of address"
    ),
}


class CannotSplit(DispatcherError):
    """Two people cannot be parted; the message says why."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinedPeople:
    """Two rows taken for one person. `id` is 0 in a preview; `split_at` is when they were parted."""

    id: int
    name: str
    area: str
    audience: str
    file: str
    row: int
    because: str
    split_at: datetime | None = None


class PersonJoin(Protocol):
    """A row of the table."""

    import_id: int
    person_id: int
    contact_id: int


def record(
    connection: sa.Connection, import_id: int, joins: Sequence[tuple[int, int, JoinReason]]
) -> tuple[JoinedPeople, ...]:
    """Write down joins, each (person, contact that came to them, why), in the caller's transaction."""
    if not joins:
        return ()
    connection.execute(
        sa.insert(person_join),
        [
            {"import_id": import_id, "person_id": person_id, "contact_id": contact_id, "because": because}
            for person_id, contact_id, because in joins
        ],
    )
    return records.read(connection, JoinedPeople, _question().where(person_join.c.import_id == import_id))


def _question() -> records.Query:
    return (
        sa.select(*records.columns_of(JoinedPeople, person_join, person, contact))
        .join_from(person_join, person, person.c.id == person_join.c.person_id)
        .join(contact, contact.c.id == person_join.c.contact_id)
        .order_by(person_join.c.id)
    )


def past_joins(ledger: Ledger, *, limit: int = 500) -> tuple[JoinedPeople, ...]:
    """List who was taken for one, the latest first."""
    latest = _question().order_by(None).order_by(person_join.c.id.desc()).limit(limit)
    with ledger.read() as connection:
        return records.read(connection, JoinedPeople, latest)


def split(ledger: Ledger, join_id: int, *, who: str, now: datetime) -> JoinedPeople:
    """Make two people again of a join; messages, participation and stops stay with who was there before.

    They stay two in later loads, for each is known by a number or address of their own. Raises CannotSplit.
    """
    with ledger.begin() as connection:
        row = connection.execute(sa.select(person_join).where(person_join.c.id == join_id)).one_or_none()
        if row is None:
            raise CannotSplit(_("there is nobody taken for one under number {number}", number=join_id))
        moved = connection.execute(
            sa.select(contact.c.person_id).where(contact.c.id == row.contact_id)
        ).one_or_none()
        if row.split_at is not None or moved is None or moved.person_id != row.person_id:
            raise CannotSplit(_("number {number} was parted already, or is no longer one", number=join_id))
        new_id = _next_person(connection)
        known = connection.execute(sa.select(person).where(person.c.id == row.person_id)).mappings().one()
        connection.execute(
            sa.insert(person).values(id=new_id, **{fact: known[fact] for fact in PERSON_COLUMNS})
        )
        connection.execute(sa.update(contact).where(contact.c.id == row.contact_id).values(person_id=new_id))
        if row.because == "number-changed":
            _give_back_addresses(connection, row, now=now)
        address_sync.sync(connection, [row.person_id, new_id], now=now)
        connection.execute(
            sa.update(person_join).where(person_join.c.id == join_id).values(split_at=now, split_by=who)
        )
        audit_log.insert(connection, who=who, action="split-people", subject=f"person {new_id}", now=now)
        revision.mark(connection)
        done = records.first(connection, JoinedPeople, _joined_row(join_id))
    assert done is not None
    return done


def _give_back_addresses(connection: sa.Connection, join: PersonJoin, *, now: datetime) -> None:
    """Let the person who was there before have the addresses of before, without what followed them since."""
    newer = connection.execute(
        sa.select(contact.c.phones, contact.c.email).where(contact.c.id == join.contact_id)
    ).one()
    joined_at = connection.scalar(sa.select(contact_import.c.at).where(contact_import.c.id == join.import_id))
    if joined_at is not None:
        values = [*newer.phones.split(), newer.email]
        suppressions.take_back_carried(connection, at=joined_at, now=now, addresses=values)
    before = connection.scalar(
        sa.select(contact_snapshot.c.fields).where(
            contact_snapshot.c.import_id == join.import_id, contact_snapshot.c.contact_id == join.contact_id
        )
    )
    connection.execute(sa.delete(address).where(address.c.person_id == join.person_id))
    phones = enumerate(before["phones"].split()) if before else ()
    rows = [("sms", number, rank) for rank, number in phones]
    if before and before["email"]:
        rows.append(("email", before["email"], 0))
    bulk.insert(
        connection,
        "address",
        ("person_id", "channel", "address", "rank"),
        [(join.person_id, *row) for row in rows],
    )


def _joined_row(join_id: int) -> records.Query:
    return _question().where(person_join.c.id == join_id)


def _next_person(connection: sa.Connection) -> int:
    """Take an id that no load has given out."""
    kept = connection.scalar(sa.select(meta.c.value).where(meta.c.key == "next-person"))
    highest = connection.scalar(sa.select(sa.func.max(person.c.id))) or 0
    new_id = max(int(kept or 0), highest + 1)
    connection.execute(sa.update(meta).where(meta.c.key == "next-person").values(value=str(new_id + 1)))
    return new_id
