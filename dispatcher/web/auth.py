"""Sessions, permissions and CSRF: every page for staff goes through here.

A form carries a token that only this session's pages hold (CSRF), and a browser that says where a request
comes from is believed when it says "from elsewhere".
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import quote

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.ledger.access import sessions
from dispatcher.ledger.access.sessions import Session
from dispatcher.ledger.access.users import Account
from dispatcher.untrusted import clean_text
from dispatcher.web import security_log
from dispatcher.web.cookies import Cookies
from dispatcher.web.page_context import PageContext
from dispatcher.web.permissions import Permission, role_allows
from dispatcher.web.request_limits import UPLOAD_BYTES_MAX
from dispatcher.web.request_origin import client_host, is_same_origin, may_carry_secrets


class IdConvertor(IntegerConvertor):
    """A row's number in an address; a longer one than the database can hold is no address of ours."""

    regex = "[0-9]{1,18}"


register_url_convertor("id", IdConvertor())

DEVICE_SECONDS = 400 * 24 * 3600  # as long as browsers keep any cookie
UNSAFE_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
CONFIRMED_MAX = timedelta(minutes=15)  # so long a password that was given counts for dangerous deeds
# What somebody may open who has to do something first.
PASSWORD_PATH, SECOND_FACTOR_PATH, SIGN_OUT_PATH = "/password", "/second-factor", "/sign-out"


class CurrentUser(NamedTuple):
    """Somebody signed in; `csrf` is what their forms must carry."""

    account: Account
    csrf: str
    session: Session

    @property
    def name(self) -> str:
        """The name they sign in with."""
        return self.account.name

    def has_permission(self, permission: Permission) -> bool:
        """Return whether they hold a right."""
        return role_allows(self.account.role, permission)


PageHandler = Callable[[Request, CurrentUser], Awaitable[Response]]


class GuardedRoute(Route):
    """A route for those with one of its `permissions`; `is_fresh`: just after they gave their password."""

    permissions: tuple[Permission, ...] = ()
    is_fresh = False


class AccessControl:
    """Lets people in, page by page."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self.cookies = Cookies(is_https=context.is_https)

    def route(
        self,
        path: str,
        handler: PageHandler,
        *,
        permission: Permission | Sequence[Permission],
        methods: Sequence[str] = ("GET",),
        fresh: bool = False,
    ) -> GuardedRoute:
        """Make a route that only those with one of these rights may take; `fresh` for dangerous deeds."""

        async def guarded(request: Request) -> Response:
            return await self._authorise(request, handler, made)

        made = GuardedRoute(path, guarded, methods=list(methods))
        made.permissions = (permission,) if isinstance(permission, str) else tuple(permission)
        made.is_fresh = fresh
        return made

    def is_line_private(self, request: Request) -> bool:
        """Return whether a password may be given here."""
        return may_carry_secrets(request, self._context.app.settings)

    async def current_user(self, request: Request) -> CurrentUser | None:
        """Return who is signed in."""
        token = self.cookies.get(request, "session")
        if not token or len(token) > 100:
            return None
        found = await self._context.read(
            sessions.find_session, self._context.app.ledger, token, now=self._context.wall_clock.now()
        )
        if found is None:
            return None
        user = CurrentUser(found.account, csrf_token(token), found.session)
        if not user.has_permission("sensitive"):
            await self._context.look_up_words()
        return user

    async def is_still_allowed(self, request: Request, permission: Permission) -> bool:
        """Return whether the session of a page that stays open still stands, with this right."""
        user = await self.current_user(request)
        return user is not None and user.has_permission(permission)

    async def _authorise(self, request: Request, handler: PageHandler, route: GuardedRoute) -> Response:
        user = await self.current_user(request)
        if user is None:
            return self._send_to(request, "/sign-in", "signed-out")
        request.state.user = user
        if not any(user.has_permission(right) for right in route.permissions):
            return self.forbidden(request, "role")
        if (duty := self._duty_of(user.account)) and request.url.path not in {
            duty, PASSWORD_PATH, SIGN_OUT_PATH
        }:  # fmt: skip
            return self._send_to(request, duty, "duty")
        if route.is_fresh and not self.is_confirmed(user):
            return self._send_to(request, "/confirm", "confirm")
        if request.method in UNSAFE_METHODS and not await self._has_valid_csrf(request, user):
            return self.forbidden(request, "form")
        return await handler(request, user)

    def _duty_of(self, account: Account) -> str:
        """Return the page that an account has to deal with before any other; empty for none."""
        if account.must_change:
            return PASSWORD_PATH
        of_whom = self._context.app.settings.require_second_factor
        is_needed = of_whom == "all" or (of_whom == "admin" and account.role == "admin")
        return SECOND_FACTOR_PATH if is_needed and not account.totp_salt else ""

    def is_confirmed(self, user: CurrentUser) -> bool:
        """Return whether they gave their password a short while ago: each time begins a new session."""
        return self._context.wall_clock.now() - user.session.created_at <= CONFIRMED_MAX

    def _send_to(self, request: Request, page: str, reason: str) -> Response:
        """Lead to a page first, from there back; a form that was sent in is refused with the reason."""
        if request.method in UNSAFE_METHODS:
            return self.forbidden(request, reason)
        back = quote(request.url.path, safe="/")
        return RedirectResponse(f"{page}?next={back}", 303)

    async def _has_valid_csrf(self, request: Request, user: CurrentUser) -> bool:
        if not is_same_origin(request, self._context.app.links.public_url):
            return False
        form = await read_form(request)
        csrf = form.get("csrf")
        return isinstance(csrf, str) and hmac.compare_digest(csrf.encode(), user.csrf.encode())

    def forbidden(self, request: Request, reason: str) -> Response:
        """Return a page that says why not, status 403; written down."""
        user = getattr(request.state, "user", None)
        security_log.record_refusal(
            reason, path=request.url.path, source=client_host(request.scope), who=user.name if user else ""
        )
        return self._context.render_page(request, "refused.html", status=403, reason=reason)

    def start_session(self, response: Response, account: Account, token: str) -> None:
        """Let a browser keep a new session; a new token each time, so one planted before is worth nothing.

        It is marked as one that has signed in to this account; a new password makes the mark void.
        """
        self.cookies.set(response, "session", token)
        mark = self._context.app.links.sign_text(_device_text(account))
        self.cookies.set(response, "device", mark, max_age=DEVICE_SECONDS)
        self.cookies.delete(response, "form")

    def is_known_device(self, request: Request, account: Account | None) -> bool:
        """Return whether this browser has signed in to the account before."""
        mark = self.cookies.get(request, "device")
        return account is not None and self._context.app.links.is_mark_of(mark, _device_text(account))


def _device_text(account: Account) -> str:
    return f"device|{account.name}|{account.password_hash}"


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
