"""The first page after signing in: what needs a person, what goes out today, how each campaign stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign.model import Campaign
from dispatcher.ledger import attention, campaigns, rates
from dispatcher.ledger.campaigns import Standing
from dispatcher.report import agenda
from dispatcher.report.progress import Progress
from dispatcher.report.ranking import Ranking
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor
from dispatcher.web.live import Live


@dataclass(frozen=True, kw_only=True)
class Card:
    """One campaign in brief."""

    campaign: Campaign
    standing: Standing | None
    progress: Progress
    ranking: Ranking | None
    days_left: int


class Overview:
    """The dashboard."""

    def __init__(self, desk: Desk, doors: Doors, live: Live) -> None:
        self._desk = desk
        self._doors = doors
        self._live = live

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        return (
            self._doors.route("/", self.show, right=("look", "own-area")),
            self._doors.route("/live", self.follow, right="look"),
        )

    async def show(self, request: Request, visitor: Visitor) -> Response:
        """Show the dashboard; a lead is shown the own area."""
        if not visitor.may("look"):
            return RedirectResponse("/my-area", 303)
        await self._live.looked()
        return self._desk.page(request, "overview.html", **await self._desk.look(self._facts))

    async def follow(self, request: Request, visitor: Visitor) -> Response:
        """Send the changing part again whenever there is news."""

        async def draw() -> str:
            facts = await self._desk.look(self._facts)
            return self._desk.draw("_overview.html", visitor=visitor, **facts)

        return self._live.stream(request, draw)

    def _facts(self) -> dict[str, Any]:
        app, now = self._desk.app, self._desk.now()
        schedules = app.edition.schedules
        standings = {item.name: item for item in campaigns.standings(app.ledger)}
        return {
            "now": now,
            "cards": [
                self._card(campaign, standings.get(name), now)
                for name, campaign in schedules.campaigns.items()
            ],
            "agenda": agenda.agenda(schedules, standings, now),
            "attention": attention.attention(app.ledger),
            "throttles": [
                item
                for item in rates.throttles(app.ledger)
                if item.blocked_until is not None and item.blocked_until > now
            ],
            "refused": app.current.refused,
        }

    def _card(self, campaign: Campaign, standing: Standing | None, now: datetime) -> Card:
        board = self._desk.board
        return Card(
            campaign=campaign,
            standing=standing,
            progress=board.progress(campaign.name),
            ranking=board.ranking(campaign.name, now),
            days_left=campaign.days_left(now),
        )
