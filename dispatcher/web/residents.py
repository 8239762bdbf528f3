"""The page behind the link in every mail: who writes, what for, and one button to stop."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dispatcher.app import App
from dispatcher.ledger import consent
from dispatcher.ledger.consent import OptOut

PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<h1>{title}</h1><p>{words}</p>{form}</html>"""
FORM = """<form method="post"><button>Ngừng nhận tin</button></form>"""


class ResidentRoutes:
    """What a resident reaches through a link."""

    def __init__(self, app: App) -> None:
        self._app = app

    def routes(self) -> Sequence[Route]:
        """Give the routes; a GET never changes anything."""
        return (
            Route("/u/{token}", self.show, methods=["GET"]),
            Route("/u/{token}", self.stop, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """Say who writes and offer the button."""
        link = self._app.links.read_token(request.path_params["token"], "u")
        office = self._app.edition.schedules.office.name
        if link is None:
            return HTMLResponse(
                PAGE.format(title=office, words="Liên kết không còn dùng được.", form=""), 404
            )
        return HTMLResponse(PAGE.format(title=office, words="Ông/bà có muốn ngừng nhận tin?", form=FORM))

    async def stop(self, request: Request) -> Response:
        """Stop; doing it twice is doing it once (RFC 8058 posts without asking)."""
        app = self._app
        link = app.links.read_token(request.path_params["token"], "u")
        if link is None:
            return Response(status_code=404)
        wish = OptOut(channel=link.channel, address=link.address, who=link.address, how="link")
        await app.crossing(consent.opt_out, app.ledger, [wish], now=app.clock.now())
        office = app.edition.schedules.office.name
        return HTMLResponse(
            PAGE.format(title=office, words="Đã ghi nhận. Ông/bà sẽ không nhận tin nữa.", form="")
        )
