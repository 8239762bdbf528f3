"""All of the web face, put together: provider webhooks below every middleware, pages above."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dispatcher.app import App
from dispatcher.web.inbox import InboxWriter
from dispatcher.web.providers import PREFIX, Receive, Scope, Send, TwilioHooks
from dispatcher.web.residents import ResidentRoutes


class Face:
    """The ASGI application of a service."""

    def __init__(self, app: App) -> None:
        inbox = InboxWriter(ledger=app.ledger, crossing=app.crossing, clock=app.clock)
        self._hooks = TwilioHooks(auth_token=app.settings.twilio_auth_token, links=app.links, inbox=inbox)
        self._pages = Starlette(
            routes=[*ResidentRoutes(app).routes(), Route("/healthz", alive, methods=["GET"])]
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whoever it is for."""
        if scope["type"] == "http" and scope["path"].startswith(PREFIX):
            await self._hooks(scope, receive, send)
        else:
            await self._pages(scope, receive, send)


def application(app: App) -> Face:
    """Make the web face of a service."""
    return Face(app)


async def alive(_request: Request) -> Response:
    """Say that the process runs."""
    return PlainTextResponse("ok")
