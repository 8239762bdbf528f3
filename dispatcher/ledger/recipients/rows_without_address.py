"""Whom a row without number and mail is about: somebody of that name and thôn in this list or in another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from dispatcher.contacts import Contact, ParsedRow
from dispatcher.contacts.area_names import same_area
from dispatcher.ledger.recipients.contact_fields import area_key
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import contact, person


class AddresslessMatcher:
    """Answers for one page of rows, with one question to the ledger."""

    def __init__(
        self,
        connection: sa.Connection,
        page: Sequence[tuple[ParsedRow, Contact]],
        was_seen: Callable[[int], bool],
    ) -> None:
        names = {said.name_key for _row, said in page if said.name_key and not (said.phones or said.email)}
        self._was_seen = was_seen
        self._taken: set[int] = set()
        self._known = _known(connection, names) if names else {}

    def find(self, row: ParsedRow, said: Contact) -> int:
        """Return the person a row is about, 0 for somebody new.

        In this order: the contact this very list has without an address; then, where only one person fits,
        somebody of another list, or of another file of this audience. Whoever is held is held by any row.
        """
        same = [
            one
            for one in self._known.get((said.name_key, area_key(said.area)), ())
            if one.area == said.area or same_area(one.area, said.area)
        ]
        own = sorted(
            (
                one
                for one in same
                if one.audience == said.audience
                and not (one.phones or one.email)
                and not self._was_seen(one.id)
                and one.id not in self._taken
            ),
            key=lambda one: (one.file != row.file, one.id),
        )
        if own:
            self._taken.add(own[0].id)
            return own[0].person_id
        if not said.area or len({one.person_id for one in same}) != 1:
            return 0
        here = [one for one in same if one.audience == said.audience and one.file == row.file]
        return same[0].person_id if said.hold or not here else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _KnownContact:
    id: int
    person_id: int
    audience: str
    file: str
    phones: str
    email: str
    name_key: str
    area: str
    area_key: str


def _known(connection: sa.Connection, names: set[str]) -> dict[tuple[str, str], list[_KnownContact]]:
    question = (
        sa.select(*records.columns_of(_KnownContact, contact, person))
        .join_from(contact, person, person.c.id == contact.c.person_id)
        .where(person.c.name_key.in_(names), person.c.erased_at.is_(None), contact.c.state != "gone")
        .order_by(contact.c.id)
    )
    found: defaultdict[tuple[str, str], list[_KnownContact]] = defaultdict(list)
    for one in records.stream(connection, _KnownContact, question):
        found[one.name_key, one.area_key].append(one)
    return found
