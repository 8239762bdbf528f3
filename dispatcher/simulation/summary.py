"""A simulation's summary as values: sums, peak hour, samples, broken rules, the comparison."""

from __future__ import annotations

import resource
import sys
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Schedules
from dispatcher.errors import Problem
from dispatcher.gateways.opened import OpenGateways
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import message_counts, message_log, people_counts
from dispatcher.ledger.queries.message_counts import ExactCount
from dispatcher.ledger.queries.message_log import TextSample
from dispatcher.ledger.queries.people_counts import AudienceTotals
from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES, FAILED
from dispatcher.ledger.sending import campaign_states, occurrences
from dispatcher.report import cap_collisions
from dispatcher.report.cap_collisions import CapCollision
from dispatcher.simulation.checks import ProviderComparison, RuleViolation
from dispatcher.simulation.scenario import SimulationResult

DAY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
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
class PeakHour:
    """The hour in which most texts left, beside what the gateway could have sent in it."""

    begins: datetime  # local
    messages: int
    possible: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SimulationSummary:
    """Everything that is told at the end of a simulation."""

    since: datetime
    until: datetime
    people: int
    planned: int
    statuses: dict[str, int]
    reasons: dict[str, int]
    parts: int
    vnd: int
    calendar: tuple[CalendarDay, ...]
    busiest_hour: PeakHour | None
    most_texts_in_a_day: int
    digests: int
    missed: int  # occurrences that came too late, as those before the first day do
    totals: AudienceTotals
    paused: dict[str, str]  # campaigns that stopped themselves and why; code words
    samples: tuple[TextSample, ...]
    collisions: tuple[CapCollision, ...]
    collision_problems: tuple[Problem, ...]  # the same in words
    violations: tuple[RuleViolation, ...]
    comparison: ProviderComparison | None
    seconds: float
    peak_rss_mb: float
    folder: Path | None = None

    @property
    def is_sound(self) -> bool:
        """Return whether every rule was kept and the books agree."""
        return not self.violations and (self.comparison is None or self.comparison.is_balanced)

    def as_json(self) -> dict[str, Any]:
        """Return everything as one object for machines."""
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
            if self.busiest_hour is None
            else {**asdict(self.busiest_hour), "begins": self.busiest_hour.begins.isoformat()},
            "most_texts_in_a_day": self.most_texts_in_a_day,
            "digests": self.digests,
            "missed": self.missed,
            **{key: value for key, value in asdict(self.totals).items() if key != "people"},
            "paused": self.paused,
            "samples": [{**asdict(one), "at": one.at.isoformat()} for one in self.samples],
            "collisions": [
                {"campaign": one.occurrence.campaign, **cap_collisions.as_json(one)}
                for one in self.collisions
            ],
            "rules_broken": [
                {"rule": one.rule, "count": one.count, "examples": list(one.examples)}
                for one in self.violations
            ],
            "reconciliation": None
            if self.comparison is None
            else {**asdict(self.comparison), "balanced": self.comparison.is_balanced},
            "sound": self.is_sound,
            "seconds": round(self.seconds, 2),
            "peak_rss_mb": round(self.peak_rss_mb, 1),
        }


def summarise(result: SimulationResult, *, since: datetime, seconds: float) -> SimulationSummary:
    """Gather it from the ledger of a finished simulation; `seconds` is what it took."""
    ledger, schedules = result.app.ledger, result.app.config.schedules
    sums = message_counts.exact_by_step(ledger)
    statuses, reasons = Counter[str](), Counter[str]()
    for one in sums:
        statuses[one.status] += one.messages
        if one.reason:
            reasons[one.reason] += one.messages
    return SimulationSummary(
        since=schedules.to_local(since),
        until=schedules.to_local(result.app.clock.now()),
        people=result.people,
        planned=statuses.total(),
        statuses=dict(statuses.most_common()),
        reasons=dict(reasons.most_common()),
        parts=sum(one.parts for one in sums if one.channel == "sms" and one.vnd),
        vnd=sum(one.vnd for one in sums),
        calendar=_calendar(schedules, sums),
        most_texts_in_a_day=max_texts_in_a_day(
            (number, at) for number, at, _name in message_log.sms_times(ledger)
        ),
        busiest_hour=_busiest(ledger, schedules, result.app.gateways),
        digests=sum(
            one.messages
            for one in sums
            if one.kind in step_kinds.FOR_STAFF and one.status in ACCEPTED_STATUSES
        ),
        missed=occurrences.count_missed(ledger),
        totals=people_counts.audience_totals(ledger),
        paused={one.name: one.reason for one in campaign_states.all_states(ledger) if one.state == "paused"},
        samples=message_log.text_samples(ledger, "sms"),
        collisions=result.collisions,
        collision_problems=tuple(cap_collisions.find_problems(schedules, result.collisions)),
        violations=result.violations,
        comparison=result.comparison,
        seconds=seconds,
        peak_rss_mb=peak_rss_mb(),
        folder=result.sandbox_folder,
    )


def _calendar(schedules: Schedules, sums: Iterable[ExactCount]) -> tuple[CalendarDay, ...]:
    grouped: dict[tuple[object, ...], list[ExactCount]] = {}
    for one in sums:
        key = (
            schedules.to_local(one.due_at).date(),
            one.due_at,
            one.campaign,
            one.step,
            one.kind,
            one.audience,
            one.channel,
        )
        grouped.setdefault(key, []).append(one)
    return tuple(
        _day(key, group)
        for key, group in sorted(grouped.items(), key=lambda item: _order(schedules, item[0]))
    )


def _order(schedules: Schedules, key: tuple[Any, ...]) -> tuple[Any, ...]:
    day, due_at, campaign, step, _kind, audience, channel = key
    known = schedules.audiences.get(audience)
    return day, due_at, campaign, step, known.priority if known else 99, channel


def _day(key: tuple[Any, ...], counts_of_day: list[ExactCount]) -> CalendarDay:
    counts = Counter[str]()
    for one in counts_of_day:
        counts[one.status] += one.messages
    failed = sum(counts[word] for word in FAILED)
    sent = sum(counts[word] for word in ACCEPTED_STATUSES)
    day, _due_at, campaign, step, kind, audience, channel = key
    return CalendarDay(
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
        parts=sum(one.parts for one in counts_of_day if one.vnd),
        vnd=sum(one.vnd for one in counts_of_day),
    )


def _busiest(ledger: Ledger, schedules: Schedules, gateways: OpenGateways) -> PeakHour | None:
    hour = message_log.busiest_hour(ledger, "sms")
    if hour is None:
        return None
    possible = round(gateways["sms"].capabilities.rate_per_second * 3600)
    return PeakHour(begins=schedules.to_local(hour.begins), messages=hour.messages, possible=possible)


def max_texts_in_a_day(texts: Iterable[tuple[str, datetime]]) -> int:
    """Return the most texts to one number in any 24 hours; `texts` come by number, then by time."""
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
    """Return the most memory this process ever held, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20) if sys.platform == "darwin" else peak / 1024
