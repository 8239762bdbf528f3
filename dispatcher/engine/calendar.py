"""Makes the plan happen: fires what is due, records what came too late, closes what is over.

Every process may run it; the unique key of an occurrence decides who fires. It is told the time, so the
simulation and the service run the same lines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher import faults, plan
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.edition import Edition
from dispatcher.ledger import Ledger, campaigns, firing, participation

logger = logging.getLogger(__name__)

CLOSING = timedelta(hours=72)  # after its last message a campaign still hears receipts, then its books close


@dataclass(frozen=True, kw_only=True, slots=True)
class Tick:
    """What one look at the calendar did."""

    fired: int = 0
    messages: int = 0
    missed: int = 0


class Calendar:
    """Looks at the plan and lets the ledger know."""

    def __init__(
        self, ledger: Ledger, edition: Callable[[], Edition], *, shard_size: Callable[[str], int]
    ) -> None:
        self._ledger = ledger
        self._edition = edition
        self._shard_size = shard_size
        self._planned: tuple[Schedules | None, dict[str, tuple[plan.Occurrence, ...]]] = (None, {})
        self._thanked: dict[str, datetime] = {}  # campaign -> the newest participation already thanked for

    def tick(self, now: datetime) -> Tick:
        """Fire everything due until `now` that has not been fired; safe to call at any time, anywhere."""
        schedules = self._edition().schedules
        total = Tick()
        for campaign in schedules.campaigns.values():
            campaigns.ensure(self._ledger, campaign.name, canary=campaign.canary, now=now)
            total = _add(total, self._tick_campaign(schedules, campaign, now))
        return total

    def next_due(self, now: datetime) -> datetime | None:
        """Tell when the next step of any campaign falls due."""
        schedules = self._edition().schedules
        coming = (
            occurrence.due_at
            for campaign in schedules.campaigns.values()
            for occurrence in self._occurrences(schedules, campaign)
            if occurrence.is_sent and occurrence.due_at > now
        )
        return min(coming, default=None)

    def _tick_campaign(self, schedules: Schedules, campaign: Campaign, now: datetime) -> Tick:
        standing = campaigns.standing(self._ledger, campaign.name)
        if standing is None or standing.state in {"cancelled", "ended"}:
            return Tick()
        total = Tick()
        known = firing.known(self._ledger, campaign.name)
        for occurrence in self._occurrences(schedules, campaign):
            if occurrence.due_at > now or not occurrence.is_sent:
                continue
            if occurrence.kind == "thanks":
                total = _add(total, self._extend(schedules, campaign, occurrence, now))
            elif (occurrence.step, occurrence.key) not in known:
                total = _add(total, self._fire(schedules, campaign, occurrence, now))
        if now >= max(item.expires_at for item in self._occurrences(schedules, campaign)) + CLOSING:
            campaigns.end(self._ledger, campaign.name, now=now)
        return total

    def _occurrences(self, schedules: Schedules, campaign: Campaign) -> tuple[plan.Occurrence, ...]:
        """Give the whole plan of a campaign, worked out once an edition."""
        if self._planned[0] is not schedules:
            self._planned = (schedules, {})
        planned = self._planned[1]
        if campaign.name not in planned:
            planned[campaign.name] = plan.calendar(schedules, campaign)
        return planned[campaign.name]

    def _fire(
        self, schedules: Schedules, campaign: Campaign, occurrence: plan.Occurrence, now: datetime
    ) -> Tick:
        if plan.is_late(campaign, occurrence, now):
            firing.miss(self._ledger, occurrence, note=f"found at {now.isoformat()}")
            logger.warning(
                "%s/%s came too late and is not sent",
                campaign.name,
                occurrence.step,
                extra={"action": "missed"},
            )
            return Tick(missed=1)
        fired = firing.fire(
            self._ledger,
            occurrence,
            firing.slices(schedules, occurrence),
            shard_size=self._shard_size("sms"),
            now=now,
        )
        faults.point("fired")
        if fired is None:
            return Tick()
        logger.info(
            "%s/%s fired for %d recipients",
            campaign.name,
            occurrence.step,
            fired.messages,
            extra={"action": "fired"},
        )
        return Tick(fired=1, messages=fired.messages)

    def _extend(
        self, schedules: Schedules, campaign: Campaign, occurrence: plan.Occurrence, now: datetime
    ) -> Tick:
        newest = participation.newest(self._ledger, campaign.name)
        if newest is None or newest == self._thanked.get(campaign.name) or now >= occurrence.expires_at:
            return Tick()
        added = firing.extend(
            self._ledger,
            occurrence,
            firing.slices(schedules, occurrence),
            shard_size=self._shard_size("sms"),
            now=now,
        )
        self._thanked[campaign.name] = newest
        return Tick(messages=added.messages)


def _add(one: Tick, other: Tick) -> Tick:
    return Tick(
        fired=one.fired + other.fired,
        messages=one.messages + other.messages,
        missed=one.missed + other.missed,
    )
