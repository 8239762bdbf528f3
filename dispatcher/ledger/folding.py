"""The join of reports into messages: in whatever order and however often they come, the same row results.

Within an attempt the higher rank wins; of two failures of one rank the one with the higher code. A delivery
beside a failure is a conflict, and is kept as one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger, bounces, budgets, rates, runs, shards, tally
from dispatcher.ledger.bulk import Many
from dispatcher.ledger.consent import OptOut, suppress
from dispatcher.ledger.doubts import PAUSES
from dispatcher.ledger.runs import Answers, Run
from dispatcher.ledger.status import (
    DELIVERED,
    FAILED,
    PERMANENT_FAILURE,
    RANK,
    RANK_NOT_TAKEN,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.tables import Instant, campaign, event, message, occurrence, to_micros

STOPS = {"opt-out": "opted-out", "number": "dead-address", "blocked": "blocked"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A message that failed after the provider took it, as far as deciding on a retry needs."""

    message_id: int
    campaign: str
    audience: str
    channel: str
    kind: str
    attempt: int
    tries: int
    code: str
    error_class: str
    retry_after_seconds: float
    expires_at: datetime


RetryAt = Callable[[Failure], datetime | None]


def lock_messages(connection: sa.Connection, ids: set[int]) -> dict[int, Any]:
    """Read the messages of a round; nobody else changes them until it is written.

    Their shards come first, as everywhere.
    """
    if not ids:
        return {}
    touched = connection.scalars(_SHARDS, {"ids": list(ids)}).all()
    shards.lock(connection, touched)
    tally.mark(connection, touched)
    return {row.id: row for row in connection.execute(_MESSAGES, {"ids": list(ids)})}


_IDS = message.c.id.in_(sa.bindparam("ids", expanding=True))
_SHARDS = sa.select(message.c.shard_id).where(_IDS).distinct()
_MESSAGES = (
    sa.select(
        message.c.id,
        message.c.status,
        message.c.rank,
        message.c.reason,
        message.c.attempt,
        message.c.tries,
        message.c.next_at,
        message.c.ask_at,
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
class _Change:
    """A message as folding leaves it."""

    rank: int
    status: str
    reason: str
    next_at: datetime | None
    ask_at: datetime | None
    status_at: datetime
    conflict: int
    provider_id: str | None
    parts: int
    vnd: int
    vnd_attempt: int

    def price(self, vnd: int) -> None:
        """Let the present attempt cost this."""
        self.vnd += vnd - self.vnd_attempt
        self.vnd_attempt = vnd

    def row(self, message_id: int) -> dict[str, object]:
        """Give it as the driver takes it."""
        row: dict[str, object] = {f"to_{name}": getattr(self, name) for name in _FACTS}
        for name in ("to_next_at", "to_ask_at", "to_status_at"):
            moment = row[name]
            row[name] = to_micros(moment) if isinstance(moment, datetime) else None
        return {"m": message_id, **row}


_FACTS = tuple(_Change.__slots__)


class Folding:
    """One round of reports, message by message."""

    def __init__(
        self,
        messages: Mapping[int, Any],
        *,
        matched: Mapping[int, int],
        now: datetime,
        retry_at: RetryAt,
    ) -> None:
        self._messages = messages
        self._now = now
        self._retry_at = retry_at
        self._standing: dict[int, _Change] = {}
        self.matched = matched  # event id -> message id
        self.changes: dict[int, _Change] = {}
        self.results: dict[int, str] = {}
        self.opt_outs: list[OptOut] = []
        self.reopened: dict[int, datetime] = {}
        self.came_back: set[str] = set()  # addresses whose mail came back for the moment's sake
        self.unknown: set[str] = set()
        self.priced: set[int] = set()
        self.pauses: dict[str, tuple[datetime, str]] = {}  # gateway -> it wants nothing until then, and why
        self.failures: dict[tuple[str, str], Counter[str]] = {}  # campaign and channel -> hard ones, by class

    def add(self, row: Any) -> None:
        """Join one report."""
        found = self._messages.get(self.matched.get(row.id, 0))
        if found is None or row.attempt > found.attempt:
            self.results[row.id] = "unmatched"
            return
        if row.kind != "status" and not row.status:
            self.results[row.id] = "noted"  # it says something about the address, not how the mail stands
        elif row.status not in RANK:
            self.results[row.id] = "unknown-word"
            self.unknown.add(str(row.raw.get("status", "")))
            return
        else:
            self.results[row.id] = self._join(row, found)
        if row.kind == "bounce" and row.error_class == "temporary":
            self.came_back.add(found.address)
        if row.error_class == "account" and row.raw.get("retry_after"):
            until = row.received_at + timedelta(seconds=float(row.raw["retry_after"]))
            self.pauses[row.gateway] = max((until, str(row.code)), self.pauses.get(row.gateway, (until, "")))
        self._suppress(row, found)

    def _join(self, row: Any, found: Any) -> str:
        standing = self._standing.get(found.id)
        if standing is None:
            standing = self._standing[found.id] = _Change(**{name: getattr(found, name) for name in _FACTS})
        is_earlier = 0 < row.attempt < found.attempt
        if is_earlier and row.status != DELIVERED:
            return "earlier-attempt"
        if self._contradicts(row, standing) or is_earlier:
            # Delivered and failed; or delivered, while another attempt may be under way.
            self._set(found, standing, conflict=1)
        if not is_earlier:
            self._learn(row, found, standing)
        if not _is_news(row, standing):
            return "no-change"
        self._raise(row, found, standing)
        return "raised"

    def _contradicts(self, row: Any, standing: _Change) -> bool:
        # What never reached the provider did not fail there, whatever its status is called.
        has_failed = standing.status in FAILED and standing.rank > RANK_NOT_TAKEN
        return (row.status == DELIVERED and has_failed) or (
            row.status in FAILED and standing.status == DELIVERED
        )

    def _learn(self, row: Any, found: Any, standing: _Change) -> None:
        """Take in what a report tells besides the status."""
        if row.provider_id and standing.provider_id is None:
            self._set(found, standing, provider_id=row.provider_id)
        if row.raw.get("parts") is not None:
            self._set(found, standing, parts=int(row.raw["parts"]))
        if row.raw.get("vnd") is not None:
            standing.price(int(row.raw["vnd"]))
            self.changes[found.id] = standing
            self.priced.add(found.id)

    def _raise(self, row: Any, found: Any, standing: _Change) -> None:
        rank, has_failed = RANK[row.status], row.status in FAILED
        if row.status == PERMANENT_FAILURE:
            self.failures.setdefault((found.campaign, found.channel), Counter())[row.error_class] += 1
        self._set(
            found,
            standing,
            rank=rank,
            status=row.status,
            status_at=self._now,
            reason=row.code if has_failed else "",
            next_at=self._retry(row, found) if row.status == TEMPORARY_FAILURE else None,
            # Only what may still change is worth asking the provider about.
            ask_at=None if rank >= RANK[TEMPORARY_FAILURE] else self._now + PAUSES[0],
        )

    def _set(self, found: Any, standing: _Change, **facts: Any) -> None:
        for name, value in facts.items():
            setattr(standing, name, value)
        self.changes[found.id] = standing

    def _retry(self, row: Any, found: Any) -> datetime | None:
        if found.campaign_state not in {"active", "paused"}:
            return None
        again = self._retry_at(
            Failure(
                message_id=found.id,
                campaign=found.campaign,
                audience=found.audience,
                channel=found.channel,
                kind=found.kind,
                attempt=found.attempt,
                tries=found.tries,
                code=row.code,
                error_class=row.error_class,
                retry_after_seconds=float(row.raw.get("retry_after") or 0),
                expires_at=found.expires_at,
            )
        )
        if again is not None:
            self.reopened[found.shard_id] = min(again, self.reopened.get(found.shard_id, again))
        elif not row.error_class and row.code:
            self.unknown.add(row.code)
        return again

    def _suppress(self, row: Any, found: Any) -> None:
        reason = "complaint" if row.kind == "complaint" else STOPS.get(row.error_class)
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


def _is_news(row: Any, standing: _Change) -> bool:
    rank = RANK[row.status]
    if rank == standing.rank:  # two failures: one of them has to be the one, whichever came first
        return row.status in FAILED and row.code > standing.reason
    return rank > standing.rank


def write(
    connection: sa.Connection, ledger: Ledger, folding: Folding, *, now: datetime
) -> tuple[tuple[str, Run], ...]:
    """Write down what a round came to; gives the campaigns that had failures, with their runs."""
    if folding.changes:
        with budgets.in_step(connection, folding.priced):
            _CHANGE(connection, [change.row(key) for key, change in folding.changes.items()])
    shards.reopen(connection, folding.reopened)
    _FOLDED(
        connection,
        [
            {"e": event_id, "outcome": outcome, "of": folding.matched.get(event_id), "now": to_micros(now)}
            for event_id, outcome in folding.results.items()
        ],
    )
    runs_with_failures = tuple(
        (name, runs.add(connection, ledger, Answers(campaign=name, channel=channel, failed=failed)))
        for (name, channel), failed in sorted(folding.failures.items())
    )
    for gateway, (until, code) in folding.pauses.items():
        if until > now:
            rates.hold(connection, gateway, until=until, reason=code)
    for opt_out in (*folding.opt_outs, *_worn_out(connection, folding.came_back)):
        suppress(connection, ledger, opt_out, now=now)
    return runs_with_failures


def _worn_out(connection: sa.Connection, addresses: set[str]) -> list[OptOut]:
    words = f"{bounces.SOFT_MAX} in a row"
    return [
        OptOut(channel="email", address=address, reason="dead-address", how="bounce", words=words)
        for address in bounces.worn_out(connection, addresses)
    ]


_CHANGE = Many(
    sa.update(message)
    .where(message.c.id == sa.bindparam("m"))
    .values({name: sa.bindparam(f"to_{name}") for name in _FACTS})
)
_FOLDED = Many(
    sa.update(event)
    .where(event.c.id == sa.bindparam("e"))
    .values(
        folded_at=sa.bindparam("now", type_=Instant),
        result=sa.bindparam("outcome"),
        message_id=sa.bindparam("of"),
    )
)
