"""The inbox: what the world reports is written down at once and folded afterwards, at our own pace.

Folding joins: within an attempt the higher rank wins, so any order and any number of repeats of the same
events leave the same ledger behind. A failure and a delivery of one attempt are a conflict; it is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger, bounces, tally
from dispatcher.ledger.consent import OptOut, suppress
from dispatcher.ledger.status import DELIVERED, FAILED, RANK, TEMPORARY_FAILURE
from dispatcher.ledger.tables import Instant, event, message, occurrence, shard

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
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A message that failed after the provider took it, as far as deciding on a retry needs."""

    message_id: int
    campaign: str
    audience: str
    channel: str
    kind: str
    attempt: int
    code: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Folded:
    """What one round of folding did."""

    events: int
    changed: int
    more: bool


RetryAt = Callable[[Failure], datetime | None]


def record(ledger: Ledger, events: Sequence[Event], *, now: datetime) -> int:
    """Write reports into the inbox; gives how many were new. A repeat is no news."""
    rows = [
        {
            "received_at": now,
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
            "raw": dict(item.raw),
        }
        for item in events
    ]
    if not rows:
        return 0
    with ledger.begin() as connection:
        before = connection.scalar(sa.select(sa.func.max(event.c.id))) or 0
        connection.execute(ledger.insert(event).on_conflict_do_nothing(), rows)
        return connection.scalar(sa.select(sa.func.count()).where(event.c.id > before)) or 0


def fold(ledger: Ledger, *, now: datetime, retry_at: RetryAt, limit: int = 1000) -> Folded:
    """Fold the oldest status reports of the inbox into their messages."""
    with ledger.begin() as connection:
        rows = connection.execute(
            sa.select(event)
            .where(event.c.folded_at.is_(None), event.c.kind.in_(("status", "bounce", "complaint")))
            .order_by(event.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        if not rows:
            return Folded(events=0, changed=0, more=False)
        matched = _match(connection, rows)
        messages = _messages(connection, set(matched.values()))
        folding = _Folding(messages, now=now, retry_at=retry_at)
        for row in rows:
            folding.add(row, matched.get(row.id))
        _write(connection, ledger, folding, now=now)
    return Folded(events=len(rows), changed=len(folding.changes), more=len(rows) == limit)


def rematch(ledger: Ledger, *, now: datetime) -> None:
    """Offer reports that matched no message once more, while they are younger than a week."""
    with ledger.begin() as connection:
        connection.execute(
            sa.update(event)
            .where(
                event.c.result == "unmatched",
                event.c.folded_at.is_not(None),
                event.c.received_at > now - REMATCH_FOR,
            )
            .values(folded_at=None)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Inbound:
    """A text somebody sent us."""

    event_id: int
    address: str
    body: str
    received_at: datetime
    provider_id: str


def inbound(ledger: Ledger, *, limit: int = 200) -> tuple[Inbound, ...]:
    """Give the oldest texts nobody has read yet."""
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(event)
            .where(event.c.folded_at.is_(None), event.c.kind == "inbound")
            .order_by(event.c.id)
            .limit(limit)
        )
        return tuple(
            Inbound(
                event_id=row.id,
                address=row.raw.get("from", ""),
                body=row.raw.get("body", ""),
                received_at=row.received_at,
                provider_id=row.provider_id,
            )
            for row in rows
        )


def close(ledger: Ledger, results: Mapping[int, str], *, now: datetime) -> None:
    """Mark reports as read, each with what came of it."""
    if not results:
        return
    with ledger.begin() as connection:
        connection.execute(
            sa.update(event)
            .where(event.c.id == sa.bindparam("e"))
            .values(folded_at=now, result=sa.bindparam("outcome")),
            [{"e": event_id, "outcome": outcome} for event_id, outcome in results.items()],
        )


def waiting(ledger: Ledger) -> int:
    """Count the reports not folded yet."""
    with ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).where(event.c.folded_at.is_(None))) or 0


def _match(connection: sa.Connection, rows: Sequence[Any]) -> dict[int, int]:
    """Give event id → message id: by our own key, else by the provider's id."""
    matched = {row.id: row.message_id for row in rows if row.message_id is not None}
    ids = {row.provider_id for row in rows if row.message_id is None and row.provider_id}
    if not ids:
        return matched
    found = {
        row.provider_id: row.id
        for row in connection.execute(
            sa.select(message.c.id, message.c.provider_id).where(message.c.provider_id.in_(ids))
        )
    }
    for row in rows:
        if row.id not in matched and row.provider_id in found:
            matched[row.id] = found[row.provider_id]
    return matched


def _messages(connection: sa.Connection, ids: set[int]) -> dict[int, Any]:
    if not ids:
        return {}
    question = (
        sa.select(
            message.c.id,
            message.c.status,
            message.c.rank,
            message.c.attempt,
            message.c.conflict,
            message.c.channel,
            message.c.address,
            message.c.audience,
            message.c.shard_id,
            occurrence.c.campaign,
            occurrence.c.kind,
            occurrence.c.expires_at,
        )
        .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
        .where(message.c.id.in_(ids))
    )
    return {row.id: row for row in connection.execute(question)}


@dataclass(slots=True)
class _Change:
    """A message as folding leaves it."""

    rank: int
    status: str
    conflict: int
    reason: str = ""
    provider_id: str | None = None
    next_at: datetime | None = None
    failed: bool = False


class _Folding:
    """The join of one round of events, message by message."""

    def __init__(self, messages: Mapping[int, Any], *, now: datetime, retry_at: RetryAt) -> None:
        self._messages = messages
        self._now = now
        self._retry_at = retry_at
        self.changes: dict[int, _Change] = {}
        self.results: dict[int, str] = {}
        self.opt_outs: list[OptOut] = []
        self.reopened: dict[int, datetime] = {}
        self.came_back: set[str] = set()  # addresses whose mail came back for the moment's sake

    def add(self, row: Any, message_id: int | None) -> None:
        found = self._messages.get(message_id) if message_id is not None else None
        if found is None or row.attempt > found.attempt:
            self.results[row.id] = "unmatched"
            return
        if row.kind != "status" and not row.status:
            self.results[row.id] = "noted"  # it says something about the address, not how the mail stands
        elif row.status not in RANK:
            self.results[row.id] = "unknown-word"
            return
        else:
            self.results[row.id] = self._join(row, found)
        if row.kind == "bounce" and row.error_class == "temporary":
            self.came_back.add(found.address)
        self._suppress(row, found)

    def shards(self) -> set[int]:
        """Name the shards in which a message changed."""
        return {self._messages[message_id].shard_id for message_id in self.changes}

    def _join(self, row: Any, found: Any) -> str:
        if 0 < row.attempt < found.attempt and row.status != DELIVERED:
            return "earlier-attempt"
        change = self.changes.get(found.id) or _Change(
            rank=found.rank, status=found.status, conflict=found.conflict
        )
        if {row.status, change.status} & FAILED and DELIVERED in {row.status, change.status}:
            change.conflict = 1
            self.changes[found.id] = change
        elif 0 < row.attempt < found.attempt:
            change.conflict = 1  # delivered, while a later attempt may be under way
        if row.provider_id:
            change.provider_id = row.provider_id
            self.changes[found.id] = change
        if RANK[row.status] <= change.rank:
            return "no-change"
        change.rank, change.status, change.next_at = RANK[row.status], row.status, None
        change.reason = row.code if row.status in FAILED else ""
        if row.status == TEMPORARY_FAILURE:
            change.next_at = self._retry(row, found)
        self.changes[found.id] = change
        return "raised"

    def _retry(self, row: Any, found: Any) -> datetime | None:
        again = self._retry_at(
            Failure(
                message_id=found.id,
                campaign=found.campaign,
                audience=found.audience,
                channel=found.channel,
                kind=found.kind,
                attempt=found.attempt,
                code=row.code,
                expires_at=found.expires_at,
            )
        )
        if again is not None:
            self.reopened[found.shard_id] = min(again, self.reopened.get(found.shard_id, again))
        return again

    def _suppress(self, row: Any, found: Any) -> None:
        reasons = {"opt-out": "opted-out", "number": "dead-address"}
        if row.kind == "complaint":
            reason: str | None = "complaint"
        else:
            reason = reasons.get(row.error_class)
        if reason:
            self.opt_outs.append(
                OptOut(
                    channel=found.channel,
                    address=found.address,
                    reason=reason,
                    who=row.gateway,
                    how="provider" if row.kind == "status" else row.kind,
                    words=row.code,
                )
            )


def _write(connection: sa.Connection, ledger: Ledger, folding: _Folding, *, now: datetime) -> None:
    if folding.changes:
        connection.execute(
            _RAISE,
            [
                {
                    "m": message_id,
                    "to_rank": change.rank,
                    "to_status": change.status,
                    "why": change.reason,
                    "again": change.next_at,
                    "clash": change.conflict,
                    "pid": change.provider_id,
                    "now": now,
                }
                for message_id, change in folding.changes.items()
            ],
        )
        tally.mark(connection, folding.shards())
    for shard_id, again in folding.reopened.items():
        connection.execute(
            sa.update(shard)
            .where(shard.c.id == shard_id, shard.c.state == "done")
            .values(state="open", not_before=again)
        )
    connection.execute(
        sa.update(event)
        .where(event.c.id == sa.bindparam("e"))
        .values(folded_at=now, result=sa.bindparam("outcome")),
        [{"e": event_id, "outcome": outcome} for event_id, outcome in folding.results.items()],
    )
    for opt_out in (*folding.opt_outs, *_given_up(connection, folding.came_back)):
        suppress(connection, ledger, opt_out, now=now)


def _given_up(connection: sa.Connection, addresses: set[str]) -> list[OptOut]:
    words = f"{bounces.SOFT_MAX} in a row"
    return [
        OptOut(channel="email", address=address, reason="dead-address", how="bounce", words=words)
        for address in bounces.worn_out(connection, addresses)
    ]


def _raised(column: sa.Column[Any], value: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    return sa.case((message.c.rank < sa.bindparam("to_rank"), value), else_=column)


_RAISE = (
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values(
        status=_raised(message.c.status, sa.bindparam("to_status", type_=sa.Text)),
        reason=_raised(message.c.reason, sa.bindparam("why", type_=sa.Text)),
        next_at=_raised(message.c.next_at, sa.bindparam("again", type_=Instant)),
        # Only what may still change is worth asking the provider about.
        ask_at=sa.case(
            (sa.bindparam("to_rank") >= RANK[TEMPORARY_FAILURE], sa.null()), else_=message.c.ask_at
        ),
        status_at=_raised(message.c.status_at, sa.bindparam("now", type_=Instant)),
        rank=_raised(message.c.rank, sa.bindparam("to_rank", type_=sa.Integer)),
        conflict=sa.case((message.c.conflict < sa.bindparam("clash"), 1), else_=message.c.conflict),
        provider_id=sa.func.coalesce(message.c.provider_id, sa.bindparam("pid", type_=sa.Text)),
    )
)
