"""Texts that no rule understood, each with what a person needs to decide: who wrote, and about what."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.contacts import address_parser
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries.to_do import IS_UNREAD_ANSWER, PAGE
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.event_results import raw_text
from dispatcher.ledger.schema.tables import (
    address,
    contact,
    event,
    message,
    message_text,
    occurrence,
    person,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Somebody who may have written: one of the people on a number."""

    person_id: int
    name: str
    area: str
    lists: tuple[tuple[str, str], ...]  # audience, file


@dataclass(frozen=True, kw_only=True, slots=True)
class AnsweredText:
    """The last text that went to a number before its answer came."""

    campaign: str
    step: str
    at: datetime
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreadAnswer:
    """A text from a phone that no rule understood."""

    event_id: int
    at: datetime
    address: str
    body: str
    reason: str  # why it could not be read, when it is that
    senders: tuple[Sender, ...]
    answered: AnsweredText | None

    @property
    def number(self) -> str:
        """The number a stop would hold for; empty where the sender is none ("VIETTEL")."""
        return address_parser.parse_sender(self.address)


@dataclass(frozen=True, kw_only=True, slots=True)
class _WaitingEvent:
    event_id: int
    at: datetime
    raw: object


@dataclass(frozen=True, kw_only=True, slots=True)
class _KnownSender:
    person_id: int
    name: str
    area: str
    audience: str
    file: str


def unread(ledger: Ledger, *, before: int = 0, limit: int = PAGE) -> tuple[UnreadAnswer, ...]:
    """List the texts that a person should read, the latest first; `before` an event's id pages on."""
    question = _WAITING.order_by(event.c.id.desc()).limit(limit)
    if before:
        question = question.where(event.c.id < before)
    with ledger.read() as connection:
        return tuple(_answer(connection, one) for one in records.read(connection, _WaitingEvent, question))


def find(ledger: Ledger, event_id: int) -> UnreadAnswer | None:
    """Return one that still waits; None when somebody has decided about it, or there is none."""
    with ledger.read() as connection:
        waiting = records.first(connection, _WaitingEvent, _WAITING.where(event.c.id == event_id))
        return None if waiting is None else _answer(connection, waiting)


def _answer(connection: sa.Connection, waiting: _WaitingEvent) -> UnreadAnswer:
    sender = raw_text(waiting.raw, "from")
    number = address_parser.parse_sender(sender) or sender
    return UnreadAnswer(
        event_id=waiting.event_id,
        at=waiting.at,
        address=number,
        body=raw_text(waiting.raw, "body"),
        reason=raw_text(waiting.raw, "reason"),
        senders=_senders(connection, number),
        answered=records.first(
            connection,
            AnsweredText,
            _TEXTS_TO.where(message.c.address == number, message.c.submitted_at <= waiting.at),
        ),
    )


def _senders(connection: sa.Connection, number: str) -> tuple[Sender, ...]:
    """Return who has this number now, else who was written to at it: a list may have let it go since."""
    present = sa.select(address.c.person_id).where(address.c.channel == "sms", address.c.address == number)
    former = sa.select(message.c.person_id).where(message.c.channel == "sms", message.c.address == number)
    for people in (present, former):
        known = records.read(connection, _KnownSender, _LISTED.where(person.c.id.in_(people)))
        if known:
            return tuple(_by_person(known))
    return ()


def _by_person(known: Collection[_KnownSender]) -> Iterable[Sender]:
    for person_id in dict.fromkeys(one.person_id for one in known):
        of_them = [one for one in known if one.person_id == person_id]
        yield Sender(
            person_id=person_id,
            name=of_them[0].name,
            area=of_them[0].area,
            lists=tuple((one.audience, one.file) for one in of_them),
        )


_WAITING = sa.select(
    *records.columns_of(_WaitingEvent, event, event_id=event.c.id, at=event.c.received_at)
).where(*IS_UNREAD_ANSWER)
_LISTED = (
    sa.select(*records.columns_of(_KnownSender, contact, person))
    .join_from(contact, person, person.c.id == contact.c.person_id)
    .where(contact.c.state != "gone", person.c.erased_at.is_(None))
    .order_by(person.c.id, contact.c.id)
)
_TEXTS_TO = (
    sa.select(
        *records.columns_of(
            AnsweredText, message, occurrence,
            at=message.c.submitted_at, words=sa.func.coalesce(message_text.c.body, ""),
        )
    )
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .outerjoin(message_text, message_text.c.body_hash == message.c.body_hash)
    .where(message.c.channel == "sms", message.c.submitted_at.is_not(None))
    .order_by(message.c.submitted_at.desc(), message.c.id.desc())
)  # fmt: skip
