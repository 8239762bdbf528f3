"""After a load: joins a person to themselves where only name and area tell, and only when nothing else fits.

Two cases. A number was corrected, so the old row went and a new one came in the same list. Or one list has
only their mail and another only their number. Two people of one name in one thôn who both have numbers stay
two: texting the same person on two telephones is a lesser fault than forgetting one of two.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import sqlalchemy as sa

from dispatcher.contacts.area_names import same_area
from dispatcher.ledger.recipients import address_sync
from dispatcher.ledger.recipients.contact_fields import CONTACT_COLUMNS
from dispatcher.ledger.recipients.importer import Importer
from dispatcher.ledger.schema.tables import (
    address,
    contact,
    contact_snapshot,
    participation,
    participation_claim,
    person,
)


@dataclass(kw_only=True, slots=True)
class _PersonLists:
    """A person with the lists they stand in: contact id → (audience, file, state)."""

    id: int
    contacts: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    gone_contacts: set[int] = field(default_factory=set)  # contacts that this load let go


def merge_duplicates(importer: Importer) -> None:
    """Join new people of this load to older ones who are the same."""
    for one, other in _candidate_pairs(importer):
        older, newer = (one, other) if one.id < other.id else (other, one)
        if contacts := _number_changed(older, newer):
            _replace_contact(importer, older, newer, contacts)
        elif _complements(older, newer):
            _merge_people(importer, older, newer)


def _candidate_pairs(importer: Importer) -> list[tuple[_PersonLists, _PersonLists]]:
    """Find names with an area that exactly two people bear, one of them new."""
    one = _candidate_names(importer).subquery()
    other = person.alias()
    same = sa.and_(other.c.name_key == one.c.name_key, other.c.area_key == one.c.area_key)
    relevant = sa.exists().where(
        contact.c.person_id == other.c.id,
        sa.or_(contact.c.state != "gone", contact.c.import_id == importer.import_id),
    )
    question = (
        sa.select(
            sa.func.min(other.c.id),
            sa.func.max(other.c.id),
            sa.func.min(other.c.area),
            sa.func.max(other.c.area),
        )
        .join_from(one, other, same)
        .where(other.c.erased_at.is_(None), relevant)
        .group_by(one.c.name_key, one.c.area_key)
        .having(sa.func.count() == 2, sa.func.max(other.c.id) >= importer.first_person)
    )
    found = importer.connection.execute(question)
    ids = [(row[0], row[1]) for row in found if same_area(row[2], row[3])]  # the key knows no tones
    known = _load_people(importer, [one for pair in ids for one in pair])
    return [(known[one], known[other]) for one, other in ids]


def _candidate_names(importer: Importer) -> sa.Select[tuple[str, str]]:
    """Find the names and areas of whom it can matter: no number in some list, or gone with this load."""
    went = sa.and_(contact.c.state == "gone", contact.c.import_id == importer.import_id)
    without = sa.select(contact.c.person_id).where(contact.c.phones == "", contact.c.state != "gone")
    replaced = (
        sa.select(contact.c.person_id)
        .join_from(contact_snapshot, contact, sa.and_(contact.c.id == contact_snapshot.c.contact_id, went))
        .where(contact_snapshot.c.import_id == importer.import_id)
    )
    return (
        sa.select(person.c.name_key, person.c.area_key)
        .where(
            person.c.id.in_(sa.union_all(without, replaced)),
            person.c.area_key != "",
            person.c.name.like("% %"),
        )
        .distinct()
    )


def _load_people(importer: Importer, ids: list[int]) -> dict[int, _PersonLists]:
    found: dict[int, _PersonLists] = defaultdict(lambda: _PersonLists(id=0))
    for one in ids:
        found[one].id = one
    for start in range(0, len(ids), 1000):
        page = ids[start : start + 1000]
        lists = sa.select(
            contact.c.person_id,
            contact.c.id,
            contact.c.audience,
            contact.c.file,
            contact.c.state,
            contact.c.import_id,
        ).where(contact.c.person_id.in_(page))
        for row in importer.connection.execute(lists):
            found[row.person_id].contacts[row.id] = (row.audience, row.file, row.state)
            if row.state == "gone" and row.import_id == importer.import_id:
                found[row.person_id].gone_contacts.add(row.id)
        reached = sa.select(address.c.person_id, address.c.channel).where(address.c.person_id.in_(page))
        for person_id, channel in importer.connection.execute(reached):
            found[person_id].channels.add(channel)
    return found


def _number_changed(older: _PersonLists, newer: _PersonLists) -> tuple[int, int] | None:
    """Return the contact that went and the one that came in its place, in the same list."""
    if len(newer.contacts) != 1:
        return None
    came, (audience, file, _state) = next(iter(newer.contacts.items()))
    for went in older.gone_contacts:
        if older.contacts[went][:2] == (audience, file):
            return went, came
    return None


def _complements(older: _PersonLists, newer: _PersonLists) -> bool:
    """Return whether the two have no list and no kind of address in common."""
    lists = {audience for audience, _file, _state in older.contacts.values()}
    return (
        not lists & {audience for audience, _file, _state in newer.contacts.values()}
        and not older.channels & newer.channels
    )


def _replace_contact(
    importer: Importer, older: _PersonLists, newer: _PersonLists, contacts: tuple[int, int]
) -> None:
    """Let the row that came continue the contact that went."""
    went, came = contacts
    connection = importer.connection
    row = connection.execute(sa.select(contact).where(contact.c.id == came)).mappings().one()
    facts = {fact: row[fact] for fact in CONTACT_COLUMNS}
    was = connection.execute(sa.select(contact).where(contact.c.id == went)).one()
    if was.decided_by and (was.held_reason, was.note) == (row["held_reason"], row["note"]):
        facts |= {"state": "active", "decided_by": was.decided_by, "decided_at": was.decided_at}
    connection.execute(sa.delete(contact).where(contact.c.id == came))
    connection.execute(sa.update(contact).where(contact.c.id == went).values(facts))
    _delete_person(importer, newer)
    address_sync.sync(
        importer.connection,
        [older.id],
        now=importer.now,
        first={older.id: (*row["phones"].split(), row["email"])},
    )
    audience, file = row["audience"], row["file"]
    importer.counts[audience, file, "=new"] -= 1
    importer.counts[audience, file, "=gone"] -= 1
    importer.counts[audience, file, "=changed"] += 1


def _merge_people(importer: Importer, older: _PersonLists, newer: _PersonLists) -> None:
    """Give the newer person's lists to the older one."""
    importer.connection.execute(
        sa.update(contact).where(contact.c.person_id == newer.id).values(person_id=older.id)
    )
    _delete_person(importer, newer)
    address_sync.sync(importer.connection, [older.id], now=importer.now)


def _delete_person(importer: Importer, newer: _PersonLists) -> None:
    """Take away a person made in this load who turned out to be there already."""
    for table in (address, participation, participation_claim):
        importer.connection.execute(sa.delete(table).where(table.c.person_id == newer.id))
    importer.connection.execute(sa.delete(person).where(person.c.id == newer.id))
