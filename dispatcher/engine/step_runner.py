"""Runs the plan: fires what is due, records what was missed, ends what is over.

Every process may run it; the unique key of an occurrence decides who fires. It is told the time, so the
simulation and the service run the same lines.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher import failpoints, plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.plan_hashes import calendar_hash
from dispatcher.configuration import Configuration
from dispatcher.engine import schedule_fit
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Narrowing, targets_of
from dispatcher.ledger.privacy import retention
from dispatcher.ledger.queries import occurrence_log
from dispatcher.ledger.queries.occurrence_log import RecordedOccurrence
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.schema import key_values
from dispatcher.ledger.sending import campaign_states, deadlines, occurrences
from dispatcher.ledger.sending.campaign_states import CampaignState
from dispatcher.ledger.sending.deadlines import DeadlineInForce
from dispatcher.report import approval, renamed_steps
from dispatcher.report.protection import AudienceView

logger = logging.getLogger(__name__)

EDITION_KEY = "edition"  # meta: the fingerprint of the schedules and templates in force
CLOSE_AFTER = timedelta(
    hours=72
)  # after its last message a campaign still hears receipts, then its books close


@dataclass(frozen=True, kw_only=True, slots=True)
class TickResult:
    """What one look at the calendar did."""

    fired: int = 0
    messages: int = 0
    missed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _CampaignLook:
    """What one look at a campaign knows; `plan` is all of it, with the news of a deadline that was moved."""

    config: Configuration
    campaign: Campaign
    state: CampaignState
    deadlines: Sequence[DeadlineInForce]
    plan: Sequence[plan.Occurrence]
    now: datetime

    @property
    def schedules(self) -> Schedules:
        """The schedules in force."""
        return self.config.schedules


class StepRunner:
    """Looks at the plan and lets the ledger know."""

    def __init__(self, ledger: Ledger, config: Callable[[], Configuration], *, shard_size: int) -> None:
        self._ledger = ledger
        self._config = config
        self._shard_size = shard_size
        self._plans: tuple[Schedules | None, dict[str, tuple[plan.Occurrence, ...]]] = (None, {})
        self._notices: dict[str, tuple[plan.Occurrence, ...]] = {}  # of deadlines moved, at the last look
        self._served: dict[int, frozenset[str]] = {}  # occurrence -> audiences it was fired for, or tried
        self._announced: str | None = None  # the edition that we said is in force
        self._held: set[tuple[str, str, str]] = set()  # what was said to look renamed
        self._anonymised: set[str] = set()
        self._thanked: dict[tuple[str, str], datetime] = {}  # step -> the newest participation thanked for

    def tick(self, now: datetime) -> TickResult:
        """Fire everything due until `now` that has not been fired; safe to call at any time, anywhere."""
        config, total = self._config(), TickResult()
        for name in config.schedules.campaigns:
            campaign_states.ensure(self._ledger, name, now=now)
        in_force = self._is_in_force(config)
        looks = self._looks(config, now, note_changes=in_force)
        recorded = occurrence_log.recorded(self._ledger)
        if in_force:
            plans = {look.campaign.name: look.plan for look in looks}
            schedule_fit.hold_against(self._ledger, config.schedules, plans, recorded, now=now)
            recorded = occurrence_log.recorded(self._ledger)
        for look in looks:
            total = _add(total, self._tick_campaign(look, recorded))
        return total

    def next_due_at(self, now: datetime) -> datetime | None:
        """Return when the next step of any campaign falls due."""
        schedules = self._config().schedules
        coming = (
            item.due_at
            for name, campaign in schedules.campaigns.items()
            for item in (*self._occurrences(schedules, campaign), *self._notices.get(name, ()))
            if item.is_sent and item.due_at > now
        )
        return min(coming, default=None)

    def _is_in_force(self, config: Configuration) -> bool:
        """Return whether no other process has put a newer edition in force than the one we have.

        Whoever reads an edit a few seconds later than others must not undo what they made of it.
        """
        if self._announced != config.fingerprint:
            key_values.put(self._ledger, EDITION_KEY, config.fingerprint)
            self._announced = config.fingerprint
        return key_values.get(self._ledger, EDITION_KEY) == config.fingerprint

    def _looks(self, config: Configuration, now: datetime, *, note_changes: bool) -> list[_CampaignLook]:
        """Look at every campaign; `note_changes`: note dates and steps that differ from those last noted."""
        states = {one.name: one for one in campaign_states.all_states(self._ledger)}
        histories: dict[str, list[DeadlineInForce]] = {}
        for one in deadlines.in_force(self._ledger):
            histories.setdefault(one.campaign, []).append(one)
        looks = []
        for name, campaign in config.schedules.campaigns.items():
            if name not in states:
                continue
            history, state = histories.get(name, []), states[name]
            if note_changes and not state.is_over:
                campaign_states.note_calendar(self._ledger, state, calendar_hash(campaign))
                if not history or history[-1].deadline != campaign.deadline:
                    history.append(deadlines.note(self._ledger, name, campaign.deadline, now=now))
            self._notices[name] = (
                plan.deadline_notices(config.schedules, campaign, history[-1].since) if history[1:] else ()
            )
            planned = (*self._occurrences(config.schedules, campaign), *self._notices[name])
            looks.append(
                _CampaignLook(
                    config=config, campaign=campaign, state=state, deadlines=history, plan=planned, now=now
                )
            )
        return looks

    def _occurrences(self, schedules: Schedules, campaign: Campaign) -> tuple[plan.Occurrence, ...]:
        """Return what stands in the file of a campaign, computed once a configuration."""
        if self._plans[0] is not schedules:
            self._plans = (schedules, {})
        planned = self._plans[1]
        if campaign.name not in planned:
            planned[campaign.name] = plan.occurrences(schedules, campaign)
        return planned[campaign.name]

    # --- one campaign --------------------------------------------------------------------------------

    def _tick_campaign(self, look: _CampaignLook, recorded: Sequence[RecordedOccurrence]) -> TickResult:
        campaign, now, total = look.campaign, look.now, TickResult()
        if look.state.is_over:
            campaign_states.cancel_waiting(self._ledger, campaign.name, now=now)
            self._anonymise(campaign, now)
            return total
        held = self._find_renamed(look, recorded)
        may_send = self._may_send(look)
        mine = {(one.step, one.key): one for one in recorded if one.campaign == campaign.name}
        for occurrence in look.plan:
            if occurrence.due_at <= now and occurrence.is_sent and _place(occurrence) not in held:
                total = _add(total, self._tick_occurrence(look, occurrence, mine, may_send=may_send))
        if total.messages:
            self._may_send(look)  # the lists may have changed in that very moment
        if now >= max(item.expires_at for item in look.plan) + CLOSE_AFTER:
            campaign_states.end(self._ledger, campaign.name, now=now)
        return total

    def _find_renamed(
        self, look: _CampaignLook, recorded: Sequence[RecordedOccurrence]
    ) -> set[tuple[str, str]]:
        """Return (step, key) of what seems to have gone out under another name; that is not sent again.

        A campaign that seems to have another name is paused until somebody renames or resumes it.
        """
        name = look.campaign.name
        found = renamed_steps.find(
            self._ledger, look.schedules, look.campaign, look.state, recorded, now=look.now
        )
        for one in found:
            place = (name, one.occurrence.step, one.occurrence.key)
            if place not in self._held:
                self._held.add(place)
                logger.warning(
                    "%s/%s is not sent: it looks like %s/%s renamed; dispatcher check tells how to decide",
                    name, one.occurrence.step, one.former.campaign, one.former.step,
                    extra={"action": "renamed"},
                )  # fmt: skip
        if any(one.is_of_another_campaign for one in found):
            reason, who = campaign_states.RENAMED, campaign_states.ITSELF
            campaign_states.pause(self._ledger, name, reason=reason, who=who, now=look.now)
        return {_place(one.occurrence) for one in found}

    def _anonymise(self, campaign: Campaign, now: datetime) -> None:
        """Erase names and texts whose retention has ended."""
        if campaign.name in self._anonymised or now < campaign.deadline + timedelta(
            days=campaign.retention_days
        ):
            return
        messages = retention.anonymise_campaign(self._ledger, campaign.name, now=now)
        self._anonymised.add(campaign.name)
        logger.info("%s: %d messages forgotten", campaign.name, messages, extra={"action": "forgotten"})

    def _may_send(self, look: _CampaignLook) -> bool:
        """Return whether a campaign's approval stands; one that lacks it is paused, and the log says why."""
        campaign = look.campaign
        if not campaign.requires_approval:
            return True
        approved = approval.approval_of(self._ledger, look.config, campaign.name)
        if approved.is_valid:
            return True
        reason, who = campaign_states.AWAITING_APPROVAL, campaign_states.ITSELF
        if campaign_states.pause(self._ledger, campaign.name, reason=reason, who=who, now=look.now):
            detail = (
                f"changed since: {', '.join(approved.changed_parts)}"
                if approved.approved
                else "never approved"
            )
            logger.warning("%s waits for approval: %s", campaign.name, detail, extra={"action": "paused"})
        return False

    # --- one occurrence ------------------------------------------------------------------------------

    def _tick_occurrence(
        self,
        look: _CampaignLook,
        occurrence: plan.Occurrence,
        recorded: Mapping[tuple[str, str], RecordedOccurrence],
        *,
        may_send: bool,
    ) -> TickResult:
        if occurrence.kind in step_kinds.STANDING:
            return self._add_recipients(look, occurrence) if may_send else TickResult()
        known = recorded.get(_place(occurrence))
        is_missed = plan.is_missed(look.campaign, occurrence, look.now)
        if known is not None and (is_missed or not may_send):
            return TickResult()
        siblings = schedule_fit.siblings_of(look.campaign, occurrence, look.plan, recorded.values())
        if known is not None:
            total = self._extend(look, occurrence, known, siblings)
            return _add(total, self._catch_up(look, occurrence, known, siblings))
        if siblings and not any(one.has_withdrawn for one in siblings):
            return TickResult()  # it went out already, and its time was edited afterwards
        if is_missed:
            return self._record_missed(look, occurrence)
        return self._fire(look, occurrence, siblings) if may_send else TickResult()

    def _fire(
        self, look: _CampaignLook, occurrence: plan.Occurrence, siblings: Sequence[RecordedOccurrence]
    ) -> TickResult:
        told_within = None
        if occurrence.kind == step_kinds.NOTICE.name:
            is_extended = occurrence.step == step_kinds.DEADLINE_NOTICES[0]
            told_within = deadlines.told_within(look.deadlines, extended=is_extended)
        fired = occurrences.start(
            self._ledger,
            occurrence,
            targets_of(look.schedules, occurrence),
            shard_size=self._shard_size,
            now=look.now,
            narrowing=Narrowing(siblings=[one.id for one in siblings], told_within=told_within),
        )
        failpoints.hit("fired")
        if fired is None:
            return TickResult()
        logger.info(
            "%s/%s fired for %d recipients",
            look.campaign.name,
            occurrence.step,
            fired.messages,
            extra={"action": "fired"},
        )
        return TickResult(fired=1, messages=fired.messages)

    def _extend(
        self,
        look: _CampaignLook,
        occurrence: plan.Occurrence,
        recorded: RecordedOccurrence,
        siblings: Sequence[RecordedOccurrence],
    ) -> TickResult:
        """Fire for audiences that a step speaks to since it was fired."""
        is_notice = occurrence.kind == step_kinds.NOTICE.name  # those were all who had something to be told
        if not recorded.is_fired or is_notice:
            return TickResult()
        if recorded.id not in self._served:
            self._served.update(occurrence_log.audiences_served(self._ledger, {recorded.id}))
        served = self._served.get(recorded.id, frozenset())
        if not (new := set(occurrence.audiences) - served):
            return TickResult()
        self._served[recorded.id] = served | new
        extended = occurrences.extend(
            self._ledger,
            occurrence,
            targets_of(look.schedules, occurrence),
            audiences=new,
            siblings=[one.id for one in siblings],
            shard_size=self._shard_size,
            now=look.now,
        )
        if extended is None or not extended.messages:
            return TickResult()
        unnamed = AudienceView(look.schedules, may_see=False)
        logger.info(
            "%s/%s speaks to %s as well now: %d recipients",
            look.campaign.name, occurrence.step, ", ".join(unnamed.titles(sorted(new))), extended.messages,
            extra={"action": "fired"},
        )  # fmt: skip
        return TickResult(messages=extended.messages)

    def _catch_up(
        self,
        look: _CampaignLook,
        occurrence: plan.Occurrence,
        recorded: RecordedOccurrence,
        siblings: Sequence[RecordedOccurrence],
    ) -> TickResult:
        """Fire for those who were in flight at another time of the step when it was moved, and came back."""
        if not recorded.is_fired or not any(one.has_withdrawn for one in siblings):
            return TickResult()
        caught_up = occurrences.catch_up(
            self._ledger,
            occurrence,
            targets_of(look.schedules, occurrence),
            siblings=[one.id for one in siblings],
            shard_size=self._shard_size,
            now=look.now,
        )
        if caught_up is None or not caught_up.messages:
            return TickResult()
        logger.info(
            "%s/%s fired for %d recipients who were in flight when it was moved",
            look.campaign.name, occurrence.step, caught_up.messages,
            extra={"action": "fired"},
        )  # fmt: skip
        return TickResult(messages=caught_up.messages)

    def _record_missed(self, look: _CampaignLook, occurrence: plan.Occurrence) -> TickResult:
        """Record what came too late: the machine was off, or nobody approved it in time."""
        note, place = f"found at {look.now.isoformat()}", (look.campaign.name, occurrence.step)
        if not occurrences.record_missed(self._ledger, occurrence, note=note):
            return TickResult()
        logger.warning("%s/%s came too late and is not sent", *place, extra={"action": "missed"})
        return TickResult(missed=1)

    def _add_recipients(self, look: _CampaignLook, occurrence: plan.Occurrence) -> TickResult:
        step = (look.campaign.name, occurrence.step)
        newest = participation.latest_learnt_at(self._ledger, look.campaign.name)
        if newest is None or newest == self._thanked.get(step) or look.now >= occurrence.expires_at:
            return TickResult()
        added = occurrences.add_recipients(
            self._ledger,
            occurrence,
            targets_of(look.schedules, occurrence),
            shard_size=self._shard_size,
            now=look.now,
        )
        self._thanked[step] = newest
        return TickResult(messages=added.messages)


def _place(occurrence: plan.Occurrence) -> tuple[str, str]:
    """Return by what the ledger knows an occurrence within its campaign."""
    return occurrence.step, occurrence.key


def _add(one: TickResult, other: TickResult) -> TickResult:
    return TickResult(
        fired=one.fired + other.fired,
        messages=one.messages + other.messages,
        missed=one.missed + other.missed,
    )
