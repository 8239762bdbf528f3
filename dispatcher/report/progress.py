"""How far a campaign has got: messages by step, day, audience and channel, failures with what to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from dispatcher.ledger.tally import Count

K = TypeVar("K", str, date)
WAITING = frozenset({"created", "submitting", "temporary-failure"})
GONE = frozenset({"sending", "sent"})
FAILED = frozenset({"permanent-failure", "technical-failure"})
NOT_NEEDED = frozenset({"cancelled", "expired"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
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
        """Give what left and was not refused."""
        return self.sent + self.delivered


@dataclass(frozen=True, kw_only=True, slots=True)
class StepStanding:
    """How one occurrence of a step stands."""

    step: str
    key: str
    kind: str
    due_at: datetime
    standing: Standing


@dataclass(frozen=True, kw_only=True, slots=True)
class Why:
    """So many messages for one reason."""

    status: str
    reason: str
    messages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """All of a campaign's messages, added up. Digests are apart: they go to colleagues."""

    total: Standing
    digests: Standing
    by_step: tuple[StepStanding, ...]
    by_day: tuple[tuple[date, Standing], ...]
    by_audience: tuple[tuple[str, Standing], ...]
    by_channel: tuple[tuple[str, Standing], ...]
    failures: tuple[Why, ...]
    skipped: tuple[Why, ...]


def progress(counts: Sequence[Count]) -> Progress:
    """Add up."""
    messages = [item for item in counts if item.kind != "digest"]
    return Progress(
        total=standing(messages),
        digests=standing(item for item in counts if item.kind == "digest"),
        by_step=_by_step(counts),
        by_day=tuple(sorted(_grouped(messages, _day).items(), key=_first)),
        by_audience=tuple(sorted(_grouped(messages, lambda item: item.audience).items(), key=_first)),
        by_channel=tuple(sorted(_grouped(messages, lambda item: item.channel).items(), key=_first)),
        failures=_whys(messages, FAILED | {"temporary-failure"}),
        skipped=_whys(messages, NOT_NEEDED),
    )


def standing(counts: Iterable[Count]) -> Standing:
    """Add counts up."""
    found: Counter[str] = Counter()
    for item in counts:
        found["messages"] += item.messages
        found["parts"] += item.parts
        found["vnd"] += item.vnd
        found[_place(item.status)] += item.messages
    return Standing(**found)


def _place(status: str) -> str:
    if status in WAITING:
        return "waiting"
    if status in GONE:
        return "sent"
    if status in FAILED:
        return "failed"
    if status in NOT_NEEDED:
        return "not_needed"
    return "in_doubt" if status == "in-doubt" else "delivered"


def _first(pair: tuple[K, Standing]) -> K:
    return pair[0]


def _day(item: Count) -> date | None:
    return item.day


def _grouped(counts: Iterable[Count], key: Callable[[Count], K | None]) -> dict[K, Standing]:
    groups: defaultdict[K, list[Count]] = defaultdict(list)
    for item in counts:
        if (place := key(item)) is not None:
            groups[place].append(item)
    return {name: standing(items) for name, items in groups.items()}


def _by_step(counts: Iterable[Count]) -> tuple[StepStanding, ...]:
    groups: defaultdict[tuple[str, str, str, datetime], list[Count]] = defaultdict(list)
    for item in counts:
        groups[item.step, item.key, item.kind, item.due_at].append(item)
    return tuple(
        StepStanding(step=step, key=key, kind=kind, due_at=due_at, standing=standing(items))
        for (step, key, kind, due_at), items in sorted(groups.items(), key=lambda pair: (pair[0][3], pair[0]))
    )


def _whys(counts: Iterable[Count], statuses: frozenset[str]) -> tuple[Why, ...]:
    found: Counter[tuple[str, str]] = Counter()
    for item in counts:
        if item.status in statuses:
            found[item.status, item.reason] += item.messages
    return tuple(
        Why(status=status, reason=reason, messages=messages)
        for (status, reason), messages in found.most_common()
    )
