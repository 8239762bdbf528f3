"""Questions that look for broken promises in what stands written, message by message."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries.message_log import WAS_SENT
from dispatcher.ledger.schema.message_status import FAILED_STATUSES
from dispatcher.ledger.schema.tables import (
    address,
    attempt,
    campaign,
    contact,
    contact_import,
    event,
    message,
    message_count,
    occurrence,
    participation,
    shard,
    suppression,
)

PAGE = 2000
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


def after_opt_out(ledger: Ledger) -> tuple[int, ...]:
    """Find messages that left after their address had said no."""
    question = (
        sa.select(message.c.id)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .join(
            suppression,
            sa.and_(suppression.c.channel == message.c.channel, suppression.c.address == message.c.address),
        )
        .where(
            WAS_SENT,
            suppression.c.reason.in_(OPT_OUT_REASONS),
            message.c.submitted_at > suppression.c.at,
            sa.or_(
                suppression.c.scope == "all",
                suppression.c.scope == sa.literal("campaign:") + occurrence.c.campaign,
                suppression.c.scope == sa.literal("audience:") + message.c.audience,
            ),
        )
    )
    return _ids(ledger, question)


def after_participation(ledger: Ledger) -> tuple[int, ...]:
    """Find reminders that left after somebody at their address was known to have taken part."""
    question = (
        sa.select(message.c.id)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .join(
            address,
            sa.and_(address.c.channel == message.c.channel, address.c.address == message.c.address),
        )
        .join(
            participation,
            sa.and_(
                participation.c.person_id == address.c.person_id,
                participation.c.campaign == occurrence.c.campaign,
            ),
        )
        .where(
            WAS_SENT,
            occurrence.c.kind.in_(step_kinds.REMINDING),
            message.c.submitted_at > participation.c.learnt_at,
        )
        .distinct()
    )
    return _ids(ledger, question)


def after_hold(ledger: Ledger) -> tuple[int, ...]:
    """Return the ids of messages that left after a list had held their person, or somebody dropped them."""
    held_elsewhere = (
        sa.exists()
        .where(
            contact.c.person_id == message.c.person_id,
            contact.c.state == "held",
            contact.c.held_reason != "retired",
            contact_import.c.id == contact.c.import_id,
            contact_import.c.at < message.c.submitted_at,
        )
        .correlate(message)
    )
    dropped = sa.exists().where(
        contact.c.id == message.c.contact_id,
        contact.c.state == "dropped",
        contact.c.decided_at < message.c.submitted_at,
    )
    return _ids(ledger, sa.select(message.c.id).where(WAS_SENT, sa.or_(held_elsewhere, dropped)))


def failed_attempts(ledger: Ledger, ids: Collection[int]) -> frozenset[tuple[int, int]]:
    """Return (message id, attempt) of those among `ids` that the provider reported as failed."""
    found: set[tuple[int, int]] = set()
    wanted = sorted(ids)
    with ledger.read() as connection:
        for start in range(0, len(wanted), PAGE):
            rows = connection.execute(
                sa.select(event.c.message_id, event.c.attempt).where(
                    event.c.message_id.in_(wanted[start : start + PAGE]),
                    event.c.status.in_(sorted(FAILED_STATUSES)),
                )
            )
            found.update((row.message_id, row.attempt) for row in rows)
    return frozenset(found)


def violations(ledger: Ledger, *, now: datetime) -> tuple[IntegrityViolation, ...]:
    """Look for what must never be; an empty answer is the proof."""
    has_open_shard = sa.exists().where(shard.c.id == message.c.shard_id, shard.c.state == "open")
    questions = {
        # a message waits, and no shard will ever bring it
        "stranded": sa.select(sa.func.count()).where(message.c.next_at.is_not(None), ~has_open_shard),
        # an intent that nobody will ask about
        "unasked": sa.select(sa.func.count()).where(
            message.c.status == "submitting", message.c.lookup_at.is_(None)
        ),
        # accepted, and by whom is not known
        "unnamed": sa.select(sa.func.count()).where(
            message.c.status.in_(("sending", "sent", "delivered")), message.c.provider_id.is_(None)
        ),
        # on the wire after its occurrence had expired
        "late": sa.select(sa.func.count())
        .select_from(message)
        .join(occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(WAS_SENT, message.c.submitted_at > occurrence.c.expires_at),
        # the used budget of a campaign is not what its messages cost
        "budget": _budget_mismatches(),
        # the figures of the pages are not those of the messages
        "counts": _count_mismatches(),
    }
    with ledger.read() as connection:
        violations_found = [
            IntegrityViolation(rule=what, count=connection.scalar(question) or 0)
            for what, question in questions.items()
        ]
    return tuple(flaw for flaw in violations_found if flaw.count)


def _budget_mismatches() -> sa.Select[int]:
    spent = (
        sa.select(occurrence.c.campaign, sa.func.sum(message.c.vnd).label("vnd"))
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .group_by(occurrence.c.campaign)
        .subquery()
    )
    return (
        sa.select(sa.func.count())
        .select_from(campaign)
        .outerjoin(spent, spent.c.campaign == campaign.c.name)
        .where(campaign.c.budget_used != sa.func.coalesce(spent.c.vnd, 0))
    )


_COUNTED_BY = ("occurrence_id", "audience", "channel", "area", "status", "reason")


def _count_mismatches() -> sa.Select[int]:
    """Select how many shards were counted wrongly; those that wait to be counted anew are left out.

    One statement, so that a service at work between two looks is no mismatch.
    """
    messages = sa.select(
        message.c.shard_id,
        *(message.c[name] for name in _COUNTED_BY),
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


def _ids(ledger: Ledger, question: sa.Select[Any]) -> tuple[int, ...]:
    with ledger.read() as connection:
        return tuple(connection.scalars(question))
