"""Pages for the audit log, API tokens and webhooks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.feedback import webhook_signatures, webhook_targets
from dispatcher.feedback.webhook_targets import ForbiddenTarget
from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import api_tokens, users, webhooks
from dispatcher.ledger.access.users import Role
from dispatcher.settings import host_of, is_loopback
from dispatcher.web.auth import CurrentUser, new_token, read_form
from dispatcher.web.page_context import row_number
from dispatcher.web.pages import Pages

LOOKUP_SECONDS = 3
TOKEN_DAYS, TOKEN_DAYS_MAX = 90, 730  # how long a token is valid unless said otherwise, and at most


class AdminPages(Pages):
    """The log for everybody who may look; machines for administrators."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        manage = partial(route, permission="manage", fresh=True)
        return (
            route("/audit", self.audit, permission="look"),
            manage("/machines", self.machines),
            manage("/machines/tokens", self.add_token, methods=["POST"]),
            manage("/machines/tokens/{token:id}/revoke", self.revoke_token, methods=["POST"]),
            manage("/machines/hooks", self.add_hook, methods=["POST"]),
            manage("/machines/hooks/{name}/remove", self.remove_hook, methods=["POST"]),
        )

    async def audit(self, request: Request, _user: CurrentUser) -> Response:
        """Show who did what, when."""
        before = row_number(request.query_params.get("before", ""))
        entries = await self._context.read(audit_log.entries, self._context.app.ledger, before=before)
        older = entries[-1].id if len(entries) == audit_log.PAGE else 0
        return self._context.render_page(request, "audit.html", entries=entries, before=before, older=older)

    async def machines(self, request: Request, _user: CurrentUser) -> Response:
        """Show tokens and hooks."""
        return await self._machines_page(request)

    async def add_token(self, request: Request, user: CurrentUser) -> Response:
        """Make an API token; it is shown once and kept only as a hash."""
        form = await read_form(request)
        label = str(form.get("label", "")).strip()[:100]
        role: Role = "organiser" if form.get("role") == "organiser" else "viewer"
        scopes = " ".join(scope for scope in api_tokens.SCOPES if form.get(f"scope-{scope}"))
        campaign, now = str(form.get("campaign", "")), self._context.wall_clock.now()
        expires_at = _end_of_token(str(form.get("days", "")), now)
        problem = ""
        if not label:
            problem = _("Say what the token is for.")
        elif campaign and campaign not in self._context.app.config.schedules.campaigns:
            problem = _("There is no such campaign.")
        elif expires_at is None:
            problem = _("A token is valid for 1 to {n} days.", n=TOKEN_DAYS_MAX)
        if problem:
            return await self._machines_page(request, problem=problem, status=422)
        token = f"dsp_{new_token()}"
        await self._context.write(
            api_tokens.add, self._context.app.ledger, token, label=label, role=role, scopes=scopes,
            campaign=campaign, expires_at=expires_at, who=user.name, now=now,
        )  # fmt: skip
        return await self._machines_page(request, created=(label, token))

    async def revoke_token(self, request: Request, user: CurrentUser) -> Response:
        """Turn a machine away from now on."""
        await self._context.write(
            api_tokens.revoke, self._context.app.ledger, request.path_params["token"], who=user.name,
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
        elif direction == "out" and not await self._may_be_told(url):
            problem = _(
                "This address is in a network of our own, which webhooks do not reach. Whoever runs the "
                "service can allow it: DISPATCHER_WEBHOOK_NETWORKS."
            )
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

    async def _may_be_told(self, url: str) -> bool:
        """Return whether webhooks may reach an address; one that nobody knows yet is judged at each call."""
        try:
            async with asyncio.timeout(LOOKUP_SECONDS):
                await webhook_targets.resolve(url, self._context.app.settings.webhook_networks)
        except ForbiddenTarget:
            return False
        except (OSError, TimeoutError, UnicodeError):
            return True
        return True

    async def remove_hook(self, request: Request, user: CurrentUser) -> Response:
        """Disconnect a machine."""
        removed = await self._context.write(
            webhooks.remove, self._context.app.ledger, request.path_params["name"], who=user.name,
            now=self._context.wall_clock.now(),
        )  # fmt: skip
        if not removed:
            raise HTTPException(404)
        return RedirectResponse("/machines", 303)

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
            kinds=webhooks.EVENT_KINDS, scopes=api_tokens.SCOPES, days=TOKEN_DAYS, days_max=TOKEN_DAYS_MAX,
            now=self._context.wall_clock.now(), tokens=await self._context.read(api_tokens.tokens, ledger),
            hooks=await self._context.read(webhooks.find, ledger),
            troubles=await self._context.read(webhooks.troubles, ledger),
        )  # fmt: skip


def _is_reachable(url: str) -> bool:
    """Return whether events may go there: over HTTPS, or to this machine."""
    scheme = url.partition(":")[0].lower()
    return bool(host_of(url)) and (scheme == "https" or (scheme == "http" and is_loopback(url)))


def _end_of_token(days: str, now: datetime) -> datetime | None:
    """Return when a token's time is over; None for a number of days that cannot be."""
    days = days.strip() or str(TOKEN_DAYS)
    is_number = days.isascii() and days.isdecimal() and len(days) < 6
    return now + timedelta(days=int(days)) if is_number and 1 <= int(days) <= TOKEN_DAYS_MAX else None
