"""What the ledger keeps of a row: its facts, what it is known by, whether it differs, what was decided."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from dispatcher.contacts import Contact
from dispatcher.ledger.schema.tables import to_micros
from dispatcher.vietnamese import text

PERSON_COLUMNS = ("name", "name_key", "given_name", "honorific", "area", "area_key")
CONTACT_COLUMNS = (
    "state", "phones", "email", "unit", "role", "lead", "file", "sheet", "row", "note", "held_reason",
    "decided_by", "decided_at", "fingerprint", "import_id",
)  # fmt: skip

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
    return not (listed.email or listed.unit or listed.role or listed.lead or listed.note or listed.hold)


def fingerprint(listed: Contact) -> int:
    """Make one number of everything a row says about a person; the same in every process."""
    facts = (listed.name, " ".join(listed.phones), listed.email, listed.note, listed.hold)
    own = "\x1f".join(facts).encode()
    shared = _crc_of_shared(listed.honorific, listed.area, listed.unit, listed.role, listed.lead)
    return zlib.crc32(own, shared) << 31 | zlib.adler32(own, shared) & 0x7FFF_FFFF


@lru_cache(maxsize=8192)
def _crc_of_shared(*facts: str) -> int:
    return zlib.crc32("\x1f".join(facts).encode())


def hold_decision(listed: Contact, before: Any) -> tuple[str, str, datetime | None]:
    """Return the state of a contact whose row says `said`, with who decided and when.

    Dropped stays dropped. Released stays released as long as the row gives the same reason.
    """
    if before.state == "dropped":
        return "dropped", before.decided_by, before.decided_at
    same = before.decided_by and (before.held_reason, before.note) == (listed.hold, listed.note)
    if listed.hold and not same:
        return "held", "", None
    return "active", before.decided_by if same else "", before.decided_at if same else None


def snapshot(row: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {fact: row[fact] for fact in CONTACT_COLUMNS}
    facts["decided_at"] = None if facts["decided_at"] is None else to_micros(facts["decided_at"])
    facts["person_id"] = row["person_id"]
    return facts | {f"person_{fact}": row[f"person_{fact}"] for fact in PERSON_COLUMNS}


def changed_fields(listed: Contact, before: Mapping[str, Any]) -> tuple[str, ...]:
    now = {
        "name": listed.name,
        "honorific": listed.honorific,
        "area": listed.area,
        "phones": " ".join(listed.phones),
        "email": listed.email,
        "unit": listed.unit,
        "role": listed.role,
        "lead": listed.lead,
        "note": listed.note,
    }
    was = {fact: before[f"person_{fact}"] for fact in ("name", "honorific", "area")}
    was |= {fact: before[fact] for fact in ("phones", "email", "unit", "role", "lead", "note")}
    return tuple(fact for fact in now if now[fact] != was[fact])
