"""The moments that a step asks for, before windows and free days have their say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dispatcher.campaign.model import Campaign, Digest, Step
from dispatcher.campaign.moments import DEFAULT_TIME
from dispatcher.campaign.timing import rung_moment
from dispatcher.plan.windows import DAY
from dispatcher.plan.windows import moment as local_moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A moment as asked for, in UTC; `bound_to_day`: its words name the day, so it keeps it."""

    at: datetime
    bound_to_day: bool = False

    @property
    def key(self) -> str:
        """What the ledger remembers it by."""
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ}"


def moments(campaign: Campaign, step: Step | Digest) -> tuple[Asked, ...]:
    """Give every moment a step asks for, each once, in order; whether it can be had is not asked here."""
    if step.at is not None:
        return (Asked(at=campaign.moment(step.at, DEFAULT_TIME)),)
    found = {asked.at: asked for asked in _all(campaign, step)}
    return tuple(found[at] for at in sorted(found))


def _all(campaign: Campaign, step: Step | Digest) -> Iterator[Asked]:
    for rung in step.before or ():
        yield Asked(at=rung_moment(campaign, rung), bound_to_day=not rung.hours)
    day = max(campaign.local(campaign.start).date(), step.since or campaign.local(campaign.start).date())
    last = min(campaign.last_day, step.until or campaign.last_day)
    while day <= last:
        for recurrence in step.every or ():
            at = local_moment(day, recurrence.at, campaign.timezone)
            if recurrence.falls_on(day) and campaign.start <= at < campaign.deadline:
                yield Asked(at=at)
        day += DAY
