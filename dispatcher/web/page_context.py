"""What every page works with: ledger access, templates, clock, language."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextvars import copy_context
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dispatcher.app import App
from dispatcher.clock import SystemClock
from dispatcher.ledger import audit_log
from dispatcher.ledger.queries import protected
from dispatcher.ledger_thread import LedgerThread
from dispatcher.report import step_titles
from dispatcher.report.figures_cache import FiguresCache
from dispatcher.report.protection import AudienceView
from dispatcher.sandbox.process import Sandbox
from dispatcher.web import passwords, template_filters

WEB_FOLDER = Path(__file__).parent
ROW_DIGITS_MAX = 18
P = ParamSpec("P")
T = TypeVar("T")


class PageContext:
    """One for all pages.

    Looking things up has a thread of its own: a page never stands in the way of sending. `wall_clock` is the
    machine's clock, by which people are signed in; `app.clock` is the campaign's, which may run fast.
    """

    def __init__(self, app: App, sandbox: Sandbox | None) -> None:
        self.app = app
        self.sandbox = sandbox
        self.wall_clock = SystemClock()
        self.read_thread = LedgerThread()
        self.import_thread = LedgerThread()  # one list at a time, beside what is being sent
        self.on_change: Callable[[], None] = lambda: None
        self.figures_cache = FiguresCache(app.ledger, lambda: app.config.schedules)
        self._environment = make_environment()
        self._words_by_audience: Mapping[str, Collection[str]] = {}

    async def look_up_words(self) -> None:
        """Ask how the ledger's audiences are called, before a page for somebody who may not learn it."""
        self._words_by_audience = await self.read(protected.words_by_audience, self.app.ledger)

    def close(self) -> None:
        """End the threads."""
        self.read_thread.close()
        self.import_thread.close()

    @property
    def is_https(self) -> bool:
        """Return whether people come over HTTPS."""
        return self.app.links.public_url.startswith("https:")

    def now(self) -> datetime:
        """Return the campaign's present moment."""
        return self.app.clock.now()

    def local(self, moment: datetime) -> datetime:
        """Express a moment in the campaigns' local time."""
        return self.app.config.schedules.to_local(moment)

    async def read(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the ledger something; sentences come back in the reader's language."""
        context = copy_context()
        return await self.read_thread.run(lambda: context.run(function, *args, **kwargs))

    async def write(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Change something, in the one thread that writes; open pages look again."""
        context = copy_context()
        result = await self.app.ledger_thread.run(lambda: context.run(function, *args, **kwargs))
        self.on_change()
        return result

    async def take_in(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Take in a list, which may last: in a thread of its own, batch by batch, while sending goes on."""
        context = copy_context()
        result = await self.import_thread.run(lambda: context.run(function, *args, **kwargs))
        self.on_change()
        return result

    async def password_weakness(self, password: str, name: str) -> str:
        """Return why nobody should have this password, empty when it is good; judged beside the loop."""
        schedules = self.app.config.schedules
        words = [
            name, schedules.office.name, schedules.office.sender, schedules.office.website,
            *(campaign.title for campaign in schedules.campaigns.values()),
        ]  # fmt: skip
        context = copy_context()
        return await asyncio.to_thread(lambda: context.run(passwords.weakness, password, words))

    async def take_over_edits(self) -> None:
        """Let files that were just written be in force before the next page, as any edit would be soon."""
        if self.app.delivery.refresh is not None:
            await self.app.delivery.refresh()
        self.on_change()

    async def record_view(self, who: str, what: str, subject: str = "") -> None:
        """Write down that somebody looked at people in bulk; pages need not look again for that."""
        await self.app.ledger_thread.run(
            audit_log.record_view, self.app.ledger, who=who, what=what, subject=subject, now=self.now()
        )

    def render(self, template: str, **variables: Any) -> str:
        """Fill a template; every page knows the office and how to write dates and numbers."""
        schedules, user = self.app.config.schedules, variables.get("user")
        may_see = user is not None and user.has_permission("sensitive")
        return self._environment.get_template(template).render(
            office=schedules.office,
            audience_view=AudienceView(schedules, may_see=may_see, known=self._words_by_audience),
            local=self.local,
            schedules=schedules,
            sandbox=self.sandbox,
            step_title=partial(step_titles.title_of, schedules),
            campaign_title=partial(step_titles.campaign_title, schedules),
            allow_http=self.app.settings.allow_http,
            trial=self.app.settings.trial,
            **variables,
        )

    def render_page(
        self, request: Request, template: str, *, status: int = 200, **variables: Any
    ) -> HTMLResponse:
        """Answer with a page. `user` is whoever signed in, if anybody did."""
        defaults: dict[str, Any] = {
            "user": getattr(request.state, "user", None),
            "path": _path(request),
            "here": _query_without_language(request),
        }
        return HTMLResponse(self.render(template, **(defaults | variables)), status)


async def nobody_listens(_request: Request, _error: Exception) -> Response:
    """Answer a caller who hung up in the middle of a body: a stranger's doing, and no failure of ours."""
    return Response(status_code=400)


def _path(request: Request) -> str:
    """Return the path of this page, for links back to it; `//host/` would lead to another site."""
    return f"/{quote(request.url.path.lstrip('/'))}"


def _query_without_language(request: Request) -> str:
    """Return the query of this page without the language, for the links that change it."""
    parameters = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"&{urlencode(parameters)}" if parameters else ""


def make_environment() -> Environment:
    """Make what draws the pages: templates, and the words and formats they use."""
    environment = Environment(
        loader=FileSystemLoader(WEB_FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(template_filters.GLOBALS)
    environment.filters.update(template_filters.FILTERS)
    return environment


def row_number(text: str) -> int:
    """Return the number of a row that an address or a form names; 0 for what is none of ours."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= ROW_DIGITS_MAX else 0
