"""How far a campaign has got: messages by step, day, audience and channel, failures with what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TypeVar

from dispatcher.campaign import step_kinds
from dispatcher.ledger.queries.message_counts import StepCount
from dispatcher.ledger.schema.message_status import (
    DELIVERED,
    FAILED,
    IN_DOUBT,
    NOT_NEEDED,
    NOT_REACHED,
    WAITING,
    WITH_PROVIDER,
)

K = TypeVar("K", str, date)
BUCKETS = {
    **dict.fromkeys(WAITING, "waiting"),
    **dict.fromkeys(WITH_PROVIDER, "sent"),
    **dict.fromkeys(FAILED, "failed"),
    **dict.fromkeys(NOT_NEEDED, "not_needed"),
    IN_DOUBT: "in_doubt",
    DELIVERED: "delivered",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageCounts:
    """Messages by how they stand; the parts add up to `messages`."""

    messages: int = 0
    waiting: int = 0
    in_doubt: int = 0
    sent: int = 0  # with the provider, no receipt yet
    delivered: int = 0
    failed: int = 0
    not_needed: int = 0
    parts: int = 0
    vnd: int = 0

    @property
    def gone(self) -> int:
        """Return what left and was not refused."""
        return self.sent + self.delivered


@dataclass(frozen=True, kw_only=True, slots=True)
class StepCounts:
    """How one occurrence of a step stands."""

    step: str
    key: str
    kind: str
    due_at: datetime
    counts: MessageCounts


@dataclass(frozen=True, kw_only=True, slots=True)
class ReasonCount:
    """So many messages for one reason."""

    status: str
    reason: str
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """All of a campaign's messages, added up. Digests are apart: they go to colleagues."""

    total: MessageCounts
    digests: MessageCounts
    by_step: tuple[StepCounts, ...]
    by_day: tuple[tuple[date, MessageCounts], ...]
    by_audience: tuple[tuple[str, MessageCounts], ...]
    by_channel: tuple[tuple[str, MessageCounts], ...]
    failures: tuple[ReasonCount, ...]
    skipped: tuple[ReasonCount, ...]


def summarise(counts: Sequence[StepCount]) -> Progress:
    """Add up."""
    messages = [item for item in counts if item.kind not in step_kinds.FOR_STAFF]
    return Progress(
        total=sum_counts(messages),
        digests=sum_counts(item for item in counts if item.kind in step_kinds.FOR_STAFF),
        by_step=_by_step(counts),
        by_day=tuple(sorted(_grouped(messages, _day).items(), key=_first)),
        by_audience=tuple(sorted(_grouped(messages, lambda item: item.audience).items(), key=_first)),
        by_channel=tuple(sorted(_grouped(messages, lambda item: item.channel).items(), key=_first)),
        failures=_reason_counts(messages, NOT_REACHED),
        skipped=_reason_counts(messages, NOT_NEEDED),
    )


def sum_counts(counts: Iterable[StepCount]) -> MessageCounts:
    """Add counts up."""
    totals: Counter[str] = Counter()
    for item in counts:
        totals["messages"] += item.messages
        totals["parts"] += item.parts
        totals["vnd"] += item.vnd
        totals[BUCKETS[item.status]] += item.messages
    return MessageCounts(**totals)


def add_up(counts: Iterable[MessageCounts]) -> MessageCounts:
    """Add sums up."""
    totals: Counter[str] = Counter()
    for one in counts:
        totals.update(asdict(one))
    return MessageCounts(**totals)


def _first(pair: tuple[K, MessageCounts]) -> K:
    return pair[0]


def _day(item: StepCount) -> date | None:
    return item.day


def _grouped(counts: Iterable[StepCount], key: Callable[[StepCount], K | None]) -> dict[K, MessageCounts]:
    groups: defaultdict[K, list[StepCount]] = defaultdict(list)
    for item in counts:
        if (place := key(item)) is not None:
            groups[place].append(item)
    return {name: sum_counts(items) for name, items in groups.items()}


def _by_step(counts: Iterable[StepCount]) -> tuple[StepCounts, ...]:
    groups: defaultdict[tuple[str, str, str, datetime], list[StepCount]] = defaultdict(list)
    for item in counts:
        groups[item.step, item.key, item.kind, item.due_at].append(item)
    return tuple(
        StepCounts(step=step, key=key, kind=kind, due_at=due_at, counts=sum_counts(items))
        for (step, key, kind, due_at), items in sorted(groups.items(), key=lambda pair: (pair[0][3], pair[0]))
    )


def _reason_counts(counts: Iterable[StepCount], statuses: frozenset[str]) -> tuple[ReasonCount, ...]:
    totals: Counter[tuple[str, str]] = Counter()
    for item in counts:
        if item.status in statuses:
            totals[item.status, item.reason] += item.messages
    return tuple(
        ReasonCount(status=status, reason=reason, messages=messages)
        for (status, reason), messages in totals.most_common()
    )
