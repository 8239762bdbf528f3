"""What the ledger keeps of a row: its facts, what it is known by, whether it differs, what was decided."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from dispatcher.contacts import Contact
from dispatcher.ledger.tables import to_micros
from dispatcher.vietnamese import text

PERSON_FACTS = ("name", "name_key", "given_name", "honorific", "area", "area_key")
CONTACT_FACTS = (
    "state", "phones", "email", "unit", "role", "lead", "file", "sheet", "row", "note", "held_reason",
    "decided_by", "decided_at", "fingerprint", "load_id",
)  # fmt: skip

Key = tuple[str, str]  # number or mail, folded name


def keys_of(said: Contact) -> list[Key]:
    keys = [(number, said.name_key) for number in said.phones]
    if said.email:
        keys.append((said.email, said.name_key))
    return keys


_areas: dict[str, str] = {"": ""}


def folded_area(area: str) -> str:
    found = _areas.get(area)
    if found is None:
        found = text.fold(area)
        if len(_areas) < 100_000:
            _areas[area] = found
    return found


def person_facts(said: Contact) -> dict[str, str]:
    """Give the facts about a person as a list has them."""
    return {
        "name": said.name, "name_key": said.name_key, "given_name": said.given_name,
        "honorific": said.honorific, "area": said.area, "area_key": folded_area(said.area),
    }  # fmt: skip


def is_plain(said: Contact) -> bool:
    """Tell whether a number is all a list says of somebody: what the table's defaults leave open."""
    return not (said.email or said.unit or said.role or said.lead or said.note or said.hold)


def fingerprint(said: Contact) -> int:
    """Make one number of everything a row says about a person; the same in every process."""
    own = f"{said.name}\x1f{' '.join(said.phones)}\x1f{said.email}\x1f{said.note}\x1f{said.hold}".encode()
    shared = _crc_of_shared(said.honorific, said.area, said.unit, said.role, said.lead)
    return zlib.crc32(own, shared) << 31 | zlib.adler32(own, shared) & 0x7FFF_FFFF


@lru_cache(maxsize=8192)
def _crc_of_shared(*facts: str) -> int:
    return zlib.crc32("\x1f".join(facts).encode())


def decided(said: Contact, before: Any) -> tuple[str, str, datetime | None]:
    """Give the state of a contact whose row says `said`, with who decided and when.

    Dropped stays dropped. Released stays released as long as the row gives the same reason.
    """
    if before.state == "dropped":
        return "dropped", before.decided_by, before.decided_at
    same = before.decided_by and (before.held_reason, before.note) == (said.hold, said.note)
    if said.hold and not same:
        return "held", "", None
    return "active", before.decided_by if same else "", before.decided_at if same else None


def snapshot(row: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {fact: row[fact] for fact in CONTACT_FACTS}
    facts["decided_at"] = None if facts["decided_at"] is None else to_micros(facts["decided_at"])
    facts["person_id"] = row["person_id"]
    return facts | {f"person_{fact}": row[f"person_{fact}"] for fact in PERSON_FACTS}


def differences(said: Contact, before: Mapping[str, Any]) -> tuple[str, ...]:
    now = {
        "name": said.name, "honorific": said.honorific, "area": said.area, "phones": " ".join(said.phones),
        "email": said.email, "unit": said.unit, "role": said.role, "lead": said.lead, "note": said.note,
    }  # fmt: skip
    was = {fact: before[f"person_{fact}"] for fact in ("name", "honorific", "area")}
    was |= {fact: before[fact] for fact in ("phones", "email", "unit", "role", "lead", "note")}
    return tuple(fact for fact in now if now[fact] != was[fact])
