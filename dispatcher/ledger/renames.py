"""Carries what the ledger knows under an old name over to the new one: stops, decisions, and history.

The schedules name campaigns, audiences and steps; the ledger remembers people by those names. A name that
changed there without this would lose every no that was said about it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log, told_apart
from dispatcher.ledger.recipients.contact_fields import DECISION_COLUMNS
from dispatcher.ledger.schema import key_values, revision
from dispatcher.ledger.schema.tables import (
    campaign,
    campaign_deadline,
    consent,
    contact,
    contact_snapshot,
    failure_window,
    list_source,
    message,
    message_count,
    occurrence,
    participation,
    participation_claim,
    participation_count,
    participation_import,
    shard,
    suppression,
)

LINK_KEY = "renamed-campaign"  # meta: links in messages that have left carry the old name
RENAMES_MAX = 10
DECIDED_STATES = ("held", "dropped")
STANDING_KEY = "*"  # of the one occurrence of a thanks step


class CannotRename(DispatcherError):
    """The new name has a history of its own; the message says which."""

    exit_code = 1


class Ended(NamedTuple):
    """What was lifted with a name that is over, and who stays held for what is about themselves."""

    stops: int
    freed: int  # people dropped from its audience, or held as retired
    still_held: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Renamed:
    """What was carried over."""

    opt_outs: int = 0
    decisions: int = 0  # people held, dropped or released by somebody
    participations: int = 0
    occurrences: int = 0


def rename_campaign(ledger: Ledger, old: str, new: str, *, who: str, now: datetime) -> Renamed:
    """Let `new` be what `old` was. Raises CannotRename when messages of `new` have left already."""
    with ledger.begin() as connection:
        _make_way(connection, new, occurrence.c.campaign == new)
        opt_outs = _rename_scope(connection, f"campaign:{old}", f"campaign:{new}")
        took_part = _move(connection, participation, participation.c.campaign, old, new)
        for table in (campaign_deadline, participation_claim, participation_count):
            _move(connection, table, table.c.campaign, old, new)
        connection.execute(
            sa.update(participation_import).where(participation_import.c.campaign == old).values(campaign=new)
        )
        told_apart.carry_over(connection, old, new)
        moved = _count(connection, occurrence, occurrence.c.campaign == old)
        if _count(connection, campaign, campaign.c.name == old):
            # The state of the old one counts: paused stays paused, a budget spent is spent.
            for table, column in ((campaign, campaign.c.name), (failure_window, failure_window.c.campaign)):
                connection.execute(sa.delete(table).where(column == new))
                connection.execute(sa.update(table).where(column == old).values({column: new}))
        connection.execute(sa.update(occurrence).where(occurrence.c.campaign == old).values(campaign=new))
        key_values.write(connection, f"{LINK_KEY} {old}", new)
        done = Renamed(opt_outs=opt_outs, participations=took_part, occurrences=moved)
        revision.mark(connection)
        _note(connection, "campaign", old, new, who=who, now=now)
    return done


def rename_audience(
    ledger: Ledger, old: str, new: str, *, who: str, now: datetime, is_merge: bool = False
) -> Renamed:
    """Let `new` be what `old` was, also when its lists were loaded under the new name already.

    Raises CannotRename when both were in use beside each other, unless they are to be one (`is_merge`).
    """
    with ledger.begin() as connection:
        if not is_merge and were_beside(connection, old, new):
            raise CannotRename(
                _("{old} and {new} were in use beside each other; it is not the old one", old=old, new=new)
            )
        opt_outs = _rename_scope(connection, f"audience:{old}", f"audience:{new}")
        decisions = _count(connection, contact, contact.c.audience == old, _IS_DECIDED)
        _merge_contacts(connection, old, new)
        connection.execute(sa.update(contact).where(contact.c.audience == old).values(audience=new))
        _move(connection, list_source, list_source.c.audience, old, new)
        for table in (shard, message, message_count):
            connection.execute(sa.update(table).where(table.c.audience == old).values(audience=new))
        revision.mark(connection)
        _note(connection, "audience", old, new, who=who, now=now)
    return Renamed(opt_outs=opt_outs, decisions=decisions)


def rename_step(
    ledger: Ledger, campaign_name: str, old: str, new: str, *, who: str, now: datetime
) -> Renamed:
    """Let the step `new` have gone out when `old` did. Raises CannotRename when both went out at one time."""
    of_campaign = occurrence.c.campaign == campaign_name
    with ledger.begin() as connection:
        former = occurrence.alias("former")
        times = sa.select(former.c.key).where(former.c.campaign == campaign_name, former.c.step == old)
        _make_way(connection, new, of_campaign, occurrence.c.step == new, occurrence.c.key.in_(times))
        moved = _count(connection, occurrence, of_campaign, occurrence.c.step == old)
        connection.execute(
            sa.update(occurrence).where(of_campaign, occurrence.c.step == old).values(step=new)
        )
        revision.mark(connection)
        _note(connection, "step", f"{campaign_name} {old}", new, who=who, now=now)
    return Renamed(occurrences=moved)


def end_scope(ledger: Ledger, scope: str, *, who: str, now: datetime) -> Ended:
    """Lift every stop about a campaign or an audience that is over.

    Whom its audience had dropped, or held as retired, is free for others. Who is held for another reason
    stays held: that is about the person.
    """
    kind, _colon, name = scope.partition(":")
    of_scope = suppression.c.scope == scope
    with ledger.begin() as connection:
        rows = connection.execute(sa.select(suppression).where(of_scope)).mappings().all()
        connection.execute(sa.delete(suppression).where(of_scope))
        if rows:
            facts = {"at": now, "action": "return", "who": who, "how": "cli"}
            connection.execute(sa.insert(consent), [{**row, **facts} for row in rows])
        freed = still_held = 0
        if kind == "audience":
            freed = connection.execute(
                sa.update(contact)
                .where(contact.c.audience == name, _IS_OVER_WITH_ITS_AUDIENCE)
                .values(state="gone")
            ).rowcount
            still_held = _count(connection, contact, contact.c.audience == name, contact.c.state == "held")
        else:
            connection.execute(
                sa.update(campaign)
                .where(campaign.c.name == name, campaign.c.state != "cancelled")
                .values(state="ended", changed_at=now, changed_by=who)
            )
        revision.mark(connection)
        audit_log.insert(
            connection, who=who, action="end-scope", subject=scope, detail={"stops": len(rows)}, now=now
        )
    return Ended(stops=len(rows), freed=freed, still_held=still_held)


def current_campaign(ledger: Ledger, name: str) -> str:
    """Return what a campaign is called now: links in messages that have left carry its old name."""
    with ledger.read() as connection:
        for _step in range(RENAMES_MAX):
            newer = key_values.read(connection, f"{LINK_KEY} {name}")
            if newer in {"", name}:
                break
            name = newer
    return name


_IS_OVER_WITH_ITS_AUDIENCE = sa.or_(
    contact.c.state == "dropped", sa.and_(contact.c.state == "held", contact.c.held_reason == "retired")
)
_IS_DECIDED = sa.or_(contact.c.state.in_(DECIDED_STATES), contact.c.decided_by != "")


def _merge_contacts(connection: sa.Connection, old: str, new: str) -> None:
    """Of people in both audiences keep the new row, with what was decided about the old one.

    Not where the new one was decided about later, nor does a release hold for another reason than its own.
    """
    former, present = contact.alias("former"), contact.alias("present")
    pairs = connection.execute(
        sa.select(former, present.c.id.label("present_id"), _counts_still(former, present).label("counts"))
        .join_from(former, present, former.c.person_id == present.c.person_id)
        .where(former.c.audience == old, present.c.audience == new)
    ).all()
    for row in pairs:
        if row.counts:
            facts = {name: getattr(row, name) for name in DECISION_COLUMNS}
            connection.execute(sa.update(contact).where(contact.c.id == row.present_id).values(facts))
        connection.execute(
            sa.update(message).where(message.c.contact_id == row.id).values(contact_id=row.present_id)
        )
        for table, column in ((contact_snapshot, contact_snapshot.c.contact_id), (contact, contact.c.id)):
            connection.execute(sa.delete(table).where(column == row.id))


def _counts_still(former: sa.FromClause, present: sa.FromClause) -> sa.ColumnElement[bool]:
    """Return whether what was decided about the former row holds for the present one."""
    is_decided = sa.or_(former.c.state.in_(DECIDED_STATES), former.c.decided_by != "")
    decided_later = sa.and_(
        present.c.decided_by != "",
        sa.or_(former.c.decided_at.is_(None), former.c.decided_at < present.c.decided_at),
    )
    held_anew = sa.and_(
        former.c.state == "active",
        present.c.state == "held",
        present.c.held_reason != former.c.held_reason,
    )
    return sa.and_(is_decided, ~decided_later, ~held_anew)


def _make_way(connection: sa.Connection, new: str, *conditions: sa.ColumnElement[bool]) -> None:
    """Take away what was planned under a new name before it was known to be an old one."""
    ids = sa.select(occurrence.c.id).where(*conditions)
    left = _count(connection, message, message.c.occurrence_id.in_(ids), message.c.submitted_at.is_not(None))
    if left:
        raise CannotRename(
            _("{n} messages have left under the name {name} already; it is not the old one", n=left, name=new)
        )
    for table in (message, message_count, shard):
        connection.execute(sa.delete(table).where(table.c.occurrence_id.in_(ids)))
    connection.execute(sa.delete(occurrence).where(*conditions))


def _rename_scope(connection: sa.Connection, old: str, new: str) -> int:
    count = _move(connection, suppression, suppression.c.scope, old, new)
    connection.execute(sa.update(consent).where(consent.c.scope == old).values(scope=new))
    return count


def _move(connection: sa.Connection, table: sa.Table, column: sa.Column[str], old: str, new: str) -> int:
    """Rename a part of a table's key; what stands under the new name already stays as it is."""
    there = table.alias("there")
    others = [one for one in table.primary_key.columns if one.name != column.name]
    is_there = sa.exists().where(there.c[column.name] == new, *(there.c[one.name] == one for one in others))
    count = _count(connection, table, column == old)
    connection.execute(sa.delete(table).where(column == old, is_there))
    connection.execute(sa.update(table).where(column == old).values({column: new}))
    return count


def _count(connection: sa.Connection, table: sa.Table, *conditions: sa.ColumnElement[bool]) -> int:
    return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*conditions)) or 0


def _note(connection: sa.Connection, kind: str, old: str, new: str, *, who: str, now: datetime) -> None:
    audit_log.insert(
        connection, who=who, action="rename", subject=f"{kind} {old}", detail={"to": new}, now=now
    )


# --- what hangs on names that are gone ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Orphan:
    """A campaign or an audience that the schedules do not name any more, and what hangs on it."""

    kind: str  # campaign | audience
    name: str
    opt_outs: int = 0
    decisions: int = 0  # people held or dropped
    held: int = 0  # of these, whom the end of the name does not free: that is about themselves
    is_paused: bool = False


def orphans(ledger: Ledger, *, campaigns: Collection[str], audiences: Collection[str]) -> tuple[Orphan, ...]:
    """Return the names outside `campaigns` and `audiences` on which a stop, a decision or a pause hangs.

    A campaign that has ended is no orphan: what was about it has ended with it.
    """
    with ledger.read() as connection:
        scopes = {
            row[0]: row[1]
            for row in connection.execute(
                sa.select(suppression.c.scope, sa.func.count()).group_by(suppression.c.scope)
            )
        }
        states = {
            row.name: row.state for row in connection.execute(sa.select(campaign.c.name, campaign.c.state))
        }
        decided = {
            row[0]: row[1]
            for row in connection.execute(
                sa.select(contact.c.audience, sa.func.count())
                .where(contact.c.state.in_(DECIDED_STATES))
                .group_by(contact.c.audience)
            )
        }
        held: dict[str, int] = dict(
            connection.execute(
                sa.select(contact.c.audience, sa.func.count())
                .where(contact.c.state == "held", ~_IS_OVER_WITH_ITS_AUDIENCE)
                .group_by(contact.c.audience)
            ).all()
        )
    stopped = {tuple(scope.split(":", 1)): count for scope, count in scopes.items() if ":" in scope}
    paused = {("campaign", name) for name, state in states.items() if state == "paused"}
    keys = {*stopped, *paused, *(("audience", name) for name in decided)}
    known = {*(("campaign", name) for name in campaigns), *(("audience", name) for name in audiences)}
    ended = {("campaign", name) for name, state in states.items() if state == "ended"}
    return tuple(
        Orphan(
            kind=kind,
            name=name,
            opt_outs=stopped.get((kind, name), 0),
            decisions=decided.get(name, 0) if kind == "audience" else 0,
            held=held.get(name, 0) if kind == "audience" else 0,
            is_paused=(kind, name) in paused,
        )
        for kind, name in sorted(keys - known - ended)
    )


def successors(ledger: Ledger, orphan: Orphan, names: Iterable[str]) -> dict[str, int]:
    """Return those of `names` that may be what `orphan` is called now, with how many of its people each has.

    What had a history of its own beside it is another one. An audience that is loaded already has to hold
    most of the people; of one that is not, nothing is known yet.
    """
    with ledger.read() as connection:
        if orphan.kind == "campaign":
            return {name: 0 for name in names if not _has_sent(connection, name)}
        people = _count(connection, contact, contact.c.audience == orphan.name)
        found = {}
        for name in names:
            shared = _shared_people(connection, orphan.name, name)
            is_loaded = _count(connection, contact, contact.c.audience == name)
            if not were_beside(connection, orphan.name, name) and (not is_loaded or 2 * shared >= people):
                found[name] = shared
        return found


def were_beside(connection: sa.Connection, old: str, new: str) -> bool:
    """Return whether two audiences were in use at a time: loaded by one load, or written to on one occasion.

    Thanks have one occasion that stands for the whole campaign, so theirs does not count.
    """
    loaded = list_source.alias("loaded")
    with_one_load = sa.exists().where(
        list_source.c.audience == old, loaded.c.audience == new, loaded.c.import_id == list_source.c.import_id
    )
    written = shard.alias("written")
    on_one_occasion = sa.exists().where(
        shard.c.audience == old,
        written.c.audience == new,
        written.c.occurrence_id == shard.c.occurrence_id,
        occurrence.c.id == shard.c.occurrence_id,
        occurrence.c.key != STANDING_KEY,
    )
    return bool(connection.scalar(sa.select(sa.or_(with_one_load, on_one_occasion))))


def _shared_people(connection: sa.Connection, old: str, new: str) -> int:
    there = contact.alias("there")
    both = sa.exists().where(there.c.person_id == contact.c.person_id, there.c.audience == new)
    return _count(connection, contact, contact.c.audience == old, both)


def _has_sent(connection: sa.Connection, name: str) -> bool:
    ids = sa.select(occurrence.c.id).where(occurrence.c.campaign == name)
    has_left = sa.exists().where(message.c.occurrence_id.in_(ids), message.c.submitted_at.is_not(None))
    return bool(connection.scalar(sa.select(has_left)))
