"""After a load: joins a person to themselves where only name and area tell, and only when nothing else fits.

Two cases. A number was corrected, so the old row went and a new one came in the same list. Or one list has
only their mail and another only their number. Two people of one name in one thôn who both have numbers stay
two: texting the same person on two telephones is a lesser fault than forgetting one of two.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import people_addresses
from dispatcher.ledger.people_facts import CONTACT_FACTS
from dispatcher.ledger.people_pages import Loading
from dispatcher.ledger.tables import address, contact, contact_before, participation, person


@dataclass(kw_only=True, slots=True)
class _Known:
    """A person with the lists they stand in: contact id → (audience, file, state)."""

    id: int
    contacts: dict[int, tuple[str, str, str]] = field(default_factory=dict)
    channels: set[str] = field(default_factory=set)
    went_now: set[int] = field(default_factory=set)  # contacts that this load let go


def join_kin(loading: Loading) -> None:
    """Join new people of this load to older ones who are the same."""
    for one, other in _pairs(loading):
        older, newer = (one, other) if one.id < other.id else (other, one)
        if renumbered := _renumbered(older, newer):
            _put_in_place(loading, older, newer, renumbered)
        elif _completes(older, newer):
            _put_together(loading, older, newer)


def _pairs(loading: Loading) -> list[tuple[_Known, _Known]]:
    """Find names with an area that exactly two people bear, one of them new."""
    one = _seeds(loading).subquery()
    other = person.alias()
    same = sa.and_(other.c.name_key == one.c.name_key, other.c.area_key == one.c.area_key)
    relevant = sa.exists().where(
        contact.c.person_id == other.c.id,
        sa.or_(contact.c.state != "gone", contact.c.load_id == loading.load_id),
    )
    question = (
        sa.select(sa.func.min(other.c.id), sa.func.max(other.c.id))
        .join_from(one, other, same)
        .where(other.c.erased_at.is_(None), relevant)
        .group_by(one.c.name_key, one.c.area_key)
        .having(sa.func.count() == 2, sa.func.max(other.c.id) >= loading.first_person)
    )
    ids = [(row[0], row[1]) for row in loading.connection.execute(question)]
    known = _described(loading, [one for pair in ids for one in pair])
    return [(known[one], known[other]) for one, other in ids]


def _seeds(loading: Loading) -> sa.Select[Any]:
    """Find the names and areas of whom it can matter: no number in some list, or gone with this load."""
    went = sa.and_(contact.c.state == "gone", contact.c.load_id == loading.load_id)
    without = sa.select(contact.c.person_id).where(contact.c.phones == "", contact.c.state != "gone")
    let_go = (
        sa.select(contact.c.person_id)
        .join_from(contact_before, contact, sa.and_(contact.c.id == contact_before.c.contact_id, went))
        .where(contact_before.c.load_id == loading.load_id)
    )
    return (
        sa.select(person.c.name_key, person.c.area_key)
        .where(
            person.c.id.in_(sa.union_all(without, let_go)),
            person.c.area_key != "",
            person.c.name.like("% %"),
        )
        .distinct()
    )


def _described(loading: Loading, ids: list[int]) -> dict[int, _Known]:
    found: dict[int, _Known] = defaultdict(lambda: _Known(id=0))
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
            contact.c.load_id,
        ).where(contact.c.person_id.in_(page))
        for row in loading.connection.execute(lists):
            found[row.person_id].contacts[row.id] = (row.audience, row.file, row.state)
            if row.state == "gone" and row.load_id == loading.load_id:
                found[row.person_id].went_now.add(row.id)
        reached = sa.select(address.c.person_id, address.c.channel).where(address.c.person_id.in_(page))
        for person_id, channel in loading.connection.execute(reached):
            found[person_id].channels.add(channel)
    return found


def _renumbered(older: _Known, newer: _Known) -> tuple[int, int] | None:
    """Give the contact that went and the one that came in its place, in the same list."""
    if len(newer.contacts) != 1:
        return None
    came, (audience, file, _state) = next(iter(newer.contacts.items()))
    for went in older.went_now:
        if older.contacts[went][:2] == (audience, file):
            return went, came
    return None


def _completes(older: _Known, newer: _Known) -> bool:
    """Tell whether the two have no list and no kind of address in common."""
    lists = {audience for audience, _file, _state in older.contacts.values()}
    return (
        not lists & {audience for audience, _file, _state in newer.contacts.values()}
        and not older.channels & newer.channels
    )


def _put_in_place(loading: Loading, older: _Known, newer: _Known, contacts: tuple[int, int]) -> None:
    """Let the row that came continue the contact that went."""
    went, came = contacts
    connection = loading.connection
    row = connection.execute(sa.select(contact).where(contact.c.id == came)).mappings().one()
    facts = {fact: row[fact] for fact in CONTACT_FACTS}
    was = connection.execute(sa.select(contact).where(contact.c.id == went)).one()
    if was.decided_by and (was.held_reason, was.note) == (row["held_reason"], row["note"]):
        facts |= {"state": "active", "decided_by": was.decided_by, "decided_at": was.decided_at}
    connection.execute(sa.delete(contact).where(contact.c.id == came))
    connection.execute(sa.update(contact).where(contact.c.id == went).values(facts))
    _forget_person(loading, newer)
    people_addresses.settle(
        loading.connection, [older.id], first={older.id: (*row["phones"].split(), row["email"])}
    )
    audience, file = row["audience"], row["file"]
    loading.counts[audience, file, "=new"] -= 1
    loading.counts[audience, file, "=gone"] -= 1
    loading.counts[audience, file, "=changed"] += 1


def _put_together(loading: Loading, older: _Known, newer: _Known) -> None:
    """Give the newer person's lists to the older one."""
    loading.connection.execute(
        sa.update(contact).where(contact.c.person_id == newer.id).values(person_id=older.id)
    )
    _forget_person(loading, newer)
    people_addresses.settle(loading.connection, [older.id])


def _forget_person(loading: Loading, newer: _Known) -> None:
    """Take away a person made in this load who turned out to be there already."""
    for table in (address, participation):
        loading.connection.execute(sa.delete(table).where(table.c.person_id == newer.id))
    loading.connection.execute(sa.delete(person).where(person.c.id == newer.id))
