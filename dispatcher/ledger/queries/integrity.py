"""Questions that look for broken promises in what stands written, message by message."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries.message_log import WAS_SENT
from dispatcher.ledger.schema.message_status import FAILED_STATUSES
from dispatcher.ledger.schema.tables import (
    address,
    attempt,
    event,
    message,
    occurrence,
    participation,
    shard,
    suppression,
)

PAGE = 2000


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
            suppression.c.reason == "opted-out",
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
            occurrence.c.kind.in_(("reminder", "warning")),
            message.c.submitted_at > participation.c.learnt_at,
        )
        .distinct()
    )
    return _ids(ledger, question)


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
    }
    with ledger.read() as connection:
        violations_found = [
            IntegrityViolation(rule=what, count=connection.scalar(question) or 0)
            for what, question in questions.items()
        ]
    return tuple(flaw for flaw in violations_found if flaw.count)


def _ids(ledger: Ledger, question: sa.Select[Any]) -> tuple[int, ...]:
    with ledger.read() as connection:
        return tuple(connection.scalars(question))
