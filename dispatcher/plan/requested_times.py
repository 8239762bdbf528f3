"""The moments that a step asks for, before windows and free days have their say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dispatcher.campaign.model import Campaign
from dispatcher.campaign.steps import Digest, Step
from dispatcher.campaign.time_rules import ladder_step_time
from dispatcher.campaign.time_values import DEFAULT_TIME
from dispatcher.plan.windows import DAY, local_to_utc


@dataclass(frozen=True, kw_only=True, slots=True)
class RequestedTime:
    """A moment as asked for, in UTC; `bound_to_day`: its words name the day, so it keeps it."""

    at: datetime
    bound_to_day: bool = False

    @property
    def key(self) -> str:
        """What the ledger remembers it by."""
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ}"


def requested_times(campaign: Campaign, step: Step | Digest) -> tuple[RequestedTime, ...]:
    """Return every moment a step asks for, each once, in order; whether it can be had is not asked here."""
    if step.at is not None:
        return (RequestedTime(at=campaign.to_utc(step.at, DEFAULT_TIME)),)
    by_time = {requested.at: requested for requested in _all(campaign, step)}
    return tuple(by_time[at] for at in sorted(by_time))


def _all(campaign: Campaign, step: Step | Digest) -> Iterator[RequestedTime]:
    for rung in step.before or ():
        yield RequestedTime(at=ladder_step_time(campaign, rung), bound_to_day=not rung.hours)
    day = max(
        campaign.to_local(campaign.start).date(), step.since or campaign.to_local(campaign.start).date()
    )
    last = min(campaign.last_day, step.until or campaign.last_day)
    while day <= last:
        for recurrence in step.every or ():
            at = local_to_utc(day, recurrence.at, campaign.timezone)
            if recurrence.occurs_on(day) and campaign.start <= at < campaign.deadline:
                yield RequestedTime(at=at)
        day += DAY
