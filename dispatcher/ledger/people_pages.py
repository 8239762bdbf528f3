"""One load at work: pages of rows become people, contacts and addresses, a few statements a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from dispatcher.contacts import Contact, Row
from dispatcher.contacts.repeats import Seen
from dispatcher.ledger import Ledger, bulk, people_addresses
from dispatcher.ledger.people_facts import (
    CONTACT_FACTS,
    PERSON_FACTS,
    Key,
    decided,
    differences,
    fingerprint,
    folded_area,
    is_plain,
    keys_of,
    person_facts,
    snapshot,
)
from dispatcher.ledger.tables import (
    address,
    contact,
    meta,
    person,
)
from dispatcher.ledger.tables import load as load_table

PAGE_ROWS = 2000
EXAMPLES_MAX = 20  # of each kind of change
Lookup = Callable[[Key], int | None]
Keep = Callable[[Key, int], int]

LOADED = frozenset({"accepted", "repaired", "held"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """Somebody whom a load changes; `what` names the facts that differ."""

    kind: Literal["new", "changed", "gone"]
    audience: str
    file: str
    row: int
    name: str
    what: tuple[str, ...] = ()


class Loading:
    """The state of one load: its ids, whom it has seen, what it counted."""

    def __init__(
        self,
        ledger: Ledger,
        connection: sa.Connection,
        *,
        who: str,
        now: datetime,
        audiences: Mapping[str, str],
    ) -> None:
        self.connection = connection
        self.dialect = ledger.dialect
        self.now = now
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self.examples: list[Change] = []
        self._shown: Counter[str] = Counter()
        self._audiences = audiences
        self._next_person, self._next_contact = self._reserve(ledger)
        self.first_person = self._next_person
        self.first_contact = self._next_contact
        self._seen = bytearray(self._next_contact)
        self._met = self._start_bare() if not self._holds_anybody() else None
        self.load_id = int(
            connection.execute(
                sa.insert(load_table).values(at=now, who=who, summary={}).returning(load_table.c.id)
            ).scalar_one()
        )

    def _reserve(self, ledger: Ledger) -> tuple[int, int]:
        """Take the word for ids: loads wait for each other, and an id never comes back after an undo."""
        next_ids = []
        for table in (person, contact):
            statement = ledger.insert(meta).values(key=f"next-{table.name}", value="1")
            kept = self.connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["key"], set_={"value": meta.c.value}
                ).returning(meta.c.value)
            ).scalar_one()
            highest = self.connection.scalar(sa.select(sa.func.max(table.c.id))) or 0
            next_ids.append(max(int(kept), highest + 1))
        return next_ids[0], next_ids[1]

    def _holds_anybody(self) -> bool:
        return self.connection.scalar(sa.select(person.c.id).limit(1)) is not None

    def _start_bare(self) -> Seen:
        """Begin the first load of a ledger: whom it meets is remembered here, so the indexes can wait.

        Made once at the end they cost a tenth of what a million rows in random order do to them.
        """
        for index in _LATE:
            index.drop(self.connection)
        return Seen()

    def finish_rows(self) -> None:
        """Make the indexes that waited, before anything else asks for them."""
        if self._met is not None:
            self._met = None
            for index in _LATE:
                index.create(self.connection)

    # --- a page of rows ------------------------------------------------------------------------------

    def take(self, rows: Sequence[Row]) -> None:
        """Take a page of rows in."""
        for (file, status), count in Counter([(row.file, row.status) for row in rows]).items():
            self.counts[self._audiences.get(file, ""), file, status] += count
        wanted = [(row, row.contact) for row in rows if row.contact is not None and row.status in LOADED]
        newest = self._next_person
        people = self._recognise([said for _row, said in wanted])
        self._write_contacts(wanted, people, newest)

    def _recognise(self, page: Sequence[Contact]) -> list[int]:
        """Give each contact its person: known, met in this load, or made now."""
        lookup, keep = (self._met.get, self._met.first) if self._met is not None else self._known(page)
        people: list[int] = []
        persons: list[tuple[object, ...]] = []
        addresses: list[tuple[object, ...]] = []
        following = self._next_person
        for said in page:
            keys = keys_of(said)
            found = 0
            for key in keys:
                if found := lookup(key) or 0:
                    break
            if not found and not keys:
                found = self._namesake(said)
            if not found:
                found, following = following, following + 1
                persons.append(
                    (found, said.name, said.name_key, said.given_name, said.honorific, said.area,
                     folded_area(said.area))
                )  # fmt: skip
                for rank, number in enumerate(said.phones):
                    addresses.append((found, "sms", number, rank))
                if said.email:
                    addresses.append((found, "email", said.email, 0))
            for key in keys:
                keep(key, found)
            people.append(found)
        self._next_person = following
        bulk.insert(self.connection, "person", ("id", *PERSON_FACTS), persons)
        bulk.insert(self.connection, "address", ("person_id", "channel", "address", "rank"), addresses)
        return people

    def _known(
        self, page: Sequence[Contact]
    ) -> tuple[Callable[[Key], int | None], Callable[[Key, int], int]]:
        """Ask the ledger whom it knows of a page; gives how to look somebody up and how to add somebody."""
        wanted = {number for said in page for number in said.phones}
        wanted.update(said.email for said in page if said.email)
        question = (
            sa.select(address.c.address, person.c.name_key, person.c.id)
            .join_from(address, person, person.c.id == address.c.person_id)
            .where(address.c.address.in_(wanted), address.c.channel.in_(("sms", "email")))
            .where(person.c.erased_at.is_(None))
            .order_by(person.c.id.desc())
        )
        known = {(row[0], row[1]): row[2] for row in self.connection.execute(question)} if wanted else {}
        return known.get, known.setdefault

    def _namesake(self, said: Contact) -> int:
        """Find somebody whose row has neither number nor mail: by name and area, if only one fits."""
        if not said.name_key or not said.area or self._met is not None:
            return 0  # in the first load `join_kin` finds them
        found = self.connection.scalars(
            sa.select(person.c.id)
            .where(person.c.name_key == said.name_key, person.c.area_key == folded_area(said.area))
            .where(person.c.erased_at.is_(None), _is_listed())
            .limit(2)
        ).all()
        return found[0] if len(found) == 1 else 0

    # --- contacts ------------------------------------------------------------------------------------

    def _write_contacts(
        self, wanted: Sequence[tuple[Row, Contact]], people: Sequence[int], newest: int
    ) -> None:
        """Write the contacts of a page; people from `newest` on were made for it and have none yet."""
        there = self._contacts_of([found for found in people if found < newest])
        plain: list[tuple[object, ...]] = []
        full: list[tuple[object, ...]] = []
        changed: list[tuple[Row, Contact, Any]] = []
        moved: list[tuple[Row, Any]] = []
        completed: list[dict[str, Any]] = []
        made: set[tuple[int, str]] = set()
        again: list[tuple[Row, Contact, tuple[int, str]]] = []
        highest = newest - 1  # who was met so far
        for (row, said), person_id in zip(wanted, people, strict=True):
            key = (person_id, said.audience)
            if person_id > highest:
                highest = person_id
            elif (before := there.get(key)) is not None:
                self._compare(row, said, before, changed, moved)
                continue
            elif key in made:
                again.append((row, said, key))
                continue
            else:
                completed.append({"at": person_id} | person_facts(said))
            made.add(key)
            (plain if is_plain(said) else full).append(self._new_contact(row, said, person_id))
        bulk.insert(self.connection, "contact", _PLAIN_COLUMNS, plain)
        bulk.insert(self.connection, "contact", _CONTACT_COLUMNS, full)
        self._complete(completed)
        self._move(moved)
        changed += self._held_by_second_rows(again)
        self._change(changed)

    def _held_by_second_rows(
        self, again: Sequence[tuple[Row, Contact, tuple[int, str]]]
    ) -> list[tuple[Row, Contact, Any]]:
        """Let a second row about the same person hold them."""
        holding = [(row, said, key) for row, said, key in again if said.hold]
        there = self._contacts_of([key[0] for _row, _said, key in holding])
        return [(row, said, there[key]) for row, said, key in holding if there[key].state == "active"]

    def _compare(
        self,
        row: Row,
        said: Contact,
        before: Any,
        changed: list[tuple[Row, Contact, Any]],
        moved: list[tuple[Row, Any]],
    ) -> None:
        """Sort a row about a contact that is there already: met twice, changed, moved, or all the same."""
        if self._was_seen(before.id):
            if said.hold and before.state == "active":
                changed.append((row, said, before))
            return
        self._seen[before.id] = 1
        if before.fingerprint != fingerprint(said) or before.state == "gone":
            changed.append((row, said, before))
            return
        self.counts[said.audience, row.file, "=unchanged"] += 1
        if (before.row, before.sheet, before.file) != (row.row, row.sheet, row.file):
            moved.append((row, before))

    def _complete(self, completed: Sequence[dict[str, Any]]) -> None:
        """Let another list say what the first one left open about people."""
        if completed:
            self.connection.execute(_COMPLETE, completed)
            people_addresses.settle(self.connection, [facts["at"] for facts in completed])

    def _move(self, moved: Sequence[tuple[Row, Any]]) -> None:
        """Write down where somebody stands now; a row inserted above them is no change."""
        if moved:
            places = [
                {"of": before.id, "to_row": row.row, "to_sheet": row.sheet, "to_file": row.file}
                for row, before in moved
            ]
            self.connection.execute(_MOVE, places)

    def _contacts_of(self, people: Collection[int]) -> dict[tuple[int, str], Any]:
        if not people:
            return {}
        rows = self.connection.execute(_CONTACTS, {"people": list(people)})
        return {(row.person_id, row.audience): row for row in rows}

    def _new_contact(self, row: Row, said: Contact, person_id: int) -> tuple[object, ...]:
        contact_id = self._next_contact
        self._next_contact += 1
        self.counts[said.audience, row.file, "=new"] += 1
        if self._shown["new"] < EXAMPLES_MAX:
            self.show(Change(kind="new", audience=said.audience, file=row.file, row=row.row, name=said.name))
        phones = said.phones[0] if len(said.phones) == 1 else " ".join(said.phones)
        load_id = self.load_id
        if is_plain(said):
            return (
                contact_id, person_id, said.audience, phones, row.file, row.sheet, row.row,
                fingerprint(said), load_id, load_id,
            )  # fmt: skip
        self.counts[said.audience, row.file, "=held"] += bool(said.hold)
        return (
            contact_id, person_id, said.audience, "held" if said.hold else "active", phones,
            said.email, said.unit, said.role, said.lead, row.file, row.sheet, row.row, said.note, said.hold,
            fingerprint(said), load_id, load_id,
        )  # fmt: skip

    def _change(self, changed: Sequence[tuple[Row, Contact, Any]]) -> None:
        if not changed:
            return
        snapshots = self.remember([before.id for _row, _said, before in changed])
        contacts, people, first = [], [], {}
        for row, said, before in changed:
            state, decided_by, decided_at = decided(said, before)
            kind: Literal["new", "changed"] = "new" if before.state == "gone" else "changed"
            self.counts[said.audience, row.file, f"={kind}"] += 1
            self.counts[said.audience, row.file, "=held"] += state == "held"
            what = differences(said, snapshots[before.id])
            self.show(
                Change(
                    kind=kind, audience=said.audience, file=row.file, row=row.row, name=said.name, what=what
                )
            )
            contacts.append(
                {
                    "at": before.id, "state": state, "phones": " ".join(said.phones), "email": said.email,
                    "unit": said.unit, "role": said.role, "lead": said.lead, "file": row.file,
                    "sheet": row.sheet, "row": row.row, "note": said.note, "held_reason": said.hold,
                    "decided_by": decided_by, "decided_at": decided_at, "fingerprint": fingerprint(said),
                    "load_id": self.load_id,
                }
            )  # fmt: skip
            people.append({"at": before.person_id} | person_facts(said))
            if before.phones != " ".join(said.phones) or before.email != said.email:
                first[before.person_id] = (*said.phones, said.email)
        self.connection.execute(_CHANGE, contacts)
        self.connection.execute(_RENAME, people)
        people_addresses.settle(
            self.connection, [before.person_id for _row, _said, before in changed], first=first
        )

    # --- what a load leaves behind -------------------------------------------------------------------

    def let_go(self, lists: Sequence[tuple[str, str]], complete: Collection[str]) -> None:
        """Mark whom these lists had before and have no more."""
        for audience in dict.fromkeys([audience for audience, _file in lists] + sorted(complete)):
            files = [file for of, file in lists if of == audience]
            question = sa.select(contact.c.id).where(
                contact.c.audience == audience, contact.c.state.in_(("active", "held"))
            )
            if audience not in complete:
                question = question.where(contact.c.file.in_(files))
            found = self.connection.execute(question.execution_options(yield_per=10_000))
            gone = [row[0] for row in found if not self._was_seen(row[0])]
            for start in range(0, len(gone), PAGE_ROWS):
                self._let_go_page(gone[start : start + PAGE_ROWS])

    def _let_go_page(self, ids: Sequence[int]) -> None:
        snapshots = self.remember(ids)
        for before in snapshots.values():
            self.counts[before["audience"], before["file"], "=gone"] += 1
            self.show(
                Change(
                    kind="gone", audience=before["audience"], file=before["file"], row=before["row"],
                    name=before["name"],
                )
            )  # fmt: skip
        self.connection.execute(
            sa.update(contact).where(contact.c.id.in_(ids)).values(state="gone", load_id=self.load_id)
        )
        people_addresses.settle(
            self.connection, sorted({before["person_id"] for before in snapshots.values()})
        )

    def remember(self, ids: Sequence[int]) -> dict[int, Mapping[str, Any]]:
        """Write down contacts as they stand before this load changes them; the first word counts."""
        question = sa.select(
            contact, *(person.c[fact].label(f"person_{fact}") for fact in PERSON_FACTS), person.c.name
        ).join_from(contact, person, person.c.id == contact.c.person_id)
        found = self.connection.execute(question.where(contact.c.id.in_(ids))).mappings()
        rows: list[Mapping[str, Any]] = [dict(row) for row in found]
        kept = [
            (self.load_id, row["id"], json.dumps(snapshot(row), ensure_ascii=False))
            for row in rows
            if row["id"] < self.first_contact
        ]
        bulk.insert(self.connection, "contact_before", ("load_id", "contact_id", "before"), kept, ignore=True)
        return {row["id"]: row for row in rows}

    def show(self, change: Change) -> None:
        """Keep a change as an example, while there are few of its kind."""
        if self._shown[change.kind] < EXAMPLES_MAX:
            self._shown[change.kind] += 1
            self.examples.append(change)

    def close(self) -> None:
        """Keep the ids for the next load."""
        for table, following in (("person", self._next_person), ("contact", self._next_contact)):
            self.connection.execute(
                sa.update(meta).where(meta.c.key == f"next-{table}").values(value=str(following))
            )
            if self.dialect == "postgresql":  # whoever inserts without an id of their own
                sequence = sa.func.setval(sa.func.pg_get_serial_sequence(table, "id"), following)
                self.connection.execute(sa.select(sequence))
        made = {"first_person": self.first_person, "next_person": self._next_person}
        self.connection.execute(
            sa.update(load_table).where(load_table.c.id == self.load_id).values(summary=made)
        )

    def _was_seen(self, contact_id: int) -> bool:
        return contact_id >= self.first_contact or bool(self._seen[contact_id])


def _filled(first: sa.ColumnElement[str], second: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Take the first that says anything: one list knows the thôn, another does not."""
    return sa.case((first != "", first), else_=second)


_LATE = tuple(
    index
    for table in (person, address, contact)
    for index in sorted(table.indexes, key=lambda index: str(index.name))
)
_CONTACT_COLUMNS = (
    "id", "person_id", "audience", "state", "phones", "email", "unit", "role", "lead", "file", "sheet", "row",
    "note", "held_reason", "fingerprint", "made_by", "load_id",
)  # fmt: skip
_PLAIN_COLUMNS = (
    "id", "person_id", "audience", "phones", "file", "sheet", "row", "fingerprint", "made_by", "load_id",
)  # fmt: skip
_CONTACTS = sa.select(
    contact.c.id, contact.c.person_id, contact.c.audience, contact.c.state, contact.c.fingerprint,
    contact.c.phones, contact.c.email, contact.c.note, contact.c.held_reason, contact.c.decided_by,
    contact.c.decided_at, contact.c.file, contact.c.sheet, contact.c.row,
).where(contact.c.person_id.in_(sa.bindparam("people", expanding=True)))  # fmt: skip
_MOVE = (
    sa.update(contact)
    .where(contact.c.id == sa.bindparam("of"))
    .values(row=sa.bindparam("to_row"), sheet=sa.bindparam("to_sheet"), file=sa.bindparam("to_file"))
)
_CHANGE = (
    sa.update(contact)
    .where(contact.c.id == sa.bindparam("at"))
    .values({fact: sa.bindparam(fact) for fact in CONTACT_FACTS})
)
_RENAME = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("at"))
    .values({fact: _filled(sa.bindparam(fact, type_=sa.Text), person.c[fact]) for fact in PERSON_FACTS})
)
_COMPLETE = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("at"))
    .values({fact: _filled(person.c[fact], sa.bindparam(fact, type_=sa.Text)) for fact in PERSON_FACTS})
)


def _is_listed() -> sa.Exists:
    return sa.exists().where(contact.c.person_id == person.c.id, contact.c.state != "gone")
