"""Takes a load back: who came with it goes, who was changed is as before. Opt-outs and messages stay."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.eligibility import IS_HELD_BY_SOMEBODY
from dispatcher.ledger.privacy.retention_sweep import last_load_without_snapshots
from dispatcher.ledger.recipients import address_sync, suppressions
from dispatcher.ledger.recipients.contact_fields import CONTACT_COLUMNS, DECISION_COLUMNS, PERSON_COLUMNS
from dispatcher.ledger.schema import revision
from dispatcher.ledger.schema.tables import (
    address,
    contact,
    contact_import,
    contact_snapshot,
    from_micros,
    message,
    participation,
    person,
    person_join,
)

PAGE = 1000


class CannotUndo(DispatcherError):
    """A load cannot be taken back; the message says why."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class UndoneImport:
    """What taking back a load did. `kept`: had been written to already, so they stay in the books as gone."""

    load_id: int
    removed: int
    restored: int
    kept: int


def undo(ledger: Ledger, import_id: int, *, who: str, now: datetime) -> UndoneImport:
    """Take back the load `load_id`.

    Raises CannotUndo when there is none, it was taken back before, or a later load changed the same people.
    """
    with ledger.begin() as connection:
        row = connection.execute(
            sa.select(contact_import).where(contact_import.c.id == import_id)
        ).one_or_none()
        _check(connection, import_id, row)
        assert row is not None
        connection.execute(sa.delete(person_join).where(person_join.c.import_id == import_id))
        touched = set(connection.scalars(_changed_people(import_id)).all())
        restored = _restore(connection, import_id, since=row.at)
        removed, kept = _remove_created_contacts(connection, import_id)
        _remove_people(connection, first=row.summary["first_person"], following=row.summary["next_person"])
        suppressions.take_back_carried(connection, at=row.at, now=now)
        listed = sorted(touched)
        for start in range(0, len(listed), PAGE):
            address_sync.sync(connection, listed[start : start + PAGE], now=now)
        connection.execute(
            sa.update(contact_import).where(contact_import.c.id == import_id).values(undone_at=now)
        )
        revision.mark(connection)
        done = UndoneImport(load_id=import_id, removed=removed, restored=restored, kept=kept)
        detail = {"removed": removed, "restored": restored, "kept": kept}
        audit_log.insert(
            connection, who=who, action="undo-load", subject=str(import_id), detail=detail, now=now
        )
        return done


def _check(
    connection: sa.Connection,
    import_id: int,
    row: sa.Row[*tuple[object, ...]] | None,
) -> None:
    if row is None:
        raise CannotUndo(_("there is no load {load}", load=import_id))
    if row.undone_at is not None:
        raise CannotUndo(_("load {load} was taken back already", load=import_id))
    if import_id <= last_load_without_snapshots(connection):
        raise CannotUndo(_("load {load} is too old: how rows stood before it is forgotten", load=import_id))
    changed = sa.select(contact_snapshot.c.contact_id).where(contact_snapshot.c.import_id == import_id)
    later = connection.scalar(
        sa.select(sa.func.max(contact.c.import_id)).where(
            sa.or_(contact.c.first_import_id == import_id, contact.c.id.in_(changed)),
            contact.c.import_id > import_id,
        )
    )
    if later is not None:
        raise CannotUndo(
            _(
                "load {later} changed the same people after load {load}; undo {later} first",
                later=later,
                load=import_id,
            )
        )


def _changed_people(import_id: int) -> sa.Select[int]:
    """Find the people whose lists this load changed, except those it made (they go as a whole)."""
    changed = sa.select(contact_snapshot.c.contact_id).where(contact_snapshot.c.import_id == import_id)
    first = (
        sa.select(contact_import.c.summary["first_person"].as_integer())
        .where(contact_import.c.id == import_id)
        .scalar_subquery()
    )
    return (
        sa.select(contact.c.person_id)
        .where(
            sa.or_(contact.c.first_import_id == import_id, contact.c.id.in_(changed)),
            contact.c.person_id < first,
        )
        .distinct()
    )


def _restore(connection: sa.Connection, import_id: int, *, since: datetime) -> int:
    after, restored = 0, 0
    while True:
        page = connection.execute(
            sa.select(contact_snapshot.c.contact_id, contact_snapshot.c.fields)
            .where(contact_snapshot.c.import_id == import_id, contact_snapshot.c.contact_id > after)
            .order_by(contact_snapshot.c.contact_id)
            .limit(PAGE)
        ).all()
        if not page:
            return restored
        _restore_page(connection, page, _decided(connection, [row.contact_id for row in page], since=since))
        restored += len(page)
        after = page[-1].contact_id


def _decided(
    connection: sa.Connection, ids: Sequence[int], *, since: datetime
) -> dict[int, Mapping[str, object]]:
    """Return what was decided about contacts after the load: no undoing of lists takes that back."""
    rows = connection.execute(
        sa.select(contact.c.id, *(contact.c[fact] for fact in DECISION_COLUMNS)).where(
            contact.c.id.in_(ids), contact.c.decided_at > since
        )
    ).mappings()
    return {row["id"]: {fact: row[fact] for fact in DECISION_COLUMNS} for row in rows}


def _restore_page(
    connection: sa.Connection,
    page: Sequence[sa.Row[int, dict[str, object]]],
    decided: Mapping[int, Mapping[str, object]],
) -> None:
    contacts, people = [], []
    for contact_id, before in page:
        facts = {fact: before[fact] for fact in CONTACT_COLUMNS}
        facts["decided_at"] = (
            None if before["decided_at"] is None else from_micros(int(str(before["decided_at"])))
        )
        contacts.append({"at": contact_id, **facts, **decided.get(contact_id, {})})
        people.append(
            {"at": before["person_id"]} | {fact: before[f"person_{fact}"] for fact in PERSON_COLUMNS}
        )
    connection.execute(
        sa.update(contact)
        .where(contact.c.id == sa.bindparam("at"))
        .values({fact: sa.bindparam(fact) for fact in CONTACT_COLUMNS}),
        contacts,
    )
    connection.execute(
        sa.update(person)
        .where(person.c.id == sa.bindparam("at"))
        .values({fact: sa.bindparam(fact) for fact in PERSON_COLUMNS}),
        people,
    )


def _remove_created_contacts(connection: sa.Connection, import_id: int) -> tuple[int, int]:
    """Remove the contacts a load made; who was written to stays, as gone."""
    written_to = sa.select(message.c.contact_id)
    made = contact.c.first_import_id == import_id
    removed = connection.execute(sa.delete(contact).where(made, contact.c.id.not_in(written_to))).rowcount
    kept = connection.scalar(sa.select(sa.func.count()).select_from(contact).where(made)) or 0
    connection.execute(sa.update(contact).where(made, ~IS_HELD_BY_SOMEBODY).values(state="gone"))
    return removed, kept


def _remove_people(connection: sa.Connection, *, first: int, following: int) -> None:
    """Remove the people a load made and nobody else knows."""
    unknown = sa.and_(
        person.c.id >= first,
        person.c.id < following,
        person.c.restricted_at.is_(None),  # or the list would bring them back as somebody to write to
        ~sa.exists().where(contact.c.person_id == person.c.id),
        ~sa.exists().where(participation.c.person_id == person.c.id),
        person.c.id.not_in(sa.select(message.c.person_id)),
    )
    connection.execute(
        sa.delete(address).where(address.c.person_id.in_(sa.select(person.c.id).where(unknown)))
    )
    connection.execute(sa.delete(person).where(unknown))
