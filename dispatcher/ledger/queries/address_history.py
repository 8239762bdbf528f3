"""The life of an address: who is behind it, what was sent to it and why, and what came back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import (
    address,
    attempt,
    contact,
    event,
    message,
    message_text,
    occurrence,
    participation,
    person,
    suppression,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryMessage:
    """One message in the life of an address."""

    message_id: int
    campaign: str
    step: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    address: str
    status: str
    reason: str
    attempt: int
    submitted_at: datetime | None
    provider_id: str
    parts: int
    vnd: int
    words: str
    conflict: bool
    attempts: tuple[tuple[int, str, str, str], ...] = ()  # no, outcome, code, detail
    events: tuple[tuple[datetime, str, str, str], ...] = ()  # received, status, code, result

    @property
    def scheduled_at(self) -> datetime:
        """Its moment; thanks are due from the first day on, but go when there is cause."""
        return self.submitted_at or self.due_at if self.kind in step_kinds.STANDING else self.due_at


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryPerson:
    """One person behind an address, and the lists that have them."""

    person_id: int
    name: str
    area: str
    addresses: tuple[tuple[str, str, int], ...]  # channel, address, rank
    lists: tuple[tuple[str, str, str, int, str, str], ...]  # audience, file, sheet, row, state, note
    participations: tuple[tuple[str, datetime, str], ...]  # campaign, at, source
    restricted_at: datetime | None = None  # since then nobody writes to them


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressHistory:
    """Everything the ledger knows about one address."""

    address: str
    people: tuple[HistoryPerson, ...]
    messages: tuple[HistoryMessage, ...]
    suppressions: tuple[tuple[str, str, datetime, str, str], ...]  # scope, reason, at, who, how


def load(ledger: Ledger, address_value: str, *, only: int = 0) -> AddressHistory:
    """Tell the life of one address: who is behind it, each message and why, what came back.

    `only` is the number of a person who has it: of the others there it tells nothing.
    """
    with ledger.read() as connection:
        owners = sa.select(address.c.person_id).where(address.c.address == address_value)
        ids = connection.scalars(
            owners.where(sa.or_(sa.literal(not only), address.c.person_id == only)).distinct()
        ).all()
        theirs = message.c.person_id.in_(ids)
        rows = connection.execute(
            _MESSAGES.where(theirs if only else sa.or_(message.c.address == address_value, theirs))
        ).all()
        stop = suppression.c
        return AddressHistory(
            address=address_value,
            people=tuple(_person(connection, person_id) for person_id in ids),
            messages=tuple(
                sorted((_message(connection, row) for row in rows), key=lambda told: told.scheduled_at)
            ),
            suppressions=_tuples(
                connection,
                sa.select(stop.scope, stop.reason, stop.at, stop.who, stop.how).where(
                    stop.address == address_value
                ),
            ),
        )


def _tuples(connection: sa.Connection, question: records.Query) -> tuple[Any, ...]:
    return tuple(tuple(row) for row in connection.execute(question))


def _person(connection: sa.Connection, person_id: int) -> HistoryPerson:
    where, entry, took_part = address.c, contact.c, participation.c
    known: records.Query = sa.select(
        person.c.id.label("person_id"), person.c.name, person.c.area, person.c.restricted_at
    )
    row = connection.execute(known.where(person.c.id == person_id)).one()
    addresses = sa.select(where.channel, where.address, where.rank).order_by(where.channel, where.rank)
    lists = sa.select(entry.audience, entry.file, entry.sheet, entry.row, entry.state, entry.note)
    participations = sa.select(took_part.campaign, took_part.at, took_part.source)
    return records.value_of(
        HistoryPerson,
        row,
        addresses=_tuples(connection, addresses.where(where.person_id == person_id)),
        lists=_tuples(connection, lists.where(entry.person_id == person_id)),
        participations=_tuples(connection, participations.where(took_part.person_id == person_id)),
    )


def _message(connection: sa.Connection, row: sa.Row[Any]) -> HistoryMessage:
    tried, came = attempt.c, event.c
    attempts = sa.select(tried.no, tried.outcome, tried.code, tried.detail).order_by(tried.no)
    events = sa.select(came.received_at, came.status, came.code, came.result).order_by(came.id)
    return records.value_of(
        HistoryMessage,
        row,
        attempts=_tuples(connection, attempts.where(tried.message_id == row.message_id)),
        events=_tuples(connection, events.where(came.message_id == row.message_id)),
    )


_MESSAGES: records.Query = (
    sa.select(
        *records.columns_of(
            HistoryMessage,
            message,
            occurrence,
            message_id=message.c.id,
            provider_id=sa.func.coalesce(message.c.provider_id, ""),
            words=sa.func.coalesce(message_text.c.body, ""),
            conflict=message.c.conflict == 1,
        )
    )
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .outerjoin(message_text, message_text.c.body_hash == message.c.body_hash)
    .order_by(occurrence.c.due_at, message.c.id)
)
