"""What came of a simulation, as values: sums, busiest hour, samples, broken rules, the books compared."""

from __future__ import annotations

import resource
import sys
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from dispatcher.campaign.model import Schedules
from dispatcher.ledger import Ledger, audit, books, campaigns, traffic
from dispatcher.ledger.books import Sum
from dispatcher.ledger.status import WITH_PROVIDER
from dispatcher.ledger.traffic import Sample, Standing
from dispatcher.simulation.rules import Broken, Reconciliation
from dispatcher.simulation.run import Played

DAY = timedelta(hours=24)
# At the end nothing is tried again: what failed for now has failed.
FAILED = ("temporary-failure", "permanent-failure", "technical-failure")


@dataclass(frozen=True, kw_only=True, slots=True)
class Day:
    """One step on one local day for one audience on one channel; the counts are messages."""

    day: date
    campaign: str
    step: str
    kind: str
    audience: str
    channel: str
    planned: int
    sent: int  # the provider has them
    delivered: int  # of these, with a receipt
    cancelled: int
    failed: int
    expired: int
    open: int
    parts: int
    vnd: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Busiest:
    """The hour in which most texts left, beside what the gateway could have sent in it."""

    begins: datetime  # local
    messages: int
    possible: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """Everything that is told at the end of a simulation."""

    since: datetime
    until: datetime
    people: int
    planned: int
    statuses: dict[str, int]
    reasons: dict[str, int]
    parts: int
    vnd: int
    calendar: tuple[Day, ...]
    busiest: Busiest | None
    most_texts_in_a_day: int
    digests: int
    missed: int  # occurrences that came too late, as those before the first day do
    standing: Standing
    paused: dict[str, str]  # campaigns that stopped themselves and why; code words
    samples: tuple[Sample, ...]
    broken: tuple[Broken, ...]
    reconciliation: Reconciliation | None
    seconds: float
    peak_rss_mb: float
    folder: Path | None = None

    @property
    def is_sound(self) -> bool:
        """Whether every rule was kept and the books agree."""
        return not self.broken and (self.reconciliation is None or self.reconciliation.balanced)

    def as_json(self) -> dict[str, Any]:
        """Give everything as one object for machines."""
        return {
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "people": self.people,
            "planned": self.planned,
            "statuses": self.statuses,
            "reasons": self.reasons,
            "parts": self.parts,
            "vnd": self.vnd,
            "calendar": [{**asdict(one), "day": one.day.isoformat()} for one in self.calendar],
            "busiest_hour": None
            if self.busiest is None
            else {**asdict(self.busiest), "begins": self.busiest.begins.isoformat()},
            "most_texts_in_a_day": self.most_texts_in_a_day,
            "digests": self.digests,
            "missed": self.missed,
            **{key: value for key, value in asdict(self.standing).items() if key != "people"},
            "paused": self.paused,
            "samples": [{**asdict(one), "at": one.at.isoformat()} for one in self.samples],
            "rules_broken": [
                {"rule": one.rule, "count": one.count, "examples": list(one.examples)} for one in self.broken
            ],
            "reconciliation": None
            if self.reconciliation is None
            else {**asdict(self.reconciliation), "balanced": self.reconciliation.balanced},
            "sound": self.is_sound,
            "seconds": round(self.seconds, 2),
            "peak_rss_mb": round(self.peak_rss_mb, 1),
        }


def summary(played: Played, *, since: datetime, seconds: float) -> Summary:
    """Gather it from the ledger of a finished simulation; `seconds` is what it took."""
    ledger, schedules = played.app.ledger, played.app.edition.schedules
    sums = books.sums(ledger)
    statuses, reasons = Counter[str](), Counter[str]()
    for one in sums:
        statuses[one.status] += one.messages
        if one.reason:
            reasons[one.reason] += one.messages
    return Summary(
        since=schedules.local(since),
        until=schedules.local(played.app.clock.now()),
        people=played.people,
        planned=statuses.total(),
        statuses=dict(statuses.most_common()),
        reasons=dict(reasons.most_common()),
        parts=sum(one.parts for one in sums if one.channel == "sms" and one.vnd),
        vnd=sum(one.vnd for one in sums),
        calendar=_calendar(schedules, sums),
        busiest=_busiest(ledger, schedules, played.app.gateways["sms"].traits.rate_per_second),
        most_texts_in_a_day=most_in_a_day(audit.texts(ledger)),
        digests=sum(one.messages for one in sums if one.kind == "digest" and one.status in WITH_PROVIDER),
        missed=traffic.missed(ledger),
        standing=traffic.standing(ledger),
        paused={one.name: one.reason for one in campaigns.standings(ledger) if one.state == "paused"},
        samples=traffic.samples(ledger, "sms"),
        broken=played.broken,
        reconciliation=played.reconciliation,
        seconds=seconds,
        peak_rss_mb=peak_rss_mb(),
        folder=played.sandbox_folder,
    )


def _calendar(schedules: Schedules, sums: Iterable[Sum]) -> tuple[Day, ...]:
    grouped: dict[tuple[object, ...], list[Sum]] = {}
    for one in sums:
        key = (
            schedules.local(one.due_at).date(),
            one.due_at,
            one.campaign,
            one.step,
            one.kind,
            one.audience,
            one.channel,
        )
        grouped.setdefault(key, []).append(one)
    return tuple(
        _day(key, found)
        for key, found in sorted(grouped.items(), key=lambda item: _order(schedules, item[0]))
    )


def _order(schedules: Schedules, key: tuple[Any, ...]) -> tuple[Any, ...]:
    day, due_at, campaign, step, _kind, audience, channel = key
    known = schedules.audiences.get(audience)
    return day, due_at, campaign, step, known.priority if known else 99, channel


def _day(key: tuple[Any, ...], found: list[Sum]) -> Day:
    counts = Counter[str]()
    for one in found:
        counts[one.status] += one.messages
    failed = sum(counts[word] for word in FAILED)
    sent = sum(counts[word] for word in WITH_PROVIDER)
    day, _due_at, campaign, step, kind, audience, channel = key
    return Day(
        day=day,
        campaign=campaign,
        step=step,
        kind=kind,
        audience=audience,
        channel=channel,
        planned=counts.total(),
        sent=sent,
        delivered=counts["delivered"],
        cancelled=counts["cancelled"],
        failed=failed,
        expired=counts["expired"],
        open=counts.total() - sent - counts["cancelled"] - failed - counts["expired"],
        parts=sum(one.parts for one in found if one.vnd),
        vnd=sum(one.vnd for one in found),
    )


def _busiest(ledger: Ledger, schedules: Schedules, rate_per_second: float) -> Busiest | None:
    hour = traffic.busiest_hour(ledger, "sms")
    if hour is None:
        return None
    return Busiest(
        begins=schedules.local(hour.begins), messages=hour.messages, possible=round(rate_per_second * 3600)
    )


def most_in_a_day(texts: Iterable[tuple[str, datetime]]) -> int:
    """Give the most texts to one number in any 24 hours; `texts` come by number, then by time."""
    most, current = 0, ""
    recent: deque[datetime] = deque()
    for address, at in texts:
        if address != current:
            recent.clear()
            current = address
        recent.append(at)
        while recent[0] <= at - DAY:
            recent.popleft()
        most = max(most, len(recent))
    return most


def peak_rss_mb() -> float:
    """Give the most memory this process ever held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
