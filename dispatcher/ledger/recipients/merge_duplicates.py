"""After a load: joins a person to themselves where only name and area tell, and only when nothing else fits.

Two cases. A number was corrected, so the old row went and a new one came in the same list. Or one list has
only their mail, or nothing, and another only their number. Two people of one name in one thôn who both have
numbers stay two: texting the same person on two telephones is a lesser fault than forgetting one of two.
Years of birth, sex or age may speak against it; whom a load took for one is told, and can be parted again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dispatcher.contacts.area_names import same_area
from dispatcher.ledger.eligibility import IS_DECIDED
from dispatcher.ledger.recipients import address_sync
from dispatcher.ledger.recipients.contact_fields import CONTACT_COLUMNS
from dispatcher.ledger.recipients.identity_evidence import Evidence, objection
from dispatcher.ledger.recipients.importer import ContactChange, Importer, KeptApart
from dispatcher.ledger.recipients.people_joins import JoinReason
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
    name: str = ""
    area: str = ""
    contacts: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    # Contacts that this load let go, or would have, had nobody decided about them.
    gone_contacts: set[int] = field(default_factory=set)
    evidence: Evidence = field(default_factory=Evidence)

    @property
    def is_listed(self) -> bool:
        """Return whether some list has this person."""
        return any(state != "gone" for _audience, _file, state in self.contacts.values())


def merge_duplicates(importer: Importer) -> None:
    """Join new people of this load to older ones who are the same; each join is told."""
    for namesakes in _groups_of_namesakes(importer):
        rest = _join_changed_numbers(importer, namesakes)
        listed = [one for one in rest if one.is_listed]
        if len(listed) == 2 and listed[1].id >= importer.first_person and _complements(*listed):
            _join(importer, *listed, because="name-area")


def _join_changed_numbers(importer: Importer, namesakes: Sequence[_PersonLists]) -> list[_PersonLists]:
    """Join where one of a name went from a list and one came into it; gives who is left."""
    left = {one.id: one for one in namesakes}
    for newer in namesakes:
        if newer.id < importer.first_person or len(newer.contacts) != 1:
            continue
        came, (audience, file, _state) = next(iter(newer.contacts.items()))
        here = (audience, file)
        went = [
            (one, contact_id)
            for one in namesakes
            for contact_id in one.gone_contacts
            if one.contacts[contact_id][:2] == here and one.id in left
        ]
        others_came = any(
            one.id != newer.id and one.id >= importer.first_person and here in _lists_of(one)
            for one in namesakes
        )
        if len(went) == 1 and not others_came:
            older, contact_id = went[0]
            if _join(importer, older, newer, because="number-changed", contacts=(contact_id, came)):
                del left[newer.id]
    return list(left.values())


def _lists_of(one: _PersonLists) -> set[tuple[str, str]]:
    return {(audience, file) for audience, file, _state in one.contacts.values()}


def _join(
    importer: Importer,
    older: _PersonLists,
    newer: _PersonLists,
    *,
    because: JoinReason,
    contacts: tuple[int, int] | None = None,
) -> bool:
    """Take two for one unless something speaks against it, and write down which it was."""
    if against := objection(older.evidence, newer.evidence, year=importer.now.year):
        importer.kept_apart.append(KeptApart(name=newer.name, area=newer.area, because=against))
        return False
    if contacts is None:
        importer.joins += [(older.id, contact_id, because) for contact_id in newer.contacts]
        _merge_people(importer, older, newer)
    else:
        importer.joins.append((older.id, contacts[0], because))
        _replace_contact(importer, older, newer, contacts)
    return True


def _groups_of_namesakes(importer: Importer) -> list[list[_PersonLists]]:
    """Find people of one name and area, two or more, of whom one is new; the older ones first."""
    one = _candidate_names(importer).subquery()
    other = person.alias()
    same = sa.and_(other.c.name_key == one.c.name_key, other.c.area_key == one.c.area_key)
    relevant = sa.exists().where(
        contact.c.person_id == other.c.id,
        sa.or_(contact.c.state != "gone", contact.c.import_id == importer.import_id),
    )
    question = (
        sa.select(
            other.c.id, other.c.name, other.c.name_key, other.c.area, other.c.area_key, other.c.honorific
        )
        .join_from(one, other, same)
        .where(other.c.erased_at.is_(None), relevant)
        .order_by(other.c.id)
    )
    groups: defaultdict[tuple[str, str], list[_PersonLists]] = defaultdict(list)
    for row in importer.connection.execute(question):
        found = _PersonLists(id=row.id, name=row.name, area=row.area)
        found.evidence.honorific = row.honorific
        groups[row.name_key, row.area_key].append(found)
    named = [
        group
        for group in groups.values()
        if len(group) > 1 and group[-1].id >= importer.first_person and _is_one_area(group)
    ]
    _load_people(importer, {one.id: one for group in named for one in group})
    return named


def _is_one_area(group: Sequence[_PersonLists]) -> bool:
    return all(same_area(group[0].area, one.area) for one in group)  # the key knows no tones


def _candidate_names(importer: Importer) -> sa.Select[tuple[str, str]]:
    """Find the names and areas of whom it can matter: no number in some list, or gone with this load.

    Where no list says an area, only a row that went from a list and came into it again can tell.
    """
    went = sa.and_(contact.c.state == "gone", contact.c.import_id == importer.import_id)
    without = sa.select(contact.c.person_id).where(contact.c.phones == "", contact.c.state != "gone")
    replaced = (
        sa.select(contact.c.person_id)
        .join_from(contact_snapshot, contact, sa.and_(contact.c.id == contact_snapshot.c.contact_id, went))
        .where(contact_snapshot.c.import_id == importer.import_id)
    )
    decided = sa.select(contact.c.person_id).where(IS_DECIDED, contact.c.file.in_(importer.files))
    return (
        sa.select(person.c.name_key, person.c.area_key)
        .where(
            sa.or_(
                sa.and_(person.c.id.in_(without), person.c.area_key != ""),
                person.c.id.in_(replaced),
                person.c.id.in_(decided),
            ),
            person.c.name.like("% %"),
        )
        .distinct()
    )


def _load_people(importer: Importer, found: Mapping[int, _PersonLists]) -> None:
    """Fill in the lists, the kinds of address, and what else lists say of these people."""
    ids = list(found)
    for start in range(0, len(ids), 1000):
        page = ids[start : start + 1000]
        lists = sa.select(
            contact.c.person_id,
            contact.c.id,
            contact.c.audience,
            contact.c.file,
            contact.c.state,
            contact.c.import_id,
            contact.c.birth_year,
            contact.c.role,
            IS_DECIDED.label("is_decided"),
        ).where(contact.c.person_id.in_(page))
        for row in importer.connection.execute(lists):
            one = found[row.person_id]
            one.contacts[row.id] = (row.audience, row.file, row.state)
            one.evidence.birth_years |= {row.birth_year} - {0}
            one.evidence.roles |= {row.role} - {""}
            is_gone = row.state == "gone" and row.import_id == importer.import_id
            if is_gone or (row.is_decided and importer.is_missing(row.id, row.file)):
                one.gone_contacts.add(row.id)
        reached = sa.select(address.c.person_id, address.c.channel).where(address.c.person_id.in_(page))
        for person_id, channel in importer.connection.execute(reached):
            found[person_id].channels.add(channel)


def _complements(older: _PersonLists, newer: _PersonLists) -> bool:
    """Return whether the two have an area, and no list and no kind of address in common."""
    lists = {audience for audience, _file, _state in older.contacts.values()}
    return (
        bool(older.area)
        and not lists & {audience for audience, _file, _state in newer.contacts.values()}
        and not older.channels & newer.channels
    )


def _replace_contact(
    importer: Importer, older: _PersonLists, newer: _PersonLists, contacts: tuple[int, int]
) -> None:
    """Let the row that came continue the contact that went."""
    went, came = contacts
    connection = importer.connection
    row = connection.execute(sa.select(contact).where(contact.c.id == came)).mappings().one()
    facts = {fact: row[fact] for fact in (*CONTACT_COLUMNS, "birth_year")}
    was = connection.execute(sa.select(contact).where(contact.c.id == went)).one()
    importer.snapshot_contacts([went])
    facts |= _lasting_decision(was, row)
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
    importer.counts[audience, file, "=gone"] -= was.state == "gone"
    importer.counts[audience, file, "=changed"] += 1
    what = tuple(fact for fact in ("phones", "email") if was._mapping[fact] != row[fact])
    importer.replace_examples(
        ContactChange(
            kind="changed", audience=audience, file=file, row=row["row"], name=newer.name, what=what
        )
    )  # fmt: skip


def _lasting_decision(was: sa.Row[*tuple[Any, ...]], row: sa.RowMapping) -> Mapping[str, object]:
    """Return what somebody decided about the contact that went and holds for the row in its place.

    Only a name says that it is the same person: whoever was dropped is asked about, once more.
    """
    decided = {"decided_by": was.decided_by, "decided_at": was.decided_at}
    if was.state == "dropped" or (was.state == "held" and was.decided_by and was.held_reason != "number"):
        return {"state": "held", "held_reason": was.held_reason, **decided}
    if was.decided_by and (was.held_reason, was.note) == (row["held_reason"], row["note"]):
        return {"state": "active", **decided}
    return {}


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
