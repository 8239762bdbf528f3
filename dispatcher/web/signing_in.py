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
from dispatcher.ledger import Ledger, campaigns, users
from dispatcher.web import passwords
from dispatcher.web.desk import Desk
from dispatcher.web.doors import (
    COOKIE,
    FORM_COOKIE,
    Doors,
    Visitor,
    comes_from_here,
    csrf_of,
    fields,
    new_token,
    source_of,
)
from dispatcher.web.roles import Right

FAILURES_OF_NAME_MAX = 5  # in a quarter of an hour
FAILURES_OF_SOURCE_MAX = 20
_OURS = re.compile(r"/(?![/\\])[A-Za-z0-9/_.%-]*")


class SigningIn:
    """The door itself."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        mine: tuple[Right, ...] = ("own-area", "look")
        return (
            Route("/sign-in", self.show, methods=["GET"]),
            Route("/sign-in", self.sign_in, methods=["POST"]),
            self._doors.route("/sign-out", self.sign_out, right=mine, methods=["POST"]),
            self._doors.route("/password", self.show_password, right=mine),
            self._doors.route("/password", self.change_password, right=mine, methods=["POST"]),
        )

    async def show(self, request: Request) -> Response:
        """Show the form."""
        return self._form(request)

    async def sign_in(self, request: Request) -> Response:
        """Check name and password; the answer is the same whichever of them is wrong."""
        form = await fields(request)
        name, password = str(form.get("name", ""))[:100].strip(), str(form.get("password", ""))
        tied = csrf_of(request.cookies.get(FORM_COOKIE, ""))
        given = str(form.get("csrf", ""))
        if not request.cookies.get(FORM_COOKIE) or not hmac.compare_digest(given.encode(), tied.encode()):
            return self._form(request, problem=_("The form had become old. Please try again."), status=403)
        if not comes_from_here(request, self._desk.app.links.public_url):
            return self._doors.refuse(request, "form")
        ledger, now, source = self._desk.app.ledger, self._desk.wall.now(), source_of(request)
        if not await self._desk.act(_take_turn, ledger, name=name, source=source, now=now):
            problem = _("Too many attempts. Please wait a quarter of an hour.")
            return self._form(request, problem=problem, status=429)
        account = await self._desk.look(users.find, ledger, name)
        right = await passwords.is_right(account.password_hash if account else "", password)
        if account is None or not right:
            await self._desk.act(
                campaigns.note, ledger, who=name, action="sign-in-refused", subject=name,
                detail={"source": source}, now=now,
            )  # fmt: skip
            return self._form(request, problem=_("Name or password is wrong."), status=401, name=name)
        token = new_token()
        await self._desk.act(users.attempted, ledger, name=name, source=source, ok=True, now=now)
        await self._desk.act(users.sign_in, ledger, name, token, now=now)
        if old := request.cookies.get(COOKIE):
            await self._desk.act(users.sign_out, ledger, old)
        target = str(form.get("next", "/"))
        return self._doors.with_session(
            RedirectResponse(target if _OURS.fullmatch(target) else "/", 303), token
        )

    async def sign_out(self, request: Request, _visitor: Visitor) -> Response:
        """End the session, here and in the ledger."""
        await self._desk.act(users.sign_out, self._desk.app.ledger, request.cookies.get(COOKIE, ""))
        response = RedirectResponse("/sign-in", 303)
        response.delete_cookie(COOKIE, path="/")
        response.headers["clear-site-data"] = '"cache"'
        return response

    async def show_password(self, request: Request, _visitor: Visitor) -> Response:
        """Show the form for a new password."""
        return self._desk.page(request, "password.html", problem="", least=passwords.LENGTH_MIN)

    async def change_password(self, request: Request, visitor: Visitor) -> Response:
        """Set a new password; every session of this account ends, this one too."""
        form = await fields(request)
        new = str(form.get("new", ""))
        problem = ""
        if not await passwords.is_right(visitor.account.password_hash, str(form.get("old", ""))):
            problem = _("The present password is not right.")
        elif not passwords.LENGTH_MIN <= len(new) <= passwords.LENGTH_MAX:
            problem = _("A password has at least {n} characters.", n=passwords.LENGTH_MIN)
        elif new != str(form.get("again", "")):
            problem = _("The two new passwords differ.")
        if problem:
            return self._desk.page(
                request, "password.html", status=422, problem=problem, least=passwords.LENGTH_MIN
            )
        hashed = await asyncio.to_thread(passwords.hashed, new)
        account = visitor.account
        await self._desk.act(
            users.put, self._desk.app.ledger, account.name, role=account.role, area=account.area,
            password_hash=hashed, who=account.name, now=self._desk.wall.now(),
        )  # fmt: skip
        return RedirectResponse("/sign-in", 303)

    def _form(self, request: Request, *, problem: str = "", status: int = 200, name: str = "") -> Response:
        tied = request.cookies.get(FORM_COOKIE) or new_token()
        target = request.query_params.get("next", "/")
        page = self._desk.page(
            request,
            "sign-in.html",
            status=status,
            csrf=csrf_of(tied),
            problem=problem,
            name=name,
            target=target if _OURS.fullmatch(target) else "/",
        )
        return self._doors.with_form(page, tied)


def _take_turn(ledger: Ledger, *, name: str, source: str, now: datetime) -> bool:
    """Count an attempt as failed before it is made, so that a thousand at once are no more than a few.

    False, and nothing counted, when there were too many: waiting a quarter of an hour always helps.
    """
    by_name, by_source = users.failures(ledger, name=name, source=source, now=now)
    if by_name >= FAILURES_OF_NAME_MAX or by_source >= FAILURES_OF_SOURCE_MAX:
        return False
    users.attempted(ledger, name=name, source=source, ok=False, now=now)
    return True
