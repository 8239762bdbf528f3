"""The inbox: what the world reports is written down at once and folded afterwards, at our own pace.

Folding joins: within an attempt the higher rank wins, so any order and any number of repeats of the same
events leave the same ledger behind. A failure and a delivery of one attempt are a conflict; it is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher import failpoints
from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts.status_updates import RetryAt, StatusUpdates, lock_messages, store
from dispatcher.ledger.schema.bulk import BulkStatement, Insert, insert_into
from dispatcher.ledger.schema.tables import Instant, event, message, to_micros
from dispatcher.ledger.sending.failure_counts import FailureWindow

REMATCH_FOR = timedelta(days=7)


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
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class AppliedEvents:
    """What one round of folding did; `unknown` are the words and codes that nobody here knows."""

    events: int
    changed: int
    more: bool
    unknown: frozenset[str] = frozenset()
    failure_windows: tuple[
        tuple[str, FailureWindow], ...
    ] = ()  # of the campaigns in which something failed for good


def record(ledger: Ledger, events: Sequence[Event], *, now: datetime) -> int:
    """Write reports into the inbox; gives how many were new. A repeat is no news."""
    rows = [
        {
            "received_at": to_micros(now),
            "kind": item.kind,
            "gateway": item.gateway,
            "source": item.source,
            "dedupe_key": item.dedupe_key,
            "message_key": item.message_key,
            "message_id": item.message_id,
            "attempt": item.attempt,
            "provider_id": item.provider_id,
            "status": item.status,
            "code": item.code,
            "error_class": item.error_class,
            "raw": json.dumps(_raw_with_extras(item), ensure_ascii=False),
        }
        for item in events
    ]
    if not rows:
        return 0
    with ledger.begin() as connection:
        new = _RECORD(connection, rows)
        failpoints.hit("event-recording")
    return new


def _raw_with_extras(item: Event) -> dict[str, Any]:
    """Keep beside what was received what few events have."""
    facts = {"retry_after": item.retry_after_seconds, "parts": item.parts, "vnd": item.vnd}
    return {**item.raw, **{name: value for name, value in facts.items() if value is not None}}


def apply_events(ledger: Ledger, *, now: datetime, retry_at: RetryAt, limit: int = 1000) -> AppliedEvents:
    """Fold the oldest status reports of the inbox into their messages."""
    with ledger.begin() as connection:
        connection.execute(_REMATCH, {"since": now - REMATCH_FOR})
        rows = connection.execute(_OLDEST, {"count": limit}).all()
        if not rows:
            return AppliedEvents(events=0, changed=0, more=False)
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
        more=len(rows) == limit,
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
                address=row.raw.get("from", ""),
                body=row.raw.get("body", ""),
                received_at=row.received_at,
                provider_id=row.provider_id,
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


def count_unprocessed(ledger: Ledger) -> int:
    """Count the reports not folded yet."""
    with ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).where(event.c.processed_at.is_(None))) or 0


def _match(connection: sa.Connection, rows: Sequence[Any]) -> dict[int, int]:
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
    columns = [column.name for column in event.c if column.name not in {"id", "processed_at", "result"}]
    return (
        insert_into(dialect, event)
        .values({name: sa.bindparam(name) for name in columns})
        .on_conflict_do_nothing()
    )


_RECORD = BulkStatement(_insert_event)
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
    .where(event.c.processed_at.is_(None), event.c.kind.in_(("status", "bounce", "complaint")))
    .order_by(event.c.id)
    .limit(sa.bindparam("count"))
    .with_for_update(skip_locked=True)
)
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
class InboxBacklog:
    """How the inbox stands: what waits since when, and when a provider last reported."""

    waiting: int
    oldest_at: datetime | None
    last_at: datetime | None


def backlog(ledger: Ledger) -> InboxBacklog:
    """Return how long the oldest report has waited, and when the last one came."""
    with ledger.read() as connection:
        row = connection.execute(
            sa.select(sa.func.count(), sa.func.min(event.c.received_at)).where(event.c.processed_at.is_(None))
        ).one()
        last = connection.execute(sa.select(event.c.received_at).order_by(event.c.id.desc()).limit(1)).first()
    return InboxBacklog(waiting=row[0], oldest_at=row[1], last_at=last[0] if last else None)
