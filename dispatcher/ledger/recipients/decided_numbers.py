"""After a load: what somebody decided about a person holds when their number comes back under another name.

People are known by number and name, so "Ng. Văn Bình" at the number of Nguyễn Văn Bình is somebody new to a
load. Whoever may be the same person gets the decision with the number. A number that is wrong is wrong for
its list, whatever name stands beside it. Who is plainly somebody else at the number of a person who has
died, moved or is never written to waits, in that list, until it is asked who they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger.recipients.importer import Importer
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import address, contact, contact_snapshot, person
from dispatcher.vietnamese.name_likeness import may_be_one

SAME_NUMBER = "same-number"  # the reason to hold somebody who may have taken a number over


@dataclass(frozen=True, kw_only=True, slots=True)
class _Newcomer:
    """An active contact of this load at a number about whose other holder somebody has decided."""

    contact_id: int
    audience: str
    file: str
    name: str
    number: str
    before: Mapping[str, object] | None  # the contact as it was before this load
    decided_audience: str
    decided_name: str
    state: str
    held_reason: str
    decided_by: str
    decided_at: datetime


def carry_over(importer: Importer) -> None:
    """Let decisions about people hold for those of this load who come to their numbers."""
    updates: dict[int, Mapping[str, object]] = {}
    for newcomer in _newcomers(importer):
        values = _decision_for(newcomer)
        if values is None or newcomer.contact_id in updates:
            continue
        updates[newcomer.contact_id] = values
        importer.counts[newcomer.audience, newcomer.file, "=held"] += values["state"] == "held"
    for contact_id, values in updates.items():
        importer.connection.execute(sa.update(contact).where(contact.c.id == contact_id).values(values))


def _decision_for(one: _Newcomer) -> Mapping[str, object] | None:
    """Return what holds for somebody at a decided number; None when nothing does."""
    is_same_list = one.audience == one.decided_audience
    state, reason = one.state, one.held_reason
    if may_be_one(one.name, one.decided_name):
        if state == "dropped" and not is_same_list:
            return None  # dropping is about its own list
    elif not is_same_list:
        return None
    elif reason != "number":
        state, reason = "held", SAME_NUMBER
    return {
        "state": state, "held_reason": reason, "decided_by": one.decided_by, "decided_at": one.decided_at,
    }  # fmt: skip


def _newcomers(importer: Importer) -> Iterator[_Newcomer]:
    """Yield who came to a decided number with this load, like names first."""
    found = records.read(importer.connection, _Newcomer, _NEWCOMERS.params(load=importer.import_id))
    here = [one for one in found if one.before is None or _is_new_to_number(one, one.before)]
    yield from sorted(here, key=lambda one: not may_be_one(one.name, one.decided_name))


def _is_new_to_number(one: _Newcomer, before: Mapping[str, object]) -> bool:
    return before["state"] != "active" or one.number not in str(before["phones"]).split()


_decided = contact.alias("decided")
_decided_person = person.alias("decided_person")
_decided_number = address.alias("decided_number")
_known = contact.alias("known")
# Who was at the number before, in whatever list, is no newcomer there.
_is_known_there = sa.exists().where(
    _known.c.person_id == contact.c.person_id,
    _known.c.state == "active",
    _known.c.import_id < sa.bindparam("load"),
    (sa.literal(" ") + _known.c.phones + " ").contains(sa.literal(" ") + address.c.address + " "),
)
_NEWCOMERS = (
    sa.select(
        *records.columns_of(
            _Newcomer, contact, person,
            contact_id=contact.c.id,
            number=address.c.address,
            before=contact_snapshot.c.fields,
            decided_audience=_decided.c.audience,
            decided_name=_decided_person.c.name,
            state=_decided.c.state,
            held_reason=_decided.c.held_reason,
            decided_by=_decided.c.decided_by,
            decided_at=_decided.c.decided_at,
        )
    )
    .join_from(_decided, _decided_person, _decided_person.c.id == _decided.c.person_id)
    .join(
        _decided_number,
        sa.and_(_decided_number.c.person_id == _decided.c.person_id, _decided_number.c.channel == "sms"),
    )
    .join(
        address,
        sa.and_(address.c.channel == "sms", address.c.address == _decided_number.c.address),
    )
    .join(contact, contact.c.person_id == address.c.person_id)
    .join(person, person.c.id == contact.c.person_id)
    .outerjoin(
        contact_snapshot,
        sa.and_(
            contact_snapshot.c.import_id == sa.bindparam("load"),
            contact_snapshot.c.contact_id == contact.c.id,
        ),
    )
    .where(
        sa.or_(
            _decided.c.state == "dropped", sa.and_(_decided.c.state == "held", _decided.c.decided_by != "")
        ),
        contact.c.person_id != _decided.c.person_id,
        contact.c.import_id == sa.bindparam("load"),
        contact.c.state == "active",
        ~_is_known_there,
    )
    .order_by(contact.c.id, _decided.c.id)
)  # fmt: skip
