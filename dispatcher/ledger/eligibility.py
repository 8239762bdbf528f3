"""Who may be written to, as conditions of SQL: each is said here once, for planning, claiming and counting.

They take columns of whatever statement they stand in, and write nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Schedules
from dispatcher.ledger.schema.message_status import (
    CANCELLED,
    PARTICIPATION_UNDONE,
    PERMANENT_FAILURE,
    RANK_NOT_ACCEPTED,
    SCHEDULE_CHANGED,
    SUBMITTING,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.schema.tables import (
    address,
    attempt,
    campaign,
    contact,
    message,
    occurrence,
    participation,
    person,
    shard,
    suppression,
)
from dispatcher.plan import Occurrence

Condition = sa.ColumnElement[bool]
TextValue = sa.ColumnElement[str] | str

# Made once: an alias costs as much as the query it stands in.
_listed_elsewhere = contact.alias("listed_elsewhere")
held_elsewhere = contact.alias("held_elsewhere")
_other_address = address.alias("other_address")
_family = address.alias("family")
_restricted_address = address.alias("restricted_address")
_restricted_person = person.alias("restricted_person")
_ended_campaign = campaign.alias("ended_campaign")
_had = message.alias("had")
_told = message.alias("told")
_told_by = occurrence.alias("told_by")


# Somebody has said so of them, and not their list: no list takes it back.
IS_HELD_BY_SOMEBODY = sa.and_(contact.c.state == "held", contact.c.decided_by != "")
# Somebody has decided that messages do not go to them in this list, or do not yet.
IS_DECIDED = sa.or_(contact.c.state == "dropped", IS_HELD_BY_SOMEBODY)

# --- people -------------------------------------------------------------------------------------------


def is_listed(person_id: sa.ColumnElement[int], *conditions: Condition) -> sa.Exists:
    """Return whether a list has this person; `conditions` say which: of its audience or its state."""
    return sa.exists().where(contact.c.person_id == person_id, *conditions)


def is_held(person_id: sa.ColumnElement[int]) -> sa.Exists:
    """Return whether any list holds this person; only "retired" does not follow them into other lists."""
    held = held_elsewhere.c
    return sa.exists().where(held.person_id == person_id, held.state == "held", held.held_reason != "retired")


def is_restricted(person_id: sa.ColumnElement[int], at: sa.FromClause) -> Condition:
    """Return whether a person, or anybody at the address of `at`, asked that nobody writes to them.

    They are few: both lists are made once for a whole query.
    """
    people = sa.select(_restricted_person.c.id).where(_restricted_person.c.restricted_at.is_not(None))
    places = sa.select(_restricted_address.c.channel, _restricted_address.c.address).where(
        _restricted_address.c.person_id.in_(people)
    )
    return sa.or_(person_id.in_(people), sa.tuple_(at.c.channel, at.c.address).in_(places))


def is_stopped_elsewhere(
    person_id: sa.ColumnElement[int], audience: TextValue, other_scopes: sa.BindParameter[object]
) -> sa.Exists:
    """Return whether an audience that is gone from the schedules has dropped or holds this person.

    That is about its audience only; but when that is known no more, it may have been renamed.
    """
    other = held_elsewhere.c
    return sa.exists().where(
        other.person_id == person_id,
        other.state.in_(("dropped", "held")),
        other.audience != audience,
        (sa.literal("audience:") + other.audience).not_in(other_scopes),
    )


def took_part(person_id: sa.ColumnElement[int], campaign: TextValue, *conditions: Condition) -> sa.Exists:
    """Return whether a person is known to have taken part in a campaign."""
    return sa.exists().where(
        participation.c.person_id == person_id, participation.c.campaign == campaign, *conditions
    )


def family_took_part(at: sa.FromClause, campaign: TextValue, *conditions: Condition) -> sa.Exists:
    """Return whether anybody at an address took part: a family is not reminded of what it has done."""
    family = _family.c
    return sa.exists().where(
        family.channel == at.c.channel,
        family.address == at.c.address,
        participation.c.person_id == family.person_id,
        participation.c.campaign == campaign,
        *conditions,
    )


def is_suppressed(at: sa.FromClause, *conditions: Condition) -> sa.Exists:
    """Return whether an address is stopped; `conditions` say why or for whom."""
    return sa.exists().where(suppression_of(at), *conditions)


def suppression_of(at: sa.FromClause) -> Condition:
    """Join what stops an address to the address itself."""
    return sa.and_(suppression.c.channel == at.c.channel, suppression.c.address == at.c.address)


def is_in_scope(*scopes: TextValue) -> Condition:
    """Return whether a suppression stops everything, or one of these: "campaign:NAME", "audience:NAME"."""
    return sa.or_(suppression.c.scope == "all", *(suppression.c.scope == scope for scope in scopes))


def concerns(other_scopes: sa.BindParameter[object], campaign_name: TextValue) -> Condition:
    """Return whether a suppression counts: it is not known to be about something else.

    `other_scopes` are the scopes that are (`campaign.stop_scopes`); a campaign that has ended is over too.
    """
    over = _ended_campaign.c
    return sa.and_(
        suppression.c.scope.not_in(other_scopes),
        ~sa.exists().where(
            suppression.c.scope == sa.literal("campaign:") + over.name,
            over.state == "ended",
            over.name != campaign_name,
        ),
    )


# --- messages -----------------------------------------------------------------------------------------


def was_sent(of: sa.FromClause = message, *, is_indexed: bool = True) -> Condition:
    """Return whether a message left, and was not turned away at the door.

    `is_indexed`: whether the index of addresses and moments may be walked for it.
    """
    left: Condition = of.c.submitted_at.is_not(None)
    if not is_indexed:
        left = sa.func.coalesce(sa.type_coerce(of.c.submitted_at, sa.BigInteger), 0) != 0
    return sa.and_(left, of.c.rank != RANK_NOT_ACCEPTED)


def is_uncleared() -> Condition:
    """Return whether an intent cannot have left: its holder, of `shard`, had not cleared its slot."""
    return sa.and_(
        message.c.status == SUBMITTING,
        message.c.slot_at.is_not(None),
        sa.or_(shard.c.cleared_until.is_(None), message.c.slot_at > shard.c.cleared_until),
    )


def counted_status() -> sa.ColumnElement[str]:
    """Return as what a message is counted: a failure "for now" that nobody tries again is one for good."""
    is_given_up = sa.and_(message.c.status == TEMPORARY_FAILURE, message.c.next_at.is_(None))
    return sa.case((is_given_up, PERMANENT_FAILURE), else_=message.c.status)


def is_withdrawn(of: sa.FromClause = message) -> Condition:
    """Return whether a message waited when its step was edited away: it is as if it had never been."""
    return sa.and_(of.c.status == CANCELLED, of.c.reason == SCHEDULE_CHANGED)


def is_undone() -> Condition:
    """Return whether thanks were cancelled as participation was taken back, before they can have left."""
    may_have_left = sa.exists().where(
        # By its name: within an INSERT that meets a row, the table would become part of the subquery.
        attempt.c.message_id == sa.literal_column("message.id"),
        attempt.c.outcome.in_(("accepted", "unknown")),
    )
    return sa.and_(message.c.status == CANCELLED, message.c.reason == PARTICIPATION_UNDONE, ~may_have_left)


def had_occasion(occurrence_ids: Sequence[int], at: sa.FromClause) -> Condition:
    """Return whether the address or the person of `at` has a message, withdrawn ones apart, of these."""
    had = _had.c
    mine = sa.and_(had.occurrence_id.in_(occurrence_ids), ~is_withdrawn(_had))
    at_address = sa.exists().where(mine, had.channel == at.c.channel, had.address == at.c.address)
    return sa.or_(at_address, at.c.person_id.in_(sa.select(had.person_id).where(mine)))


# --- whom a step is written to ------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One audience of an occurrence; `channels` in order of preference, a person gets the first they have."""

    audience: str
    channels: tuple[str, ...]
    leads_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """Who of the people of an occurrence is left out, beside those who always are.

    `learnt_since`: who was known earlier to have taken part. `siblings`: whom one of these occurrences of the
    same occasion has reached; with `only_withdrawn`, whoever waited in none of them when they were withdrawn.
    `told_within`: who was last reminded at another time, as (after, up to) pairs.
    """

    learnt_since: datetime | None = None
    siblings: Sequence[int] = ()
    only_withdrawn: bool = False
    told_within: Sequence[tuple[datetime, datetime]] | None = None


def targets_of(schedules: Schedules, step: Occurrence) -> tuple[Target, ...]:
    """Return the audiences of an occurrence, highest priority first, with the channels each is reached by."""
    return tuple(
        Target(
            audience=audience.name,
            channels=schedules.channels_of(audience.name, step.channels),
            leads_only=step.leads_only,
        )
        for audience in schedules.audiences_by_priority(step.audiences)
    )


def select_recipients(
    occurrence_id: int,
    step: Occurrence,
    target: Target,
    channel: str,
    *,
    before: Sequence[Target],
    narrowing: Narrowing | None = None,
) -> sa.Select[tuple[object, ...]]:
    """Choose the contacts of one audience who are written to on one channel.

    Thanks go to those who took part and have not been thanked.
    """
    narrowing = narrowing or Narrowing()
    better = target.channels[: target.channels.index(channel)]
    chosen = (
        sa.select(
            contact.c.id.label("contact_id"),
            contact.c.person_id,
            contact.c.audience,
            address.c.channel,
            address.c.address,
            person.c.area,
        )
        .join_from(contact, person, person.c.id == contact.c.person_id)
        .join(address, address.c.person_id == contact.c.person_id)
        .where(
            contact.c.audience == target.audience,
            contact.c.state == "active",
            address.c.channel == channel,
            address.c.rank == 0,
            person.c.erased_at.is_(None),
            ~is_held(contact.c.person_id),
            ~is_restricted(contact.c.person_id, address),
            *(~_reachable(contact.c.person_id, name) for name in better),
            *(~_served_by(earlier) for earlier in before),
        )
    )
    if target.leads_only:
        chosen = chosen.where(contact.c.lead != "")
    if narrowing.siblings:
        chosen = chosen.where(~had_occasion(narrowing.siblings, address))
    if narrowing.only_withdrawn:
        waited = _has_message(*narrowing.siblings, that=is_withdrawn(message))
        chosen = chosen.where(waited, ~_has_message(occurrence_id))
    if narrowing.told_within is not None:
        chosen = chosen.where(_was_last_told(step.campaign, narrowing.told_within))
    if step.kind in step_kinds.STANDING:
        chosen = chosen.where(
            contact.c.person_id.in_(_participants(step.campaign, narrowing.learnt_since)),
            ~_has_message(occurrence_id),
        )
    return chosen


def _was_last_told(campaign_name: str, within: Sequence[tuple[datetime, datetime]]) -> Condition:
    """Return whether the last reminder of a campaign to an address left within one of these stretches."""
    last = (
        sa.select(sa.func.max(_told.c.submitted_at))
        .join_from(_told, _told_by, _told_by.c.id == _told.c.occurrence_id)
        .where(
            _told.c.channel == address.c.channel,
            _told.c.address == address.c.address,
            was_sent(_told),
            _told_by.c.campaign == campaign_name,
            _told_by.c.kind.in_(step_kinds.REMINDING),
        )
        .scalar_subquery()
    )
    return sa.or_(sa.false(), *(sa.and_(last > after, last <= up_to) for after, up_to in within))


def _reachable(person_id: sa.ColumnElement[int], channel: str) -> sa.Exists:
    other = _other_address.c
    return sa.exists().where(other.person_id == person_id, other.channel == channel, other.rank == 0)


def _served_by(earlier: Target) -> Condition:
    """Return whether an audience of higher priority writes to the same person already."""
    other = _listed_elsewhere.c
    condition = [
        other.person_id == contact.c.person_id,
        other.audience == earlier.audience,
        other.state == "active",
    ]
    if earlier.leads_only:
        condition.append(other.lead != "")
    return sa.exists().where(
        *condition, sa.or_(*(_reachable(other.person_id, channel) for channel in earlier.channels))
    )


def _participants(campaign: str, since: datetime | None) -> sa.Select[tuple[int]]:
    """List who took part: mostly few among very many, so people are looked up by the list."""
    chosen = sa.select(participation.c.person_id).where(participation.c.campaign == campaign)
    return chosen if since is None else chosen.where(participation.c.learnt_at > since)


def _has_message(*occurrence_ids: int, that: Condition | None = None) -> sa.Exists:
    """Return whether the address has a message of one of these occurrences, of which `that` is so."""
    return sa.exists().where(
        message.c.occurrence_id.in_(occurrence_ids),
        message.c.channel == address.c.channel,
        message.c.address == address.c.address,
        ~is_undone(),
        sa.true() if that is None else that,
    )
