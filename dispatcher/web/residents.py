"""What a resident reaches through a link: stop or come back, and "I have taken part".

Looking changes nothing; saying it twice is saying it once. The link itself is the key to the page, so there
is no password and no cookie, and a mail client may press the button by itself (RFC 8058).
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign.model import Campaign
from dispatcher.i18n import _
from dispatcher.ledger import consent, participation, readers
from dispatcher.ledger.consent import OptOut
from dispatcher.ledger.participation import Took
from dispatcher.ledger.readers import Reader
from dispatcher.links import PersonLink
from dispatcher.web.desk import Desk

ONE_CLICK = "One-Click"


class ResidentRoutes:
    """The pages behind signed links."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> Sequence[Route]:
        """Give the routes; a GET never changes anything."""
        return (
            Route("/u/{token}", self.show, methods=["GET", "HEAD"]),
            Route("/u/{token}", self.decide, methods=["POST"]),
            Route("/tham-gia/{token}", self.ask, methods=["GET", "HEAD"]),
            Route("/tham-gia/{token}", self.take_part, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """Say who writes, what for and why to them, and offer the button."""
        link = self._link(request, "u")
        return self._broken(request) if link is None else await self._stop_page(request, link)

    async def decide(self, request: Request) -> Response:
        """Stop, or come back. A mail client posts without asking and wants no redirect."""
        link = self._link(request, "u")
        if link is None:
            return self._broken(request)
        form = await request.form()
        if form.get("List-Unsubscribe") == ONE_CLICK:
            await self._stop(link, "all", how="one-click")
            return await self._stop_page(request, link)
        scope = f"campaign:{link.campaign}" if form.get("scope") == "campaign" and link.campaign else "all"
        if form.get("action") == "return":
            await self._come_back(link)
        else:
            await self._stop(link, scope, how="link")
        return RedirectResponse(request.url.path, 303)

    async def ask(self, request: Request) -> Response:
        """Ask whether they have taken part."""
        found = self._invited(request)
        if found is None:
            return self._broken(request)
        link, campaign = found
        return self._desk.page(request, "took-part.html", campaign=campaign, reader=await self._reader(link))

    async def take_part(self, request: Request) -> Response:
        """Write down that they have, by their own word."""
        found = self._invited(request)
        if found is None:
            return self._broken(request)
        link, _campaign = found
        app, now = self._desk.app, self._desk.now()
        if (await self._reader(link)).known:
            fact = Took(campaign=link.campaign, person_id=link.person_id, at=now, source="link")
            await self._desk.act(participation.record, app.ledger, [fact], now=now)
        return RedirectResponse(request.url.path, 303)

    async def _stop_page(self, request: Request, link: PersonLink) -> HTMLResponse:
        schedules = self._desk.app.edition.schedules
        reader = await self._reader(link)
        return self._desk.page(
            request,
            "stop.html",
            link=link,
            campaign=schedules.campaigns.get(link.campaign),
            audiences=[schedules.audiences[name] for name in reader.audiences if name in schedules.audiences],
            stopped_all="all" in reader.stopped,
            stopped_this=f"campaign:{link.campaign}" in reader.stopped,
        )

    async def _stop(self, link: PersonLink, scope: str, *, how: str) -> None:
        wish = OptOut(
            channel=link.channel, address=link.address, scope=scope, who=link.address, how=how,
            words=_("the button on the page"),
        )  # fmt: skip
        await self._desk.act(consent.opt_out, self._desk.app.ledger, [wish], now=self._desk.now())

    async def _come_back(self, link: PersonLink) -> None:
        await self._desk.act(
            consent.come_back, self._desk.app.ledger, channel=link.channel, address=link.address,
            who=link.address, how="link", now=self._desk.now(),
        )  # fmt: skip

    async def _reader(self, link: PersonLink) -> Reader:
        return await self._desk.look(
            readers.reader, self._desk.app.ledger, channel=link.channel, address=link.address,
            campaign=link.campaign, person_id=link.person_id,
        )  # fmt: skip

    def _link(self, request: Request, purpose: str) -> PersonLink | None:
        return self._desk.app.links.read_token(request.path_params["token"], purpose)

    def _invited(self, request: Request) -> tuple[PersonLink, Campaign] | None:
        """Give the link if its campaign takes people's own word."""
        link = self._link(request, "t")
        campaign = self._desk.app.edition.schedules.campaigns.get(link.campaign) if link else None
        if link is None or campaign is None or not campaign.participation_link:
            return None
        return link, campaign

    def _broken(self, request: Request) -> HTMLResponse:
        return self._desk.page(request, "broken-link.html", status=404)
