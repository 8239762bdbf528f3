"""Pages for the audit log, user accounts, API tokens and webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.feedback import webhook_signatures
from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import users, webhooks
from dispatcher.ledger.access.users import ROLES, Role
from dispatcher.settings import host_of, is_loopback
from dispatcher.web import passwords
from dispatcher.web.auth import AccessControl, CurrentUser, new_token, read_form
from dispatcher.web.page_context import PageContext


class AdminPages:
    """The log for everybody who may look; users and machines for administrators."""

    def __init__(self, context: PageContext, access: AccessControl) -> None:
        self._context = context
        self._access = access

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        return (
            route("/audit", self.audit, permission="look"),
            route("/users", self.users, permission="manage"),
            route("/users", self.add_user, permission="manage", methods=["POST"]),
            route("/users/{name}/remove", self.remove_user, permission="manage", methods=["POST"]),
            route("/machines", self.machines, permission="manage"),
            route("/machines/tokens", self.add_token, permission="manage", methods=["POST"]),
            route(
                "/machines/tokens/{token:id}/revoke",
                self.revoke_token,
                permission="manage",
                methods=["POST"],
            ),
            route("/machines/hooks", self.add_hook, permission="manage", methods=["POST"]),
            route("/machines/hooks/{name}/remove", self.remove_hook, permission="manage", methods=["POST"]),
        )

    async def audit(self, request: Request, _user: CurrentUser) -> Response:
        """Show who did what, when."""
        return self._context.render_page(
            request,
            "audit.html",
            entries=await self._context.read(audit_log.entries, self._context.app.ledger),
        )

    async def users(self, request: Request, _user: CurrentUser) -> Response:
        """Show who may sign in."""
        return await self._users_page(request)

    async def add_user(self, request: Request, user: CurrentUser) -> Response:
        """Create or change an account; its password is shown once."""
        form = await read_form(request)
        name = str(form.get("name", "")).strip()
        role = next((role for role in ROLES if role == form.get("role")), None)
        area = str(form.get("area", "")).strip()[:100]
        if not users.NAME_PATTERN.fullmatch(name) or role is None:
            return await self._users_page(
                request, problem=_("A name holds Latin letters, digits and . _ - @ only."), status=422
            )
        if role == "lead" and not area:
            return await self._users_page(request, problem=_("A thôn lead needs a thôn."), status=422)
        password = new_token()[:16]
        password_hash = await asyncio.to_thread(passwords.hash_password, password)
        await self._context.write(
            users.save, self._context.app.ledger, name, role=role, area=area, password_hash=password_hash,
            who=user.name, now=self._context.wall_clock.now(),
        )  # fmt: skip
        return await self._users_page(request, created=(name, password))

    async def remove_user(self, request: Request, user: CurrentUser) -> Response:
        """Take an account away; not one's own, so that nobody locks everybody out."""
        name = request.path_params["name"]
        if name == user.name:
            return await self._users_page(
                request, problem=_("You cannot remove the account you are using."), status=409
            )
        await self._context.write(
            users.remove, self._context.app.ledger, name, who=user.name, now=self._context.wall_clock.now()
        )
        return RedirectResponse("/users", 303)

    async def machines(self, request: Request, _user: CurrentUser) -> Response:
        """Show tokens and hooks."""
        return await self._machines_page(request)

    async def add_token(self, request: Request, user: CurrentUser) -> Response:
        """Make an API token; it is shown once and kept only as a hash."""
        form = await read_form(request)
        label = str(form.get("label", "")).strip()[:100]
        role: Role = "organiser" if form.get("role") == "organiser" else "viewer"
        if not label:
            return await self._machines_page(request, problem=_("Say what the token is for."), status=422)
        token = f"dsp_{new_token()}"
        await self._context.write(
            users.add_token, self._context.app.ledger, token, label=label, role=role, who=user.name,
            now=self._context.wall_clock.now(),
        )  # fmt: skip
        return await self._machines_page(request, created=(label, token))

    async def revoke_token(self, request: Request, user: CurrentUser) -> Response:
        """Turn a machine away from now on."""
        await self._context.write(
            users.revoke_token, self._context.app.ledger, request.path_params["token"], who=user.name,
            now=self._context.wall_clock.now(),
        )  # fmt: skip
        return RedirectResponse("/machines", 303)

    async def add_hook(self, request: Request, user: CurrentUser) -> Response:
        """Connect another machine: we tell it (out), or it tells us (in). Its secret is shown once."""
        form = await read_form(request)
        name, direction = str(form.get("name", "")).strip(), str(form.get("direction", ""))
        url = str(form.get("url", "")).strip()[:500]
        kinds = tuple(kind for kind in webhooks.EVENT_KINDS if form.get(f"kind-{kind}"))
        problem = ""
        if not users.NAME_PATTERN.fullmatch(name) or direction not in ("in", "out"):
            problem = _("A name holds Latin letters, digits and . _ - @ only.")
        elif direction == "out" and not _is_reachable(url):
            problem = _("Give an address that begins with https://.")
        elif direction == "out" and not kinds:
            problem = _("Choose at least one kind of event.")
        if problem:
            return await self._machines_page(request, problem=problem, status=422)
        secret = webhook_signatures.new_secret()
        added = await self._context.write(
            webhooks.add, self._context.app.ledger, name, direction=direction, url=url, secret=secret,
            kinds=kinds, who=user.name, now=self._context.wall_clock.now(),
        )  # fmt: skip
        if not added:
            return await self._machines_page(request, problem=_("There is one of this name."), status=409)
        return await self._machines_page(request, created=(name, secret))

    async def remove_hook(self, request: Request, user: CurrentUser) -> Response:
        """Disconnect a machine."""
        removed = await self._context.write(
            webhooks.remove, self._context.app.ledger, request.path_params["name"], who=user.name,
            now=self._context.wall_clock.now(),
        )  # fmt: skip
        if not removed:
            raise HTTPException(404)
        return RedirectResponse("/machines", 303)

    async def _users_page(
        self,
        request: Request,
        *,
        problem: str = "",
        created: tuple[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        return self._context.render_page(
            request, "users.html", status=status, problem=problem, created=created, roles=ROLES,
            accounts=await self._context.read(users.accounts, self._context.app.ledger),
        )  # fmt: skip

    async def _machines_page(
        self,
        request: Request,
        *,
        problem: str = "",
        created: tuple[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        ledger = self._context.app.ledger
        return self._context.render_page(
            request, "machines.html", status=status, problem=problem, created=created,
            kinds=webhooks.EVENT_KINDS, tokens=await self._context.read(users.tokens, ledger),
            hooks=await self._context.read(webhooks.find, ledger),
        )  # fmt: skip


def _is_reachable(url: str) -> bool:
    """Return whether events may go there: over HTTPS, or to this machine."""
    scheme = url.partition(":")[0].lower()
    return bool(host_of(url)) and (scheme == "https" or (scheme == "http" and is_loopback(url)))
