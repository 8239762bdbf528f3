"""The inbox: what the world reports is written down at once and folded afterwards, at our own pace.

Folding joins: within an attempt the higher rank wins, so any order and any number of repeats of the same
events leave the same ledger behind. A failure and a delivery of one attempt are a conflict; it is kept.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.ledger import Ledger, TransientLedgerErrors
from dispatcher.ledger.receipts.status_updates import EventRow, RetryAt, StatusUpdates, lock_messages, store
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.bulk import BulkStatement, Insert, insert_into
from dispatcher.ledger.schema.event_results import IS_FOR_A_PERSON, IS_SET_ASIDE, SET_ASIDE, raw_text
from dispatcher.ledger.schema.tables import Instant, event, message, to_micros
from dispatcher.ledger.sending.failure_counts import FailureWindow
from dispatcher.untrusted import clean_json, clean_number, clean_text

logger = logging.getLogger(__name__)

REMATCH_FOR = timedelta(days=7)
REASON_MAX = 300
KEY_MAX = 200
WORD_MAX = 64
# What no report says in earnest: it is left out, and the rest of the report counts.
RETRY_AFTER_SECONDS_MAX = 86_400
PARTS_MAX = 100
VND_MAX = 10_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One report from outside, in the ledger's words, with what was received kept raw."""

    kind: str  # status | inbound | bounce | complaint
    dedupe_key: str
    gateway: str = ""
    source: str = "callback"  # callback | poll | lookup | correction | mailbox
    message_id: int | None = None
    message_key: str = ""
    attempt: int = 0  # 0: whatever attempt is current
    provider_id: str = ""
    status: str = ""  # a word of the ledger; empty: unknown to us, kept raw
    code: str = ""
    error_class: str = ""
    retry_after_seconds: float | None = None  # how long the code asks to wait
    parts: int | None = None  # as the provider counted
    vnd: int | None = None  # as the provider charged
    raw: Mapping[str, object] = field(default_factory=dict)
    unreadable: str = ""  # why nobody can read it: it is set aside at once, for a person


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedEvents:
    """What one round of folding did; `unknown` are the words and codes that nobody here knows."""

    events: int = 0
    changed: int = 0
    more: bool = False
    set_aside: int = 0
    unknown: frozenset[str] = frozenset()
    failure_windows: tuple[
        tuple[str, FailureWindow], ...
    ] = ()  # of the campaigns in which something failed for good


def record(ledger: Ledger, events: Sequence[Event], *, now: datetime) -> int:
    """Write reports into the inbox; gives how many were new. A repeat is no news.

    This is the door: text is cleaned here, and numbers out of any sane range are left out.
    """
    rows = [
        {
            "received_at": to_micros(now),
            "kind": item.kind,
            "gateway": item.gateway,
            "source": item.source,
            "dedupe_key": clean_text(item.dedupe_key, limit=KEY_MAX),
            "message_key": clean_text(item.message_key, limit=WORD_MAX),
            "message_id": item.message_id,
            "attempt": item.attempt,
            "provider_id": clean_text(item.provider_id, limit=KEY_MAX),
            "status": clean_text(item.status, limit=WORD_MAX),
            "code": clean_text(item.code, limit=WORD_MAX),
            "error_class": clean_text(item.error_class, limit=WORD_MAX),
            "raw": json.dumps(_raw_with_extras(item), ensure_ascii=False),
            "processed_at": to_micros(now) if item.unreadable else None,
            "result": SET_ASIDE if item.unreadable else "",
        }
        for item in events
    ]
    if not rows:
        return 0
    with ledger.begin() as connection:
        new = _RECORD(connection, rows)
        failpoints.hit("event-recording")
    return new


def _raw_with_extras(item: Event) -> dict[str, object]:
    """Keep beside what was received what few events have."""
    facts: dict[str, object] = {
        "reason": item.unreadable or None,
        "retry_after": clean_number(item.retry_after_seconds, maximum=RETRY_AFTER_SECONDS_MAX),
        "parts": _whole(clean_number(item.parts, maximum=PARTS_MAX)),
        "vnd": _whole(clean_number(item.vnd, maximum=VND_MAX)),
    }
    raw = clean_json({name: value for name, value in item.raw.items() if name not in facts})
    return {
        **cast("dict[str, object]", raw),
        **{name: fact for name, fact in facts.items() if fact is not None},
    }


def _whole(number: float | None) -> int | None:
    return None if number is None else int(number)


def apply_events(ledger: Ledger, *, now: datetime, retry_at: RetryAt, limit: int = 1000) -> AppliedEvents:
    """Fold the oldest status reports of the inbox into their messages.

    One report that cannot be folded must not hold up the others: then each has a transaction of its own, and
    it alone is set aside.
    """
    try:
        return _apply(ledger, _OLDEST, {"count": limit}, now=now, retry_at=retry_at)
    except TransientLedgerErrors:
        raise
    except Exception:  # noqa: BLE001 - whatever it is, one of them causes it
        return _apply_one_by_one(ledger, now=now, retry_at=retry_at, limit=limit)


def _apply_one_by_one(ledger: Ledger, *, now: datetime, retry_at: RetryAt, limit: int) -> AppliedEvents:
    with ledger.read() as connection:
        ids = connection.scalars(_OLDEST_IDS, {"count": limit}).all()
    unreadable: dict[int, str] = {}
    rounds = []
    for event_id in ids:
        try:
            rounds.append(_apply(ledger, _ONE, {"e": event_id}, now=now, retry_at=retry_at))
        except TransientLedgerErrors:
            raise
        except Exception as error:
            logger.exception("report %d cannot be read", event_id, extra={"action": SET_ASIDE})
            unreadable[event_id] = describe_fault(error)
    set_aside(ledger, unreadable, now=now)
    return AppliedEvents(
        events=len(ids),
        changed=sum(one.changed for one in rounds),
        more=len(ids) == limit,
        set_aside=len(unreadable),
        unknown=frozenset().union(*(one.unknown for one in rounds)),
        failure_windows=tuple(window for one in rounds for window in one.failure_windows),
    )


def describe_fault(error: Exception) -> str:
    """Return what is wrong in one line that a person may see; the values of a statement are left out."""
    cause = getattr(error, "orig", None) or error
    line = next(iter(str(cause).splitlines()), "")
    return clean_text(f"{type(cause).__name__}: {line}", limit=REASON_MAX)


def _apply(
    ledger: Ledger, question: records.Query, which: Mapping[str, int], *, now: datetime, retry_at: RetryAt
) -> AppliedEvents:
    with ledger.begin() as connection:
        connection.execute(_REMATCH, {"since": now - REMATCH_FOR})
        rows = cast("Sequence[EventRow]", connection.execute(question, which).all())
        if not rows:
            return AppliedEvents()
        matched = _match(connection, rows)
        updates = StatusUpdates(
            lock_messages(connection, set(matched.values())), matched=matched, now=now, retry_at=retry_at
        )
        for row in rows:
            updates.add(row)
        failure_windows = store(connection, ledger, updates, now=now)
        failpoints.hit("folding")
    return AppliedEvents(
        events=len(rows),
        changed=len(updates.changes),
        more=len(rows) == which.get("count"),
        unknown=frozenset(updates.unknown),
        failure_windows=failure_windows,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundMessage:
    """A text somebody sent us."""

    event_id: int
    address: str
    body: str
    received_at: datetime
    provider_id: str
    opt_out_type: str = ""  # the provider's own word for what it is, when it has one


def unprocessed_replies(ledger: Ledger, *, limit: int = 200) -> tuple[InboundMessage, ...]:
    """Return the oldest texts nobody has read yet."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(event)
            .where(event.c.processed_at.is_(None), event.c.kind == "inbound")
            .order_by(event.c.id)
            .limit(limit)
        )
        return tuple(
            InboundMessage(
                event_id=row.id,
                address=raw_text(row.raw, "from"),
                body=raw_text(row.raw, "body"),
                received_at=row.received_at,
                provider_id=row.provider_id,
                opt_out_type=raw_text(row.raw, "opt_out_type").upper(),
            )
            for row in rows
        )


def mark_processed(ledger: Ledger, results: Mapping[int, str], *, now: datetime) -> None:
    """Mark reports as read, each with what came of it."""
    if not results:
        return
    with ledger.begin() as connection:
        _MARK_PROCESSED(
            connection,
            [{"e": key, "outcome": outcome, "now": to_micros(now)} for key, outcome in results.items()],
        )


def set_aside(ledger: Ledger, reasons: Mapping[int, str], *, now: datetime) -> None:
    """Put reports that cannot be read out of the way, each with its reason: a person looks at them."""
    for event_id, reason in reasons.items():
        with ledger.begin() as connection:
            raw = connection.scalar(sa.select(event.c.raw).where(event.c.id == event_id))
            kept = raw if isinstance(raw, dict) else {"received": raw}
            connection.execute(
                sa.update(event)
                .where(event.c.id == event_id)
                .values(processed_at=now, result=SET_ASIDE, raw={**kept, "reason": reason})
            )


def mark_read(ledger: Ledger, event_id: int) -> bool:
    """Mark a text, or what was set aside, as read by a person; False when it was before."""
    waits = (event.c.id == event_id, IS_FOR_A_PERSON)
    with ledger.begin() as connection:
        return bool(connection.execute(sa.update(event).where(*waits).values(result="read")).rowcount)


def has_reported(ledger: Ledger, gateway: str) -> bool:
    """Return whether any report of a gateway has ever come in by itself."""
    of_gateway = (event.c.gateway == gateway, event.c.source == "callback", event.c.kind == "status")
    with ledger.read() as connection:
        return connection.execute(sa.select(event.c.id).where(*of_gateway).limit(1)).first() is not None


def count_unprocessed(ledger: Ledger) -> int:
    """Count the reports not folded yet."""
    with ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).where(event.c.processed_at.is_(None))) or 0


def _match(connection: sa.Connection, rows: Sequence[EventRow]) -> dict[int, int]:
    """Return event id → message id: by our own key, else by the provider's id."""
    matched = {row.id: row.message_id for row in rows if row.message_id is not None}
    ids = {row.provider_id for row in rows if row.message_id is None and row.provider_id}
    if not ids:
        return matched
    found = {row.provider_id: row.id for row in connection.execute(_BY_PROVIDER_ID, {"names": list(ids)})}
    for row in rows:
        if row.id not in matched and row.provider_id in found:
            matched[row.id] = found[row.provider_id]
    return matched


def _insert_event(dialect: str) -> Insert:
    columns = [column.name for column in event.c if column.name != "id"]
    return (
        insert_into(dialect, event)
        .values({name: sa.bindparam(name) for name in columns})
        .on_conflict_do_nothing()
    )


_RECORD = BulkStatement(_insert_event)
_IS_OPEN = (event.c.processed_at.is_(None), event.c.kind.in_(("status", "bounce", "complaint")))
_OLDEST = (
    sa.select(
        event.c.id,
        event.c.received_at,
        event.c.kind,
        event.c.gateway,
        event.c.message_id,
        event.c.attempt,
        event.c.provider_id,
        event.c.status,
        event.c.code,
        event.c.error_class,
        event.c.raw,
    )
    .where(*_IS_OPEN)
    .order_by(event.c.id)
    .limit(sa.bindparam("count"))
    .with_for_update(skip_locked=True)
)
_ONE = _OLDEST.where(event.c.id == sa.bindparam("e")).limit(1)
_OLDEST_IDS = sa.select(event.c.id).where(*_IS_OPEN).order_by(event.c.id).limit(sa.bindparam("count"))
_BY_PROVIDER_ID = sa.select(message.c.id, message.c.provider_id).where(
    message.c.provider_id.in_(sa.bindparam("names", expanding=True))
)
_MARK_PROCESSED = BulkStatement(
    sa.update(event)
    .where(event.c.id == sa.bindparam("e"))
    .values(processed_at=sa.bindparam("now", type_=Instant), result=sa.bindparam("outcome"))
)
# A report may come before we know by which name the provider calls the message. As soon as a result, or
# another report, has told us, the next round folds it.
_REMATCH = (
    sa.update(event)
    .where(
        event.c.result == "unmatched",
        event.c.received_at > sa.bindparam("since", type_=Instant),
        event.c.message_id.is_(None),
        event.c.provider_id != "",
        sa.exists().where(message.c.provider_id == event.c.provider_id),
    )
    .values(processed_at=sa.null(), result="")
)


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingEvents:
    """Reports of one kind that nobody has read yet."""

    kind: str  # status | inbound | bounce | complaint
    count: int
    oldest_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxBacklog:
    """How the inbox stands: what waits since when, and when a provider last reported."""

    kinds: tuple[WaitingEvents, ...]
    last_at: datetime | None

    @property
    def waiting(self) -> int:
        """Count what waits, of whatever kind."""
        return sum(one.count for one in self.kinds)

    @property
    def oldest_at(self) -> datetime | None:
        """Return since when the oldest waits."""
        return min((one.oldest_at for one in self.kinds), default=None)


def backlog(ledger: Ledger) -> InboxBacklog:
    """Return how long the oldest report of each kind has waited, and when the last one came."""
    received = event.c.received_at
    waiting = (
        sa.select(event.c.kind, sa.func.count().label("count"), sa.func.min(received).label("oldest_at"))
        .where(event.c.processed_at.is_(None))
        .group_by(event.c.kind)
        .order_by(event.c.kind)
    )
    with ledger.read() as connection:
        rows = connection.execute(waiting).all()
        last = connection.execute(sa.select(received).order_by(event.c.id.desc()).limit(1)).first()
    kinds = tuple(WaitingEvents(kind=row.kind, count=row[1], oldest_at=row.oldest_at) for row in rows)
    return InboxBacklog(kinds=kinds, last_at=last[0] if last else None)


def count_set_aside(ledger: Ledger) -> dict[str, int]:
    """Count by kind what could not be read and nobody has looked at yet."""
    question = sa.select(event.c.kind, sa.func.count()).where(IS_SET_ASIDE).group_by(event.c.kind)
    with ledger.read() as connection:
        return {row[0]: row[1] for row in connection.execute(question)}
