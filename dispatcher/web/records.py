"""Who did what, who may sign in, and which machines talk to us."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.feedback import signatures
from dispatcher.i18n import _
from dispatcher.ledger import attention, hooks, users
from dispatcher.ledger.users import ROLES, Role
from dispatcher.settings import host_of, is_loopback
from dispatcher.web import passwords
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor, fields, new_token


class RecordPages:
    """The log for everybody who may look; users and machines for administrators."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        route = self._doors.route
        return (
            route("/audit", self.audit, right="look"),
            route("/users", self.users, right="manage"),
            route("/users", self.add_user, right="manage", methods=["POST"]),
            route("/users/{name}/remove", self.remove_user, right="manage", methods=["POST"]),
            route("/machines", self.machines, right="manage"),
            route("/machines/tokens", self.add_token, right="manage", methods=["POST"]),
            route("/machines/tokens/{token:int}/revoke", self.revoke, right="manage", methods=["POST"]),
            route("/machines/hooks", self.add_hook, right="manage", methods=["POST"]),
            route("/machines/hooks/{name}/remove", self.remove_hook, right="manage", methods=["POST"]),
        )

    async def audit(self, request: Request, _visitor: Visitor) -> Response:
        """Show who did what, when."""
        return self._desk.page(
            request, "audit.html", deeds=await self._desk.look(attention.deeds, self._desk.app.ledger)
        )

    async def users(self, request: Request, _visitor: Visitor) -> Response:
        """Show who may sign in."""
        return await self._users_page(request)

    async def add_user(self, request: Request, visitor: Visitor) -> Response:
        """Let somebody in, or change what they may; their password is shown once."""
        form = await fields(request)
        name = str(form.get("name", "")).strip()
        role = next((role for role in ROLES if role == form.get("role")), None)
        area = str(form.get("area", "")).strip()[:100]
        if not users.NAME.fullmatch(name) or role is None:
            return await self._users_page(
                request, problem=_("A name holds Latin letters, digits and . _ - @ only."), status=422
            )
        if role == "lead" and not area:
            return await self._users_page(request, problem=_("A thôn lead needs a thôn."), status=422)
        password = new_token()[:16]
        hashed = await asyncio.to_thread(passwords.hashed, password)
        await self._desk.act(
            users.put, self._desk.app.ledger, name, role=role, area=area, password_hash=hashed,
            who=visitor.name, now=self._desk.wall.now(),
        )  # fmt: skip
        return await self._users_page(request, made=(name, password))

    async def remove_user(self, request: Request, visitor: Visitor) -> Response:
        """Take an account away; not one's own, so that nobody locks everybody out."""
        name = request.path_params["name"]
        if name == visitor.name:
            return await self._users_page(
                request, problem=_("You cannot remove the account you are using."), status=409
            )
        await self._desk.act(
            users.remove, self._desk.app.ledger, name, who=visitor.name, now=self._desk.wall.now()
        )
        return RedirectResponse("/users", 303)

    async def machines(self, request: Request, _visitor: Visitor) -> Response:
        """Show tokens and hooks."""
        return await self._machines_page(request)

    async def add_token(self, request: Request, visitor: Visitor) -> Response:
        """Make an API token; it is shown once and kept only as a hash."""
        form = await fields(request)
        label = str(form.get("label", "")).strip()[:100]
        role: Role = "organiser" if form.get("role") == "organiser" else "viewer"
        if not label:
            return await self._machines_page(request, problem=_("Say what the token is for."), status=422)
        token = f"dsp_{new_token()}"
        await self._desk.act(
            users.add_token, self._desk.app.ledger, token, label=label, role=role, who=visitor.name,
            now=self._desk.wall.now(),
        )  # fmt: skip
        return await self._machines_page(request, made=(label, token))

    async def revoke(self, request: Request, visitor: Visitor) -> Response:
        """Turn a machine away from now on."""
        await self._desk.act(
            users.revoke_token, self._desk.app.ledger, request.path_params["token"], who=visitor.name,
            now=self._desk.wall.now(),
        )  # fmt: skip
        return RedirectResponse("/machines", 303)

    async def add_hook(self, request: Request, visitor: Visitor) -> Response:
        """Connect another machine: we tell it (out), or it tells us (in). Its secret is shown once."""
        form = await fields(request)
        name, direction = str(form.get("name", "")).strip(), str(form.get("direction", ""))
        url = str(form.get("url", "")).strip()[:500]
        kinds = tuple(kind for kind in hooks.KINDS if form.get(f"kind-{kind}"))
        problem = ""
        if not users.NAME.fullmatch(name) or direction not in ("in", "out"):
            problem = _("A name holds Latin letters, digits and . _ - @ only.")
        elif direction == "out" and not _is_reachable(url):
            problem = _("Give an address that begins with https://.")
        elif direction == "out" and not kinds:
            problem = _("Choose at least one kind of event.")
        if problem:
            return await self._machines_page(request, problem=problem, status=422)
        secret = signatures.new_secret()
        added = await self._desk.act(
            hooks.add, self._desk.app.ledger, name, direction=direction, url=url, secret=secret,
            kinds=kinds, who=visitor.name, now=self._desk.wall.now(),
        )  # fmt: skip
        if not added:
            return await self._machines_page(request, problem=_("There is one of this name."), status=409)
        return await self._machines_page(request, made=(name, secret))

    async def remove_hook(self, request: Request, visitor: Visitor) -> Response:
        """Disconnect a machine."""
        removed = await self._desk.act(
            hooks.remove, self._desk.app.ledger, request.path_params["name"], who=visitor.name,
            now=self._desk.wall.now(),
        )  # fmt: skip
        if not removed:
            raise HTTPException(404)
        return RedirectResponse("/machines", 303)

    async def _users_page(
        self, request: Request, *, problem: str = "", made: tuple[str, str] | None = None, status: int = 200
    ) -> Response:
        return self._desk.page(
            request, "users.html", status=status, problem=problem, made=made, roles=ROLES,
            accounts=await self._desk.look(users.accounts, self._desk.app.ledger),
        )  # fmt: skip

    async def _machines_page(
        self, request: Request, *, problem: str = "", made: tuple[str, str] | None = None, status: int = 200
    ) -> Response:
        ledger = self._desk.app.ledger
        return self._desk.page(
            request, "machines.html", status=status, problem=problem, made=made, kinds=hooks.KINDS,
            tokens=await self._desk.look(users.tokens, ledger),
            hooks=await self._desk.look(hooks.hooks, ledger),
        )  # fmt: skip


def _is_reachable(url: str) -> bool:
    """Tell whether events may go there: over HTTPS, or to this machine."""
    scheme = url.partition(":")[0].lower()
    return bool(host_of(url)) and (scheme == "https" or (scheme == "http" and is_loopback(url)))
