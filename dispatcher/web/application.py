"""All routes of the web face, put together."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from dispatcher.app import App
from dispatcher.web.inbox import InboxWriter
from dispatcher.web.providers import TwilioRoutes
from dispatcher.web.residents import ResidentRoutes


def application(app: App) -> Starlette:
    """Make the web face of a service."""
    inbox = InboxWriter(ledger=app.ledger, crossing=app.crossing, clock=app.clock)
    twilio = TwilioRoutes(auth_token=app.settings.twilio_auth_token, links=app.links, inbox=inbox)
    return Starlette(
        routes=[*twilio.routes(), *ResidentRoutes(app).routes(), Route("/healthz", alive, methods=["GET"])]
    )


async def alive(_request: Request) -> Response:
    """Say that the process runs."""
    return PlainTextResponse("ok")
