"""What somebody says is right about them goes before what their lists say, until a list says something else.

A list that is loaded again with the same mistake must not bring it back: its row is known by a keyed hash of
what it says wrongly, so that a wrong number, which may be a stranger's, is not kept.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from dispatcher.contacts import Contact, address_parser
from dispatcher.contacts.area_names import find_area
from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, scrubbing
from dispatcher.ledger.privacy import erasure, secret_key
from dispatcher.ledger.recipients import address_sync, suppressions
from dispatcher.ledger.recipients.contact_fields import fingerprint, identity_keys
from dispatcher.ledger.schema import revision
from dispatcher.ledger.schema.message_status import CREATED
from dispatcher.ledger.schema.tables import address, contact, contact_snapshot, correction, message, person
from dispatcher.ledger.sending import shards
from dispatcher.vietnamese import names
from dispatcher.vietnamese.text import fold

FIELDS = ("name", "phone", "email", "area")
CHANNEL_OF = {"phone": "sms", "email": "email"}
CHAIN_MAX = 8  # corrections of corrections


class CannotCorrect(DispatcherError):
    """What is said to be right cannot be used; the message says why."""

    exit_code = 1


class _Change(NamedTuple):
    field: str
    was: str
    becomes: str


class CorrectionRegistry:
    """Puts rows of lists right."""

    def __init__(self, key: bytes, known: Mapping[str, Mapping[tuple[str, str], str]]) -> None:
        self._key = key
        self._known = known  # identity → (field, hash of what is wrong) → what is right

    def apply(self, listed: Contact) -> Contact:
        """Return a row with what its person has said is right."""
        for _turn in range(CHAIN_MAX if self._known else 0):
            corrected = self._apply_once(listed)
            if corrected == listed:
                break
            listed = corrected
        return listed

    def _apply_once(self, listed: Contact) -> Contact:
        for identity in identity_keys(listed):
            rules = self._known.get(_hash(self._key, "row", *identity))
            for (field, was), becomes in rules.items() if rules else ():
                listed = self._with(listed, field, was, becomes)
        return listed

    def _with(self, listed: Contact, field: str, was: str, becomes: str) -> Contact:
        def right(value: str) -> str:
            return becomes if _hash(self._key, field, value) == was else value

        match field:
            case "phone":
                phones = [right(number) for number in listed.phones or ("",)]
                return listed._replace(phones=tuple(filter(None, dict.fromkeys(phones))))
            case "email":
                return listed._replace(email=right(listed.email))
            case "area":
                return listed._replace(area=right(listed.area))
        return _named(listed, becomes) if _hash(self._key, field, listed.name) == was else listed


def registry(ledger: Ledger) -> CorrectionRegistry:
    """Return what puts rows right."""
    known: defaultdict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    with ledger.read() as connection:
        for row in connection.execute(sa.select(correction).order_by(correction.c.id)):
            known[row.identity][row.field, row.was] = row.becomes
    return CorrectionRegistry(secret_key.erasure_key(ledger) if known else b"", known)


def correct(
    ledger: Ledger,
    person_id: int,
    address_value: str,
    wanted: Mapping[str, str],
    *,
    areas: Collection[str] = (),
    who: str,
    now: datetime,
) -> None:
    """Put right what is held on a person, in every list that has them; their no follows to a new address.

    `address_value` is the address they are known by: of number and mail, the one of its kind that is wrong.
    Raises CannotCorrect, and changes nothing, where a value cannot be used.
    """
    right = read_wanted(wanted, areas=areas)
    if erasure.erased_among(ledger, [value for field, value in right.items() if field in CHANNEL_OF]):
        raise CannotCorrect(
            _("whoever had this address was erased; it may come back at its holder's wish only")
        )
    key = secret_key.erasure_key(ledger)
    with ledger.begin() as connection:
        changes = _changes(connection, person_id, address_value, right)
        _remember(connection, key, person_id, changes, who=who, now=now)
        _write(connection, person_id, changes, now=now)
        revision.mark(connection)
        scrubbing.mark(connection)
    scrubbing.scrub(ledger)


def read_wanted(wanted: Mapping[str, str], *, areas: Collection[str] = ()) -> dict[str, str]:
    """Return what is right as the ledger keeps it: numbers in E.164, names as names. Raises CannotCorrect."""
    right: dict[str, str] = {}
    for field, given in wanted.items():
        if field in CHANNEL_OF:
            parsed = address_parser.parse(given)
            if not parsed.address or parsed.channel != CHANNEL_OF[field]:
                why = _(parsed.error) if parsed.error else _("an address of the other kind")
                raise CannotCorrect(_("{given}: {why}", given=repr(given), why=why))
            right[field] = parsed.address
        elif field == "name":
            right[field] = names.parse(given).full
        elif areas:
            right[field] = find_area(given, areas)
        else:
            right[field] = given.strip()
        if not right[field]:
            raise CannotCorrect(_("{given}: this cannot be used as {field}", given=repr(given), field=field))
    return right


def _changes(
    connection: sa.Connection, person_id: int, address_value: str, right: Mapping[str, str]
) -> list[_Change]:
    known = connection.execute(sa.select(person).where(person.c.id == person_id)).mappings().first()
    if known is None or known["erased_at"] is not None:
        raise CannotCorrect(_("nobody in the lists is meant: they are gone, or were erased"))
    places = connection.execute(
        sa.select(address.c.channel, address.c.address)
        .where(address.c.person_id == person_id)
        .order_by(address.c.rank)
    ).all()
    changes = []
    for field, becomes in right.items():
        was = known.get(field, "")
        if field in CHANNEL_OF:
            mine = [value for channel, value in places if channel == CHANNEL_OF[field]]
            was = address_value if address_value in mine else next(iter(mine), "")
        if was != becomes:
            changes.append(_Change(field, was, becomes))
    return changes


def _remember(
    connection: sa.Connection,
    key: bytes,
    person_id: int,
    changes: Collection[_Change],
    *,
    who: str,
    now: datetime,
) -> None:
    """Write down by what the rows that say it wrongly are known: as they are now, whatever the list."""
    rows = [
        {
            "person_id": person_id, "identity": identity, "field": one.field,
            "was": _hash(key, one.field, one.was), "becomes": one.becomes, "at": now, "who": who,
        }
        for identity in _identities(connection, key, person_id)
        for one in changes
    ]  # fmt: skip
    if rows:
        connection.execute(sa.insert(correction), rows)


def _identities(connection: sa.Connection, key: bytes, person_id: int) -> list[str]:
    question = (
        sa.select(address.c.address, person.c.name_key)
        .join_from(address, person, person.c.id == address.c.person_id)
        .where(person.c.id == person_id)
    )
    return [_hash(key, "row", value, name_key) for value, name_key in connection.execute(question)]


def _write(connection: sa.Connection, person_id: int, changes: Collection[_Change], *, now: datetime) -> None:
    """Put person, lists, earlier versions of rows and what waits right."""
    name = next((one.becomes for one in changes if one.field == "name"), None)
    if name is not None:
        connection.execute(sa.update(person).where(person.c.id == person_id).values(**_name_facts(name)))
    area = next((one.becomes for one in changes if one.field == "area"), None)
    if area is not None:
        connection.execute(sa.update(person).where(person.c.id == person_id).values(**_area_facts(area)))
    known = connection.execute(sa.select(person).where(person.c.id == person_id)).mappings().one()
    entries = connection.execute(sa.select(contact).where(contact.c.person_id == person_id)).mappings()
    listed = [dict(row) for row in entries]
    for row in listed:
        facts = _corrected_fields(row, changes)
        row_now = _as_contact(dict(known), row | facts)
        connection.execute(
            sa.update(contact)
            .where(contact.c.id == row["id"])
            .values(**facts, fingerprint=fingerprint(row_now))
        )
    _correct_snapshots(connection, [row["id"] for row in listed], changes)
    fresh = [one.becomes for one in changes if one.field in CHANNEL_OF]
    address_sync.sync(connection, [person_id], now=now, first={person_id: fresh})
    for one in changes:
        if one.field in CHANNEL_OF and one.was:
            channel = CHANNEL_OF[one.field]
            suppressions.carry_over(connection, {(channel, one.was): [one.becomes]}, now=now)
            _redirect(connection, person_id, channel, one, now=now)


def _corrected_fields(row: Mapping[str, Any], changes: Collection[_Change]) -> dict[str, Any]:
    """Return the columns of a list entry, or of an earlier version of it, that a correction changes."""
    facts: dict[str, Any] = {}
    for one in changes:
        if one.field == "email" and row["email"] == one.was:
            facts["email"] = one.becomes
        elif one.field == "phone" and one.was in (row["phones"].split() or [""]):
            numbers = [one.becomes if number == one.was else number for number in row["phones"].split()]
            facts["phones"] = " ".join(dict.fromkeys(numbers or [one.becomes]))
    return facts


def _correct_snapshots(connection: sa.Connection, ids: Collection[int], changes: Collection[_Change]) -> None:
    """Let the undoing of a load bring back what is right."""
    wrong = {f"person_{one.field}": one for one in changes if one.field in {"name", "area"}}
    rows = connection.execute(sa.select(contact_snapshot).where(contact_snapshot.c.contact_id.in_(ids))).all()
    for row in rows:
        facts = dict(row.fields) | _corrected_fields(row.fields, changes)
        for name, one in wrong.items():
            if facts.get(name) == one.was:
                right = _name_facts(one.becomes) if one.field == "name" else _area_facts(one.becomes)
                facts |= {f"person_{fact}": value for fact, value in right.items()}
        connection.execute(
            sa.update(contact_snapshot)
            .where(
                contact_snapshot.c.import_id == row.import_id,
                contact_snapshot.c.contact_id == row.contact_id,
            )
            .values(fields=facts)
        )


def _redirect(
    connection: sa.Connection, person_id: int, channel: str, change: _Change, *, now: datetime
) -> None:
    """Let what waits for the wrong address go to the right one, unless that has its own already."""
    waits = sa.and_(
        message.c.person_id == person_id, message.c.channel == channel, message.c.address == change.was,
        message.c.next_at.is_not(None),
    )  # fmt: skip
    shard_ids = connection.scalars(sa.select(message.c.shard_id).where(waits).distinct()).all()
    other = message.alias("other")
    has_its_own = sa.exists().where(
        other.c.occurrence_id == message.c.occurrence_id,
        other.c.channel == channel,
        other.c.address == change.becomes,
    )
    untried = sa.and_(message.c.status == CREATED, message.c.attempt == 0)
    connection.execute(sa.update(message).where(waits, untried, ~has_its_own).values(address=change.becomes))
    connection.execute(shards.cancel_waiting("corrected", now=now).where(waits))
    shards.mark_dirty(connection, shard_ids)


def _as_contact(known: Mapping[str, Any], row: Mapping[str, Any]) -> Contact:
    """Return an entry of the ledger as its row of a list would be."""
    return Contact(
        known["name"], known["given_name"], known["honorific"], tuple(row["phones"].split()), row["email"],
        known["area"], row["unit"], row["role"], row["lead"], row["note"], row["audience"],
        row["held_reason"], known["name_key"], row["birth_year"],
    )  # fmt: skip


def _named(listed: Contact, name: str) -> Contact:
    facts = _name_facts(name)
    return listed._replace(name=name, given_name=facts["given_name"], name_key=facts["name_key"])


def _name_facts(name: str) -> dict[str, str]:
    return {"name": name, "given_name": names.parse(name).given, "name_key": fold(name)}


def _area_facts(area: str) -> dict[str, str]:
    return {"area": area, "area_key": fold(area)}


def _hash(key: bytes, *parts: str) -> str:
    return secret_key.keyed_hash(key, "|".join(("correction", *parts)))
