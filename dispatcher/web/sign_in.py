"""Signing in and out, and changing one's own password."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import users
from dispatcher.web import login_limits, passwords
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

_LOCAL_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.%-]*")


class SignInPages:
    """The sign-in and password pages."""

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
        account = await self._context.read(users.find, ledger, name)
        allowance = await self._context.write(
            login_limits.record_attempt, ledger, name=name, source=source,
            is_known_device=self._access.is_known_device(request, account), now=now,
        )  # fmt: skip
        if not allowance.is_allowed:
            return self._form(request, problem=_too_many_attempts(), status=429)
        await asyncio.sleep(allowance.delay_seconds)
        is_correct = await passwords.verify_async(account.password_hash if account else "", password)
        if account is None or not is_correct:
            subject = account.name if account else ""  # what was typed as a name may be a password
            await self._context.write(
                audit_log.write, ledger, who=subject, action="sign-in-refused", subject=subject,
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
        response = RedirectResponse(target if _LOCAL_PATH.fullmatch(target) else "/", 303)
        self._access.set_device_cookie(response, account)
        return self._access.set_session_cookie(response, token)

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
        allowance = await self._context.write(
            login_limits.record_attempt, self._context.app.ledger, name=user.name, source="password",
            is_known_device=True, now=self._context.wall_clock.now(),
        )  # fmt: skip
        if not allowance.is_allowed:
            problem = _too_many_attempts()
        elif not await passwords.verify_async(user.account.password_hash, str(form.get("old", ""))):
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


def _too_many_attempts() -> str:
    return _("Too many attempts. Please wait a quarter of an hour.")
