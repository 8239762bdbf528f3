"""How everything stands now: each campaign, what goes out next, what waits for a person, the gateways."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.edition import Edition
from dispatcher.ledger import Ledger, attention, books, campaigns, doubts, events, rates
from dispatcher.ledger.attention import Attention
from dispatcher.ledger.campaigns import Standing
from dispatcher.ledger.rates import Throttle
from dispatcher.plan import Occurrence
from dispatcher.report import agenda
from dispatcher.report.agenda import Agenda
from dispatcher.report.approval import Approval, approval


@dataclass(frozen=True, kw_only=True, slots=True)
class CampaignStatus:
    """One campaign. `standing` is None before its first step."""

    campaign: Campaign
    standing: Standing | None
    approval: Approval
    days_left: int
    statuses: dict[str, int]
    digests: int
    vnd: int
    next: Occurrence | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Status:
    """Everything. `questions` are messages nobody knows about yet, by status."""

    now: datetime
    campaigns: tuple[CampaignStatus, ...]
    agenda: Agenda
    attention: Attention
    questions: dict[str, int]
    inbox: int
    throttles: tuple[Throttle, ...]

    @property
    def troubles(self) -> int:
        """Count what a person should look at: campaigns that wait, doubts, gateways that are blocked."""
        waiting = sum(
            (one.standing is not None and one.standing.state == "paused") or not one.approval.stands
            for one in self.campaigns
        )
        blocked = sum(
            one.blocked_until is not None and one.blocked_until > self.now for one in self.throttles
        )
        return waiting + blocked + bool(self.questions.get("in-doubt"))


def status(ledger: Ledger, edition: Edition, *, now: datetime) -> Status:
    """Gather it."""
    schedules = edition.schedules
    standings = {item.name: item for item in campaigns.standings(ledger)}
    coming = agenda.agenda(schedules, standings, now)
    return Status(
        now=now,
        campaigns=tuple(
            _campaign(ledger, edition, schedules, name, standings.get(name), coming, now)
            for name in schedules.campaigns
        ),
        agenda=coming,
        attention=attention.attention(ledger),
        questions=doubts.open_questions(ledger),
        inbox=events.waiting(ledger),
        throttles=rates.throttles(ledger),
    )


def _campaign(
    ledger: Ledger,
    edition: Edition,
    schedules: Schedules,
    name: str,
    standing: Standing | None,
    coming: Agenda,
    now: datetime,
) -> CampaignStatus:
    campaign = schedules.campaigns[name]
    statuses, digests = Counter[str](), 0
    for one in books.sums(ledger, campaign_name=name):
        if one.kind == "digest":
            digests += one.messages
        else:
            statuses[one.status] += one.messages
    following = (*coming.today, *coming.following)
    return CampaignStatus(
        campaign=campaign,
        standing=standing,
        approval=approval(ledger, edition, name),
        days_left=campaign.days_left(now),
        statuses=dict(statuses.most_common()),
        digests=digests,
        vnd=books.spent(ledger, name),
        next=next((item for item in following if item.campaign == name and item.due_at > now), None),
    )
