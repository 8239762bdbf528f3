"""Makes the plan happen: fires what is due, records what came too late, closes what is over.

Every process may run it; the unique key of an occurrence decides who fires. It is told the time, so the
simulation and the service run the same lines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher import faults, plan
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.edition import Edition
from dispatcher.ledger import Ledger, campaigns, firing, participation, retention
from dispatcher.report import approval

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
        self._forgotten: set[str] = set()
        self._thanked: dict[tuple[str, str], datetime] = {}  # step -> the newest participation thanked for

    def tick(self, now: datetime) -> Tick:
        """Fire everything due until `now` that has not been fired; safe to call at any time, anywhere."""
        edition, total = self._edition(), Tick()
        for campaign in edition.schedules.campaigns.values():
            campaigns.ensure(self._ledger, campaign.name, canary=campaign.canary, now=now)
            total = _add(total, self._tick_campaign(edition, campaign, now))
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

    def _tick_campaign(self, edition: Edition, campaign: Campaign, now: datetime) -> Tick:
        standing = campaigns.standing(self._ledger, campaign.name)
        if standing is None:
            return Tick()
        if standing.state in {"cancelled", "ended"}:
            campaigns.close_waiting(self._ledger, campaign.name, now=now)
            self._forget(campaign, now)
            return Tick()
        schedules, total = edition.schedules, Tick()
        may_send = self._may_send(edition, campaign, now)
        known = firing.known(self._ledger, campaign.name)
        for occurrence in self._occurrences(schedules, campaign):
            if occurrence.due_at > now or not occurrence.is_sent:
                continue
            if occurrence.kind == "thanks":
                added = self._extend(schedules, campaign, occurrence, now) if may_send else Tick()
            elif (occurrence.step, occurrence.key) in known or _went_before(campaign, occurrence, known):
                continue
            elif plan.is_late(campaign, occurrence, now):
                added = self._miss(campaign, occurrence, now)
            else:
                added = self._fire(schedules, campaign, occurrence, now) if may_send else Tick()
            total = _add(total, added)
        if total.messages:
            self._may_send(edition, campaign, now)  # the lists may have changed in that very moment
        if now >= max(item.expires_at for item in self._occurrences(schedules, campaign)) + CLOSING:
            campaigns.end(self._ledger, campaign.name, now=now)
        return total

    def _forget(self, campaign: Campaign, now: datetime) -> None:
        """Let go of names and texts when the time for which they may be kept is over."""
        if campaign.name in self._forgotten or now < campaign.deadline + timedelta(
            days=campaign.retention_days
        ):
            return
        messages = retention.purge(self._ledger, campaign.name, now=now)
        self._forgotten.add(campaign.name)
        logger.info("%s: %d messages forgotten", campaign.name, messages, extra={"action": "forgotten"})

    def _may_send(self, edition: Edition, campaign: Campaign, now: datetime) -> bool:
        """Tell whether a campaign's approval stands; one that lacks it is paused, and the log says why."""
        if not campaign.requires_approval:
            return True
        found = approval.approval(self._ledger, edition, campaign.name)
        if found.stands:
            return True
        reason = campaigns.WAITS_FOR_APPROVAL
        if campaigns.pause(self._ledger, campaign.name, reason=reason, who="dispatcher", now=now):
            news = f"changed since: {', '.join(found.differs)}" if found.given else "never approved"
            logger.warning("%s waits for approval: %s", campaign.name, news, extra={"action": "paused"})
        return False

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

    def _miss(self, campaign: Campaign, occurrence: plan.Occurrence, now: datetime) -> Tick:
        """Record what came too late: the machine was off, or nobody approved it in time."""
        if not firing.miss(self._ledger, occurrence, note=f"found at {now.isoformat()}"):
            return Tick()
        logger.warning(
            "%s/%s came too late and is not sent", campaign.name, occurrence.step, extra={"action": "missed"}
        )
        return Tick(missed=1)

    def _extend(
        self, schedules: Schedules, campaign: Campaign, occurrence: plan.Occurrence, now: datetime
    ) -> Tick:
        step, newest = (campaign.name, occurrence.step), participation.newest(self._ledger, campaign.name)
        if newest is None or newest == self._thanked.get(step) or now >= occurrence.expires_at:
            return Tick()
        added = firing.extend(
            self._ledger,
            occurrence,
            firing.slices(schedules, occurrence),
            shard_size=self._shard_size("sms"),
            now=now,
        )
        self._thanked[step] = newest
        return Tick(messages=added.messages)


def _went_before(
    campaign: Campaign, occurrence: plan.Occurrence, known: Mapping[tuple[str, str], datetime | None]
) -> bool:
    """Tell whether this is a step that went out already and whose time was edited afterwards.

    A step with one date goes out once; one that returns goes out once a day. To say it again, it needs
    another name.
    """
    fired = [due_at for (step, _key), due_at in known.items() if step == occurrence.step and due_at]
    once = any(step.name == occurrence.step and step.at is not None for step in campaign.steps)
    day = campaign.local(occurrence.due_at).date()
    return any(once or campaign.local(due_at).date() == day for due_at in fired)


def _add(one: Tick, other: Tick) -> Tick:
    return Tick(
        fired=one.fired + other.fired,
        messages=one.messages + other.messages,
        missed=one.missed + other.missed,
    )
