"""Sessions, permissions and CSRF: every page for staff goes through here.

A form carries a token that only this session's pages hold (CSRF), and a browser that says where a request
comes from is believed when it says "from elsewhere".
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.ledger.access import users
from dispatcher.ledger.access.users import Account
from dispatcher.untrusted import clean_text
from dispatcher.web.page_context import PageContext
from dispatcher.web.permissions import Permission, role_allows
from dispatcher.web.request_limits import UPLOAD_BYTES_MAX


class IdConvertor(IntegerConvertor):
    """A row's number in an address; a longer one than the database can hold is no address of ours."""

    regex = "[0-9]{1,18}"


register_url_convertor("id", IdConvertor())

SESSION_COOKIE = "dispatcher-session"
DEVICE_COOKIE = "dispatcher-device"
DEVICE_SECONDS = 400 * 24 * 3600  # as long as browsers keep any cookie
FORM_COOKIE = "dispatcher-form"  # before anybody is signed in, what the sign-in form is tied to
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class CurrentUser(NamedTuple):
    """Somebody signed in; `csrf` is what their forms must carry."""

    account: Account
    csrf: str

    @property
    def name(self) -> str:
        """The name they sign in with."""
        return self.account.name

    def has_permission(self, permission: Permission) -> bool:
        """Return whether they hold a right."""
        return role_allows(self.account.role, permission)


PageHandler = Callable[[Request, CurrentUser], Awaitable[Response]]


class AccessControl:
    """Lets people in, page by page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context

    def route(
        self,
        path: str,
        handler: PageHandler,
        *,
        permission: Permission | Sequence[Permission],
        methods: Sequence[str] = ("GET",),
    ) -> Route:
        """Make a route that only those with one of these rights may take."""
        permissions: Sequence[Permission] = (permission,) if isinstance(permission, str) else permission

        async def guarded(request: Request) -> Response:
            return await self._authorise(request, handler, permissions)

        return Route(path, guarded, methods=list(methods))

    async def current_user(self, request: Request) -> CurrentUser | None:
        """Return who is signed in."""
        token = request.cookies.get(SESSION_COOKIE, "")
        if not token or len(token) > 100:
            return None
        account = await self._context.read(
            users.session_account, self._context.app.ledger, token, now=self._context.wall_clock.now()
        )
        return None if account is None else CurrentUser(account, csrf_token(token))

    async def is_still_allowed(self, request: Request, permission: Permission) -> bool:
        """Return whether the session of a page that stays open still stands, with this right."""
        user = await self.current_user(request)
        return user is not None and user.has_permission(permission)

    async def _authorise(
        self, request: Request, handler: PageHandler, permissions: Sequence[Permission]
    ) -> Response:
        user = await self.current_user(request)
        if user is None:
            if request.method in UNSAFE_METHODS:
                return self.forbidden(request, "signed-out")
            back = quote(request.url.path, safe="/")
            return RedirectResponse(f"/sign-in?next={back}", 303)
        request.state.user = user
        if not any(user.has_permission(right) for right in permissions):
            return self.forbidden(request, "role")
        if request.method in UNSAFE_METHODS and not await self._has_valid_csrf(request, user):
            return self.forbidden(request, "form")
        return await handler(request, user)

    async def _has_valid_csrf(self, request: Request, user: CurrentUser) -> bool:
        if not is_same_origin(request, self._context.app.links.public_url):
            return False
        form = await read_form(request)
        csrf = form.get("csrf")
        return isinstance(csrf, str) and hmac.compare_digest(csrf.encode(), user.csrf.encode())

    def forbidden(self, request: Request, reason: str) -> Response:
        """Return a page that says why not, status 403."""
        return self._context.render_page(request, "refused.html", status=403, reason=reason)

    def set_session_cookie(self, response: Response, token: str) -> Response:
        """Set the session of a browser; a new token each time, so one planted before is worth nothing."""
        response.set_cookie(
            SESSION_COOKIE, token, httponly=True, samesite="lax", secure=self._context.is_https, path="/"
        )
        response.delete_cookie(FORM_COOKIE, path="/")
        return response

    def set_device_cookie(self, response: Response, account: Account) -> None:
        """Mark a browser as one that has signed in to this account; a new password makes the mark void."""
        response.set_cookie(
            DEVICE_COOKIE, self._device_mark(account), httponly=True, samesite="strict",
            secure=self._context.is_https, path="/sign-in", max_age=DEVICE_SECONDS,
        )  # fmt: skip

    def is_known_device(self, request: Request, account: Account | None) -> bool:
        """Return whether this browser has signed in to the account before."""
        mark = request.cookies.get(DEVICE_COOKIE, "")
        return account is not None and hmac.compare_digest(mark, self._device_mark(account))

    def _device_mark(self, account: Account) -> str:
        return self._context.app.links.sign_text(f"device|{account.name}|{account.password_hash}")

    def set_form_cookie(self, response: Response, token: str) -> Response:
        """Tie a sign-in form to this browser."""
        response.set_cookie(
            FORM_COOKIE,
            token,
            httponly=True,
            samesite="strict",
            secure=self._context.is_https,
            path="/sign-in",
        )
        return response


async def read_form(request: Request) -> FormData:
    """Read a form, once a request, its texts clean; files up to the size that an upload may have."""
    form = await request.form(max_files=4, max_fields=200, max_part_size=UPLOAD_BYTES_MAX)
    return FormData(
        [
            (name, clean_text(value, limit=UPLOAD_BYTES_MAX) if isinstance(value, str) else value)
            for name, value in form.multi_items()
        ]
    )


def new_token() -> str:
    """Make a secret nobody can guess."""
    return secrets.token_urlsafe(32)


def csrf_token(token: str) -> str:
    """Return what the forms of a session carry; it says nothing about the session itself."""
    return hmac.digest(token.encode(), b"form", "sha256").hex()


def is_same_origin(request: Request, public_url: str) -> bool:
    """Return False when the browser says that another site's page made the request."""
    site = request.headers.get("sec-fetch-site", "")
    if site and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    return not origin or origin in {f"http://{host}", f"https://{host}", public_url}


def client_address(request: Request) -> str:
    """Return where a request comes from; a proxy on this very machine is believed about it."""
    peer = request.client.host if request.client else ""
    forwarded_for = request.headers.get("x-forwarded-for", "")
    if forwarded_for and peer in {"127.0.0.1", "::1"}:
        return forwarded_for.rpartition(",")[2].strip()[:64]
    return peer
