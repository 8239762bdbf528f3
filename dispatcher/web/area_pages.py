"""The page of an area's lead: the own area, and nothing of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.contacts.area_names import exact_area
from dispatcher.ledger.queries import areas, people_counts
from dispatcher.report import visits
from dispatcher.report.ranking import RankedArea
from dispatcher.web.auth import CurrentUser
from dispatcher.web.pages import Pages


class AreaPages(Pages):
    """One page."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        return (self._access.route("/my-area", self.show, permission="own-area"),)

    async def show(self, request: Request, user: CurrentUser) -> Response:
        """Show how the own area stands in each campaign, and whom to visit."""
        campaigns = await self._context.read(self._campaigns_of_area, user.account.area)
        await self._context.record_view(user.name, "visits", user.account.area)
        listed = await self._context.read(areas.listed, self._context.app.ledger)
        return self._context.render_page(
            request, "my-area.html", area=user.account.area, campaigns=campaigns,
            is_listed=bool(exact_area(user.account.area, listed)),
        )  # fmt: skip

    def _campaigns_of_area(self, area: str) -> list[dict[str, Any]]:
        app, now = self._context.app, self._context.now()
        campaigns = []
        for campaign in app.config.schedules.campaigns.values():
            ranking = self._context.figures_cache.ranking(campaign.name, now)
            rows: Sequence[RankedArea] = ranking.areas if ranking else ()
            to_visit = people_counts.areas_to_visit(app.ledger, campaign.name, campaign.audiences)
            own = exact_area(area, [*(row.area for row in rows), *to_visit])
            campaigns.append(
                {
                    "campaign": campaign,
                    "row": next((row for row in rows if row.area == own and own), None),
                    "count": len(rows),
                    "visits": own
                    and visits.find(app.ledger, app.config.schedules, campaign, area=own, may_see=False),
                }
            )
        return campaigns
