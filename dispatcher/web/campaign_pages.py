"""One campaign: how it stands, its plan, thôn and failures; pausing, resuming, cancelling, approving."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher import plan
from dispatcher.campaign.model import Campaign
from dispatcher.ledger import areas, attention, campaigns, growth
from dispatcher.report import approval
from dispatcher.report.figures import PAUSED
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor, fields
from dispatcher.web.live import Live

REASON_MAX = 200
VISITS_PER_AREA = 200


class CampaignPages:
    """Everything below /campaigns/{name}."""

    def __init__(self, desk: Desk, doors: Doors, live: Live) -> None:
        self._desk = desk
        self._doors = doors
        self._live = live

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        at, route = "/campaigns/{campaign}", self._doors.route
        return (
            route(at, self.show, right="look"),
            route(f"{at}/live", self.follow, right="look"),
            route(f"{at}/visits", self.visits, right="look"),
            route(f"{at}/pause", self.pause, right="act", methods=["POST"]),
            route(f"{at}/resume", self.resume, right="act", methods=["POST"]),
            route(f"{at}/cancel", self.cancel, right="act", methods=["POST"]),
            route(f"{at}/approve", self.approve, right="act", methods=["POST"]),
        )

    async def show(self, request: Request, _visitor: Visitor) -> Response:
        """Show how it stands."""
        campaign = find(self._desk, request)
        await self._live.looked()
        return self._desk.page(request, "campaign.html", **await self._desk.look(self._facts, campaign))

    async def follow(self, request: Request, visitor: Visitor) -> Response:
        """Send the figures again whenever there is news."""
        campaign = find(self._desk, request)

        async def draw() -> str:
            facts = await self._desk.look(self._facts, campaign)
            return self._desk.draw("_campaign.html", visitor=visitor, **facts)

        return self._live.stream(request, draw)

    async def visits(self, request: Request, _visitor: Visitor) -> Response:
        """List whom no message reaches, thôn by thôn: somebody should see them."""
        campaign = find(self._desk, request)
        found = await self._desk.look(
            areas.unreached, self._desk.app.ledger, campaign.name, campaign.audiences,
            limit_per_area=VISITS_PER_AREA,
        )  # fmt: skip
        by_area: dict[str, list[areas.Unreached]] = {}
        for item in found:
            by_area.setdefault(item.area, []).append(item)
        return self._desk.page(request, "visits.html", campaign=campaign, by_area=sorted(by_area.items()))

    async def pause(self, request: Request, visitor: Visitor) -> Response:
        """Stop before the next claim."""
        reason = await _reason(request)
        return await self._move(request, visitor, "pause", reason or "by-hand")

    async def resume(self, request: Request, visitor: Visitor) -> Response:
        """Go on."""
        return await self._move(request, visitor, "resume", "")

    async def cancel(self, request: Request, visitor: Visitor) -> Response:
        """End it for good; asked twice, since nothing brings it back."""
        campaign = find(self._desk, request)
        form = await fields(request)
        if form.get("sure") != campaign.name:
            return self._desk.page(request, "cancel.html", campaign=campaign)
        return await self._move(request, visitor, "cancel", await _reason(request))

    async def approve(self, request: Request, visitor: Visitor) -> Response:
        """Freeze plan, texts and lists as they are now."""
        campaign = find(self._desk, request)
        app = self._desk.app
        await self._desk.act(
            approval.approve, app.ledger, app.edition, campaign.name, who=visitor.name, now=self._desk.now()
        )
        app.engine.wake()
        return RedirectResponse(f"/campaigns/{campaign.name}", 303)

    async def _move(self, request: Request, visitor: Visitor, how: str, reason: str) -> Response:
        campaign, app = find(self._desk, request), self._desk.app
        name, who, now = campaign.name, visitor.name, self._desk.now()
        await self._desk.act(campaigns.ensure, app.ledger, name, canary=campaign.canary, now=now)
        if how == "pause":
            await self._desk.act(campaigns.pause, app.ledger, name, reason=reason, who=who, now=now)
        elif how == "resume":
            await self._desk.act(campaigns.resume, app.ledger, name, who=who, now=now)
            app.engine.wake()
        else:
            await self._desk.act(campaigns.cancel, app.ledger, name, reason=reason, who=who, now=now)
        return RedirectResponse(f"/campaigns/{name}", 303)

    def _facts(self, campaign: Campaign) -> dict[str, Any]:
        app, now, board = self._desk.app, self._desk.now(), self._desk.board
        name = campaign.name
        people = board.people(name, now)
        standing = campaigns.standing(app.ledger, name)
        return {
            "campaign": campaign,
            "now": now,
            "standing": standing,
            "paused_by_itself": standing is not None and standing.reason in PAUSED,
            "progress": board.progress(name),
            "ranking": board.ranking(name, now),
            "people_as_of": people.as_of if people else None,
            "counted": growth.counted(app.ledger, name),
            "sources": growth.sources(app.ledger, name),
            "days_left": campaign.days_left(now),
            "calendar": plan.calendar(app.edition.schedules, campaign),
            "fired": attention.fired(app.ledger, name),
            "deeds": attention.deeds(app.ledger, limit=8, subject=name),
            "approval": approval.approval(app.ledger, app.edition, name),
        }


def find(desk: Desk, request: Request) -> Campaign:
    """Give the campaign that an address names; 404 when there is none."""
    campaign = desk.app.edition.schedules.campaigns.get(request.path_params["campaign"])
    if campaign is None:
        raise HTTPException(404)
    return campaign


async def _reason(request: Request) -> str:
    return str((await fields(request)).get("reason", "")).strip()[:REASON_MAX]
