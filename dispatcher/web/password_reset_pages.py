"""A forgotten password: a link by mail, and the page it leads to.

What these pages answer tells nobody whether there is an account: they say the same, as quickly, for all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.i18n import _
from dispatcher.ledger.access import password_resets
from dispatcher.ledger.access.password_resets import VALID
from dispatcher.ledger.access.users import Account
from dispatcher.web import login_limits, passwords, security_log
from dispatcher.web.account_mail import PASSWORD_CHANGED, RESET_PATH, MailingPages
from dispatcher.web.auth import read_form
from dispatcher.web.request_origin import client_host, is_same_origin
from dispatcher.web.sign_in import too_many_attempts

TYPED_MAX = 200


class PasswordResetPages(MailingPages):
    """/forgotten, /reset/TOKEN; both a 404 where no mail reaches anybody."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        return (
            Route("/forgotten", self.show, methods=["GET"]),
            Route("/forgotten", self.ask, methods=["POST"]),
            Route(RESET_PATH + "/{token}", self.show_reset, methods=["GET"]),
            Route(RESET_PATH + "/{token}", self.reset, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """Ask for the name or the mail address."""
        self._require_mail()
        if not self._access.is_line_private(request):
            return self._access.forbidden(request, "plain-http")
        return self._forgotten_page(request)

    async def ask(self, request: Request) -> Response:
        """Send a link to whoever is meant, if anybody is; the answer does not say."""
        self._require_mail()
        if not self._access.is_line_private(request):
            return self._access.forbidden(request, "plain-http")
        if not is_same_origin(request, self._context.app.links.public_url):
            return self._access.forbidden(request, "form")
        form, source = await read_form(request), client_host(request.scope)
        if not await self._context.write(
            login_limits.may_ask_for_reset, self._context.app.ledger, source=source,
            now=self._context.wall_clock.now(),
        ):  # fmt: skip
            security_log.record_refusal("guessing", path=request.url.path, source=source)
            return self._forgotten_page(request, problem=too_many_attempts(), status=429)
        self._mail.send_resets(str(form.get("name", ""))[:TYPED_MAX].strip())
        return self._forgotten_page(request, asked=True)

    async def show_reset(self, request: Request) -> Response:
        """Show the form for a new password; opening it uses nothing up, as mail scanners open links too."""
        if not self._access.is_line_private(request):
            return self._access.forbidden(request, "plain-http")
        account = await self._owner_of_link(request)
        return self._reset_page(request, account, status=200 if account else 410)

    async def reset(self, request: Request) -> Response:
        """Set the new password: every session ends, and the owner is told."""
        if not self._access.is_line_private(request):
            return self._access.forbidden(request, "plain-http")
        account = await self._owner_of_link(request)
        if account is None:
            security_log.record_refusal("link", path=request.url.path, source=client_host(request.scope))
            return self._reset_page(request, None, status=410)
        form = await read_form(request)
        new = str(form.get("new", ""))
        problem = await self._context.password_weakness(new, account.name)
        if new != str(form.get("again", "")):
            problem = _("The two new passwords differ.")
        if problem:
            return self._reset_page(request, account, problem=problem, status=422)
        password_hash = await asyncio.to_thread(passwords.hash_password, new)
        if not await self._context.write(
            password_resets.redeem, self._context.app.ledger, request.path_params["token"],
            password_hash=password_hash, now=self._context.wall_clock.now(),
        ):  # fmt: skip
            return self._reset_page(request, None, status=410)
        self._mail.tell(account, PASSWORD_CHANGED)
        return RedirectResponse("/sign-in", 303)

    def _require_mail(self) -> None:
        if not self._mail.is_possible:
            raise HTTPException(404)

    async def _owner_of_link(self, request: Request) -> Account | None:
        self._require_mail()
        return await self._context.read(
            password_resets.find, self._context.app.ledger, request.path_params["token"],
            now=self._context.wall_clock.now(),
        )  # fmt: skip

    def _forgotten_page(
        self, request: Request, *, asked: bool = False, problem: str = "", status: int = 200
    ) -> Response:
        return self._context.render_page(
            request,
            "forgotten.html",
            status=status,
            asked=asked,
            problem=problem,
            minutes=VALID.seconds // 60,
        )

    def _reset_page(
        self, request: Request, account: Account | None, *, problem: str = "", status: int
    ) -> Response:
        return self._context.render_page(
            request, "reset.html", status=status, account=account, problem=problem,
            least=passwords.LENGTH_MIN,
        )  # fmt: skip
