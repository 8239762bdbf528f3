"""The sums: how many were promised, how each stands, and the proof that nothing is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
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

PAGE = 2000


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
    attempts: tuple[tuple[int, str, str, str], ...]  # no, outcome, code, detail
    events: tuple[tuple[datetime, str, str, str], ...]  # received, status, code, result

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


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressHistory:
    """Everything the ledger knows about one address."""

    address: str
    people: tuple[HistoryPerson, ...]
    messages: tuple[HistoryMessage, ...]
    suppressions: tuple[tuple[str, str, datetime, str, str], ...]  # scope, reason, at, who, how


def load(ledger: Ledger, address_value: str) -> AddressHistory:
    """Tell the life of one address: who is behind it, each message and why, what came back."""
    with ledger.read() as connection:
        ids = connection.scalars(
            sa.select(address.c.person_id).where(address.c.address == address_value).distinct()
        ).all()
        people = tuple(_person(connection, person_id) for person_id in ids)
        rows = connection.execute(
            sa.select(message, occurrence.c.campaign, occurrence.c.step, occurrence.c.kind,
                      occurrence.c.due_at, message_text.c.body)
            .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
            .outerjoin(message_text, message_text.c.body_hash == message.c.body_hash)
            .where(sa.or_(message.c.address == address_value, message.c.person_id.in_(ids)))
            .order_by(occurrence.c.due_at, message.c.id)
        ).all()  # fmt: skip
        suppressions = connection.execute(
            sa.select(suppression).where(suppression.c.address == address_value)
        ).all()
        return AddressHistory(
            address=address_value,
            people=people,
            messages=tuple(
                sorted((_message(connection, row) for row in rows), key=lambda told: told.scheduled_at)
            ),
            suppressions=tuple((row.scope, row.reason, row.at, row.who, row.how) for row in suppressions),
        )


def _person(connection: sa.Connection, person_id: int) -> HistoryPerson:
    row = connection.execute(sa.select(person).where(person.c.id == person_id)).one()
    addresses = connection.execute(
        sa.select(address).where(address.c.person_id == person_id).order_by(address.c.channel, address.c.rank)
    )
    lists = connection.execute(sa.select(contact).where(contact.c.person_id == person_id))
    participations = connection.execute(
        sa.select(participation).where(participation.c.person_id == person_id)
    )
    return HistoryPerson(
        person_id=person_id,
        name=row.name,
        area=row.area,
        addresses=tuple((item.channel, item.address, item.rank) for item in addresses),
        lists=tuple(
            (item.audience, item.file, item.sheet, item.row, item.state, item.note) for item in lists
        ),
        participations=tuple((item.campaign, item.at, item.source) for item in participations),
    )


def _message(connection: sa.Connection, row: sa.Row[tuple[object, ...]]) -> HistoryMessage:
    attempts = connection.execute(
        sa.select(attempt).where(attempt.c.message_id == row.id).order_by(attempt.c.no)
    )
    events = connection.execute(sa.select(event).where(event.c.message_id == row.id).order_by(event.c.id))
    return HistoryMessage(
        message_id=row.id,
        campaign=row.campaign,
        step=row.step,
        kind=row.kind,
        due_at=row.due_at,
        audience=row.audience,
        channel=row.channel,
        address=row.address,
        status=row.status,
        reason=row.reason,
        attempt=row.attempt,
        submitted_at=row.submitted_at,
        provider_id=row.provider_id or "",
        parts=row.parts,
        vnd=row.vnd,
        words=row.body or "",
        conflict=bool(row.conflict),
        attempts=tuple((item.no, item.outcome, item.code, item.detail) for item in attempts),
        events=tuple((item.received_at, item.status, item.code, item.result) for item in events),
    )
