"""What every page is made with: the ledger within reach, the templates, the clock, the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from dispatcher.app import App
from dispatcher.clock import SystemClock
from dispatcher.crossing import Crossing
from dispatcher.report.board import Board
from dispatcher.sandbox.process import Sandbox
from dispatcher.web import writing

HERE = Path(__file__).parent
P = ParamSpec("P")
T = TypeVar("T")


class Desk:
    """One for all pages.

    Looking things up has a thread of its own: a page never stands in the way of sending. `wall` is the
    machine's clock, by which people are signed in; `app.clock` is the campaign's, which may run fast.
    """

    def __init__(self, app: App, sandbox: Sandbox | None) -> None:
        self.app = app
        self.sandbox = sandbox
        self.wall = SystemClock()
        self.reading = Crossing()
        self.told: Callable[[], None] = lambda: None
        self.board = Board(app.ledger, lambda: app.edition.schedules)
        self._environment = _environment()

    def close(self) -> None:
        """End the reading thread."""
        self.reading.close()

    @property
    def secure(self) -> bool:
        """Whether people come over HTTPS."""
        return self.app.links.public_url.startswith("https:")

    def now(self) -> datetime:
        """Give the campaign's present moment."""
        return self.app.clock.now()

    def local(self, moment: datetime) -> datetime:
        """Express a moment in the campaigns' local time."""
        return self.app.edition.schedules.local(moment)

    async def look(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the ledger something; sentences come back in the reader's language."""
        context = copy_context()
        return await self.reading(lambda: context.run(function, *args, **kwargs))

    async def act(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Change something, in the one thread that writes; open pages look again."""
        context = copy_context()
        done = await self.app.crossing(lambda: context.run(function, *args, **kwargs))
        self.told()
        return done

    def draw(self, template: str, **facts: Any) -> str:
        """Fill a template; every page knows the office and how to write dates and numbers."""
        schedules = self.app.edition.schedules
        return self._environment.get_template(template).render(
            office=schedules.office, local=self.local, schedules=schedules, sandbox=self.sandbox, **facts
        )

    def page(self, request: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """Answer with a page. `visitor` is whoever signed in, if anybody did."""
        known: dict[str, Any] = {
            "visitor": getattr(request.state, "visitor", None),
            "path": _path(request),
            "here": _here(request),
        }
        return HTMLResponse(self.draw(template, **(known | facts)), status)


def _path(request: Request) -> str:
    """Give the path of this page, for links back to it; `//host/` would lead to another site."""
    return f"/{quote(request.url.path.lstrip('/'))}"


def _here(request: Request) -> str:
    """Give the query of this page without the language, for the links that change it."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"&{urlencode(kept)}" if kept else ""


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(writing.GLOBALS)
    environment.filters.update(writing.FILTERS)
    return environment
