"""Signing in and out, and giving the password once more before a dangerous deed."""

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
from dispatcher.ledger.access import sessions, users
from dispatcher.ledger.access.users import Account
from dispatcher.web import login_limits, passwords, second_factor, security_log
from dispatcher.web.account_mail import MailingPages
from dispatcher.web.auth import CurrentUser, csrf_token, new_token, read_form
from dispatcher.web.permissions import EVERYBODY
from dispatcher.web.request_origin import client_host, is_same_origin

BROWSER_LENGTH_MAX = 200
_LOCAL_PATH = re.compile(r"/(?![/\\])[A-Za-z0-9/_.%-]*")


class SignInPages(MailingPages):
    """/sign-in, /sign-out, /confirm."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        return (
            Route("/sign-in", self.show, methods=["GET"]),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            route("/sign-out", self.sign_out, permission=EVERYBODY, methods=["POST"]),
            route("/confirm", self.show_confirm, permission=EVERYBODY),
            route("/confirm", self.confirm, permission=EVERYBODY, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """Show the form."""
        if not self._access.is_line_private(request):
            return self._access.forbidden(request, "plain-http")
        return self._form(request)

    async def sign_in(self, request: Request) -> Response:
        """Check name, password and code; the answer is the same whichever of them is wrong."""
        if not self._access.is_line_private(request):
            return self._access.forbidden(request, "plain-http")
        form = await read_form(request)
        form_token, sent_csrf = self._access.cookies.get(request, "form"), str(form.get("csrf", ""))
        if not form_token or not hmac.compare_digest(sent_csrf.encode(), csrf_token(form_token).encode()):
            return self._form(request, problem=_("The form had become old. Please try again."), status=403)
        if not is_same_origin(request, self._context.app.links.public_url):
            return self._access.forbidden(request, "form")
        name = str(form.get("name", ""))[:100].strip()
        account = await self._context.read(users.find, self._context.app.ledger, name)
        source = client_host(request.scope)
        allowance = await self._context.write(
            login_limits.record_attempt, self._context.app.ledger, name=name, source=source,
            is_known_device=self._access.is_known_device(request, account),
            now=self._context.wall_clock.now(),
        )  # fmt: skip
        if not allowance.is_allowed:
            security_log.record_refusal("guessing", path=request.url.path, source=source)
            return self._form(request, problem=too_many_attempts(), status=429)
        await asyncio.sleep(allowance.delay_seconds)
        is_right = await self._proves_identity(
            account, str(form.get("password", "")), str(form.get("code", ""))
        )
        if account is None or not is_right:
            await self._note_refusal(account, source)
            problem = _("Name, password or code is wrong.")
            return self._form(request, problem=problem, status=401, name=name)
        return await self._let_in(request, account, str(form.get("next", "/")))

    async def _let_in(self, request: Request, account: Account, target: str) -> Response:
        ledger, now, source = (
            self._context.app.ledger,
            self._context.wall_clock.now(),
            client_host(request.scope),
        )
        token, browser = new_token(), request.headers.get("user-agent", "")[:BROWSER_LENGTH_MAX]
        await self._context.write(
            sessions.record_login_attempt, ledger, name=account.name, source=source, ok=True, now=now
        )
        await self._context.write(
            sessions.create_session, ledger, account.name, token, source=source, browser=browser, now=now
        )
        if previous_token := self._access.cookies.get(request, "session"):
            await self._context.write(sessions.end_session, ledger, previous_token)
        response = RedirectResponse(local_path(target), 303)
        self._access.start_session(response, account, token)
        return response

    async def _proves_identity(self, account: Account | None, password: str, code: str) -> bool:
        """Return whether the password is right, and the code where one is needed; that is used up by it."""
        if not await passwords.verify_async(account.password_hash if account else "", password):
            return False
        if account is None or not account.totp_salt:
            return account is not None
        step = second_factor.step_of_code(
            self._context.app.links, account.name, account.totp_salt, code, now=self._context.wall_clock.now()
        )
        return step is not None and await self._context.write(
            users.use_code, self._context.app.ledger, account.name, step
        )

    async def _note_refusal(self, account: Account | None, source: str) -> None:
        security_log.record_refusal("password", path="/sign-in", source=source)
        subject = account.name if account else ""  # what was typed as a name may be a password
        await self._context.write(
            audit_log.write, self._context.app.ledger, who=subject, action="sign-in-refused", subject=subject,
            detail={"source": source}, now=self._context.wall_clock.now(),
        )  # fmt: skip

    async def sign_out(self, request: Request, _user: CurrentUser) -> Response:
        """End the session, here and in the ledger."""
        await self._context.write(
            sessions.end_session, self._context.app.ledger, self._access.cookies.get(request, "session")
        )
        response = RedirectResponse("/sign-in", 303)
        self._access.cookies.delete(response, "session")
        response.headers["clear-site-data"] = '"cache"'
        return response

    async def show_confirm(self, request: Request, user: CurrentUser) -> Response:
        """Ask for the password before a dangerous deed."""
        target = local_path(request.query_params.get("next", "/"))
        return self._confirm_page(request, user, target=target)

    async def confirm(self, request: Request, user: CurrentUser) -> Response:
        """Take the password and begin a new session, in which dangerous deeds are possible for a while."""
        form = await read_form(request)
        target = local_path(str(form.get("next", "/")))
        ledger, now = self._context.app.ledger, self._context.wall_clock.now()
        allowance = await self._context.write(
            login_limits.record_attempt, ledger, name=user.name, source="password", is_known_device=True,
            now=now,
        )  # fmt: skip
        if not allowance.is_allowed:
            return self._confirm_page(request, user, target=target, problem=too_many_attempts(), status=429)
        if not await self._proves_identity(
            user.account, str(form.get("password", "")), str(form.get("code", ""))
        ):
            await self._note_refusal(user.account, client_host(request.scope))
            problem = _("Password or code is wrong.")
            return self._confirm_page(request, user, target=target, problem=problem, status=401)
        return await self._let_in(request, user.account, target)

    def _confirm_page(
        self, request: Request, user: CurrentUser, *, target: str, problem: str = "", status: int = 200
    ) -> Response:
        return self._context.render_page(
            request, "confirm.html", status=status, problem=problem, target=target,
            has_second_factor=bool(user.account.totp_salt),
        )  # fmt: skip

    def _form(self, request: Request, *, problem: str = "", status: int = 200, name: str = "") -> Response:
        form_token = self._access.cookies.get(request, "form") or new_token()
        page = self._context.render_page(
            request,
            "sign-in.html",
            status=status,
            csrf=csrf_token(form_token),
            problem=problem,
            name=name,
            target=local_path(request.query_params.get("next", "/")),
            sends_links=self._mail.is_possible,
        )
        self._access.cookies.set(page, "form", form_token)
        return page


def local_path(target: str) -> str:
    """Return an address of ours to go on to; the first page instead of any other."""
    return target if _LOCAL_PATH.fullmatch(target) else "/"


def too_many_attempts() -> str:
    """Say that no further password is tried now."""
    return _("Too many attempts. Please wait a quarter of an hour.")
