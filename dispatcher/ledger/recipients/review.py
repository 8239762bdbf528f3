"""Who was marked as dead, moved or refusing waits here until somebody decides: release or drop.

A list has marked them so, or a person who read an answer: then `decided_by` says who.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import records, revision
from dispatcher.ledger.schema.tables import contact, person
from dispatcher.vietnamese import names


class NotHeld(DispatcherError):
    """There is nothing to decide about this contact."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class HeldContact:
    """Somebody to decide about. `reason` is a word of HOLD_REASONS, `note` the list's own words."""

    contact_id: int
    person_id: int
    audience: str
    name: str
    area: str
    unit: str
    role: str
    phones: tuple[str, ...] = records.spaced()
    email: str
    file: str
    sheet: str
    row: int
    reason: str
    note: str
    state: str
    decided_by: str
    decided_at: datetime | None


def held_contacts(ledger: Ledger, *, audience: str = "", decided: bool = False) -> tuple[HeldContact, ...]:
    """List who waits for a decision, by given name; with `decided`, who was decided about instead."""
    is_chosen = contact.c.state == "held"
    if decided:
        is_chosen = sa.and_(contact.c.decided_by != "", contact.c.state.in_(("active", "dropped")))
    question = _CONTACT.where(is_chosen)
    if audience:
        question = question.where(contact.c.audience == audience)
    with ledger.read() as connection:
        found = records.read(connection, HeldContact, question)
    return tuple(sorted(found, key=lambda one: (names.sort_key(one.name), one.contact_id)))


def release(ledger: Ledger, contact_id: int, *, who: str, now: datetime) -> HeldContact:
    """Decide that messages go to this contact after all. Raises NotHeld."""
    return _decide(ledger, contact_id, "active", who=who, now=now)


def drop(ledger: Ledger, contact_id: int, *, who: str, now: datetime) -> HeldContact:
    """Decide that no message ever goes to this contact. Raises NotHeld."""
    return _decide(ledger, contact_id, "dropped", who=who, now=now)


def hold(connection: sa.Connection, people: Collection[int], reason: str, *, who: str, now: datetime) -> None:
    """Let people wait for a decision because somebody said so, within the caller's transaction.

    No list takes that back. Whoever was dropped stays so, and whom no list has is not held.
    """
    connection.execute(
        sa.update(contact)
        .where(contact.c.person_id.in_(people), contact.c.state.in_(("active", "held")))
        .values(state="held", held_reason=reason, decided_by=who, decided_at=now)
    )
    revision.mark(connection)


_CONTACT = sa.select(
    *records.columns_of(HeldContact, contact, person, contact_id=contact.c.id, reason=contact.c.held_reason)
).join_from(contact, person, person.c.id == contact.c.person_id)


def _decide(ledger: Ledger, contact_id: int, state: str, *, who: str, now: datetime) -> HeldContact:
    """Write a decision down. A decided contact can be decided about again; one never held cannot."""
    with ledger.begin() as connection:
        before = records.first(connection, HeldContact, _CONTACT.where(contact.c.id == contact_id))
        if before is None or before.state == "gone" or (before.state == "active" and not before.decided_by):
            raise NotHeld(_("contact {contact} does not wait for a decision", contact=contact_id))
        connection.execute(
            sa.update(contact)
            .where(contact.c.id == contact_id)
            .values(state=state, decided_by=who, decided_at=now)
        )
        revision.mark(connection)
        audit_log.insert(
            connection,
            who=who,
            action="release" if state == "active" else "drop",
            subject=f"contact {contact_id}",
            detail={"reason": before.reason, "note": before.note},
            now=now,
        )
    return replace(before, state=state, decided_by=who, decided_at=now)
