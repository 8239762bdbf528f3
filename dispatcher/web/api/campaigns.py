"""Campaigns over the API: what they are, what is planned, how they stand; pause and resume."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Body, Depends
from pydantic import AwareDatetime, BaseModel, Field

from dispatcher import plan
from dispatcher.campaign.model import Campaign
from dispatcher.ledger.access.api_tokens import ApiToken
from dispatcher.ledger.sending import campaign_states
from dispatcher.report import progress
from dispatcher.web.api.dependencies import (
    ERROR_RESPONSES,
    FORBIDDEN_RESPONSE,
    NOT_FOUND_RESPONSE,
    CampaignParam,
    ContextDep,
    RequireToken,
    StrictModel,
    links_to,
)
from dispatcher.web.page_context import PageContext
from dispatcher.web.permissions import role_allows

LEADS_TO_CAMPAIGNS = links_to(
    **{
        f"{name}_v1_campaigns__campaign__{name}_{method}": ("campaign", "/0/name")
        for name, method in (
            ("status", "get"),
            ("participation", "get"),
            ("pause", "post"),
            ("resume", "post"),
        )
    }
)
ListToken = Annotated[ApiToken, Depends(RequireToken("campaigns", is_any_campaign=True))]
ReadToken = Annotated[ApiToken, Depends(RequireToken("campaigns"))]
ActToken = Annotated[ApiToken, Depends(RequireToken("campaigns", acts=True))]
FiguresToken = Annotated[ApiToken, Depends(RequireToken("participation"))]

router = APIRouter(prefix="/campaigns", tags=["campaigns"], responses=ERROR_RESPONSES)


PROTECTED = "protected"
PROTECTED_HINT = "A token that only looks is told `protected` instead of a sensitive audience."


class CampaignView(BaseModel):
    """One campaign."""

    name: str
    title: str
    short_title: str
    start: AwareDatetime
    deadline: AwareDatetime
    audiences: list[str] = Field(description=PROTECTED_HINT)
    state: str = Field(description="active | paused | cancelled | ended")
    reason: str
    budget_vnd: int | None
    spent_vnd: int


class OccurrenceView(BaseModel):
    """One time of a step."""

    step: str
    key: str
    kind: str
    moment: str
    due_at: AwareDatetime
    expires_at: AwareDatetime
    audiences: list[str] = Field(description="Empty: it is not sent, `note` says why. " + PROTECTED_HINT)
    note: str


class StandingView(BaseModel):
    """Messages by how they stand; the parts add up to `messages`."""

    messages: int
    waiting: int
    in_doubt: int
    sent: int
    delivered: int
    failed: int
    not_needed: int
    parts: int
    vnd: int


class StepView(BaseModel):
    """How one occurrence stands."""

    step: str
    key: str
    kind: str
    due_at: AwareDatetime
    standing: StandingView


class WhyView(BaseModel):
    """So many messages for one reason."""

    status: str
    reason: str
    messages: int


class StatusView(BaseModel):
    """How a campaign stands."""

    campaign: str
    state: str
    reason: str
    total: StandingView
    digests: StandingView
    steps: list[StepView]
    failures: list[WhyView]
    skipped: list[WhyView]


class AreaView(BaseModel):
    """One thôn."""

    area: str
    people: int
    reached: int
    unreachable: int
    opted_out: int
    took_part: int
    since_yesterday: int
    percent: int
    rank: int
    forecast: int | None
    share: float = Field(description="In percent, with one decimal.")
    without_address: int = Field(description="Of the people: no list has a usable number or mail address.")


class ParticipationView(BaseModel):
    """Participation by thôn. `as_of` is null while it is being counted for the first time."""

    campaign: str
    as_of: AwareDatetime | None
    areas: list[AreaView]
    total: AreaView | None
    per_day: dict[date, int]


class Pause(StrictModel):
    """Why it is paused."""

    reason: str = Field(default="by-hand", max_length=200)


@router.get("", responses=FORBIDDEN_RESPONSE | LEADS_TO_CAMPAIGNS)
async def campaigns(context: ContextDep, caller: ListToken) -> list[CampaignView]:
    """List every campaign that the token may ask about."""
    standings = await context.read(campaign_states.all_states, context.app.ledger)
    by_name = {item.name: item for item in standings}
    return [
        _view(context, caller, campaign, by_name.get(name))
        for name, campaign in context.app.config.schedules.campaigns.items()
        if caller.may_ask_about(name)
    ]


@router.get("/{campaign}", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE)
async def campaign(context: ContextDep, caller: ReadToken, campaign: CampaignParam) -> CampaignView:
    """Return one campaign."""
    return await _now(context, caller, campaign)


@router.get("/{campaign}/plan", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE)
async def calendar(context: ContextDep, caller: ReadToken, campaign: CampaignParam) -> list[OccurrenceView]:
    """Return its calendar: every occurrence, those not sent included."""
    return [
        OccurrenceView(
            step=item.step,
            key=item.key,
            kind=item.kind,
            moment=item.template,
            due_at=item.due_at,
            expires_at=item.expires_at,
            audiences=_shown(context, caller, item.audiences),
            note=item.note,
        )
        for item in plan.occurrences(context.app.config.schedules, campaign)
    ]


@router.get("/{campaign}/status", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE)
async def status(context: ContextDep, _caller: ReadToken, campaign: CampaignParam) -> StatusView:
    """Return how its messages stand; figures lag a few seconds behind what happens."""
    reached = await context.read(context.figures_cache.progress, campaign.name)
    campaign_state = await context.read(campaign_states.state_of, context.app.ledger, campaign.name)
    return StatusView(
        campaign=campaign.name,
        state=campaign_state.state if campaign_state else "active",
        reason=campaign_state.reason if campaign_state else "",
        total=_standing(reached.total),
        digests=_standing(reached.digests),
        steps=[
            StepView(
                step=item.step, key=item.key, kind=item.kind, due_at=item.due_at,
                standing=_standing(item.counts),
            )
            for item in reached.by_step
        ],
        failures=[WhyView(**asdict(item)) for item in reached.failures],
        skipped=[WhyView(**asdict(item)) for item in reached.skipped],
    )  # fmt: skip


@router.get("/{campaign}/participation", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE)
async def participation(
    context: ContextDep, _caller: FiguresToken, campaign: CampaignParam
) -> ParticipationView:
    """Return how many took part, thôn by thôn."""
    now = context.now()
    people = await context.read(context.figures_cache.area_snapshot, campaign.name, now)
    ranking = await context.read(context.figures_cache.ranking, campaign.name, now)
    return ParticipationView(
        campaign=campaign.name,
        as_of=people.as_of if people else None,
        areas=[AreaView(**asdict(row)) for row in ranking.areas] if ranking else [],
        total=AreaView(**asdict(ranking.total)) if ranking else None,
        per_day=dict(ranking.per_day) if ranking else {},
    )


@router.post("/{campaign}/pause", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE)
async def pause(
    context: ContextDep,
    actor: ActToken,
    campaign: CampaignParam,
    wish: Annotated[Pause | None, Body()] = None,
) -> CampaignView:
    """Stop within two seconds; pausing what is paused changes nothing."""
    now = context.now()
    await context.write(campaign_states.ensure, context.app.ledger, campaign.name, now=now)
    reason = wish.reason if wish else "by-hand"
    await context.write(
        campaign_states.pause,
        context.app.ledger,
        campaign.name,
        reason=reason,
        who=_who(actor.label),
        now=now,
    )
    return await _now(context, actor, campaign)


@router.post("/{campaign}/resume", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE)
async def resume(context: ContextDep, actor: ActToken, campaign: CampaignParam) -> CampaignView:
    """Go on; resuming what runs changes nothing."""
    await context.write(
        campaign_states.resume, context.app.ledger, campaign.name, who=_who(actor.label), now=context.now()
    )
    context.app.worker_pool.wake()
    return await _now(context, actor, campaign)


def _who(label: str) -> str:
    return f"token {label}"


async def _now(context: PageContext, caller: ApiToken, campaign: Campaign) -> CampaignView:
    standing = await context.read(campaign_states.state_of, context.app.ledger, campaign.name)
    return _view(context, caller, campaign, standing)


def _shown(context: PageContext, caller: ApiToken, audiences: Sequence[str]) -> list[str]:
    """Return the audiences as a token may know them; those that are not named as one word."""
    if role_allows(caller.role, "sensitive"):
        return list(audiences)
    known = context.app.config.schedules.open_audiences
    return list(dict.fromkeys(name if name in known else PROTECTED for name in audiences))


def _view(
    context: PageContext,
    caller: ApiToken,
    campaign: Campaign,
    standing: campaign_states.CampaignState | None,
) -> CampaignView:
    return CampaignView(
        name=campaign.name,
        title=campaign.title,
        short_title=campaign.short_title,
        start=_local(campaign, campaign.start),
        deadline=_local(campaign, campaign.deadline),
        audiences=_shown(context, caller, campaign.audiences),
        state=standing.state if standing else "active",
        reason=standing.reason if standing else "",
        budget_vnd=campaign.budget_vnd,
        spent_vnd=standing.budget_used if standing else 0,
    )


def _local(campaign: Campaign, moment: datetime) -> datetime:
    return campaign.to_local(moment)


def _standing(item: progress.MessageCounts) -> StandingView:
    return StandingView(**asdict(item))
