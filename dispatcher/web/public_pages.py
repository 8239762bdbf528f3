"""The residents' pages behind signed links: opt out or in, and "I have taken part".

Looking changes nothing; saying it twice is saying it once. The link itself is the key to the page, so there
is no password and no cookie, and a mail client may press the button by itself (RFC 8058).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign.model import Campaign
from dispatcher.i18n import _
from dispatcher.ledger import renames
from dispatcher.ledger.queries import subscriber
from dispatcher.ledger.queries.subscriber import Subscriber
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.signed_links import LinkPayload
from dispatcher.web.page_context import PageContext

ONE_CLICK = "One-Click"


class PublicPages:
    """The pages behind signed links."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    def routes(self) -> Sequence[Route]:
        """Return the routes; a GET never changes anything."""
        return (
            Route("/u/{token}", self.show_opt_out, methods=["GET", "HEAD"]),
            Route("/u/{token}", self.change_opt_out, methods=["POST"]),
            Route("/tham-gia/{token}", self.show_participation, methods=["GET", "HEAD"]),
            Route("/tham-gia/{token}", self.confirm_participation, methods=["POST"]),
        )

    async def show_opt_out(self, request: Request) -> Response:
        """Return who writes and what about, and offer the button; no list is named here."""
        link = await self._link(request, "u")
        return self._broken_link(request) if link is None else await self._opt_out_page(request, link)

    async def change_opt_out(self, request: Request) -> Response:
        """Stop, or come back: by RFC 8058's pair or the fields of our own page, not by any other body.

        A mail client posts without asking and wants no redirect; scanners of mail post whatever they like.
        """
        link = await self._link(request, "u")
        if link is None:
            return self._broken_link(request)
        form = await request.form()
        if (await self._subscriber(link)).is_erased:  # nothing goes to them, and nothing is written anew
            return await self._opt_out_page(request, link)
        if form.get("List-Unsubscribe") == ONE_CLICK:
            await self._opt_out(link, "all", how="one-click")
            return await self._opt_out_page(request, link)
        if form.get("action") == "return":
            await self._opt_in(link)
        elif form.get("scope") in {"all", "campaign"}:
            of_campaign = form.get("scope") == "campaign" and link.campaign
            await self._opt_out(link, f"campaign:{link.campaign}" if of_campaign else "all", how="link")
        else:
            return await self._opt_out_page(request, link, status=400)
        return RedirectResponse(request.url.path, 303)

    async def show_participation(self, request: Request) -> Response:
        """Show the form that asks whether they have taken part."""
        verified = await self._participation_link(request)
        if verified is None:
            return self._broken_link(request)
        return await self._participation_page(request, *verified)

    async def confirm_participation(self, request: Request) -> Response:
        """Write down that they have, by their own word: the button of our own page."""
        verified = await self._participation_link(request)
        if verified is None:
            return self._broken_link(request)
        link, campaign = verified
        if (await request.form()).get("action") != "took-part":
            return await self._participation_page(request, link, campaign, status=400)
        app, now = self._context.app, self._context.now()
        if (await self._subscriber(link)).is_known:
            reported = Participation(campaign=link.campaign, person_id=link.person_id, at=now, source="link")
            await self._context.write(participation.record, app.ledger, [reported], now=now)
        return RedirectResponse(request.url.path, 303)

    async def _participation_page(
        self, request: Request, link: LinkPayload, campaign: Campaign, *, status: int = 200
    ) -> HTMLResponse:
        subscriber = await self._subscriber(link)
        return self._context.render_page(
            request, "took-part.html", status=status, link=link, campaign=campaign, subscriber=subscriber
        )

    async def _opt_out_page(self, request: Request, link: LinkPayload, *, status: int = 200) -> HTMLResponse:
        schedules = self._context.app.config.schedules
        subscriber = await self._subscriber(link)
        return self._context.render_page(
            request,
            "stop.html",
            status=status,
            link=link,
            campaign=schedules.campaigns.get(link.campaign),
            erased=subscriber.is_erased,
            stopped_all="all" in subscriber.opted_out_scopes,
            stopped_this=f"campaign:{link.campaign}" in subscriber.opted_out_scopes,
        )

    async def _opt_out(self, link: LinkPayload, scope: str, *, how: str) -> None:
        opt_out = OptOut(
            channel=link.channel, address=link.address, scope=scope, who=link.address, how=how,
            words=_("the button on the page"),
        )  # fmt: skip
        await self._context.write(
            suppressions.opt_out, self._context.app.ledger, [opt_out], now=self._context.now()
        )

    async def _opt_in(self, link: LinkPayload) -> None:
        await self._context.write(
            suppressions.opt_in, self._context.app.ledger, channel=link.channel, address=link.address,
            who=link.address, how="link", now=self._context.now(),
        )  # fmt: skip

    async def _subscriber(self, link: LinkPayload) -> Subscriber:
        return await self._context.read(
            subscriber.load, self._context.app.ledger, channel=link.channel, address_value=link.address,
            campaign=link.campaign, person_id=link.person_id,
        )  # fmt: skip

    async def _link(self, request: Request, purpose: str) -> LinkPayload | None:
        """Return what a link says, its campaign by the name of today; None for one that is not ours."""
        app = self._context.app
        link = app.links.verify_token(request.path_params["token"], purpose)
        if link is None or link.campaign in app.config.schedules.campaigns:
            return link
        return replace(
            link, campaign=await self._context.read(renames.current_campaign, app.ledger, link.campaign)
        )

    async def _participation_link(self, request: Request) -> tuple[LinkPayload, Campaign] | None:
        """Return the link if its campaign takes people's own word."""
        link = await self._link(request, "t")
        campaign = self._context.app.config.schedules.campaigns.get(link.campaign) if link else None
        if link is None or campaign is None or not campaign.participation_link:
            return None
        return link, campaign

    def _broken_link(self, request: Request) -> HTMLResponse:
        return self._context.render_page(request, "broken-link.html", status=404)
