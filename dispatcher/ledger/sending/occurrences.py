"""A step falls due: its occurrence, its messages and its shards, in one transaction or not at all.

Everything here is set-based: a million people are one `INSERT … SELECT` an audience and channel.
Firing twice is firing once; the unique key of the occurrence decides, on however many machines.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger, eligibility
from dispatcher.ledger.eligibility import Narrowing, Target, is_undone
from dispatcher.ledger.schema.message_status import CREATED, RANK
from dispatcher.ledger.schema.tables import Instant, contact, message, occurrence, shard
from dispatcher.ledger.sending import restoration, shards
from dispatcher.plan import Occurrence

SHARDS_PER_OCCURRENCE = 65536
# Who is learnt of in a transaction that was under way at the last look is found at the next one.
OVERLAP = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class StartedOccurrence:
    """What firing wrote."""

    occurrence_id: int
    messages: int
    shards: int


def start(
    ledger: Ledger,
    step: Occurrence,
    targets: Sequence[Target],
    *,
    shard_size: int,
    now: datetime,
    narrowing: Narrowing | None = None,
) -> StartedOccurrence | None:
    """Promise a step to all of `targets` (highest priority first); None when it was fired before."""
    with ledger.begin() as connection:
        occurrence_id = _insert_occurrence(connection, ledger, step, state="open", fired_at=now)
        if occurrence_id is None:
            return None
        started = _create_messages(
            connection,
            ledger,
            occurrence_id,
            step,
            targets,
            shard_size=shard_size,
            now=now,
            narrowing=narrowing,
        )
        failpoints.hit("firing")
        return started


def add_recipients(
    ledger: Ledger, step: Occurrence, targets: Sequence[Target], *, shard_size: int, now: datetime
) -> StartedOccurrence:
    """Add to a standing occurrence (thanks) whoever took part since the last look; once an address.

    Thanks that were cancelled because participation was taken back wait again when it is known after all.
    """
    narrowing = Narrowing()
    with ledger.begin() as connection:
        occurrence_id = _insert_occurrence(connection, ledger, step, state="open", fired_at=now)
        if occurrence_id is None:
            row = connection.execute(
                sa.select(occurrence).where(*_is_occurrence(step)).with_for_update()
            ).one()
            occurrence_id = row.id
            narrowing = Narrowing(learnt_since=min(row.fired_at, now) - OVERLAP)
            connection.execute(sa.update(occurrence).where(*_is_occurrence(step)).values(fired_at=now))
        return _create_messages(
            connection,
            ledger,
            occurrence_id,
            step,
            targets,
            shard_size=shard_size,
            now=now,
            narrowing=narrowing,
        )


def extend(
    ledger: Ledger,
    step: Occurrence,
    targets: Sequence[Target],
    *,
    audiences: Collection[str],
    siblings: Sequence[int],
    shard_size: int,
    now: datetime,
) -> StartedOccurrence | None:
    """Promise a step that was fired to `audiences` that it speaks to since; None when it was not fired.

    Whom it, or one of its `siblings`, has reached as part of another audience is left out.
    """
    with ledger.begin() as connection:
        occurrence_id = _lock_fired(connection, step)
        if occurrence_id is None:
            return None
        served = set(
            connection.scalars(
                sa.select(shard.c.audience).where(shard.c.occurrence_id == occurrence_id).distinct()
            )
        )
        return _create_messages(
            connection, ledger, occurrence_id, step, targets, shard_size=shard_size, now=now,
            narrowing=Narrowing(siblings=[occurrence_id, *siblings]), only=set(audiences) - served,
        )  # fmt: skip


def look_again(connection: sa.Connection, campaign: str, *, since: datetime) -> None:
    """Let the next look of `add_recipients` go back to `since`, within the caller's transaction."""
    connection.execute(
        sa.update(occurrence)
        .where(
            occurrence.c.campaign == campaign,
            occurrence.c.kind.in_(step_kinds.STANDING),
            occurrence.c.fired_at > since,
        )
        .values(fired_at=since)
    )


def catch_up(
    ledger: Ledger,
    step: Occurrence,
    targets: Sequence[Target],
    *,
    siblings: Sequence[int],
    shard_size: int,
    now: datetime,
) -> StartedOccurrence | None:
    """Promise a step that was fired to whom its `siblings` have been withdrawn from since.

    What was claimed when a step was moved comes back only after the step was fired at its new time: it waits
    for nothing in the old occurrence, and is in none of the new one. None when the step was not fired.
    """
    with ledger.begin() as connection:
        occurrence_id = _lock_fired(connection, step)
        if occurrence_id is None:
            return None
        return _create_messages(
            connection, ledger, occurrence_id, step, targets, shard_size=shard_size, now=now,
            narrowing=Narrowing(siblings=siblings, only_withdrawn=True),
        )  # fmt: skip


def record_missed(ledger: Ledger, step: Occurrence, *, note: str) -> bool:
    """Record a step that came too late to be sent; False when it was known already."""
    with ledger.begin() as connection:
        return (
            _insert_occurrence(connection, ledger, step, state="missed", fired_at=None, note=note) is not None
        )


def _lock_fired(connection: sa.Connection, step: Occurrence) -> int | None:
    """Return the id of an occurrence that was fired; of several processes one goes on with it."""
    question = sa.select(occurrence.c.id).where(*_is_occurrence(step), occurrence.c.state == "open")
    found: int | None = connection.scalar(question.with_for_update())
    return found


def _is_occurrence(step: Occurrence) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        occurrence.c.campaign == step.campaign,
        occurrence.c.step == step.step,
        occurrence.c.key == step.key,
    )


def _insert_occurrence(
    connection: sa.Connection,
    ledger: Ledger,
    step: Occurrence,
    *,
    state: str,
    fired_at: datetime | None,
    note: str = "",
) -> int | None:
    statement = (
        ledger.insert(occurrence)
        .values(
            campaign=step.campaign,
            step=step.step,
            key=step.key,
            kind=step.kind,
            moment=step.template,
            due_at=step.due_at,
            expires_at=step.expires_at,
            fired_at=fired_at,
            state=state,
            note=note,
        )
        .on_conflict_do_nothing()
        .returning(occurrence.c.id)
    )
    opened: int | None = connection.scalar(statement)
    return opened


def _create_messages(
    connection: sa.Connection,
    ledger: Ledger,
    occurrence_id: int,
    step: Occurrence,
    targets: Sequence[Target],
    *,
    shard_size: int,
    now: datetime,
    narrowing: Narrowing | None = None,
    only: Collection[str] | None = None,
) -> StartedOccurrence:
    message_count = shard_count = 0
    for place, target in enumerate(targets):
        if only is not None and target.audience not in only:
            continue
        for channel in target.channels:
            chosen = eligibility.select_recipients(
                occurrence_id, step, target, channel, before=targets[:place], narrowing=narrowing
            )
            people = connection.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0
            if not people:
                continue
            first = _next_shard(connection, occurrence_id)
            count = -(-people // shard_size)
            connection.execute(
                sa.insert(shard),
                [
                    {
                        "id": first + index,
                        "occurrence_id": occurrence_id,
                        "audience": target.audience,
                        "channel": channel,
                        "priority": step.priority,
                        "not_before": step.due_at,
                        "size": min(shard_size, people - index * shard_size),
                    }
                    for index in range(count)
                ],
            )
            shard_count += count
            if step.kind in step_kinds.STANDING:
                _leave_old_shards(connection, occurrence_id, chosen)
            in_order = chosen.order_by(contact.c.id)
            message_count += _insert_messages(connection, ledger, in_order, first, shard_size, step, now)
    restoration.doubt_if_due_before(connection, occurrence_id, step, now=now)
    return StartedOccurrence(occurrence_id=occurrence_id, messages=message_count, shards=shard_count)


def _next_shard(connection: sa.Connection, occurrence_id: int) -> int:
    highest = connection.scalar(
        sa.select(sa.func.max(shard.c.id)).where(shard.c.occurrence_id == occurrence_id)
    )
    return occurrence_id * SHARDS_PER_OCCURRENCE if highest is None else highest + 1


def _first_of_each_address(people: sa.Subquery) -> sa.Subquery:
    """Leave one row an address: PostgreSQL lets a statement that meets a row change it once."""
    turn = sa.func.row_number().over(
        partition_by=(people.c.channel, people.c.address), order_by=people.c.contact_id
    )
    ranked = sa.select(people, turn.label("turn")).subquery()
    return sa.select(ranked).where(ranked.c.turn == 1).subquery()


def _leave_old_shards(
    connection: sa.Connection, occurrence_id: int, chosen: sa.Select[tuple[object, ...]]
) -> None:
    """Let the shards be counted anew whose undone messages wait again in another."""
    again = chosen.subquery()
    undone = sa.and_(
        message.c.occurrence_id == occurrence_id,
        message.c.channel == again.c.channel,
        message.c.address == again.c.address,
        is_undone(),
    )
    left = connection.scalars(sa.select(message.c.shard_id).join_from(again, message, undone).distinct())
    shards.mark_dirty(connection, sorted(left))


def _insert_messages(
    connection: sa.Connection,
    ledger: Ledger,
    chosen: sa.Select[tuple[object, ...]],
    first_shard: int,
    shard_size: int,
    step: Occurrence,
    now: datetime,
) -> int:
    """Insert one message an address; several people on one number are one message, the first in the list.

    One that was undone before it was ever offered begins again, as if it were new.
    """
    people = chosen.subquery()
    if step.kind in step_kinds.STANDING:
        people = _first_of_each_address(people)
    place = sa.func.row_number().over(order_by=people.c.contact_id) - 1
    rows = sa.select(
        sa.literal(first_shard // SHARDS_PER_OCCURRENCE),
        sa.literal(first_shard) + place // sa.literal(shard_size),
        people.c.person_id,
        people.c.contact_id,
        people.c.audience,
        people.c.channel,
        people.c.address,
        people.c.area,
        sa.literal(max(step.due_at, now) if step.kind in step_kinds.STANDING else step.due_at, Instant),
        sa.literal(now, Instant),
    ).where(sa.true())  # SQLite reads ON CONFLICT after a bare SELECT as part of a join
    columns = (
        "occurrence_id", "shard_id", "person_id", "contact_id", "audience", "channel", "address", "area",
        "next_at", "status_at",
    )  # fmt: skip
    insert = ledger.insert(message).from_select(columns, rows)
    if first_number := restoration.first_number(connection):
        numbered = rows.add_columns(sa.literal(first_number) + place)
        insert = ledger.insert(message).from_select((*columns, "id"), numbered)
    if step.kind in step_kinds.STANDING:
        anew = {"status": CREATED, "rank": RANK[CREATED], "reason": ""}
        insert = insert.on_conflict_do_update(
            index_elements=["occurrence_id", "channel", "address"],
            set_={name: insert.excluded[name] for name in columns} | anew,
            where=is_undone(),
        )
    else:
        insert = insert.on_conflict_do_nothing()
    connection.execute(insert)
    beyond = (first_shard // SHARDS_PER_OCCURRENCE + 1) * SHARDS_PER_OCCURRENCE
    shards.set_id_ranges(connection, first_shard, beyond)
    written = sa.select(sa.func.count()).where(
        message.c.shard_id >= first_shard, message.c.shard_id < beyond, message.c.next_at.is_not(None)
    )
    return connection.scalar(written) or 0


def states(ledger: Ledger, campaign: str) -> dict[tuple[str, str], str]:
    """Return the state of each occurrence that was fired or missed: (step, key) → state."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(occurrence.c.step, occurrence.c.key, occurrence.c.state).where(
                occurrence.c.campaign == campaign
            )
        )
        return {(row.step, row.key): row.state for row in rows}


def count_missed(ledger: Ledger, campaign: str = "") -> int:
    """Count the occurrences, of one campaign or all, that came too late to be sent."""
    question = sa.select(sa.func.count()).select_from(occurrence).where(occurrence.c.state == "missed")
    if campaign:
        question = question.where(occurrence.c.campaign == campaign)
    with ledger.read() as connection:
        return connection.scalar(question) or 0
