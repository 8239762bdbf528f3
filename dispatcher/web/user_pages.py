"""The page of accounts: who may sign in, as what, and for which thôn."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.contacts import email_cell
from dispatcher.contacts.area_names import exact_area
from dispatcher.i18n import _
from dispatcher.ledger.access import users
from dispatcher.ledger.access.users import ROLES
from dispatcher.ledger.queries import areas
from dispatcher.web import passwords
from dispatcher.web.account_mail import (
    EMAIL_CHANGED,
    PASSWORD_CHANGED,
    ROLE_CHANGED,
    SECOND_FACTOR_REMOVED,
    MailingPages,
)
from dispatcher.web.account_pages import EMAIL_MAX
from dispatcher.web.auth import CurrentUser, new_token, read_form


class UserPages(MailingPages):
    """/users, for administrators who have just given their password."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        manage = partial(self._access.route, permission="manage", fresh=True)
        return (
            manage("/users", self.users),
            manage("/users", self.save_user, methods=["POST"]),
            manage("/users/{name}/password", self.set_password, methods=["POST"]),
            manage("/users/{name}/second-factor", self.remove_second_factor, methods=["POST"]),
            manage("/users/{name}/remove", self.remove_user, methods=["POST"]),
        )

    async def users(self, request: Request, _user: CurrentUser) -> Response:
        """Show who may sign in."""
        return await self._users_page(request)

    async def save_user(self, request: Request, user: CurrentUser) -> Response:
        """Create an account, whose password is shown once, or give one another role; its password stays."""
        form = await read_form(request)
        name = str(form.get("name", "")).strip()
        role = next((role for role in ROLES if role == form.get("role")), None)
        wanted_area = str(form.get("area", "")).strip()[:100]
        if not users.NAME_PATTERN.fullmatch(name) or role is None:
            return await self._users_page(
                request, problem=_("A name holds Latin letters, digits and . _ - @ only."), status=422
            )
        ledger, now = self._context.app.ledger, self._context.wall_clock.now()
        area = exact_area(wanted_area, await self._context.read(areas.listed, ledger))
        if role == "lead" and not area:
            return await self._users_page(request, problem=_("Choose the thôn of the lead."), status=422)
        email = email_cell.parse(str(form.get("email", ""))[:EMAIL_MAX].strip())
        if email.reason:
            return await self._users_page(request, problem=_(email_cell.REASONS[email.reason]), status=422)
        try:
            if await self._context.write(
                users.change_role, ledger, name, role=role, area=area, who=user.name, now=now
            ):
                self._mail.tell_name(name, ROLE_CHANGED)
                await self._set_email(name, email.address, user)
                return await self._users_page(request, done=_("{name} was changed.", name=name))
        except users.LastAdministrator:
            problem = _("{name} is the only administrator. Make another one first.", name=name)
            return await self._users_page(request, problem=problem, status=409)
        password, password_hash = await _new_password()
        await self._context.write(
            users.save, ledger, name, role=role, area=area, password_hash=password_hash, must_change=True,
            who=user.name, now=now,
        )  # fmt: skip
        await self._set_email(name, email.address, user)
        return await self._users_page(request, created=(name, password))

    async def _set_email(self, name: str, email: str, user: CurrentUser) -> None:
        """Set the address to which a link for a new password goes; one that is not given stays as it is."""
        ledger = self._context.app.ledger
        account = await self._context.read(users.find, ledger, name)
        if account is None or email in ("", account.email):
            return
        await self._context.write(
            users.set_email, ledger, name, email, who=user.name, now=self._context.wall_clock.now()
        )
        self._mail.tell(account, EMAIL_CHANGED)

    async def set_password(self, request: Request, user: CurrentUser) -> Response:
        """Give an account a new password, shown once; its owner changes it when they sign in."""
        name = request.path_params["name"]
        password, password_hash = await _new_password()
        if not await self._context.write(
            users.set_password, self._context.app.ledger, name, password_hash=password_hash,
            must_change=True, who=user.name, now=self._context.wall_clock.now(),
        ):  # fmt: skip
            raise HTTPException(404)
        self._mail.tell_name(name, PASSWORD_CHANGED)
        return await self._users_page(request, created=(name, password))

    async def remove_second_factor(self, request: Request, user: CurrentUser) -> Response:
        """Ask an account for no codes any more, for somebody who has lost their phone."""
        name = request.path_params["name"]
        if not await self._context.write(
            users.set_second_factor, self._context.app.ledger, name, salt="", step=0, who=user.name,
            now=self._context.wall_clock.now(),
        ):  # fmt: skip
            raise HTTPException(404)
        self._mail.tell_name(name, SECOND_FACTOR_REMOVED)
        return RedirectResponse("/users", 303)

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

    async def _users_page(
        self,
        request: Request,
        *,
        problem: str = "",
        created: tuple[str, str] | None = None,
        done: str = "",
        status: int = 200,
    ) -> Response:
        return self._context.render_page(
            request, "users.html", status=status, problem=problem, created=created, done=done, roles=ROLES,
            areas=await self._context.read(areas.listed, self._context.app.ledger),
            accounts=await self._context.read(users.accounts, self._context.app.ledger),
        )  # fmt: skip


async def _new_password() -> tuple[str, str]:
    """Make a password and its hash, beside the event loop."""
    password = new_token()[:16]
    return password, await asyncio.to_thread(passwords.hash_password, password)
