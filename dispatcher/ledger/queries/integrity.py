"""Questions that look for broken promises in what stands written, message by message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import (
    counted_status,
    family_took_part,
    held_elsewhere,
    is_held,
    is_in_scope,
    is_suppressed,
    was_sent,
)
from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES, SUBMITTING
from dispatcher.ledger.schema.tables import (
    MICROSECOND,
    attempt,
    campaign,
    contact,
    contact_import,
    message,
    message_count,
    occurrence,
    participation,
    shard,
    suppression,
)

REPEATED_WITHIN = timedelta(hours=6) // MICROSECOND
OPT_OUT_REASONS = ("opted-out", "complaint")  # what somebody said themselves


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrityViolation:
    """Something in the ledger that does not add up."""

    rule: str
    count: int


def mails_without_answer(ledger: Ledger) -> frozenset[int]:
    """Find mails of which some attempt never got an answer: they may go out again under their Message-ID."""
    question = (
        sa.select(attempt.c.message_id)
        .join_from(attempt, message, message.c.id == attempt.c.message_id)
        .where(attempt.c.outcome == "unknown", message.c.channel == "email")
    )
    return frozenset(_ids(ledger, question))


def duplicate_messages(ledger: Ledger) -> tuple[tuple[str, int], ...]:
    """Find addresses with more than one message of one occurrence."""
    question = (
        sa.select(message.c.address, sa.func.count())
        .group_by(message.c.occurrence_id, message.c.channel, message.c.address)
        .having(sa.func.count() > 1)
    )
    with ledger.read() as connection:
        return tuple((row[0], row[1]) for row in connection.execute(question))


def repeated_words(ledger: Ledger) -> int:
    """Count messages with the same words as one that went to the same address within six hours before.

    They are of two occurrences, as after a step was renamed. Digests are left out: nothing may have changed.
    """
    earlier = message.alias()
    micros = sa.type_coerce(message.c.submitted_at, sa.BigInteger)
    same_before = sa.exists().where(
        earlier.c.address == message.c.address,
        sa.type_coerce(earlier.c.submitted_at, sa.BigInteger).between(micros - REPEATED_WITHIN, micros),
        earlier.c.id != message.c.id,
        earlier.c.channel == message.c.channel,
        earlier.c.body_hash == message.c.body_hash,
        earlier.c.status.in_(ACCEPTED_STATUSES),
        sa.or_(earlier.c.submitted_at < message.c.submitted_at, earlier.c.id < message.c.id),
    )
    question = (
        sa.select(sa.func.count())
        .select_from(message)
        .join(occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(
            message.c.status.in_(ACCEPTED_STATUSES),
            message.c.body_hash != "",
            occurrence.c.kind.not_in(step_kinds.FOR_STAFF),
            same_before,
        )
    )
    with ledger.read() as connection:
        return connection.scalar(question) or 0


def after_opt_out(ledger: Ledger) -> tuple[int, ...]:
    """Find messages that left after their address had said no."""
    scopes = sa.literal("campaign:") + occurrence.c.campaign, sa.literal("audience:") + message.c.audience
    said_no_before = is_suppressed(
        message,
        suppression.c.reason.in_(OPT_OUT_REASONS),
        suppression.c.at < message.c.submitted_at,
        is_in_scope(*scopes),
    )
    return _ids(ledger, _SENT.where(said_no_before))


def after_participation(ledger: Ledger) -> tuple[int, ...]:
    """Find reminders that left after somebody at their address was known to have taken part."""
    known_before = participation.c.learnt_at < message.c.submitted_at
    reminders = occurrence.c.kind.in_(step_kinds.REMINDING)
    return _ids(
        ledger, _SENT.where(reminders, family_took_part(message, occurrence.c.campaign, known_before))
    )


def after_hold(ledger: Ledger) -> tuple[int, ...]:
    """Return the ids of messages that left after a list had held their person, or somebody dropped them."""
    held_before = is_held(message.c.person_id).where(
        contact_import.c.id == held_elsewhere.c.import_id, contact_import.c.at < message.c.submitted_at
    )
    dropped = sa.exists().where(
        contact.c.id == message.c.contact_id,
        contact.c.state == "dropped",
        contact.c.decided_at < message.c.submitted_at,
    )
    return _ids(ledger, _SENT.where(sa.or_(held_before, dropped)))


_SENT = (
    sa.select(message.c.id)
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .where(was_sent())
)


def violations(ledger: Ledger, *, now: datetime) -> tuple[IntegrityViolation, ...]:
    """Look for what must never be; an empty answer is the proof."""
    with ledger.read() as connection:
        found = [
            IntegrityViolation(rule=rule, count=connection.scalar(question) or 0)
            for rule, question in _RULES.items()
        ]
    return tuple(one for one in found if one.count)


def _count(*conditions: sa.ColumnElement[bool]) -> sa.Select[int]:
    return sa.select(sa.func.count()).select_from(message).where(*conditions)


@dataclass(frozen=True, kw_only=True, slots=True)
class WrongBudget:
    """A campaign whose `used` budget is not what its messages `cost`; both in VND."""

    campaign: str
    used: int
    cost: int


def wrong_budgets(ledger: Ledger) -> tuple[WrongBudget, ...]:
    """Return the campaigns that rule "budget" counts."""
    with ledger.read() as connection:
        rows = connection.execute(_budget_mismatches().order_by(campaign.c.name))
        return tuple(WrongBudget(campaign=row[0], used=int(row[1]), cost=int(row[2])) for row in rows)


def _budget_mismatches() -> sa.Select[str, int, int]:
    spent = (
        sa.select(occurrence.c.campaign, sa.func.sum(message.c.vnd).label("vnd"))
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .group_by(occurrence.c.campaign)
        .subquery()
    )
    cost = sa.func.coalesce(spent.c.vnd, 0)
    return (
        sa.select(campaign.c.name, campaign.c.budget_used, cost)
        .outerjoin(spent, spent.c.campaign == campaign.c.name)
        .where(campaign.c.budget_used != cost)
    )


_COUNTED_BY = ("occurrence_id", "audience", "channel", "area", "reason", "status")


def _count_mismatches() -> sa.Select[int]:
    """Select how many shards were counted wrongly; those that wait to be counted anew are left out.

    One statement, so that a service at work between two looks is no mismatch.
    """
    messages = sa.select(
        message.c.shard_id,
        *(message.c[name] for name in _COUNTED_BY if name != "status"),
        counted_status().label("status"),
        sa.literal(1).label("messages"),
        message.c.parts,
        message.c.vnd,
    )
    figures = sa.select(
        message_count.c.shard_id,
        *(message_count.c[name] for name in _COUNTED_BY),
        -message_count.c.messages,
        -message_count.c.parts,
        -message_count.c.vnd,
    )
    both = sa.union_all(messages, figures).subquery()
    sums = (sa.func.sum(both.c[name]) for name in ("messages", "parts", "vnd"))
    differing = (
        sa.select(both.c.shard_id)
        .join(shard, sa.and_(shard.c.id == both.c.shard_id, shard.c.needs_recount == 0))
        .group_by(both.c.shard_id, *(both.c[name] for name in _COUNTED_BY))
        .having(sa.or_(*(total != 0 for total in sums)))
        .subquery()
    )
    return sa.select(sa.func.count(differing.c.shard_id.distinct()))


_HAS_OPEN_SHARD = sa.exists().where(shard.c.id == message.c.shard_id, shard.c.state == "open")
_RULES = {
    # a message waits, and no shard will ever bring it
    "stranded": _count(message.c.next_at.is_not(None), ~_HAS_OPEN_SHARD),
    # an intent that nobody will ask about
    "unasked": _count(message.c.status == SUBMITTING, message.c.lookup_at.is_(None)),
    # accepted, and by whom is not known
    "unnamed": _count(message.c.status.in_(ACCEPTED_STATUSES), message.c.provider_id.is_(None)),
    # on the wire after its occurrence had expired
    "late": _count(
        message.c.occurrence_id == occurrence.c.id,
        message.c.submitted_at > occurrence.c.expires_at,
        was_sent(),
    ),
    # the used budget of a campaign is not what its messages cost
    "budget": sa.select(sa.func.count()).select_from(_budget_mismatches().subquery()),
    # the figures of the pages are not those of the messages
    "areas": _count_mismatches(),
}


def _ids(ledger: Ledger, question: sa.Select[int]) -> tuple[int, ...]:
    with ledger.read() as connection:
        return tuple(connection.scalars(question))
