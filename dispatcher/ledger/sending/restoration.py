"""A ledger from a backup: what may have left since is asked about before anything goes out again.

Between the backup and the loss the service went on. What was due in that time, or is made for it later,
counts as in doubt: the provider is asked for each text, by number, and only what is clearly not there is
sent. About mails nobody can be asked: they stay in doubt, and none is sent again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.schema import key_values, revision
from dispatcher.ledger.schema.message_status import IN_DOUBT, RANK, SUBMITTING
from dispatcher.ledger.schema.tables import Instant, message
from dispatcher.ledger.sending import campaign_states, shards
from dispatcher.plan import Occurrence

KEY = "restored"
RESTORED = "restored"  # the reason of a pause until somebody lets a restored campaign go on
# Messages of the life that was lost had numbers too, and reports about them still come in: ours begin beyond.
NUMBERS_SKIPPED = 100_000_000
# Thanks are due whenever a participation is learnt of: so long they may have been said before the loss.
THANKS_DOUBTED_FOR = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Restoration:
    """When the backup was begun that this ledger is from, and when it was restored."""

    since: datetime
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class RestoredBooks:
    """What was made of a ledger from a backup."""

    paused: tuple[str, ...]  # campaigns
    texts_in_doubt: int
    mails_in_doubt: int


def begin(ledger: Ledger, *, since: datetime, who: str, now: datetime) -> RestoredBooks:
    """Pause every campaign, and doubt what waited when the backup was begun (`since`) and is due by now."""
    paused = tuple(
        one.name
        for one in campaign_states.all_states(ledger)
        if campaign_states.pause(ledger, one.name, reason=RESTORED, who=who, now=now)
    )
    fact = json.dumps({"since": since.isoformat(), "at": now.isoformat()})
    with ledger.begin() as connection:
        key_values.write(connection, KEY, fact)
        _skip_numbers(connection)
        was_due = sa.or_(message.c.next_at <= now, message.c.status.in_((SUBMITTING, IN_DOUBT)))
        counts = {
            channel: _doubt(connection, channel, was_due, since=since, now=now)
            for channel in ("sms", "email")
        }
        revision.mark(connection)
        detail = {"since": since.isoformat(), "in_doubt": sum(counts.values())}
        audit_log.insert(connection, who=who, action="restore", subject="", detail=detail, now=now)
    return RestoredBooks(paused=paused, texts_in_doubt=counts["sms"], mails_in_doubt=counts["email"])


def newest_moment(ledger: Ledger) -> datetime | None:
    """Return when a message last changed: how far a copy reaches that was not made by us."""
    with ledger.read() as connection:
        moment: datetime | None = connection.scalar(sa.select(sa.func.max(message.c.status_at)))
    return moment


def find(connection: sa.Connection) -> Restoration | None:
    """Return how the ledger was restored last, within the caller's transaction; None when it never was."""
    value = key_values.read(connection, KEY)
    if not value:
        return None
    fact = json.loads(value)
    return Restoration(since=datetime.fromisoformat(fact["since"]), at=datetime.fromisoformat(fact["at"]))


def last(ledger: Ledger) -> Restoration | None:
    """Return how the ledger was restored last; None when it never was."""
    with ledger.read() as connection:
        return find(connection)


def doubt_if_due_before(
    connection: sa.Connection, occurrence_id: int, step: Occurrence, *, now: datetime
) -> None:
    """Doubt the new messages of an occurrence that the life which was lost may have fired as well.

    Part of firing, within its transaction.
    """
    restored = find(connection)
    if restored is None:
        return
    is_standing = step.kind in step_kinds.STANDING
    if step.due_at > restored.at or (is_standing and now > restored.at + THANKS_DOUBTED_FOR):
        return
    new = sa.and_(message.c.occurrence_id == occurrence_id, message.c.attempt == 0)
    for channel in ("sms", "email"):
        _doubt(connection, channel, new, since=restored.since, now=now)


def first_number(connection: sa.Connection) -> int:
    """Return the number that the next message is to have; 0 where the database counts on by itself."""
    if connection.dialect.name != "sqlite":
        return 0
    first = int(key_values.read(connection, _FIRST_NUMBER) or 0)
    return first if first and first > _highest_number(connection) else 0


_FIRST_NUMBER = "first-message-number"


def _skip_numbers(connection: sa.Connection) -> None:
    first = _highest_number(connection) + NUMBERS_SKIPPED
    if connection.dialect.name == "sqlite":
        key_values.write(connection, _FIRST_NUMBER, str(first))
    else:
        sequence = sa.func.pg_get_serial_sequence("message", "id")
        connection.execute(sa.select(sa.func.setval(sequence, first)))


def _highest_number(connection: sa.Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(message.c.id))) or 0


def _doubt(
    connection: sa.Connection,
    channel: str,
    condition: sa.ColumnElement[bool],
    *,
    since: datetime,
    now: datetime,
) -> int:
    """Let messages that wait be in doubt: they may have left since `since`. Gives how many."""
    chosen = sa.and_(condition, message.c.channel == channel)
    tries = sa.case((message.c.next_at.is_not(None), 1), else_=0)  # the next one, or the one under way
    touched = connection.scalars(sa.select(message.c.shard_id).where(chosen).distinct()).all()
    shards.lock(connection, touched)
    done = connection.execute(
        sa.update(message)
        .where(chosen)
        .values(
            status=IN_DOUBT,
            rank=RANK[IN_DOUBT],
            reason=RESTORED,
            attempt=message.c.attempt + tries,
            counted_attempts=message.c.counted_attempts + tries,
            submitted_at=sa.literal(since, Instant),
            body_hash="",  # in which words nobody knows: any text to this number that is no other counts
            provider_id=None,
            next_at=None,
            slot_at=None,  # its moment may well have come, whatever the ledger says
            lookup_at=now if channel == "sms" else None,
            status_at=now,
        )
    )
    shards.mark_dirty(connection, touched)
    return done.rowcount
