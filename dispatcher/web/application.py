"""All of the web face, put together: provider webhooks below every middleware, pages above."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from dispatcher.app import App
from dispatcher.feedback.outgoing import Courier
from dispatcher.sandbox.process import Sandbox
from dispatcher.web import api
from dispatcher.web.area_pages import AreaPages
from dispatcher.web.campaign_pages import CampaignPages
from dispatcher.web.desk import HERE, Desk
from dispatcher.web.doors import Doors
from dispatcher.web.exports import Exports
from dispatcher.web.guard import Guard, Receive, Scope, Send
from dispatcher.web.health import HealthPages
from dispatcher.web.inbox import InboxWriter
from dispatcher.web.live import Live
from dispatcher.web.overview import Overview
from dispatcher.web.people_pages import PeoplePages
from dispatcher.web.previews import PreviewPages
from dispatcher.web.providers import PREFIX, TwilioHooks
from dispatcher.web.pulse import Pulse
from dispatcher.web.records import RecordPages
from dispatcher.web.residents import ResidentRoutes
from dispatcher.web.sandbox_pages import SandboxPages
from dispatcher.web.signing_in import SigningIn
from dispatcher.web.uploads import Uploads

logger = logging.getLogger(__name__)

API = "/api"


class Face:
    """The ASGI application of a service; `running` is what works beside its pages."""

    def __init__(self, app: App, sandbox: Sandbox | None = None) -> None:
        inbox = InboxWriter(ledger=app.ledger, crossing=app.crossing, clock=app.clock)
        self._hooks = TwilioHooks(auth_token=app.settings.twilio_auth_token, links=app.links, inbox=inbox)
        self._desk = Desk(app, sandbox)
        self._pulse = Pulse(self._desk)
        self._courier = Courier(ledger=app.ledger, crossing=app.crossing, clock=self._desk.wall)
        pages = Starlette(
            routes=_routes(self._desk, self._pulse),
            exception_handlers={HTTPException: self._failed, Exception: self._failed},
        )
        machines = api.make(self._desk)

        async def inner(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and scope["path"].startswith(f"{API}/"):
                # By hand: a mount would not know an address with a line break in it for one of the API's.
                await machines({**scope, "root_path": API}, receive, send)
            else:
                await pages(scope, receive, send)

        self._pages = Guard(inner, secure=self._desk.secure, language=app.settings.lang)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whoever it is for."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._hooks(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep figures fresh and tell other machines, while the block runs."""
        self._pulse.stopping.clear()
        work = [
            asyncio.create_task(self._pulse.run()),
            asyncio.create_task(self._courier.run(self._pulse.stopping)),
        ]
        try:
            yield
        finally:
            await self.let_go()
            await asyncio.gather(*work, return_exceptions=True)
            self._desk.close()

    async def let_go(self) -> None:
        """End what would keep connections open: live pages."""
        await self._pulse.stop()

    async def _failed(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        if status >= 500:
            logger.error("a page failed: %s", type(error).__name__, exc_info=error,
                         extra={"action": "page-failed"})  # fmt: skip
        page = self._desk.page(request, "failed.html", status=status, code=status)
        if status in {408, 413}:
            page.headers["connection"] = "close"  # the rest of the body is not wanted
        return page


class _Kept(StaticFiles):
    """Files that a cheap phone fetches once: the browser keeps them, and asks whether they changed."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        response.headers["cache-control"] = "no-cache"
        return response


def application(app: App, sandbox: Sandbox | None = None) -> Face:
    """Make the web face of a service; with `sandbox`, the pages that show it from the other side."""
    return Face(app, sandbox)


def _routes(desk: Desk, pulse: Pulse) -> list[BaseRoute]:
    doors, live = Doors(desk), Live(pulse)
    return [
        *ResidentRoutes(desk).routes(),
        *HealthPages(desk).routes(),
        *SigningIn(desk, doors).routes(),
        *Overview(desk, doors, live).routes(),
        *CampaignPages(desk, doors, live).routes(),
        *PreviewPages(desk, doors).routes(),
        *Uploads(desk, doors).routes(),
        *Exports(desk, doors).routes(),
        *AreaPages(desk, doors).routes(),
        *PeoplePages(desk, doors).routes(),
        *RecordPages(desk, doors).routes(),
        *SandboxPages(desk, doors).routes(),
        Mount("/static", app=_Kept(directory=HERE / "static")),
    ]
