"""One load at work: pages of rows become people, contacts and addresses, a few statements a page."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

import sqlalchemy as sa

from dispatcher.contacts import Contact, ParsedRow
from dispatcher.contacts.duplicates import SeenKeys
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import IS_HELD_BY_SOMEBODY
from dispatcher.ledger.recipients import address_sync
from dispatcher.ledger.recipients.contact_fields import (
    CONTACT_COLUMNS,
    PERSON_COLUMNS,
    TEXT_COLUMNS,
    Key,
    StoredContact,
    area_key,
    changed_fields,
    fingerprint,
    has_defaults_only,
    hold_decision,
    identity_keys,
    person_values,
    snapshot,
    texts,
)
from dispatcher.ledger.recipients.identity_evidence import Objection
from dispatcher.ledger.recipients.people_joins import JoinReason
from dispatcher.ledger.recipients.rows_without_address import AddresslessMatcher
from dispatcher.ledger.schema import bulk
from dispatcher.ledger.schema.tables import address, contact, contact_import, meta, person

PAGE_ROWS = 2000
EXAMPLES_MAX = 20  # of each kind of change

IMPORTED_STATUSES = frozenset({"accepted", "repaired", "held"})


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactChange:
    """Somebody whom a load changes; `what` names the facts that differ."""

    kind: Literal["new", "changed", "gone"]
    audience: str
    file: str
    row: int
    name: str
    what: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptApart:
    """Two people of one name and thôn who were not taken for one, and what spoke against it."""

    name: str
    area: str
    because: Objection


class Importer:
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
        self.examples: list[ContactChange] = []
        self.joins: list[tuple[int, int, JoinReason]] = []  # person, the contact that came to them, why
        self.kept_apart: list[KeptApart] = []
        self._example_counts: Counter[str] = Counter()
        self._audiences = audiences
        self._next_person, self._next_contact = self._reserve_ids(ledger)
        self.first_person = self._next_person
        self.first_contact = self._next_contact
        self._seen_contacts = bytearray(self._next_contact)
        self._seen_keys = self._defer_indexes() if not self._has_people() else None
        self.import_id = int(
            connection.execute(
                sa.insert(contact_import).values(at=now, who=who, summary={}).returning(contact_import.c.id)
            ).scalar_one()
        )

    def _reserve_ids(self, ledger: Ledger) -> tuple[int, int]:
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

    def _has_people(self) -> bool:
        return self.connection.scalar(sa.select(person.c.id).limit(1)) is not None

    def _defer_indexes(self) -> SeenKeys:
        """Begin the first load of a ledger: whom it meets is remembered here, so the indexes can wait.

        Made once at the end they cost a tenth of what a million rows in random order do to them.
        """
        for index in _DEFERRED_INDEXES:
            index.drop(self.connection)
        return SeenKeys()

    def create_deferred_indexes(self) -> None:
        """Make the indexes that waited, before anything else asks for them."""
        if self._seen_keys is not None:
            self._seen_keys = None
            for index in _DEFERRED_INDEXES:
                index.create(self.connection)

    # --- a page of rows ------------------------------------------------------------------------------

    def import_page(self, rows: Sequence[ParsedRow]) -> None:
        """Take a page of rows in."""
        for (file, status), count in Counter([(row.file, row.status) for row in rows]).items():
            self.counts[self._audiences.get(file, ""), file, status] += count
        for file, count in Counter([row.file for row in rows if row.is_person_without_address]).items():
            self.counts[self._audiences.get(file, ""), file, "=without_address"] += count
        importable = [
            (row, row.contact)
            for row in rows
            if row.contact is not None and (row.status in IMPORTED_STATUSES or row.is_person_without_address)
        ]
        first_new_person = self._next_person
        people = self._match(importable)
        self._write_contacts(importable, people, first_new_person)

    def _match(self, page: Sequence[tuple[ParsedRow, Contact]]) -> list[int]:
        """Return each contact its person: known, met in this load, or made now."""
        is_first_load = self._seen_keys is not None  # then `merge_duplicates` finds whom names tell
        lookup, keep = (
            (self._seen_keys.get, self._seen_keys.first_seen)
            if self._seen_keys is not None
            else self._known_people([said for _row, said in page])
        )
        matcher = AddresslessMatcher(self.connection, () if is_first_load else page, self._was_seen)
        people: list[int] = []
        new_people: list[tuple[object, ...]] = []
        addresses: list[tuple[object, ...]] = []
        next_person = self._next_person
        for row, said in page:
            keys = identity_keys(said)
            person_id = 0
            for key in keys:
                if person_id := lookup(key) or 0:
                    break
            if not person_id and not keys:
                person_id = matcher.find(row, said)
            if not person_id:
                person_id, next_person = next_person, next_person + 1
                new_people.append(
                    (person_id, said.name, said.name_key, said.given_name, said.honorific, said.area,
                     area_key(said.area))
                )  # fmt: skip
                for rank, number in enumerate(said.phones):
                    addresses.append((person_id, "sms", number, rank))
                if said.email:
                    addresses.append((person_id, "email", said.email, 0))
            for key in keys:
                keep(key, person_id)
            people.append(person_id)
        self._next_person = next_person
        bulk.insert(self.connection, "person", ("id", *PERSON_COLUMNS), new_people)
        bulk.insert(self.connection, "address", ("person_id", "channel", "address", "rank"), addresses)
        return people

    def _known_people(
        self, page: Sequence[Contact]
    ) -> tuple[Callable[[Key], int | None], Callable[[Key, int], int]]:
        """Ask the ledger whom it knows of a page; gives how to look somebody up and how to add somebody."""
        addresses = {number for said in page for number in said.phones}
        addresses.update(said.email for said in page if said.email)
        question = (
            sa.select(address.c.address, person.c.name_key, person.c.id)
            .join_from(address, person, person.c.id == address.c.person_id)
            .where(address.c.address.in_(addresses), address.c.channel.in_(("sms", "email")))
            .where(person.c.erased_at.is_(None))
            .order_by(person.c.id.desc())
        )
        known = {(row[0], row[1]): row[2] for row in self.connection.execute(question)} if addresses else {}
        return known.get, known.setdefault

    # --- contacts ------------------------------------------------------------------------------------

    def _write_contacts(
        self, rows: Sequence[tuple[ParsedRow, Contact]], people: Sequence[int], first_new_person: int
    ) -> None:
        """Write the contacts of a page; people from `newest` on were made for it and have none yet."""
        existing = self._contacts_of([found for found in people if found < first_new_person])
        minimal: list[tuple[object, ...]] = []
        full: list[tuple[object, ...]] = []
        changed: list[tuple[ParsedRow, Contact, StoredContact]] = []
        moved: list[tuple[ParsedRow, StoredContact]] = []
        completed: list[tuple[int, Contact]] = []
        created: set[tuple[int, str]] = set()
        repeated: list[tuple[ParsedRow, Contact, tuple[int, str]]] = []
        highest = first_new_person - 1  # who was met so far
        for (row, said), person_id in zip(rows, people, strict=True):
            key = (person_id, said.audience)
            if person_id > highest:
                highest = person_id
            elif (before := existing.get(key)) is not None:
                self._compare(row, said, before, changed, moved)
                continue
            elif key in created:
                repeated.append((row, said, key))
                continue
            else:
                completed.append((person_id, said))
                if not (said.phones or said.email):
                    self.joins.append((person_id, self._next_contact, "name-area"))
            created.add(key)
            (minimal if has_defaults_only(said) else full).append(self._new_contact(row, said, person_id))
        bulk.insert(self.connection, "contact", _MINIMAL_COLUMNS, minimal)
        bulk.insert(self.connection, "contact", _CONTACT_COLUMNS, full)
        self._fill_missing_fields(completed)
        self._update_positions(moved)
        changed += self._held_by_second_rows(repeated)
        self._change(changed)

    def _held_by_second_rows(
        self, repeated: Sequence[tuple[ParsedRow, Contact, tuple[int, str]]]
    ) -> list[tuple[ParsedRow, Contact, StoredContact]]:
        """Let a second row about the same person hold them."""
        holding = [(row, said, key) for row, said, key in repeated if said.hold]
        existing = self._contacts_of([key[0] for _row, _said, key in holding])
        return [(row, said, existing[key]) for row, said, key in holding if existing[key].state == "active"]

    def _compare(
        self,
        row: ParsedRow,
        said: Contact,
        before: StoredContact,
        changed: list[tuple[ParsedRow, Contact, StoredContact]],
        moved: list[tuple[ParsedRow, StoredContact]],
    ) -> None:
        """Sort a row about a contact that is there already: met twice, changed, moved, or all the same."""
        is_without_address = not (said.phones or said.email or said.hold)
        if is_without_address and (before.phones or before.email) and before.file != row.file:
            return  # another file of the audience knows the number
        if self._was_seen(before.id):
            if said.hold and before.state == "active":
                changed.append((row, said, before))
            return
        self._seen_contacts[before.id] = 1
        if before.fingerprint != fingerprint(said) or before.state == "gone":
            changed.append((row, said, before))
            return
        self.counts[said.audience, row.file, "=unchanged"] += 1
        if (before.row, before.sheet, before.file, before.birth_year) != (
            row.row, row.sheet, row.file, said.birth_year,
        ):  # fmt: skip
            moved.append((row, before))

    def _fill_missing_fields(self, completed: Sequence[tuple[int, Contact]]) -> None:
        """Let another list say what the first one left open about people."""
        if completed:
            facts = [{"at": person_id, **person_values(said)} for person_id, said in completed]
            self.connection.execute(_FILL_PERSON, facts)
            address_sync.sync(self.connection, [person_id for person_id, _said in completed], now=self.now)

    def _update_positions(self, moved: Sequence[tuple[ParsedRow, StoredContact]]) -> None:
        """Write down where somebody stands now; a row inserted above them is no change."""
        if moved:
            places = [
                {
                    "of": before.id,
                    "to_row": row.row,
                    "to_sheet": row.sheet,
                    "to_file": row.file,
                    "born": row.contact.birth_year if row.contact else 0,
                }
                for row, before in moved
            ]
            self.connection.execute(_UPDATE_POSITION, places)

    def _contacts_of(self, people: Collection[int]) -> dict[tuple[int, str], StoredContact]:
        if not people:
            return {}
        rows = cast("Iterable[StoredContact]", self.connection.execute(_CONTACTS, {"people": list(people)}))
        return {(row.person_id, row.audience): row for row in rows}

    def _new_contact(self, row: ParsedRow, said: Contact, person_id: int) -> tuple[object, ...]:
        contact_id = self._next_contact
        self._next_contact += 1
        self.counts[said.audience, row.file, "=new"] += 1
        if self._example_counts["new"] < EXAMPLES_MAX:
            self.add_example(
                ContactChange(kind="new", audience=said.audience, file=row.file, row=row.row, name=said.name)
            )
        phones = said.phones[0] if len(said.phones) == 1 else " ".join(said.phones)
        import_id = self.import_id
        if has_defaults_only(said):
            return (
                contact_id, person_id, said.audience, phones, row.file, row.sheet, row.row,
                fingerprint(said), said.birth_year, import_id, import_id,
            )  # fmt: skip
        self.counts[said.audience, row.file, "=held"] += bool(said.hold)
        return (
            contact_id, person_id, said.audience, "held" if said.hold else "active", phones,
            *texts(said), row.file, row.sheet, row.row, said.hold, fingerprint(said), said.birth_year,
            import_id, import_id,
        )  # fmt: skip

    def _change(self, changed: Sequence[tuple[ParsedRow, Contact, StoredContact]]) -> None:
        if not changed:
            return
        snapshots = self.snapshot_contacts([before.id for _row, _said, before in changed])
        contacts, people, first = [], [], {}
        for row, said, before in changed:
            hold = hold_decision(said, before)
            kind: Literal["new", "changed"] = "new" if before.state == "gone" else "changed"
            self.counts[said.audience, row.file, f"={kind}"] += 1
            self.counts[said.audience, row.file, "=held"] += hold.state == "held"
            what = changed_fields(said, snapshots[before.id])
            self.add_example(
                ContactChange(
                    kind=kind, audience=said.audience, file=row.file, row=row.row, name=said.name, what=what
                )
            )
            contacts.append(
                {
                    **dict(zip(TEXT_COLUMNS, texts(said), strict=True)),
                    "at": before.id, "state": hold.state, "phones": " ".join(said.phones), "file": row.file,
                    "sheet": row.sheet, "row": row.row, "held_reason": hold.reason,
                    "decided_by": hold.decided_by, "decided_at": hold.decided_at,
                    "fingerprint": fingerprint(said), "birth_year": said.birth_year,
                    "import_id": self.import_id,
                }
            )  # fmt: skip
            people.append({"at": before.person_id} | person_values(said))
            if before.phones != " ".join(said.phones) or before.email != said.email:
                first[before.person_id] = (*said.phones, said.email)
        self.connection.execute(_UPDATE_CONTACT, contacts)
        self.connection.execute(_UPDATE_PERSON, people)
        address_sync.sync(
            self.connection, [before.person_id for _row, _said, before in changed], now=self.now, first=first
        )

    # --- what a load leaves behind -------------------------------------------------------------------

    def mark_gone(self, lists: Sequence[tuple[str, str]], complete: Collection[str]) -> None:
        """Mark whom these lists had before and have no more."""
        for audience in dict.fromkeys([audience for audience, _file in lists] + sorted(complete)):
            files = [file for of, file in lists if of == audience]
            question = sa.select(contact.c.id).where(
                contact.c.audience == audience,
                contact.c.state.in_(("active", "held")),
                ~IS_HELD_BY_SOMEBODY,
            )
            if audience not in complete:
                question = question.where(contact.c.file.in_(files))
            found = self.connection.execute(question.execution_options(yield_per=10_000))
            gone = [row[0] for row in found if not self._was_seen(row[0])]
            for start in range(0, len(gone), PAGE_ROWS):
                self._mark_gone_page(gone[start : start + PAGE_ROWS])

    def _mark_gone_page(self, ids: Sequence[int]) -> None:
        snapshots = self.snapshot_contacts(ids)
        for before in snapshots.values():
            self.counts[before["audience"], before["file"], "=gone"] += 1
            self.add_example(
                ContactChange(
                    kind="gone", audience=before["audience"], file=before["file"], row=before["row"],
                    name=before["name"],
                )
            )  # fmt: skip
        self.connection.execute(
            sa.update(contact).where(contact.c.id.in_(ids)).values(state="gone", import_id=self.import_id)
        )
        address_sync.sync(
            self.connection, sorted({before["person_id"] for before in snapshots.values()}), now=self.now
        )

    def snapshot_contacts(self, ids: Sequence[int]) -> dict[int, sa.RowMapping]:
        """Write down contacts as they stand before this load changes them; the first word counts."""
        question = sa.select(
            contact, *(person.c[fact].label(f"person_{fact}") for fact in PERSON_COLUMNS), person.c.name
        ).join_from(contact, person, person.c.id == contact.c.person_id)
        found = self.connection.execute(question.where(contact.c.id.in_(ids))).mappings()
        rows = found.all()
        kept = [
            (self.import_id, row["id"], json.dumps(snapshot(row), ensure_ascii=False))
            for row in rows
            if row["id"] < self.first_contact
        ]
        bulk.insert(
            self.connection, "contact_snapshot", ("import_id", "contact_id", "fields"), kept, ignore=True
        )
        return {row["id"]: row for row in rows}

    def add_example(self, change: ContactChange) -> None:
        """Keep a change as an example, while there are few of its kind."""
        if self._example_counts[change.kind] < EXAMPLES_MAX:
            self._example_counts[change.kind] += 1
            self.examples.append(change)

    def replace_examples(self, change: ContactChange) -> None:
        """Keep a change in place of the two that it turned out to be: gone, and new."""
        self.examples = [
            one
            for one in self.examples
            if one.kind == "changed"
            or (one.audience, one.file, one.name) != (change.audience, change.file, change.name)
        ]
        self.add_example(change)

    def finish(self) -> None:
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
            sa.update(contact_import).where(contact_import.c.id == self.import_id).values(summary=made)
        )

    @property
    def files(self) -> Collection[str]:
        """Return the lists of this load, as their rows call them."""
        return self._audiences.keys()

    def is_missing(self, contact_id: int, file: str) -> bool:
        """Return whether one of these lists had a contact and has it no more."""
        return file in self._audiences and not self._was_seen(contact_id)

    def _was_seen(self, contact_id: int) -> bool:
        return contact_id >= self.first_contact or bool(self._seen_contacts[contact_id])


def _first_non_empty(first: sa.ColumnElement[str], second: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """Take the first that says anything: one list knows the thôn, another does not."""
    return sa.case((first != "", first), else_=second)


_DEFERRED_INDEXES = tuple(
    index
    for table in (person, address, contact)
    for index in sorted(table.indexes, key=lambda index: str(index.name))
)
_CONTACT_COLUMNS = (
    "id", "person_id", "audience", "state", "phones", *TEXT_COLUMNS, "file", "sheet", "row",
    "held_reason", "fingerprint", "birth_year", "first_import_id", "import_id",
)  # fmt: skip
_MINIMAL_COLUMNS = (
    "id", "person_id", "audience", "phones", "file", "sheet", "row", "fingerprint", "birth_year",
    "first_import_id", "import_id",
)  # fmt: skip
_CONTACTS = sa.select(
    contact.c.id, contact.c.person_id, contact.c.audience, contact.c.state, contact.c.fingerprint,
    contact.c.phones, contact.c.email, contact.c.note, contact.c.held_reason, contact.c.decided_by,
    contact.c.decided_at, contact.c.file, contact.c.sheet, contact.c.row, contact.c.birth_year,
).where(contact.c.person_id.in_(sa.bindparam("people", expanding=True)))  # fmt: skip
_UPDATE_POSITION = (
    sa.update(contact)
    .where(contact.c.id == sa.bindparam("of"))
    .values(
        row=sa.bindparam("to_row"),
        sheet=sa.bindparam("to_sheet"),
        file=sa.bindparam("to_file"),
        birth_year=sa.bindparam("born"),
    )
)
_UPDATE_CONTACT = (
    sa.update(contact)
    .where(contact.c.id == sa.bindparam("at"))
    .values({fact: sa.bindparam(fact) for fact in (*CONTACT_COLUMNS, "birth_year")})
)
_UPDATE_PERSON = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("at"))
    .values(
        {fact: _first_non_empty(sa.bindparam(fact, type_=sa.Text), person.c[fact]) for fact in PERSON_COLUMNS}
    )
)
_FILL_PERSON = (
    sa.update(person)
    .where(person.c.id == sa.bindparam("at"))
    .values(
        {fact: _first_non_empty(person.c[fact], sa.bindparam(fact, type_=sa.Text)) for fact in PERSON_COLUMNS}
    )
)
