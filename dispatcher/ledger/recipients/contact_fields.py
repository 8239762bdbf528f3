"""What the ledger keeps of a row: its facts, what it is known by, whether it differs, what was decided."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple, Protocol

import sqlalchemy as sa

from dispatcher.contacts import Contact, list_fields
from dispatcher.ledger.schema.tables import to_micros
from dispatcher.vietnamese import text

PERSON_COLUMNS = ("name", "name_key", "given_name", "honorific", "area", "area_key")
TEXT_COLUMNS = tuple(name for name in list_fields.OF_CONTACT if name != "phones")
CONTACT_COLUMNS = (
    "state", "phones", *TEXT_COLUMNS, "file", "sheet", "row", "held_reason",
    "decided_by", "decided_at", "fingerprint", "import_id",
)  # fmt: skip
DECISION_COLUMNS = ("state", "held_reason", "decided_by", "decided_at")
texts: Callable[[Contact], tuple[str, ...]] = attrgetter(*TEXT_COLUMNS)
_NO_TEXTS = ("",) * len(TEXT_COLUMNS)
_shared: Callable[[Contact], tuple[str, ...]] = attrgetter(*list_fields.SHARED)
_own: Callable[[Contact], tuple[str, ...]] = attrgetter(*list_fields.OWN)
_PHONES_IN_OWN = list_fields.OWN.index("phones")  # several, which become one text


class StoredContact(Protocol):
    """A contact as the ledger has it before a load."""

    id: int
    person_id: int
    audience: str
    state: str
    phones: str
    email: str
    file: str
    sheet: str
    row: int
    held_reason: str
    note: str
    decided_by: str
    decided_at: datetime | None
    fingerprint: int
    birth_year: int


Key = tuple[str, str]  # number or mail, folded name


def identity_keys(listed: Contact) -> list[Key]:
    keys = [(number, listed.name_key) for number in listed.phones]
    if listed.email:
        keys.append((listed.email, listed.name_key))
    return keys


_area_keys: dict[str, str] = {"": ""}


def area_key(area: str) -> str:
    key = _area_keys.get(area)
    if key is None:
        key = text.fold(area)
        if len(_area_keys) < 100_000:
            _area_keys[area] = key
    return key


def person_values(listed: Contact) -> dict[str, str]:
    """Return the facts about a person as a list has them."""
    return {
        "name": listed.name, "name_key": listed.name_key, "given_name": listed.given_name,
        "honorific": listed.honorific, "area": listed.area, "area_key": area_key(listed.area),
    }  # fmt: skip


def has_defaults_only(listed: Contact) -> bool:
    """Return whether a number is all a list says of somebody: what the table's defaults leave open."""
    return not listed.hold and texts(listed) == _NO_TEXTS


def fingerprint(listed: Contact) -> int:
    """Make one number of everything a row says about a person; the same in every process."""
    facts = [*_own(listed), listed.hold]
    facts[_PHONES_IN_OWN] = " ".join(listed.phones)
    own = "\x1f".join(facts).encode()
    shared = _crc_of_shared(_shared(listed))
    return zlib.crc32(own, shared) << 31 | zlib.adler32(own, shared) & 0x7FFF_FFFF


@lru_cache(maxsize=8192)
def _crc_of_shared(facts: tuple[str, ...]) -> int:
    return zlib.crc32("\x1f".join(facts).encode())


class HoldDecision(NamedTuple):
    """Whether a contact is written to, why not, and who decided so and when; nobody: the list says it."""

    state: str
    reason: str
    decided_by: str
    decided_at: datetime | None


def hold_decision(listed: Contact, before: StoredContact) -> HoldDecision:
    """Return the state of a contact whose row says `listed` now.

    Dropped stays dropped, and held by somebody stays held, unless the number was wrong and is another now.
    Released stays released as long as the row gives the same reason.
    """
    decided = before.decided_by, before.decided_at
    if before.state == "dropped":
        return HoldDecision("dropped", listed.hold or before.held_reason, *decided)
    if before.state == "held" and before.decided_by and not _has_new_number(listed, before):
        return HoldDecision("held", before.held_reason, *decided)
    same = before.decided_by and (before.held_reason, before.note) == (listed.hold, listed.note)
    if listed.hold and not same:
        return HoldDecision("held", listed.hold, "", None)
    return HoldDecision("active", listed.hold, *(decided if same else ("", None)))


def _has_new_number(listed: Contact, before: StoredContact) -> bool:
    return before.held_reason == "number" and set(before.phones.split()).isdisjoint(listed.phones)


def snapshot(row: sa.RowMapping) -> dict[str, object]:
    facts: dict[str, object] = {fact: row[fact] for fact in CONTACT_COLUMNS}
    decided_at = facts["decided_at"]
    facts["decided_at"] = to_micros(decided_at) if isinstance(decided_at, datetime) else None
    facts["person_id"] = row["person_id"]
    return facts | {f"person_{fact}": row[f"person_{fact}"] for fact in PERSON_COLUMNS}


def changed_fields(listed: Contact, before: sa.RowMapping) -> tuple[str, ...]:
    """Return the names of the fields in which a row differs from a snapshot."""
    return tuple(
        field.name
        for field in list_fields.LIST_FIELDS
        if _stored(listed, field.name) != before[f"person_{field.name}" if field.is_of_person else field.name]
    )


def _stored(listed: Contact, name: str) -> str:
    return " ".join(listed.phones) if name == "phones" else getattr(listed, name)
