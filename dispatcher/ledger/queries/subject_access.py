"""Everything the ledger holds on one person, for that person: what they may ask for by law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.contacts import address_parser
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import address_history
from dispatcher.ledger.queries.address_history import AddressHistory
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.event_results import raw_text
from dispatcher.ledger.schema.tables import consent, event, rights_request


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
class HeldData:
    """All of it. People who share the address stand in it too: the office leaves out what is another's."""

    history: AddressHistory
    consents: tuple[ConsentRecord, ...]
    texts: tuple[ReceivedText, ...]
    requests: tuple[AskedBefore, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is held."""
        history = self.history
        known = (history.people, history.messages, history.suppressions, self.consents, self.texts)
        return not any((*known, self.requests))


def load(ledger: Ledger, address_value: str) -> HeldData:
    """Gather what is held on whoever has this address."""
    history = address_history.load(ledger, address_value)
    addresses = {
        address_value,
        *(value for one in history.people for _channel, value, _rank in one.addresses),
    }
    written = [form for value in addresses for form in address_parser.spellings(value)]
    with ledger.read() as connection:
        consents = records.read(
            connection,
            ConsentRecord,
            sa.select(*records.columns_of(ConsentRecord, consent))
            .where(consent.c.address.in_(addresses))
            .order_by(consent.c.id),
        )
        received = connection.execute(
            sa.select(event.c.received_at, event.c.raw)
            .where(event.c.kind == "inbound", event.c.raw["from"].as_string().in_(written))
            .order_by(event.c.id)
        )
        texts = tuple(ReceivedText(at=row.received_at, body=raw_text(row.raw, "body")) for row in received)
        requests = records.read(
            connection,
            AskedBefore,
            sa.select(*records.columns_of(AskedBefore, rights_request))
            .where(
                sa.or_(
                    rights_request.c.address.in_(addresses),
                    rights_request.c.person_id.in_([one.person_id for one in history.people]),
                )
            )
            .order_by(rights_request.c.id),
        )
    return HeldData(history=history, consents=consents, texts=texts, requests=requests)
