"""One's own account: password, mail address, second factor, sessions, and what was done to it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.contacts import email_cell
from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import sessions, users
from dispatcher.web import login_limits, passwords, second_factor
from dispatcher.web.account_mail import (
    EMAIL_CHANGED,
    PASSWORD_CHANGED,
    SECOND_FACTOR_ADDED,
    SECOND_FACTOR_REMOVED,
    MailingPages,
)
from dispatcher.web.auth import PASSWORD_PATH, SECOND_FACTOR_PATH, CurrentUser, read_form
from dispatcher.web.permissions import EVERYBODY
from dispatcher.web.sign_in import too_many_attempts

EVENTS_SHOWN = 20
EMAIL_MAX = 200
_SALT = re.compile(r"[A-Za-z0-9_-]{16,40}")


class AccountPages(MailingPages):
    """/account, /password, /second-factor."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        return (
            route("/account", self.account, permission=EVERYBODY),
            route(
                "/account/sessions/{session:str}/end", self.end_session, permission=EVERYBODY,
                methods=["POST"],
            ),
            route("/account/email", self.show_email, permission=EVERYBODY, fresh=True),
            route("/account/email", self.set_email, permission=EVERYBODY, methods=["POST"], fresh=True),
            route(PASSWORD_PATH, self.show_password, permission=EVERYBODY),
            route(PASSWORD_PATH, self.change_password, permission=EVERYBODY, methods=["POST"]),
            route(SECOND_FACTOR_PATH, self.show_second_factor, permission=EVERYBODY, fresh=True),
            route(
                SECOND_FACTOR_PATH, self.add_second_factor, permission=EVERYBODY, methods=["POST"], fresh=True
            ),
            route(
                f"{SECOND_FACTOR_PATH}/remove", self.remove_second_factor, permission=EVERYBODY,
                methods=["POST"], fresh=True,
            ),
        )  # fmt: skip

    async def account(self, request: Request, user: CurrentUser) -> Response:
        """Show where one is signed in, and what was done to the account lately."""
        ledger, now = self._context.app.ledger, self._context.wall_clock.now()
        return self._context.render_page(
            request, "account.html",
            sessions=await self._context.read(sessions.sessions_of, ledger, user.name, now=now),
            events=await self._context.read(
                audit_log.entries, ledger, subject=user.name, limit=EVENTS_SHOWN
            ),
        )  # fmt: skip

    async def end_session(self, request: Request, user: CurrentUser) -> Response:
        """End one of one's own sessions."""
        await self._context.write(
            sessions.end_session_by_id, self._context.app.ledger, user.name, request.path_params["session"]
        )
        return RedirectResponse("/account", 303)

    async def show_email(self, request: Request, user: CurrentUser) -> Response:
        """Show the form for the mail address to which a link for a new password goes."""
        return self._email_page(request, user.account.email)

    async def set_email(self, request: Request, user: CurrentUser) -> Response:
        """Set it, or take it away; the address of before is told."""
        typed = str((await read_form(request)).get("email", ""))[:EMAIL_MAX].strip()
        parsed = email_cell.parse(typed)
        if typed and not parsed.address:
            return self._email_page(request, typed, problem=_(email_cell.REASONS[parsed.reason]))
        await self._context.write(
            users.set_email, self._context.app.ledger, user.name, parsed.address, who=user.name,
            now=self._context.wall_clock.now(),
        )  # fmt: skip
        self._mail.tell(user.account, EMAIL_CHANGED)
        return RedirectResponse("/account", 303)

    def _email_page(self, request: Request, email: str, *, problem: str = "") -> Response:
        return self._context.render_page(
            request, "account-email.html", status=422 if problem else 200, problem=problem, email=email,
            sends_links=self._mail.is_possible,
        )  # fmt: skip

    async def show_password(self, request: Request, user: CurrentUser) -> Response:
        """Show the form for a new password."""
        return self._password_page(request, user)

    async def change_password(self, request: Request, user: CurrentUser) -> Response:
        """Set a new password; every session of this account ends, this one too."""
        form = await read_form(request)
        new = str(form.get("new", ""))
        ledger, now = self._context.app.ledger, self._context.wall_clock.now()
        allowance = await self._context.write(
            login_limits.record_attempt, ledger, name=user.name, source="password", is_known_device=True,
            now=now,
        )  # fmt: skip
        if not allowance.is_allowed:
            return self._password_page(request, user, problem=too_many_attempts())
        if not await passwords.verify_async(user.account.password_hash, str(form.get("old", ""))):
            return self._password_page(request, user, problem=_("The present password is not right."))
        if new != str(form.get("again", "")):
            return self._password_page(request, user, problem=_("The two new passwords differ."))
        if new == str(form.get("old", "")):
            return self._password_page(request, user, problem=_("The new password is the old one."))
        if problem := await self._context.password_weakness(new, user.name):
            return self._password_page(request, user, problem=problem)
        password_hash = await asyncio.to_thread(passwords.hash_password, new)
        await self._context.write(
            users.set_password, ledger, user.name, password_hash=password_hash, must_change=False,
            who=user.name, now=now,
        )  # fmt: skip
        self._mail.tell(user.account, PASSWORD_CHANGED)
        return RedirectResponse("/sign-in", 303)

    def _password_page(self, request: Request, user: CurrentUser, *, problem: str = "") -> Response:
        return self._context.render_page(
            request, "password.html", status=422 if problem else 200, problem=problem,
            least=passwords.LENGTH_MIN, must_change=user.account.must_change,
        )  # fmt: skip

    async def show_second_factor(self, request: Request, user: CurrentUser) -> Response:
        """Show what an authenticator app needs, once; with one set up, how to take it away."""
        return self._second_factor_page(request, user)

    async def add_second_factor(self, request: Request, user: CurrentUser) -> Response:
        """Ask for codes from now on, if the app shows the right one; every other session ends."""
        form, now = await read_form(request), self._context.wall_clock.now()
        salt = str(form.get("salt", ""))
        if user.account.totp_salt or not _SALT.fullmatch(salt):
            return self._access.forbidden(request, "form")
        secret = second_factor.shared_secret(self._context.app.links, user.name, salt)
        step = second_factor.matching_step(secret, str(form.get("code", "")), now=now)
        if step is None:
            problem = _("This is not the code that the app shows now. Is the clock of the phone right?")
            return self._second_factor_page(request, user, salt=salt, problem=problem)
        await self._context.write(
            users.set_second_factor, self._context.app.ledger, user.name, salt=salt, step=step,
            who=user.name, now=now,
        )  # fmt: skip
        self._mail.tell(user.account, SECOND_FACTOR_ADDED)
        return RedirectResponse("/account", 303)

    async def remove_second_factor(self, _request: Request, user: CurrentUser) -> Response:
        """Ask for no codes any more."""
        await self._context.write(
            users.set_second_factor, self._context.app.ledger, user.name, salt="", step=0, who=user.name,
            now=self._context.wall_clock.now(),
        )  # fmt: skip
        self._mail.tell(user.account, SECOND_FACTOR_REMOVED)
        return RedirectResponse("/account", 303)

    def _second_factor_page(
        self, request: Request, user: CurrentUser, *, salt: str = "", problem: str = ""
    ) -> Response:
        salt = salt or second_factor.new_salt()
        secret = second_factor.shared_secret(self._context.app.links, user.name, salt)
        office = self._context.app.config.schedules.office.name
        address = second_factor.app_address(secret, user.name, office)
        return self._context.render_page(
            request, "second-factor.html", status=422 if problem else 200, problem=problem, salt=salt,
            secret=secret, qr_code=second_factor.qr_code(address),
        )  # fmt: skip
