"""Everything the ledger holds on one person, for that person: what they may ask for by law."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from dispatcher.contacts import address_parser
from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import address_history
from dispatcher.ledger.queries.address_history import AddressHistory
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.event_results import raw_text
from dispatcher.ledger.schema.tables import address, consent, contact, event, person, rights_request


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentRecord:
    """One time that they said no, or came back."""

    at: datetime
    action: str  # opt-out | return
    scope: str
    how: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReceivedText:
    """A text that came from them."""

    at: datetime
    body: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AskedBefore:
    """What they asked about their data before, and what became of it."""

    kind: str  # access | correction | restriction | objection | erasure
    received_at: datetime
    words: str
    state: str  # open | done | refused
    closed_at: datetime | None
    refused_because: str
    lifted_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListFacts:
    """What one list says of them, and what was decided about them there."""

    person_id: int
    audience: str
    given_name: str
    honorific: str
    phones: str  # E.164, parted by a space
    email: str
    unit: str
    role: str
    lead: str  # "" | area | commune
    birth_year: int  # 0: not said
    held_reason: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldData:
    """All of it, on one person."""

    history: AddressHistory
    consents: tuple[ConsentRecord, ...]
    texts: tuple[ReceivedText, ...]
    requests: tuple[AskedBefore, ...] = ()
    facts: tuple[ListFacts, ...] = ()
    shared: tuple[str, ...] = ()  # addresses that others have too: what came from there may be theirs

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is held."""
        history = self.history
        known = (history.people, history.messages, history.suppressions, self.consents, self.texts)
        return not any((*known, self.requests))


class SeveralPeople(DispatcherError):
    """Several people have an address, and nobody said whose data is meant."""

    exit_code = 1


def load(ledger: Ledger, address_value: str, person_id: int = 0) -> HeldData:
    """Gather what is held on one person: the only one with this address, or `person_id` of several.

    Of the others there nothing is told: not their lists and messages, and of a shared address neither the
    texts that came from it nor a no to a list that the person is not in. Raises SeveralPeople when it is
    open who is meant, and when nobody with this address has that number.
    """
    with ledger.read() as connection:
        owners = _owners(connection, address_value)
    if len(owners) > 1 and not person_id:
        raise SeveralPeople(_("Several people have this address: say who asks."))
    if person_id and person_id not in owners:
        raise SeveralPeople(_("nobody with number {person} has this address", person=person_id))
    person_id = person_id or next(iter(owners), 0)
    history = address_history.load(ledger, address_value, only=person_id)
    addresses = {address_value, *(value for one in history.people for _kind, value, _rank in one.addresses)}
    audiences = {entry[0] for one in history.people for entry in one.lists}
    with ledger.read() as connection:
        shared = {value for value in addresses if len(_owners(connection, value)) > 1}
        consents = tuple(
            told if where not in shared else replace(told, words="")
            for where, told in _consents(connection, addresses)
            if where not in shared or _concerns(told.scope, audiences)
        )
        return HeldData(
            history=replace(
                history,
                suppressions=tuple(
                    stop for stop in history.suppressions
                    if address_value not in shared or _concerns(stop[0], audiences)
                ),
            ),
            consents=consents,
            texts=_texts(connection, addresses - shared),
            requests=_requests(connection, addresses - shared, person_id),
            facts=records.read(connection, ListFacts, _FACTS.where(person.c.id == person_id)),
            shared=tuple(sorted(shared)),
        )  # fmt: skip


def _owners(connection: sa.Connection, value: str) -> Sequence[int]:
    whose = sa.select(address.c.person_id).where(address.c.address == value)
    return connection.scalars(whose.distinct()).all()


def _concerns(scope: str, audiences: Collection[str]) -> bool:
    """Return whether a no can be that of somebody in these audiences."""
    kind, _colon, name = scope.partition(":")
    return kind != "audience" or name in audiences


def _consents(connection: sa.Connection, addresses: Collection[str]) -> list[tuple[str, ConsentRecord]]:
    said = consent.c
    question = sa.select(said.address, said.at, said.action, said.scope, said.how, said.words)
    return [
        (where, ConsentRecord(at=at, action=action, scope=scope, how=how, words=words))
        for where, at, action, scope, how, words in connection.execute(
            question.where(said.address.in_(addresses)).order_by(said.id)
        )
    ]


def _texts(connection: sa.Connection, addresses: Collection[str]) -> tuple[ReceivedText, ...]:
    written = [form for value in addresses for form in address_parser.spellings(value)]
    received = connection.execute(
        sa.select(event.c.received_at, event.c.raw)
        .where(event.c.kind == "inbound", event.c.raw["from"].as_string().in_(written))
        .order_by(event.c.id)
    )
    return tuple(ReceivedText(at=row.received_at, body=raw_text(row.raw, "body")) for row in received)


def _requests(
    connection: sa.Connection, addresses: Collection[str], person_id: int
) -> tuple[AskedBefore, ...]:
    asked = rights_request.c
    theirs = sa.or_(
        sa.and_(asked.person_id == person_id, asked.person_id != 0),
        sa.and_(asked.address.in_(addresses), asked.person_id == 0),
    )
    question = sa.select(*records.columns_of(AskedBefore, rights_request)).where(theirs).order_by(asked.id)
    return records.read(connection, AskedBefore, question)


_FACTS: records.Query = (
    sa.select(
        *records.columns_of(
            ListFacts,
            contact,
            person,
        )
    )
    .join_from(contact, person, person.c.id == contact.c.person_id)
    .order_by(contact.c.audience)
)
