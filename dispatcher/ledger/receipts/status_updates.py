"""The join of reports into messages: in whatever order and however often they come, the same row results.

Within an attempt the higher rank wins; of two failures of one rank the one with the higher code. A delivery
beside a failure is a conflict, and is kept as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, cast

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts import bounce_history
from dispatcher.ledger.recipients.suppressions import SUPPRESSION_REASONS, OptOut, suppress
from dispatcher.ledger.schema.bulk import BulkStatement
from dispatcher.ledger.schema.message_status import (
    ANONYMISED,
    DELIVERED,
    PERMANENT_FAILURE,
    RANK,
    RANK_NOT_ACCEPTED,
    REPORTED_FAILURES,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.schema.tables import Instant, campaign, event, message, occurrence, to_micros
from dispatcher.ledger.sending import budgets, failure_counts, rate_limits, shards
from dispatcher.ledger.sending.failure_counts import FailureWindow, ResultCounts
from dispatcher.ledger.sending.lookups import LOOKUP_INTERVALS


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedDelivery:
    """A message that failed after the provider took it, as far as deciding on a retry needs."""

    message_id: int
    campaign: str
    audience: str
    channel: str
    kind: str
    attempt: int
    counted_attempts: int
    code: str
    error_class: str
    retry_after_seconds: float
    expires_at: datetime


class EventRow(Protocol):
    """A report as the inbox has it."""

    id: int
    received_at: datetime
    kind: str
    gateway: str
    message_id: int | None
    attempt: int
    provider_id: str
    status: str
    code: str
    error_class: str
    raw: Mapping[str, str | float]


class StoredMessage(Protocol):
    """A message as it stands before the reports of a round."""

    id: int
    status: str
    attempt: int
    counted_attempts: int
    channel: str
    address: str
    audience: str
    shard_id: int
    campaign: str
    kind: str
    expires_at: datetime
    campaign_state: str


RetryAt = Callable[[FailedDelivery], datetime | None]


def lock_messages(connection: sa.Connection, ids: set[int]) -> dict[int, StoredMessage]:
    """Read the messages of a round; nobody else changes them until it is written.

    Their shards come first, as everywhere.
    """
    if not ids:
        return {}
    touched = connection.scalars(_SHARDS, {"ids": list(ids)}).all()
    shards.lock(connection, touched)
    shards.mark_dirty(connection, touched)
    rows = cast("Sequence[StoredMessage]", connection.execute(_MESSAGES, {"ids": list(ids)}).all())
    return {row.id: row for row in rows}


_IDS = message.c.id.in_(sa.bindparam("ids", expanding=True))
_SHARDS = sa.select(message.c.shard_id).where(_IDS).distinct()
_MESSAGES = (
    sa.select(
        message.c.id,
        message.c.status,
        message.c.rank,
        message.c.reason,
        message.c.attempt,
        message.c.counted_attempts,
        message.c.next_at,
        message.c.lookup_at,
        message.c.status_at,
        message.c.conflict,
        message.c.provider_id,
        message.c.parts,
        message.c.vnd,
        message.c.vnd_attempt,
        message.c.channel,
        message.c.address,
        message.c.audience,
        message.c.shard_id,
        occurrence.c.campaign,
        occurrence.c.kind,
        occurrence.c.expires_at,
        campaign.c.state.label("campaign_state"),
    )
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .join(campaign, campaign.c.name == occurrence.c.campaign)
    .where(_IDS)
    .order_by(message.c.id)
    .with_for_update(of=message)
)


@dataclass(slots=True)
class _MessageChange:
    """A message as folding leaves it."""

    rank: int
    status: str
    reason: str
    next_at: datetime | None
    lookup_at: datetime | None
    status_at: datetime
    conflict: int
    provider_id: str | None
    parts: int
    vnd: int
    vnd_attempt: int

    def set_attempt_cost(self, vnd: int) -> None:
        """Let the present attempt cost this."""
        self.vnd += vnd - self.vnd_attempt
        self.vnd_attempt = vnd

    def row(self, message_id: int) -> dict[str, object]:
        """Return it as the driver takes it."""
        row: dict[str, object] = {f"to_{name}": getattr(self, name) for name in _COLUMNS}
        for name in ("to_next_at", "to_lookup_at", "to_status_at"):
            moment = row[name]
            row[name] = to_micros(moment) if isinstance(moment, datetime) else None
        return {"m": message_id, **row}


_COLUMNS = tuple(_MessageChange.__slots__)


class StatusUpdates:
    """One round of reports, message by message."""

    def __init__(
        self,
        messages: Mapping[int, StoredMessage],
        *,
        matched: Mapping[int, int],
        now: datetime,
        retry_at: RetryAt,
    ) -> None:
        self._messages = messages
        self._now = now
        self._retry_at = retry_at
        self._merged: dict[int, _MessageChange] = {}
        self.matched = matched  # event id -> message id
        self.changes: dict[int, _MessageChange] = {}
        self.results: dict[int, str] = {}
        self.opt_outs: list[OptOut] = []
        self.reopened: dict[int, datetime] = {}
        self.soft_bounced: set[str] = set()  # addresses whose mail came back for the moment's sake
        self.unknown: set[str] = set()
        self.priced: set[int] = set()
        self.blocked_gateways: dict[
            str, tuple[datetime, str]
        ] = {}  # gateway -> it wants nothing until then, and why
        self.failures: dict[tuple[str, str], Counter[str]] = {}  # campaign and channel -> hard ones, by class

    def add(self, row: EventRow) -> None:
        """Join one report."""
        stored = self._messages.get(self.matched.get(row.id, 0))
        if stored is None or row.attempt > stored.attempt:
            self.results[row.id] = "unmatched"
            return
        if row.kind != "status" and not row.status:
            self.results[row.id] = "noted"  # it says something about the address, not how the mail stands
        elif row.status not in RANK:
            self.results[row.id] = "unknown-word"
            self.unknown.add(str(row.raw.get("status", "")))
            return
        else:
            self.results[row.id] = self._apply(row, stored)
        if row.kind == "bounce" and row.error_class == "temporary":
            self.soft_bounced.add(stored.address)
        if row.error_class == "account" and row.raw.get("retry_after"):
            until = row.received_at + timedelta(seconds=float(row.raw["retry_after"]))
            self.blocked_gateways[row.gateway] = max(
                (until, str(row.code)), self.blocked_gateways.get(row.gateway, (until, ""))
            )
        self._suppress(row, stored)

    def _apply(self, row: EventRow, stored: StoredMessage) -> str:
        change = self._merged.get(stored.id)
        if change is None:
            change = self._merged[stored.id] = _MessageChange(
                **{name: getattr(stored, name) for name in _COLUMNS}
            )
        is_earlier = 0 < row.attempt < stored.attempt
        if is_earlier and row.status != DELIVERED:
            return "earlier-attempt"
        if self._conflicts(row, change) or is_earlier:
            # Delivered and failed; or delivered, while another attempt may be under way.
            self._set(stored, change, conflict=1)
        if not is_earlier:
            self._apply_details(row, stored, change)
        if not _is_news(row, change):
            return "no-change"
        self._apply_status(row, stored, change)
        return "raised"

    def _conflicts(self, row: EventRow, change: _MessageChange) -> bool:
        # What never reached the provider did not fail there, whatever its status is called.
        has_failed = change.status in REPORTED_FAILURES and change.rank > RANK_NOT_ACCEPTED
        return (row.status == DELIVERED and has_failed) or (
            row.status in REPORTED_FAILURES and change.status == DELIVERED
        )

    def _apply_details(self, row: EventRow, stored: StoredMessage, change: _MessageChange) -> None:
        """Take in what a report tells besides the status."""
        if row.provider_id and change.provider_id is None:
            self._set(stored, change, provider_id=row.provider_id)
        if row.raw.get("parts") is not None:
            self._set(stored, change, parts=int(row.raw["parts"]))
        if row.raw.get("vnd") is not None:
            change.set_attempt_cost(int(row.raw["vnd"]))
            self.changes[stored.id] = change
            self.priced.add(stored.id)

    def _apply_status(self, row: EventRow, stored: StoredMessage, change: _MessageChange) -> None:
        rank, has_failed = RANK[row.status], row.status in REPORTED_FAILURES
        if row.status == PERMANENT_FAILURE:
            self.failures.setdefault((stored.campaign, stored.channel), Counter())[row.error_class] += 1
        self._set(
            stored,
            change,
            rank=rank,
            status=row.status,
            status_at=self._now,
            reason=row.code if has_failed else "",
            next_at=self._retry(row, stored) if row.status == TEMPORARY_FAILURE else None,
            # Only what may still change is worth asking the provider about.
            lookup_at=None if rank >= RANK[TEMPORARY_FAILURE] else self._now + LOOKUP_INTERVALS[0],
        )

    def _set(self, stored: StoredMessage, change: _MessageChange, **facts: object) -> None:
        for name, value in facts.items():
            setattr(change, name, value)
        self.changes[stored.id] = change

    def _retry(self, row: EventRow, stored: StoredMessage) -> datetime | None:
        if stored.campaign_state not in {"active", "paused"}:
            return None
        again = self._retry_at(
            FailedDelivery(
                message_id=stored.id,
                campaign=stored.campaign,
                audience=stored.audience,
                channel=stored.channel,
                kind=stored.kind,
                attempt=stored.attempt,
                counted_attempts=stored.counted_attempts,
                code=row.code,
                error_class=row.error_class,
                retry_after_seconds=float(row.raw.get("retry_after") or 0),
                expires_at=stored.expires_at,
            )
        )
        if again is not None:
            self.reopened[stored.shard_id] = min(again, self.reopened.get(stored.shard_id, again))
        elif not row.error_class and row.code:
            self.unknown.add(row.code)
        return again

    def _suppress(self, row: EventRow, stored: StoredMessage) -> None:
        reason = "complaint" if row.kind == "complaint" else SUPPRESSION_REASONS.get(row.error_class)
        if reason and not stored.address.startswith(f"{ANONYMISED}-"):
            self.opt_outs.append(
                OptOut(
                    channel=stored.channel,
                    address=stored.address,
                    reason=reason,
                    who=row.gateway,
                    how="provider" if row.kind == "status" else row.kind,
                    words=row.code,
                )
            )


def _is_news(row: EventRow, change: _MessageChange) -> bool:
    rank = RANK[row.status]
    if rank == change.rank:  # two failures: one of them has to be the one, whichever came first
        return row.status in REPORTED_FAILURES and row.code > change.reason
    return rank > change.rank


def store(
    connection: sa.Connection, ledger: Ledger, updates: StatusUpdates, *, now: datetime
) -> tuple[tuple[str, FailureWindow], ...]:
    """Write down what a round came to; gives the campaigns that had failures, with their runs."""
    if updates.changes:
        with budgets.keep_in_sync(connection, updates.priced):
            _UPDATE_MESSAGES(connection, [change.row(key) for key, change in updates.changes.items()])
    shards.reopen(connection, updates.reopened)
    _MARK_PROCESSED(
        connection,
        [
            {"e": event_id, "outcome": outcome, "of": updates.matched.get(event_id), "now": to_micros(now)}
            for event_id, outcome in updates.results.items()
        ],
    )
    failure_windows = tuple(
        (
            name,
            failure_counts.add(
                connection, ledger, ResultCounts(campaign=name, channel=channel, failed=failed)
            ),
        )
        for (name, channel), failed in sorted(updates.failures.items())
    )
    for gateway, (until, code) in updates.blocked_gateways.items():
        if until > now:
            rate_limits.extend_block(connection, gateway, until=until, reason=code)
    for opt_out in (*updates.opt_outs, *_dead_mailboxes(connection, updates.soft_bounced)):
        suppress(connection, opt_out, now=now)
    return failure_windows


def _dead_mailboxes(connection: sa.Connection, addresses: set[str]) -> list[OptOut]:
    words = f"{bounce_history.SOFT_BOUNCES_MAX} in a row"
    return [
        OptOut(channel="email", address=address, reason="dead-address", how="bounce", words=words)
        for address in bounce_history.repeated_soft_bounces(connection, addresses)
    ]


_UPDATE_MESSAGES = BulkStatement(
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values({name: sa.bindparam(f"to_{name}") for name in _COLUMNS})
)
_MARK_PROCESSED = BulkStatement(
    sa.update(event)
    .where(event.c.id == sa.bindparam("e"))
    .values(
        processed_at=sa.bindparam("now", type_=Instant),
        result=sa.bindparam("outcome"),
        message_id=sa.bindparam("of"),
    )
)
