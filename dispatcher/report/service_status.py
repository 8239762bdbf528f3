"""The service's state now: campaigns, what is next, what waits for a person."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.configuration import Configuration
from dispatcher.errors import Problem
from dispatcher.ledger import Ledger, stage
from dispatcher.ledger.queries import message_counts, to_do
from dispatcher.ledger.queries.to_do import ToDo
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.sending import budgets, campaign_states, lookups, occurrences, rate_limits
from dispatcher.ledger.sending.campaign_states import CampaignState
from dispatcher.ledger.sending.rate_limits import GatewayRate
from dispatcher.ledger.stage import Stage
from dispatcher.plan import Occurrence
from dispatcher.report import agenda, schedule_problems
from dispatcher.report.agenda import Agenda
from dispatcher.report.approval import Approval, approval_of


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignStatus:
    """One campaign. `campaign_state` is None before its first step."""

    campaign: Campaign
    campaign_state: CampaignState | None
    approval: Approval
    days_left: int
    statuses: dict[str, int]
    digests: int
    vnd: int
    next: Occurrence | None
    missed: int  # occurrences that came too late


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceStatus:
    """Everything. `unresolved` are messages nobody knows about yet, by status."""

    now: datetime
    stage: Stage
    campaigns: tuple[CampaignStatus, ...]
    agenda: Agenda
    to_do: ToDo
    unresolved: dict[str, int]
    unprocessed_reports: int
    gateway_rates: tuple[GatewayRate, ...]
    schedule_problems: tuple[Problem, ...]

    @property
    def problems(self) -> int:
        """Count what a person should look at: campaigns that wait, doubts, gateways that are blocked."""
        waiting = sum(
            (one.campaign_state is not None and one.campaign_state.state == "paused")
            or not one.approval.is_valid
            for one in self.campaigns
        )
        blocked = sum(
            one.blocked_until is not None and one.blocked_until > self.now for one in self.gateway_rates
        )
        errors = sum(problem.severity == "error" for problem in self.schedule_problems)
        late = self.to_do.rights_overdue
        return waiting + blocked + errors + late + bool(self.unresolved.get("in-doubt"))


def gather_status(ledger: Ledger, config: Configuration, *, now: datetime) -> ServiceStatus:
    """Gather it; whether the database itself is sound is asked by `find_damage`."""
    schedules = config.schedules
    states = {item.name: item for item in campaign_states.all_states(ledger)}
    coming = agenda.build_agenda(schedules, states, now)
    return ServiceStatus(
        now=now,
        stage=stage.current(ledger),
        campaigns=tuple(
            _campaign(ledger, config, schedules, name, states.get(name), coming, now)
            for name in schedules.campaigns
        ),
        agenda=coming,
        to_do=to_do.counts(ledger, now=now, warning=schedules.rights.warning),
        unresolved=lookups.count_unresolved(ledger),
        unprocessed_reports=event_inbox.count_unprocessed(ledger),
        gateway_rates=rate_limits.gateway_rates(ledger),
        schedule_problems=tuple(schedule_problems.find(ledger, schedules, now=now)),
    )


def _campaign(
    ledger: Ledger,
    config: Configuration,
    schedules: Schedules,
    name: str,
    campaign_state: CampaignState | None,
    coming: Agenda,
    now: datetime,
) -> CampaignStatus:
    campaign = schedules.campaigns[name]
    statuses, digests = Counter[str](), 0
    for one in message_counts.exact_by_step(ledger, campaign_name=name):
        if one.kind in step_kinds.FOR_STAFF:
            digests += one.messages
        else:
            statuses[one.status] += one.messages
    following = (*coming.today, *coming.upcoming)
    return CampaignStatus(
        campaign=campaign,
        campaign_state=campaign_state,
        approval=approval_of(ledger, config, name),
        days_left=campaign.days_left(now),
        statuses=dict(statuses.most_common()),
        digests=digests,
        vnd=budgets.used(ledger, name),
        next=next((item for item in following if item.campaign == name and item.due_at > now), None),
        missed=occurrences.count_missed(ledger, name),
    )
