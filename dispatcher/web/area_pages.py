"""The page of an area's lead: the own area, and nothing of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.contacts.area_names import find_area
from dispatcher.ledger.queries import people_counts
from dispatcher.report.protection import conceal
from dispatcher.report.ranking import RankedArea
from dispatcher.web.auth import AccessControl, CurrentUser
from dispatcher.web.page_context import PageContext

VISITS_MAX = 300


class AreaPages:
    """One page."""

    def __init__(self, context: PageContext, access: AccessControl) -> None:
        self._context = context
        self._access = access

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        return (self._access.route("/my-area", self.show, permission="own-area"),)

    async def show(self, request: Request, user: CurrentUser) -> Response:
        """Show how the own area stands in each campaign, and whom to visit."""
        campaigns = await self._context.read(self._campaigns_of_area, user.account.area)
        await self._context.record_view(user.name, "visits", user.account.area)
        return self._context.render_page(request, "my-area.html", area=user.account.area, campaigns=campaigns)

    def _campaigns_of_area(self, area: str) -> list[dict[str, Any]]:
        app, now = self._context.app, self._context.now()
        campaigns = []
        for campaign in app.config.schedules.campaigns.values():
            ranking = self._context.figures_cache.ranking(campaign.name, now)
            rows: Sequence[RankedArea] = ranking.areas if ranking else ()
            visits = people_counts.unreached_people(
                app.ledger, campaign.name, campaign.audiences, limit_per_area=VISITS_MAX,
                open_audiences=app.config.schedules.open_audiences,
            )  # fmt: skip
            own = find_area(area, [*(row.area for row in rows), *(visit.area for visit in visits)])
            campaigns.append(
                {
                    "campaign": campaign,
                    "row": next((row for row in rows if row.area == own and own), None),
                    "count": len(rows),
                    "visits": [item for item in conceal(visits) if item.area == own and own],
                }
            )
        return campaigns
