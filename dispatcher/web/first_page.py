"""The only page of a service that has nothing yet: it asks who speaks and makes what `dispatcher init` makes.

Whoever makes the office becomes its administrator, so the page opens only through an address that `run`
prints to whoever started it, and only once.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dispatcher.errors import ConfigurationError, Problem
from dispatcher.settings import Settings
from dispatcher.starter import NewOffice
from dispatcher.untrusted import clean_text
from dispatcher.web.middleware import Receive, Scope, SecurityMiddleware, Send
from dispatcher.web.page_context import WEB_FOLDER, make_environment
from dispatcher.web.server import bind, serve

FIELD_MAX = 200


class FirstPage:
    """The ASGI application until there is an office; `set_up` makes it, and returns the admin's password."""

    def __init__(self, settings: Settings, set_up: Callable[[NewOffice], str]) -> None:
        self._set_up = set_up
        self._token = secrets.token_urlsafe(24)
        self._environment = make_environment()
        self.is_done = asyncio.Event()
        pages = Starlette(
            routes=[
                Route("/begin/{token}", self.show, methods=["GET"]),
                Route("/begin/{token}", self.begin, methods=["POST"]),
                Mount("/static", app=StaticFiles(directory=WEB_FOLDER / "static")),
                Route("/{path:path}", self.closed),
            ]
        )
        self._app = SecurityMiddleware(
            pages, secure=settings.public_url.startswith("https:"), settings=settings
        )

    @property
    def path(self) -> str:
        """The address that opens it, once."""
        return f"/begin/{self._token}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        await self._app(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Nothing works beside it."""
        yield

    async def close_streams(self) -> None:
        """It has none."""

    async def show(self, request: Request) -> Response:
        """Show the form."""
        return self._page({}) if self._is_key(request) else await self.closed(request)

    async def begin(self, request: Request) -> Response:
        """Make the office, or say what cannot be."""
        if not self._is_key(request):
            return await self.closed(request)
        form = await request.form(max_files=0, max_fields=20)
        given = {
            name: clean_text(value, limit=FIELD_MAX).strip()
            for name, value in form.items()
            if isinstance(value, str)
        }
        office = NewOffice(**{name: given.get(name, "") for name in ("name", "sender", "phone", "mail")})
        try:
            password = await asyncio.to_thread(self._set_up, office)
        except ConfigurationError as broken:
            return self._page(given, problems=broken.problems, status=422)
        self._token = secrets.token_urlsafe(24)  # the address is spent
        page = self._render("first-done.html", password=password)
        return HTMLResponse(page, background=BackgroundTask(self._finish))

    async def closed(self, _request: Request) -> Response:
        """Say where the address is to be found."""
        return HTMLResponse(self._render("first-closed.html"), 404)

    async def _finish(self) -> None:
        self.is_done.set()

    def _is_key(self, request: Request) -> bool:
        return hmac.compare_digest(str(request.path_params["token"]).encode(), self._token.encode())

    def _page(
        self, given: dict[str, str], *, problems: tuple[Problem, ...] = (), status: int = 200
    ) -> Response:
        return HTMLResponse(self._render("first.html", given=given, problems=problems), status)

    def _render(self, template: str, **variables: object) -> str:
        return self._environment.get_template(template).render(**variables)


async def run(
    settings: Settings, set_up: Callable[[NewOffice], str], announce: Callable[[str], None]
) -> None:
    """Serve the page until there is an office; `announce` is given its address. Raises OSError."""
    listener = bind(settings.host, settings.port)
    page = FirstPage(settings, set_up)
    async with serve(page, listener, trusted_proxies=settings.trusted_proxies):
        port = listener.getsockname()[1]
        announce((settings.public_url or f"http://{settings.host}:{port}") + page.path)
        await page.is_done.wait()
