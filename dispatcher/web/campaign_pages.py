"""Pages of one campaign: state, plan, areas, failures; pause, resume, cancel, approve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher import plan
from dispatcher.campaign.model import Campaign
from dispatcher.ledger import audit_log, renames, told_apart
from dispatcher.ledger.queries import occurrence_log, people_counts
from dispatcher.ledger.renames import CannotRename
from dispatcher.ledger.sending import campaign_states, occurrences
from dispatcher.report import (
    approval,
    campaign_outlook,
    cap_collisions,
    renamed_steps,
    schedule_problems,
    visits,
)
from dispatcher.report.digest_figures import PAUSE_REASONS
from dispatcher.report.renamed_steps import RenamedStep
from dispatcher.web.auth import AccessControl, CurrentUser, read_form
from dispatcher.web.page_context import PageContext
from dispatcher.web.pages import Pages
from dispatcher.web.sse import EventStream

REASON_MAX = 200
VISITS_PER_PAGE = 500
RENAMED_ANSWERS = ("same", "another")


class CampaignPages(Pages):
    """Everything below /campaigns/{name}."""

    def __init__(self, context: PageContext, access: AccessControl, event_stream: EventStream) -> None:
        super().__init__(context, access)
        self._event_stream = event_stream

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        at, route = "/campaigns/{campaign}", self._access.route
        return (
            route(at, self.show, permission="look"),
            route(f"{at}/live", self.stream, permission="look"),
            route(f"{at}/visits", self.visits, permission="look"),
            route(f"{at}/pause", self.pause, permission="act", methods=["POST"]),
            route(f"{at}/resume", self.resume, permission="act", methods=["POST"]),
            route(f"{at}/cancel", self.cancel, permission="act", methods=["POST"], fresh=True),
            route(f"{at}/approve", self.approve, permission="act", methods=["POST"]),
            route(f"{at}/renamed", self.decide_renamed, permission="act", methods=["POST"]),
        )

    async def show(self, request: Request, _user: CurrentUser) -> Response:
        """Show how it stands."""
        campaign = campaign_or_404(self._context, request)
        await self._event_stream.page_opened()
        return self._context.render_page(
            request, "campaign.html", **await self._context.read(self._variables, campaign)
        )

    async def stream(self, request: Request, user: CurrentUser) -> Response:
        """Send the figures again whenever there is news."""
        campaign = campaign_or_404(self._context, request)

        async def draw() -> str:
            facts = await self._context.read(self._variables, campaign)
            return self._context.render("_campaign.html", user=user, **facts)

        return self._event_stream.stream(
            request, draw, is_allowed=lambda: self._access.is_still_allowed(request, "look")
        )

    async def visits(self, request: Request, user: CurrentUser) -> Response:
        """List whom no message reaches, thôn by thôn: somebody should see them. `?page=all` has everybody."""
        campaign, app = campaign_or_404(self._context, request), self._context.app
        people = await self._context.read(
            visits.find, app.ledger, app.config.schedules, campaign, may_see=user.has_permission("sensitive")
        )
        await self._context.record_view(user.name, "visits", campaign.name)
        pages = -(-len(people) // VISITS_PER_PAGE)
        number = page_number(request.query_params.get("page", ""), pages)
        start = (number - 1) * VISITS_PER_PAGE
        shown = people[start : start + VISITS_PER_PAGE] if number else people
        by_area = [(area, list(those)) for area, those in groupby(shown, key=lambda one: one.area)]
        return self._context.render_page(
            request, "visits.html", campaign=campaign, by_area=by_area, people=len(people),
            counts=Counter(one.area for one in people), number=number, pages=pages,
            first=start + 1, last=start + len(shown),
        )  # fmt: skip

    async def pause(self, request: Request, user: CurrentUser) -> Response:
        """Stop what has not left yet."""
        reason = await _reason_of(request)
        return await self._change_state(request, user, "pause", reason or "by-hand")

    async def resume(self, request: Request, user: CurrentUser) -> Response:
        """Go on."""
        return await self._change_state(request, user, "resume", "")

    async def cancel(self, request: Request, user: CurrentUser) -> Response:
        """End it for good; asked twice, since nothing brings it back."""
        campaign = campaign_or_404(self._context, request)
        form = await read_form(request)
        if form.get("sure") != campaign.name:
            return self._context.render_page(request, "cancel.html", campaign=campaign)
        return await self._change_state(request, user, "cancel", await _reason_of(request))

    async def approve(self, request: Request, user: CurrentUser) -> Response:
        """Freeze plan, texts and lists as they were shown; asked first, and again if they changed since."""
        campaign = campaign_or_404(self._context, request)
        app, form = self._context.app, await read_form(request)
        shown = await self._context.read(self._to_approve, campaign)
        if form.get("seen") != shown["seen"]:
            return self._context.render_page(
                request, "approve.html", campaign=campaign, is_news="seen" in form, **shown
            )
        await self._context.write(
            approval.approve, app.ledger, app.config, campaign.name, who=user.name, now=self._context.now()
        )
        app.worker_pool.wake()
        return RedirectResponse(f"/campaigns/{campaign.name}", 303)

    async def decide_renamed(self, request: Request, user: CurrentUser) -> Response:
        """Decide whether what looks renamed is the same or another one; asked twice, with what follows."""
        campaign, app = campaign_or_404(self._context, request), self._context.app
        form = await read_form(request)
        answer, names = str(form.get("answer", "")), (str(form.get("old", "")), str(form.get("new", "")))
        found = next(
            (one for one in await self._context.read(self._renamed, campaign) if one.names == names), None
        )
        if found is None or answer not in RENAMED_ANSWERS:  # decided by somebody else meanwhile
            return RedirectResponse(f"/campaigns/{campaign.name}", 303)
        problem = ""
        if form.get("sure") == "yes":
            try:
                await self._context.write(self._settle_renamed, found, answer, user.name)
            except CannotRename as refused:
                problem = str(refused)
            else:
                app.worker_pool.wake()
                return RedirectResponse(f"/campaigns/{campaign.name}", 303)
        left = await self._context.read(occurrence_log.count_left, app.ledger, found.former.id)
        return self._context.render_page(
            request, "renamed.html", campaign=campaign, found=found, answer=answer, left=left,
            problem=problem, status=409 if problem else 200,
        )  # fmt: skip

    def _settle_renamed(self, found: RenamedStep, answer: str, who: str) -> None:
        """Carry the old name over, or let the new one be another. Raises CannotRename."""
        ledger, now, name = self._context.app.ledger, self._context.now(), found.occurrence.campaign
        old, new = found.names
        if found.is_of_another_campaign:
            if answer == "same":
                renames.rename_campaign(ledger, old, new, who=who, now=now)
            else:
                campaign_states.resume(ledger, name, who=who, now=now)
        elif answer == "same":
            renames.rename_step(ledger, name, old, new, who=who, now=now)
        else:
            told_apart.tell_apart(ledger, name, old, new, who=who, now=now)

    def _renamed(self, campaign: Campaign) -> list[RenamedStep]:
        """Return what of a campaign looks renamed and waits for somebody to decide."""
        app, now = self._context.app, self._context.now()
        campaign_state = campaign_states.state_of(app.ledger, campaign.name)
        if campaign_state is not None and campaign_state.is_over:
            return []
        recorded = occurrence_log.recorded(app.ledger)
        found = renamed_steps.find(
            app.ledger, app.config.schedules, campaign, campaign_state, recorded, now=now
        )
        return renamed_steps.one_by_names(found)

    def _to_approve(self, campaign: Campaign) -> dict[str, Any]:
        """Return all that an approval is about, and what tells whether it is still so."""
        app, now = self._context.app, self._context.now()
        hashes = approval.part_hashes(app.ledger, app.config, campaign.name)
        state = campaign_states.state_of(app.ledger, campaign.name)
        spent = state.budget_used if state else 0
        return {
            "seen": approval.total_hash(hashes),
            "approval": approval.approval_of(app.ledger, app.config, campaign.name),
            "outlook": campaign_outlook.look_ahead(
                app.ledger, app.config.schedules, app.config.composer.templates, campaign.name, now=now
            ),
            "budget_left": None if campaign.budget_vnd is None else campaign.budget_vnd - spent,
            "is_paused_by_hand": state is not None
            and state.state == "paused"
            and state.reason != campaign_states.AWAITING_APPROVAL,
        }

    async def _change_state(self, request: Request, user: CurrentUser, action: str, reason: str) -> Response:
        campaign, app = campaign_or_404(self._context, request), self._context.app
        name, who, now = campaign.name, user.name, self._context.now()
        await self._context.write(campaign_states.ensure, app.ledger, name, now=now)
        if action == "pause":
            await self._context.write(
                campaign_states.pause, app.ledger, name, reason=reason, who=who, now=now
            )
        elif action == "resume":
            await self._context.write(campaign_states.resume, app.ledger, name, who=who, now=now)
            app.worker_pool.wake()
        else:
            await self._context.write(
                campaign_states.cancel, app.ledger, name, reason=reason, who=who, now=now
            )
        return RedirectResponse(f"/campaigns/{name}", 303)

    def _variables(self, campaign: Campaign) -> dict[str, Any]:
        app, now, cache = self._context.app, self._context.now(), self._context.figures_cache
        name = campaign.name
        people = cache.area_snapshot(name, now)
        campaign_state = campaign_states.state_of(app.ledger, name)
        approved = approval.approval_of(app.ledger, app.config, name)
        return {
            "campaign": campaign,
            "now": now,
            "campaign_state": campaign_state,
            "paused_by_itself": campaign_state is not None and campaign_state.reason in PAUSE_REASONS,
            "progress": cache.progress(name),
            "ranking": cache.ranking(name, now),
            "people_as_of": people.as_of if people else None,
            "counted": people_counts.area_totals(app.ledger, name),
            "sources": people_counts.participation_sources(app.ledger, name, campaign.audiences),
            "not_counted": people_counts.participants_not_counted(app.ledger, name, campaign.audiences),
            "days_left": campaign.days_left(now),
            "calendar": plan.occurrences(app.config.schedules, campaign),
            "collisions": {
                (one.occurrence.step, one.occurrence.key): cap_collisions.sentence(app.config.schedules, one)
                for one in cache.collisions
                if one.occurrence.campaign == name
            },
            "schedule_problems": [
                problem
                for problem in schedule_problems.find(app.ledger, app.config.schedules, now=now)
                if f"{problem.where}.".startswith(f"campaign.{name}.")
            ],
            "renamed": [(one, renamed_steps.may_be_same(one, campaign)) for one in self._renamed(campaign)],
            "occurrence_states": occurrences.states(app.ledger, name),
            "entries": audit_log.entries(app.ledger, limit=8, subject=name),
            "approval": approved,
            "awaits_approval": approval.awaits(campaign_state, approved),
        }


def campaign_or_404(context: PageContext, request: Request) -> Campaign:
    """Return the campaign that an address names; 404 when there is none."""
    campaign = context.app.config.schedules.campaigns.get(request.path_params["campaign"])
    if campaign is None:
        raise HTTPException(404)
    return campaign


def page_number(said: str, pages: int) -> int:
    """Return which of so many pages is asked for, from 1 on; 0 for all of them on one."""
    if said == "all" or pages < 2:
        return 0
    number = int(said) if said.isascii() and said.isdecimal() and len(said) < 10 else 1
    return min(max(number, 1), pages)


async def _reason_of(request: Request) -> str:
    return str((await read_form(request)).get("reason", "")).strip()[:REASON_MAX]
