"""The ASGI application: providers' webhooks below every middleware, pages and API above."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from dispatcher.app import App
from dispatcher.campaign.schedules_editor import NotEditable
from dispatcher.feedback.webhook_sender import WebhookSender
from dispatcher.sandbox.process import Sandbox
from dispatcher.web import api
from dispatcher.web.account_mail import AccountMail
from dispatcher.web.account_pages import AccountPages
from dispatcher.web.admin_pages import AdminPages
from dispatcher.web.answer_pages import AnswerPages
from dispatcher.web.area_pages import AreaPages
from dispatcher.web.auth import AccessControl
from dispatcher.web.campaign_pages import CampaignPages
from dispatcher.web.draft_pages import DraftPages
from dispatcher.web.exports import ExportPages
from dispatcher.web.health import HealthPages
from dispatcher.web.middleware import Receive, Scope, SecurityMiddleware, Send
from dispatcher.web.overview import OverviewPages
from dispatcher.web.page_context import WEB_FOLDER, PageContext, nobody_listens
from dispatcher.web.participation_pages import ParticipationPages
from dispatcher.web.password_reset_pages import PasswordResetPages
from dispatcher.web.people_pages import PeoplePages
from dispatcher.web.previews import PreviewPages
from dispatcher.web.provider_webhooks import ProviderWebhooks, is_webhook
from dispatcher.web.public_pages import PublicPages
from dispatcher.web.refresher import StatsRefresher
from dispatcher.web.rights_pages import RightsPages
from dispatcher.web.sandbox_pages import SandboxPages
from dispatcher.web.sign_in import SignInPages
from dispatcher.web.sse import EventStream
from dispatcher.web.uploads import UploadPages
from dispatcher.web.user_pages import UserPages
from dispatcher.web.words_pages import WordsPages

logger = logging.getLogger(__name__)

API_PREFIX = "/api"


class WebApp:
    """The ASGI application of a service; `running` is what works beside its pages."""

    def __init__(self, app: App, sandbox: Sandbox | None = None) -> None:
        self._webhooks = ProviderWebhooks(app)
        self._context = PageContext(app, sandbox)
        self._refresher = StatsRefresher(self._context)
        self._account_mail = AccountMail(self._context)
        self._courier = WebhookSender(
            ledger=app.ledger, ledger_thread=app.ledger_thread, clock=self._context.wall_clock,
            allowed_networks=app.settings.webhook_networks,
            open_audiences=lambda: app.config.schedules.open_audiences,
        )  # fmt: skip
        self.pages = tuple(_routes(self._context, self._refresher, self._account_mail))
        pages = Starlette(
            routes=self.pages,
            exception_handlers={
                HTTPException: self._error_page,
                NotEditable: self._not_editable_page,
                ClientDisconnect: nobody_listens,
                Exception: self._error_page,
            },
        )
        pages.router.redirect_slashes = False  # its redirects believe the Host header
        json_api = api.create_api(self._context)

        async def inner(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                if scope["type"] == "http" and scope["path"].startswith(f"{API_PREFIX}/"):
                    # By hand: a mount would not know an address with a line break for one of the API's.
                    await json_api({**scope, "root_path": API_PREFIX}, receive, send)
                else:
                    await pages(scope, receive, send)
            except Exception as error:  # noqa: BLE001 - answered with 500 already; no request ends more than itself
                _log_failure(error)

        self._pages = SecurityMiddleware(inner, secure=self._context.is_https, settings=app.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to whoever it is for."""
        if scope["type"] == "http" and is_webhook(scope["path"]):
            await self._webhooks(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Keep figures fresh and tell other machines, while the block runs."""
        self._refresher.stopping.clear()
        work = [
            asyncio.create_task(self._refresher.run()),
            asyncio.create_task(self._courier.run(self._refresher.stopping)),
        ]
        try:
            yield
        finally:
            await self.close_streams()
            await self._account_mail.close()
            await asyncio.gather(*work, return_exceptions=True)
            self._context.close()

    async def close_streams(self) -> None:
        """End what would keep connections open: live pages."""
        await self._refresher.stop()

    async def _not_editable_page(self, request: Request, error: Exception) -> Response:
        return self._context.render_page(request, "draft-problem.html", status=409, problem=str(error))

    async def _error_page(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        page = self._context.render_page(request, "failed.html", status=status, code=status)
        if status in {408, 413}:
            page.headers["connection"] = "close"  # the rest of the body is not wanted
        return page


def _log_failure(error: Exception) -> None:
    """Write down where a page failed, without what the caller had sent: an error's words may quote it."""
    places = "".join(traceback.format_tb(error.__traceback__))
    logger.error("a page failed: %s\n%s", type(error).__name__, places, extra={"action": "page-failed"})


class _CachedStaticFiles(StaticFiles):
    """Files that a cheap phone fetches once: the browser keeps them, and asks whether they changed."""

    def file_response(self, *given: Any, **named: Any) -> Response:
        response = super().file_response(*given, **named)
        response.headers["cache-control"] = "no-cache"
        return response


def create_app(app: App, sandbox: Sandbox | None = None) -> WebApp:
    """Make the web face of a service; with `sandbox`, the pages that show it from the other side."""
    return WebApp(app, sandbox)


def _routes(context: PageContext, refresher: StatsRefresher, mail: AccountMail) -> list[BaseRoute]:
    access, event_stream = AccessControl(context), EventStream(refresher)
    return [
        *PublicPages(context).routes(),
        *HealthPages(context).routes(),
        *SignInPages(context, access, mail).routes(),
        *PasswordResetPages(context, access, mail).routes(),
        *AccountPages(context, access, mail).routes(),
        *OverviewPages(context, access, event_stream).routes(),
        *CampaignPages(context, access, event_stream).routes(),
        *DraftPages(context, access).routes(),
        *PreviewPages(context, access).routes(),
        *WordsPages(context, access).routes(),
        *UploadPages(context, access).routes(),
        *ParticipationPages(context, access).routes(),
        *ExportPages(context, access).routes(),
        *AreaPages(context, access).routes(),
        *PeoplePages(context, access).routes(),
        *RightsPages(context, access).routes(),
        *AnswerPages(context, access).routes(),
        *UserPages(context, access, mail).routes(),
        *AdminPages(context, access).routes(),
        *SandboxPages(context, access).routes(),
        Mount("/static", app=_CachedStaticFiles(directory=WEB_FOLDER / "static")),
    ]
