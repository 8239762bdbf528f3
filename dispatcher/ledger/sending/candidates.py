"""Looks at the next messages of a shard, each with all that could forbid it and all that its words need."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol, cast

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.contacts.list_fields import IN_TEMPLATES
from dispatcher.ledger.eligibility import (
    concerns,
    family_took_part,
    is_held,
    is_restricted,
    is_stopped_elsewhere,
    suppression_of,
    took_part,
    was_sent,
)
from dispatcher.ledger.schema.message_status import PARTICIPATION_UNDONE
from dispatcher.ledger.schema.tables import Instant, contact, message, occurrence, person, suppression
from dispatcher.ledger.sending.claim_types import Lease, Limits
from dispatcher.plan.cap_timeline import DAY, WEEK


class Candidate(Protocol):
    """A message that wants to go out: what could forbid it, beside the fields for templates."""

    id: int
    attempt: int
    counted_attempts: int
    person_id: int
    address: str
    erased_at: datetime | None
    file: str
    row: int
    contact_state: str
    suppressed: str | None  # why
    unwanted: str | None  # why, since somebody took part or since that was taken back
    held: bool
    restricted: bool
    written_before: bool
    last_day: int  # texts to this number within 24 h
    last_week: int


def lock_candidates(
    connection: sa.Connection, lease: Lease, limits: Limits, *, now: datetime, count: int
) -> Sequence[Candidate]:
    """Read them, and keep them from everybody else until the transaction ends."""
    query = question(
        kind=lease.kind,
        per_day=lease.channel == "sms" and limits.cap_per_day is not None,
        per_week=lease.channel == "sms" and limits.cap_per_week is not None,
    )
    facts = {
        "shard": lease.shard_id,
        "campaign": lease.campaign,
        "other_scopes": sorted(limits.other_scopes),
        "now": now,
        "day_ago": now - DAY,
        "week_ago": now - WEEK,
        "count": count,
    }
    return cast("Sequence[Candidate]", connection.execute(query, facts).all())


@cache
def question(*, kind: str, per_day: bool, per_week: bool) -> sa.Select[Any]:
    """Return the query for the next messages of a shard, with what could forbid each of them."""
    return (
        sa.select(
            message.c.id,
            message.c.attempt,
            message.c.counted_attempts,
            message.c.person_id,
            message.c.address,
            *(person.c[name] if name in person.c else contact.c[name] for name in IN_TEMPLATES),
            person.c.erased_at,
            contact.c.file,
            contact.c.row,
            contact.c.state.label("contact_state"),
            _suppression_reason().label("suppressed"),
            _unwanted(kind).label("unwanted"),
            _is_held().label("held"),
            is_restricted(message.c.person_id, message).label("restricted"),
            _written_before().label("written_before"),
            (_sent_since("day_ago") if per_day else sa.literal(0)).label("last_day"),
            (_sent_since("week_ago") if per_week else sa.literal(0)).label("last_week"),
        )
        .join_from(message, person, person.c.id == message.c.person_id)
        .join(contact, contact.c.id == message.c.contact_id)
        .where(
            message.c.shard_id == sa.bindparam("shard"),
            message.c.next_at <= sa.bindparam("now", type_=Instant),
        )
        .order_by(message.c.id)
        .limit(sa.bindparam("count"))
        .with_for_update(of=message)  # a receipt that settles one of them comes before us or after us
    )


def _suppression_reason() -> sa.ScalarSelect[str]:
    """Return why this address is stopped; a stop counts unless it is known to be about something else."""
    return (
        sa.select(sa.func.min(suppression.c.reason))
        .where(suppression_of(message), concerns(_other_scopes(), sa.bindparam("campaign", type_=sa.Text)))
        .scalar_subquery()
    )


def _unwanted(kind: str) -> sa.ColumnElement[str | None]:
    """Return why a message of this kind is not wanted any more: reminders end where thanks begin."""
    in_campaign = sa.bindparam("campaign", type_=sa.Text)
    if kind in step_kinds.REMINDING:
        return sa.case((family_took_part(message, in_campaign), "participated"))
    if kind in step_kinds.STANDING:
        return sa.case((~took_part(message.c.person_id, in_campaign), PARTICIPATION_UNDONE))
    return sa.cast(sa.null(), sa.Text)


def _other_scopes() -> sa.BindParameter[Any]:
    return sa.bindparam("other_scopes", expanding=True)


def _is_held() -> sa.ColumnElement[bool]:
    return sa.or_(
        is_held(message.c.person_id),
        is_stopped_elsewhere(message.c.person_id, message.c.audience, _other_scopes()),
    )


def _written_before() -> sa.Exists:
    """Return whether this address was written to before: the first text carries the opt-out line."""
    other = message.alias("earlier")
    # From the campaign's occurrences, by their unique key: what else the address was ever sent costs nothing.
    fired = sa.select(occurrence.c.id).where(occurrence.c.campaign == sa.bindparam("campaign", type_=sa.Text))
    return sa.exists().where(
        other.c.occurrence_id.in_(fired),
        other.c.channel == message.c.channel,
        other.c.address == message.c.address,
        was_sent(other, is_indexed=False),
        other.c.id != message.c.id,
    )


def _sent_since(since: str) -> sa.ScalarSelect[int]:
    """Count what this number has been sent since, whatever the campaign."""
    other = message.alias(f"since_{since}")
    return (
        sa.select(sa.func.count())
        .where(
            other.c.address == message.c.address,
            other.c.channel == "sms",
            other.c.submitted_at > sa.bindparam(since, type_=Instant),
            was_sent(other),
            other.c.id != message.c.id,
        )
        .scalar_subquery()
    )
