"""Signing in and out, and one's own password. Guessing is made slow: by name, and by where it comes from."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Sequence
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.i18n import _
from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.access import users
from dispatcher.web import passwords
from dispatcher.web.auth import (
    FORM_COOKIE,
    SESSION_COOKIE,
    AccessControl,
    CurrentUser,
    client_address,
    csrf_token,
    is_same_origin,
    new_token,
    read_form,
)
from dispatcher.web.page_context import PageContext
from dispatcher.web.permissions import Permission

FAILURES_PER_NAME_MAX = 5  # in a quarter of an hour
FAILURES_PER_ADDRESS_MAX = 20
_LOCAL_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.%-]*")


class SignInPages:
    """The door itself."""

    def __init__(self, context: PageContext, access: AccessControl) -> None:
        self._context = context
        self._access = access

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        mine: tuple[Permission, ...] = ("own-area", "look")
        return (
            Route("/sign-in", self.show, methods=["GET"]),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            self._access.route("/sign-out", self.sign_out, permission=mine, methods=["POST"]),
            self._access.route("/password", self.show_password, permission=mine),
            self._access.route("/password", self.change_password, permission=mine, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """Show the form."""
        return self._form(request)

    async def sign_in(self, request: Request) -> Response:
        """Check name and password; the answer is the same whichever of them is wrong."""
        form = await read_form(request)
        name, password = str(form.get("name", ""))[:100].strip(), str(form.get("password", ""))
        expected_csrf = csrf_token(request.cookies.get(FORM_COOKIE, ""))
        sent_csrf = str(form.get("csrf", ""))
        if not request.cookies.get(FORM_COOKIE) or not hmac.compare_digest(
            sent_csrf.encode(), expected_csrf.encode()
        ):
            return self._form(request, problem=_("The form had become old. Please try again."), status=403)
        if not is_same_origin(request, self._context.app.links.public_url):
            return self._access.forbidden(request, "form")
        ledger, now, source = (
            self._context.app.ledger,
            self._context.wall_clock.now(),
            client_address(request),
        )
        if not await self._context.write(_record_attempt, ledger, name=name, source=source, now=now):
            problem = _("Too many attempts. Please wait a quarter of an hour.")
            return self._form(request, problem=problem, status=429)
        account = await self._context.read(users.find, ledger, name)
        is_correct = await passwords.verify_async(account.password_hash if account else "", password)
        if account is None or not is_correct:
            await self._context.write(
                audit_log.write, ledger, who=name, action="sign-in-refused", subject=name,
                detail={"source": source}, now=now,
            )  # fmt: skip
            return self._form(request, problem=_("Name or password is wrong."), status=401, name=name)
        token = new_token()
        await self._context.write(
            users.record_login_attempt, ledger, name=name, source=source, ok=True, now=now
        )
        await self._context.write(users.create_session, ledger, name, token, now=now)
        if previous_token := request.cookies.get(SESSION_COOKIE):
            await self._context.write(users.end_session, ledger, previous_token)
        target = str(form.get("next", "/"))
        return self._access.set_session_cookie(
            RedirectResponse(target if _LOCAL_PATH.fullmatch(target) else "/", 303), token
        )

    async def sign_out(self, request: Request, _user: CurrentUser) -> Response:
        """End the session, here and in the ledger."""
        await self._context.write(
            users.end_session, self._context.app.ledger, request.cookies.get(SESSION_COOKIE, "")
        )
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(SESSION_COOKIE, path="/")
        response.headers["clear-site-data"] = '"cache"'
        return response

    async def show_password(self, request: Request, _user: CurrentUser) -> Response:
        """Show the form for a new password."""
        return self._context.render_page(request, "password.html", problem="", least=passwords.LENGTH_MIN)

    async def change_password(self, request: Request, user: CurrentUser) -> Response:
        """Set a new password; every session of this account ends, this one too."""
        form = await read_form(request)
        new = str(form.get("new", ""))
        problem = ""
        if not await passwords.verify_async(user.account.password_hash, str(form.get("old", ""))):
            problem = _("The present password is not right.")
        elif not passwords.LENGTH_MIN <= len(new) <= passwords.LENGTH_MAX:
            problem = _("A password has at least {n} characters.", n=passwords.LENGTH_MIN)
        elif new != str(form.get("again", "")):
            problem = _("The two new passwords differ.")
        if problem:
            return self._context.render_page(
                request, "password.html", status=422, problem=problem, least=passwords.LENGTH_MIN
            )
        password_hash = await asyncio.to_thread(passwords.hash_password, new)
        account = user.account
        await self._context.write(
            users.save, self._context.app.ledger, account.name, role=account.role, area=account.area,
            password_hash=password_hash, who=account.name, now=self._context.wall_clock.now(),
        )  # fmt: skip
        return RedirectResponse("/sign-in", 303)

    def _form(self, request: Request, *, problem: str = "", status: int = 200, name: str = "") -> Response:
        form_token = request.cookies.get(FORM_COOKIE) or new_token()
        target = request.query_params.get("next", "/")
        page = self._context.render_page(
            request,
            "sign-in.html",
            status=status,
            csrf=csrf_token(form_token),
            problem=problem,
            name=name,
            target=target if _LOCAL_PATH.fullmatch(target) else "/",
        )
        return self._access.set_form_cookie(page, form_token)


def _record_attempt(ledger: Ledger, *, name: str, source: str, now: datetime) -> bool:
    """Count an attempt as failed before it is made, so that a thousand at once are no more than a few.

    False, and nothing counted, when there were too many: waiting a quarter of an hour always helps.
    """
    by_name, by_source = users.failed_logins(ledger, name=name, source=source, now=now)
    if by_name >= FAILURES_PER_NAME_MAX or by_source >= FAILURES_PER_ADDRESS_MAX:
        return False
    users.record_login_attempt(ledger, name=name, source=source, ok=False, now=now)
    return True
