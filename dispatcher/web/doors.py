"""Every page of the office goes through here: who is signed in, what they may do, and that it is really them.

A form carries a token that only this session's pages hold (CSRF), and a browser that says where a request
comes from is believed when it says "from elsewhere".
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.ledger import users
from dispatcher.ledger.users import Account
from dispatcher.web.desk import Desk
from dispatcher.web.guard import UPLOAD_MAX
from dispatcher.web.roles import Right, may

COOKIE = "dispatcher-session"
FORM_COOKIE = "dispatcher-form"  # before anybody is signed in, what the sign-in form is tied to
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Visitor(NamedTuple):
    """Somebody signed in; `csrf` is what their forms must carry."""

    account: Account
    csrf: str

    @property
    def name(self) -> str:
        """The name they sign in with."""
        return self.account.name

    def may(self, right: Right) -> bool:
        """Tell whether they hold a right."""
        return may(self.account.role, right)


Page = Callable[[Request, Visitor], Awaitable[Response]]


class Doors:
    """Lets people in, page by page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def route(
        self, path: str, page: Page, *, right: Right | Sequence[Right], methods: Sequence[str] = ("GET",)
    ) -> Route:
        """Make a route that only those with one of these rights may take."""
        rights: Sequence[Right] = (right,) if isinstance(right, str) else right

        async def guarded(request: Request) -> Response:
            return await self._through(request, page, rights)

        return Route(path, guarded, methods=list(methods))

    async def visitor(self, request: Request) -> Visitor | None:
        """Tell who is signed in."""
        token = request.cookies.get(COOKIE, "")
        if not token or len(token) > 100:
            return None
        account = await self._desk.look(
            users.signed_in, self._desk.app.ledger, token, now=self._desk.wall.now()
        )
        return None if account is None else Visitor(account, csrf_of(token))

    async def _through(self, request: Request, page: Page, rights: Sequence[Right]) -> Response:
        visitor = await self.visitor(request)
        if visitor is None:
            if request.method in UNSAFE:
                return self.refuse(request, "signed-out")
            back = quote(request.url.path, safe="/")
            return RedirectResponse(f"/sign-in?next={back}", 303)
        request.state.visitor = visitor
        if not any(visitor.may(right) for right in rights):
            return self.refuse(request, "role")
        if request.method in UNSAFE and not await self._is_theirs(request, visitor):
            return self.refuse(request, "form")
        return await page(request, visitor)

    async def _is_theirs(self, request: Request, visitor: Visitor) -> bool:
        if not comes_from_here(request, self._desk.app.links.public_url):
            return False
        form = await fields(request)
        given = form.get("csrf")
        return isinstance(given, str) and hmac.compare_digest(given.encode(), visitor.csrf.encode())

    def refuse(self, request: Request, why: str) -> Response:
        """Say kindly that this is not possible."""
        return self._desk.page(request, "refused.html", status=403, why=why)

    def with_session(self, response: Response, token: str) -> Response:
        """Give a browser its session; a new token each time, so that one planted before is worth nothing."""
        response.set_cookie(COOKIE, token, httponly=True, samesite="lax", secure=self._desk.secure, path="/")
        response.delete_cookie(FORM_COOKIE, path="/")
        return response

    def with_form(self, response: Response, token: str) -> Response:
        """Tie a sign-in form to this browser."""
        response.set_cookie(
            FORM_COOKIE, token, httponly=True, samesite="strict", secure=self._desk.secure, path="/sign-in"
        )
        return response


async def fields(request: Request) -> FormData:
    """Read a form, once a request; files up to the size that an upload may have."""
    return await request.form(max_files=4, max_fields=200, max_part_size=UPLOAD_MAX)


def new_token() -> str:
    """Make a secret nobody can guess."""
    return secrets.token_urlsafe(32)


def csrf_of(token: str) -> str:
    """Give what the forms of a session carry; it says nothing about the session itself."""
    return hmac.digest(token.encode(), b"form", "sha256").hex()


def comes_from_here(request: Request, public_url: str) -> bool:
    """Believe a browser that says a request was made by another site's page."""
    site = request.headers.get("sec-fetch-site", "")
    if site and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    return not origin or origin in {f"http://{host}", f"https://{host}", public_url}


def source_of(request: Request) -> str:
    """Tell where a request comes from; a proxy on this very machine is believed about it."""
    peer = request.client.host if request.client else ""
    told = request.headers.get("x-forwarded-for", "")
    if told and peer in {"127.0.0.1", "::1"}:
        return told.rpartition(",")[2].strip()[:64]
    return peer
