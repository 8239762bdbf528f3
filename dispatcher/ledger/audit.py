"""Questions that look for broken promises in what stands written, message by message."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.status import FAILED, RANK_NOT_TAKEN
from dispatcher.ledger.tables import (
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
LEFT = sa.and_(message.c.submitted_at.is_not(None), message.c.rank != RANK_NOT_TAKEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A message that left, and when."""

    campaign: str
    step: str
    kind: str
    due_at: datetime
    audience: str
    channel: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """One message beside a provider's log; `taken`: the ledger holds proof that the provider had it."""

    message_id: int
    status: str
    taken: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Flaw:
    """Something in the ledger that does not add up."""

    what: str
    count: int


def sent(ledger: Ledger) -> Iterator[Sent]:
    """Go through everything that left."""
    question = (
        sa.select(message.c.id, message.c.audience, message.c.channel, message.c.submitted_at,
                  occurrence.c.campaign, occurrence.c.step, occurrence.c.kind, occurrence.c.due_at)
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(LEFT)
    )  # fmt: skip
    for row in _pages(ledger, question):
        yield Sent(
            campaign=row.campaign,
            step=row.step,
            kind=row.kind,
            due_at=row.due_at,
            audience=row.audience,
            channel=row.channel,
            at=row.submitted_at,
        )


def standings(ledger: Ledger) -> Iterator[Standing]:
    """Go through every message, and whether the provider is known to have taken it in any attempt."""
    earlier = sa.exists().where(attempt.c.message_id == message.c.id, attempt.c.outcome == "accepted")
    taken = sa.or_(message.c.provider_id.is_not(None), earlier)
    for row in _pages(ledger, sa.select(message.c.id, message.c.status, taken.label("taken"))):
        yield Standing(message_id=row.id, status=row.status, taken=bool(row.taken))


def unanswered_mails(ledger: Ledger) -> frozenset[int]:
    """Find mails of which some attempt never got an answer: they may go out again under their Message-ID."""
    question = (
        sa.select(attempt.c.message_id)
        .join_from(attempt, message, message.c.id == attempt.c.message_id)
        .where(attempt.c.outcome == "unknown", message.c.channel == "email")
    )
    return frozenset(_ids(ledger, question))


def texts(ledger: Ledger) -> Iterator[tuple[str, datetime]]:
    """Go through every text that left, by number and then by time."""
    question = (
        sa.select(message.c.address, message.c.submitted_at)
        .where(LEFT, message.c.channel == "sms")
        .order_by(message.c.address, message.c.submitted_at)
    )
    with ledger.read() as connection:
        for row in connection.execution_options(yield_per=PAGE).execute(question):
            yield row.address, row.submitted_at


def doubled(ledger: Ledger) -> tuple[tuple[str, int], ...]:
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
            LEFT,
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
            LEFT,
            occurrence.c.kind.in_(("reminder", "warning")),
            message.c.submitted_at > participation.c.learnt_at,
        )
        .distinct()
    )
    return _ids(ledger, question)


def failed_attempts(ledger: Ledger, ids: Collection[int]) -> frozenset[tuple[int, int]]:
    """Give (message id, attempt) of those among `ids` that the provider reported as failed."""
    found: set[tuple[int, int]] = set()
    wanted = sorted(ids)
    with ledger.read() as connection:
        for start in range(0, len(wanted), PAGE):
            rows = connection.execute(
                sa.select(event.c.message_id, event.c.attempt).where(
                    event.c.message_id.in_(wanted[start : start + PAGE]), event.c.status.in_(sorted(FAILED))
                )
            )
            found.update((row.message_id, row.attempt) for row in rows)
    return frozenset(found)


def flaws(ledger: Ledger, *, now: datetime) -> tuple[Flaw, ...]:
    """Look for what must never be; an empty answer is the proof."""
    waited_for = sa.exists().where(shard.c.id == message.c.shard_id, shard.c.state == "open")
    questions = {
        # a message waits, and no shard will ever bring it
        "stranded": sa.select(sa.func.count()).where(message.c.next_at.is_not(None), ~waited_for),
        # an intent that nobody will ask about
        "unasked": sa.select(sa.func.count()).where(
            message.c.status == "submitting", message.c.ask_at.is_(None)
        ),
        # accepted, and by whom is not known
        "unnamed": sa.select(sa.func.count()).where(
            message.c.status.in_(("sending", "sent", "delivered")), message.c.provider_id.is_(None)
        ),
        # on the wire after its occurrence had expired
        "late": sa.select(sa.func.count())
        .select_from(message)
        .join(occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(LEFT, message.c.submitted_at > occurrence.c.expires_at),
    }
    with ledger.read() as connection:
        found = [
            Flaw(what=what, count=connection.scalar(question) or 0) for what, question in questions.items()
        ]
    return tuple(flaw for flaw in found if flaw.count)


def _ids(ledger: Ledger, question: sa.Select[Any]) -> tuple[int, ...]:
    with ledger.read() as connection:
        return tuple(connection.scalars(question))


def _pages(ledger: Ledger, question: sa.Select[Any]) -> Iterator[Any]:
    """Go through messages by id, a page at a time, without holding a transaction between pages."""
    after = 0
    while True:
        with ledger.read() as connection:
            page = question.where(message.c.id > after).order_by(message.c.id).limit(PAGE)
            rows = connection.execute(page).all()
        if not rows:
            return
        yield from rows
        after = rows[-1].id
