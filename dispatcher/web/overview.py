"""The dashboard: what needs a person, what goes out today, the state of each campaign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign.model import Campaign
from dispatcher.ledger import campaign_drafts
from dispatcher.ledger.queries import to_do
from dispatcher.ledger.sending import campaign_states, rate_limits
from dispatcher.ledger.sending.campaign_states import CampaignState
from dispatcher.report import agenda, approval, cap_collisions, schedule_problems
from dispatcher.report.progress import Progress
from dispatcher.report.ranking import Ranking
from dispatcher.web import campaign_form
from dispatcher.web.auth import AccessControl, CurrentUser
from dispatcher.web.page_context import PageContext
from dispatcher.web.pages import Pages
from dispatcher.web.sse import EventStream


@dataclass(frozen=True, kw_only=True)
class CampaignCard:
    """One campaign in brief."""

    campaign: Campaign
    campaign_state: CampaignState | None
    progress: Progress
    ranking: Ranking | None
    days_left: int
    awaits_approval: bool


class OverviewPages(Pages):
    """The dashboard."""

    def __init__(self, context: PageContext, access: AccessControl, event_stream: EventStream) -> None:
        super().__init__(context, access)
        self._event_stream = event_stream

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        return (
            self._access.route("/", self.show, permission=("look", "own-area")),
            self._access.route("/live", self.stream, permission="look"),
        )

    async def show(self, request: Request, user: CurrentUser) -> Response:
        """Show the dashboard; a lead is shown the own area."""
        if not user.has_permission("look"):
            return RedirectResponse("/my-area", 303)
        await self._event_stream.page_opened()
        return self._context.render_page(
            request, "overview.html", **await self._context.read(self._variables)
        )

    async def stream(self, request: Request, user: CurrentUser) -> Response:
        """Send the changing part again whenever there is news."""

        async def draw() -> str:
            facts = await self._context.read(self._variables)
            return self._context.render("_overview.html", user=user, **facts)

        return self._event_stream.stream(
            request, draw, is_allowed=lambda: self._access.is_still_allowed(request, "look")
        )

    def _variables(self) -> dict[str, Any]:
        app, now = self._context.app, self._context.now()
        schedules = app.config.schedules
        states = {item.name: item for item in campaign_states.all_states(app.ledger)}
        return {
            "now": now,
            "cards": [
                self._card(campaign, states.get(name), now) for name, campaign in schedules.campaigns.items()
            ],
            "agenda": agenda.build_agenda(schedules, states, now),
            "drafts": [
                (draft, campaign_form.title_of(draft.fragment, draft.name))
                for draft in campaign_drafts.all_drafts(app.ledger)
            ],
            "to_do": to_do.counts(app.ledger, now=now, warning=schedules.rights.warning),
            "gateway_rates": [
                item
                for item in rate_limits.gateway_rates(app.ledger)
                if item.blocked_until is not None and item.blocked_until > now
            ],
            "refused": app.live_config.rejected,
            "schedule_problems": [
                *schedule_problems.find(app.ledger, schedules, now=now),
                *cap_collisions.find_problems(schedules, self._context.figures_cache.collisions),
            ],
        }

    def _awaits_approval(self, campaign: Campaign, campaign_state: CampaignState | None) -> bool:
        app = self._context.app
        return approval.awaits(campaign_state, approval.approval_of(app.ledger, app.config, campaign.name))

    def _card(self, campaign: Campaign, campaign_state: CampaignState | None, now: datetime) -> CampaignCard:
        cache = self._context.figures_cache
        return CampaignCard(
            campaign=campaign,
            campaign_state=campaign_state,
            progress=cache.progress(campaign.name),
            ranking=cache.ranking(campaign.name, now),
            days_left=campaign.days_left(now),
            awaits_approval=campaign.requires_approval and self._awaits_approval(campaign, campaign_state),
        )
