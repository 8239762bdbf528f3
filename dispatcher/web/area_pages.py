"""What a thôn lead sees: the own area, and nothing of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.ledger import areas
from dispatcher.report.ranking import AreaStanding
from dispatcher.vietnamese.text import fold
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor

VISITS = 300


class AreaPages:
    """One page."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        return (self._doors.route("/my-area", self.show, right="own-area"),)

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """Show how the own area stands in each campaign, and whom to visit."""
        found = await self._desk.look(self._facts, visitor.account.area)
        return self._desk.page(request, "my-area.html", area=visitor.account.area, campaigns=found)

    def _facts(self, area: str) -> list[dict[str, Any]]:
        app, now, wanted = self._desk.app, self._desk.now(), fold(area)
        found = []
        for campaign in app.edition.schedules.campaigns.values():
            ranking = self._desk.board.ranking(campaign.name, now)
            rows: Sequence[AreaStanding] = ranking.areas if ranking else ()
            visits = areas.unreached(app.ledger, campaign.name, campaign.audiences, limit_per_area=VISITS)
            found.append(
                {
                    "campaign": campaign,
                    "row": next((row for row in rows if fold(row.area) == wanted and wanted), None),
                    "count": len(rows),
                    "visits": [item for item in visits if fold(item.area) == wanted and wanted],
                }
            )
        return found
