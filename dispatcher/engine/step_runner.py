"""Runs the plan: fires what is due, records what was missed, ends what is over.

Every process may run it; the unique key of an occurrence decides who fires. It is told the time, so the
simulation and the service run the same lines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher import failpoints, plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.configuration import Configuration
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import targets_of
from dispatcher.ledger.privacy import retention
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.sending import campaign_states, occurrences
from dispatcher.report import approval

logger = logging.getLogger(__name__)

CLOSE_AFTER = timedelta(
    hours=72
)  # after its last message a campaign still hears receipts, then its books close


@dataclass(frozen=True, kw_only=True, slots=True)
class TickResult:
    """What one look at the calendar did."""

    fired: int = 0
    messages: int = 0
    missed: int = 0


class StepRunner:
    """Looks at the plan and lets the ledger know."""

    def __init__(self, ledger: Ledger, config: Callable[[], Configuration], *, shard_size: int) -> None:
        self._ledger = ledger
        self._config = config
        self._shard_size = shard_size
        self._plans: tuple[Schedules | None, dict[str, tuple[plan.Occurrence, ...]]] = (None, {})
        self._anonymised: set[str] = set()
        self._thanked: dict[tuple[str, str], datetime] = {}  # step -> the newest participation thanked for

    def tick(self, now: datetime) -> TickResult:
        """Fire everything due until `now` that has not been fired; safe to call at any time, anywhere."""
        config, total = self._config(), TickResult()
        for campaign in config.schedules.campaigns.values():
            campaign_states.ensure(self._ledger, campaign.name, now=now)
            total = _add(total, self._tick_campaign(config, campaign, now))
        return total

    def next_due_at(self, now: datetime) -> datetime | None:
        """Return when the next step of any campaign falls due."""
        schedules = self._config().schedules
        coming = (
            occurrence.due_at
            for campaign in schedules.campaigns.values()
            for occurrence in self._occurrences(schedules, campaign)
            if occurrence.is_sent and occurrence.due_at > now
        )
        return min(coming, default=None)

    def _tick_campaign(self, config: Configuration, campaign: Campaign, now: datetime) -> TickResult:
        state = campaign_states.state_of(self._ledger, campaign.name)
        if state is None:
            return TickResult()
        if state.state in {"cancelled", "ended"}:
            campaign_states.cancel_waiting(self._ledger, campaign.name, now=now)
            self._anonymise(campaign, now)
            return TickResult()
        schedules, total = config.schedules, TickResult()
        may_send = self._may_send(config, campaign, now)
        occurrences_done = occurrences.started_or_missed(self._ledger, campaign.name)
        for occurrence in self._occurrences(schedules, campaign):
            if occurrence.due_at > now or not occurrence.is_sent:
                continue
            if occurrence.kind in step_kinds.STANDING:
                added = (
                    self._add_recipients(schedules, campaign, occurrence, now) if may_send else TickResult()
                )
            elif (occurrence.step, occurrence.key) in occurrences_done or _already_fired(
                campaign, occurrence, occurrences_done
            ):
                continue
            elif plan.is_missed(campaign, occurrence, now):
                added = self._record_missed(campaign, occurrence, now)
            else:
                added = self._fire(schedules, campaign, occurrence, now) if may_send else TickResult()
            total = _add(total, added)
        if total.messages:
            self._may_send(config, campaign, now)  # the lists may have changed in that very moment
        if now >= max(item.expires_at for item in self._occurrences(schedules, campaign)) + CLOSE_AFTER:
            campaign_states.end(self._ledger, campaign.name, now=now)
        return total

    def _anonymise(self, campaign: Campaign, now: datetime) -> None:
        """Erase names and texts whose retention has ended."""
        if campaign.name in self._anonymised or now < campaign.deadline + timedelta(
            days=campaign.retention_days
        ):
            return
        messages = retention.anonymise_campaign(self._ledger, campaign.name, now=now)
        self._anonymised.add(campaign.name)
        logger.info("%s: %d messages forgotten", campaign.name, messages, extra={"action": "forgotten"})

    def _may_send(self, config: Configuration, campaign: Campaign, now: datetime) -> bool:
        """Return whether a campaign's approval stands; one that lacks it is paused, and the log says why."""
        if not campaign.requires_approval:
            return True
        approved = approval.approval_of(self._ledger, config, campaign.name)
        if approved.is_valid:
            return True
        reason = campaign_states.AWAITING_APPROVAL
        if campaign_states.pause(self._ledger, campaign.name, reason=reason, who="dispatcher", now=now):
            detail = (
                f"changed since: {', '.join(approved.changed_parts)}"
                if approved.approved
                else "never approved"
            )
            logger.warning("%s waits for approval: %s", campaign.name, detail, extra={"action": "paused"})
        return False

    def _occurrences(self, schedules: Schedules, campaign: Campaign) -> tuple[plan.Occurrence, ...]:
        """Return the whole plan of a campaign, computed once a configuration."""
        if self._plans[0] is not schedules:
            self._plans = (schedules, {})
        planned = self._plans[1]
        if campaign.name not in planned:
            planned[campaign.name] = plan.occurrences(schedules, campaign)
        return planned[campaign.name]

    def _fire(
        self, schedules: Schedules, campaign: Campaign, occurrence: plan.Occurrence, now: datetime
    ) -> TickResult:
        fired = occurrences.start(
            self._ledger,
            occurrence,
            targets_of(schedules, occurrence),
            shard_size=self._shard_size,
            now=now,
        )
        failpoints.hit("fired")
        if fired is None:
            return TickResult()
        logger.info(
            "%s/%s fired for %d recipients",
            campaign.name,
            occurrence.step,
            fired.messages,
            extra={"action": "fired"},
        )
        return TickResult(fired=1, messages=fired.messages)

    def _record_missed(self, campaign: Campaign, occurrence: plan.Occurrence, now: datetime) -> TickResult:
        """Record what came too late: the machine was off, or nobody approved it in time."""
        if not occurrences.record_missed(self._ledger, occurrence, note=f"found at {now.isoformat()}"):
            return TickResult()
        logger.warning(
            "%s/%s came too late and is not sent", campaign.name, occurrence.step, extra={"action": "missed"}
        )
        return TickResult(missed=1)

    def _add_recipients(
        self, schedules: Schedules, campaign: Campaign, occurrence: plan.Occurrence, now: datetime
    ) -> TickResult:
        step, newest = (
            (campaign.name, occurrence.step),
            participation.latest_learnt_at(self._ledger, campaign.name),
        )
        if newest is None or newest == self._thanked.get(step) or now >= occurrence.expires_at:
            return TickResult()
        added = occurrences.add_recipients(
            self._ledger,
            occurrence,
            targets_of(schedules, occurrence),
            shard_size=self._shard_size,
            now=now,
        )
        self._thanked[step] = newest
        return TickResult(messages=added.messages)


def _already_fired(
    campaign: Campaign,
    occurrence: plan.Occurrence,
    occurrences_done: Mapping[tuple[str, str], datetime | None],
) -> bool:
    """Return whether this is a step that went out already and whose time was edited afterwards.

    A step with one date goes out once; one that returns goes out once a day. To say it again, it needs
    another name.
    """
    fired = [
        due_at for (step, _key), due_at in occurrences_done.items() if step == occurrence.step and due_at
    ]
    once = any(step.name == occurrence.step and step.at is not None for step in campaign.steps)
    day = campaign.to_local(occurrence.due_at).date()
    return any(once or campaign.to_local(due_at).date() == day for due_at in fired)


def _add(one: TickResult, other: TickResult) -> TickResult:
    return TickResult(
        fired=one.fired + other.fired,
        messages=one.messages + other.messages,
        missed=one.missed + other.missed,
    )
