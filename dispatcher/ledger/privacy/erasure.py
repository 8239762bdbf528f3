"""Erasing a person: what is known about them goes, what was counted stays, and no list brings them back.

Name, numbers, lists, texts and raw reports are blanked or removed. Of their addresses only a keyed hash is
kept, as a suppression whose address is `erased:` and the hash: nobody can read a number in it, but a row of
a later list can be recognised and left out (`ErasedRegistry.matches`). When others share the address the
hash covers address and name together, so that the rest of the family stays. A row without an address is
recognised by name and thôn. The key is a secret of this ledger.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.contacts import Contact, address_parser
from dispatcher.contacts.list_fields import OF_CONTACT
from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log, scrubbing
from dispatcher.ledger.privacy import retention, secret_key
from dispatcher.ledger.recipients.contact_fields import PERSON_COLUMNS
from dispatcher.ledger.schema import key_values, records, revision
from dispatcher.ledger.schema.message_status import ANONYMISED, UNRESOLVED
from dispatcher.ledger.schema.tables import (
    address,
    consent,
    contact,
    contact_snapshot,
    correction,
    event,
    message,
    person,
    rights_request,
    suppression,
)
from dispatcher.ledger.sending import shards
from dispatcher.vietnamese.text import fold

ERASED_PREFIX = "erased:"
PERSONAL_COLUMNS = (*OF_CONTACT, "file", "sheet", "held_reason")


class NotErasable(DispatcherError):
    """Somebody cannot be erased now; the message says why."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressOwner:
    """Somebody behind an address."""

    person_id: int
    name: str
    area: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ErasureSummary:
    """What erasing removed."""

    people: int
    addresses: int
    lists: int
    messages: int


class ErasedRegistry:
    """Recognises the rows of people who were erased."""

    def __init__(self, key: bytes, known: frozenset[str]) -> None:
        self._key = key
        self._tokens = known

    def __bool__(self) -> bool:
        return bool(self._tokens)

    def matches(self, listed: Contact) -> bool:
        """Return whether a row is about somebody who was erased."""
        values = (*listed.phones, listed.email) if listed.email else listed.phones
        if not values:
            return _token(self._key, _place_of(listed.area), listed.name_key) in self._tokens
        return any(
            _token(self._key, value) in self._tokens
            or _token(self._key, value, listed.name_key) in self._tokens
            for value in values
        )


def erased_registry(ledger: Ledger) -> ErasedRegistry:
    """Return what recognises erased people; it is falsy when there are none."""
    question = sa.select(suppression.c.address).where(suppression.c.address.like(f"{ERASED_PREFIX}%"))
    with ledger.read() as connection:
        known = frozenset(connection.scalars(question))
    return ErasedRegistry(secret_key.erasure_key(ledger) if known else b"", known)


def erased_among(ledger: Ledger, addresses: Collection[str]) -> frozenset[str]:
    """Return those of `addresses` that were erased for whoever has them."""
    if not addresses or not key_values.get(ledger, secret_key.ERASURE_KEY):
        return frozenset()  # nobody was ever erased
    key = secret_key.erasure_key(ledger)
    by_token = {_token(key, value): value for value in addresses}
    question = sa.select(suppression.c.address).where(
        suppression.c.channel.in_(("sms", "email")), suppression.c.address.in_(by_token)
    )
    with ledger.read() as connection:
        return frozenset(by_token[token] for token in connection.scalars(question))


def owners_of(ledger: Ledger, address_value: str) -> tuple[AddressOwner, ...]:
    """List everybody who has an address."""
    question = (
        sa.select(person.c.id.label("person_id"), person.c.name, person.c.area)
        .join_from(address, person, person.c.id == address.c.person_id)
        .where(address.c.address == address_value, person.c.erased_at.is_(None))
        .distinct()
        .order_by(person.c.id)
    )
    with ledger.read() as connection:
        return records.read(connection, AddressOwner, question)


def person_of(ledger: Ledger, person_id: int) -> AddressOwner | None:
    """Return a person by number, whether they have an address or not; None when there is none."""
    question = sa.select(person.c.id.label("person_id"), person.c.name, person.c.area).where(
        person.c.id == person_id, person.c.erased_at.is_(None)
    )
    with ledger.read() as connection:
        return records.first(connection, AddressOwner, question)


def erase(
    ledger: Ledger, address_value: str, *, people: Collection[int], who: str, now: datetime
) -> ErasureSummary:
    """Erase `people`, and with them what stands about `address_value` when nobody else has it.

    `address_value` is empty for people who are not named by an address. Raises NotErasable while messages to
    them are in doubt.
    """
    key = secret_key.erasure_key(ledger)
    with ledger.begin() as connection:
        _require_resolved(connection, people)
        addresses = _addresses(connection, people)
        if address_value:
            addresses.setdefault(address_value, [])
        places = _places(connection, people)
        unshared = [value for value in addresses if not _shared(connection, value, people)]
        summary = _erase_people(connection, people, addresses, unshared, now=now)
        _erase_requests(connection, key, people, addresses, unshared)
        for value, names in addresses.items():
            kept = [""] if value in unshared else names
            _store_tokens(connection, ledger, key, value, kept, who=who, now=now)
        for place, names in places.items():
            _store_tokens(connection, ledger, key, place, names, who=who, now=now)
        for value in unshared:
            _erase_address(connection, key, value)
        revision.mark(connection)
        scrubbing.mark(connection)
        facts = {"people": summary.people, "messages": summary.messages}
        audit_log.insert(connection, who=who, action="forget", subject="person", detail=facts, now=now)
    scrubbing.scrub(ledger)
    return summary


def allow_reimport(ledger: Ledger, address_value: str, *, who: str, now: datetime) -> int:
    """Let an erased address be taken from lists again, at its holder's wish; gives how many hashes went."""
    if address_value not in erased_among(ledger, [address_value]):
        return 0
    token = _token(secret_key.erasure_key(ledger), address_value)
    with ledger.begin() as connection:
        lifted = connection.execute(sa.delete(suppression).where(suppression.c.address == token)).rowcount
        if lifted:
            audit_log.insert(connection, who=who, action="readmit", subject="address", now=now)
    return lifted


def _token(key: bytes, value: str, name_key: str = "") -> str:
    identity = f"{value.lower()}|{name_key}" if name_key else value.lower()
    return ERASED_PREFIX + secret_key.keyed_hash(key, identity)


def _require_resolved(connection: sa.Connection, people: Collection[int]) -> None:
    unsure = connection.scalar(
        sa.select(sa.func.count())
        .select_from(message)
        .where(message.c.person_id.in_(people), message.c.status.in_(UNRESOLVED))
    )
    if unsure:
        raise NotErasable(
            _("a message to them is on its way or in doubt; erase them in a few minutes, when it is settled")
        )


def _addresses(connection: sa.Connection, people: Collection[int]) -> dict[str, list[str]]:
    """Return their addresses, those they once had too, each with the folded names of who had it."""
    now = sa.select(address.c.address, person.c.name_key).join_from(
        address, person, person.c.id == address.c.person_id
    )
    before = sa.select(message.c.address, person.c.name_key).join_from(
        message, person, person.c.id == message.c.person_id
    )
    asked = sa.select(rights_request.c.address, person.c.name_key).join_from(
        rights_request, person, person.c.id == rights_request.c.person_id
    )
    theirs = sa.union(*(one.where(person.c.id.in_(people)) for one in (now, before, asked)))
    found: dict[str, list[str]] = {}
    for value, name_key in connection.execute(theirs.order_by(sa.column("address"))):
        if value and not value.startswith((ANONYMISED, ERASED_PREFIX)):
            found.setdefault(value, []).append(name_key)
    return found


def _places(connection: sa.Connection, people: Collection[int]) -> dict[str, list[str]]:
    """Return the thôn they live in, each with the folded names of those of them who do."""
    rows = connection.execute(sa.select(person.c.area, person.c.name_key).where(person.c.id.in_(people)))
    found: dict[str, list[str]] = {}
    for area, name_key in rows:
        if name_key:
            found.setdefault(_place_of(area), []).append(name_key)
    return found


def _place_of(area: str) -> str:
    """Return what stands for an address in the hash of somebody who has none."""
    return f"in {fold(area)}"


def _shared(connection: sa.Connection, value: str, people: Collection[int]) -> bool:
    others = sa.select(sa.func.count()).where(address.c.address == value, address.c.person_id.not_in(people))
    return bool(connection.scalar(others))


def _erase_people(
    connection: sa.Connection,
    people: Collection[int],
    addresses: Collection[str],
    unshared: Collection[str],
    *,
    now: datetime,
) -> ErasureSummary:
    """Blank people, lists and messages; `unshared` are the addresses that nobody else has."""
    lists = connection.scalars(sa.select(contact.c.id).where(contact.c.person_id.in_(people))).all()
    connection.execute(sa.delete(contact_snapshot).where(contact_snapshot.c.contact_id.in_(lists)))
    blank = dict.fromkeys(PERSONAL_COLUMNS, "")
    connection.execute(
        sa.update(contact)
        .where(contact.c.id.in_(lists))
        .values(state="gone", row=0, fingerprint=0, birth_year=0, **blank)
    )
    audit_log.redact(connection, [f"contact {contact_id}" for contact_id in lists])
    messages = _erase_messages(connection, people, unshared, now=now)
    connection.execute(sa.delete(address).where(address.c.person_id.in_(people)))
    blank_person = dict.fromkeys(PERSON_COLUMNS, "")
    connection.execute(sa.delete(correction).where(correction.c.person_id.in_(people)))
    connection.execute(
        sa.update(person)
        .where(person.c.id.in_(people))
        .values(erased_at=now, restricted_at=None, **blank_person)
    )
    return ErasureSummary(people=len(people), addresses=len(addresses), lists=len(lists), messages=messages)


def _erase_messages(
    connection: sa.Connection, people: Collection[int], unshared: Collection[str], *, now: datetime
) -> int:
    """Take addresses, texts and reports out of their messages; sums stay. What waits is cancelled."""
    mine = sa.or_(message.c.person_id.in_(people), message.c.address.in_(unshared))
    connection.execute(shards.cancel_waiting("erased", now=now).where(mine))
    shard_ids = connection.scalars(sa.select(message.c.shard_id).where(mine).distinct()).all()
    shards.mark_dirty(connection, shard_ids)
    connection.execute(sa.update(message).where(mine).values(lookup_at=None))
    return retention.anonymise_messages(connection, mine)


def _store_tokens(
    connection: sa.Connection,
    ledger: Ledger,
    key: bytes,
    value: str,
    names: Collection[str],
    *,
    who: str,
    now: datetime,
) -> None:
    channel = "email" if "@" in value else "sms"
    for name_key in names:
        facts = {
            "channel": channel, "address": _token(key, value, name_key), "scope": "all", "reason": "erased",
            "at": now, "who": who, "how": "cli", "words": "",
        }  # fmt: skip
        connection.execute(ledger.insert(suppression).values(**facts).on_conflict_do_nothing())


def _erase_requests(
    connection: sa.Connection,
    key: bytes,
    people: Collection[int],
    addresses: Collection[str],
    unshared: Collection[str],
) -> None:
    """Keep of what they asked that it was asked, when, and what became of it; not for whom, nor the words."""
    blank = {"words": "", "wanted": {}, "refused_because": "", "extended_because": ""}
    theirs = rights_request.c.person_id.in_(people)
    for value in addresses:
        mine = sa.or_(theirs, sa.literal(value in unshared))
        connection.execute(
            sa.update(rights_request)
            .where(rights_request.c.address == value, mine)
            .values(address=_token(key, value), **blank)
        )


def _erase_address(connection: sa.Connection, key: bytes, value: str) -> None:
    """Take an address that nobody has any more out of opt-outs, the record of wishes, and the inbox."""
    connection.execute(sa.delete(suppression).where(suppression.c.address == value))
    connection.execute(
        sa.update(consent)
        .where(consent.c.address == value)
        .values(
            address=_token(key, value),
            words="",
            who=sa.case((consent.c.who == value, ""), else_=consent.c.who),
        )
    )
    connection.execute(
        sa.update(event)
        .where(
            event.c.kind == "inbound", event.c.raw["from"].as_string().in_(address_parser.spellings(value))
        )
        .values(raw={}, provider_id="")
    )
