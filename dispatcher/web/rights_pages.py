"""The page of what people ask about their own data: what is due, taking it down, doing it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign import stop_scopes
from dispatcher.contacts import address_parser
from dispatcher.errors import DispatcherError
from dispatcher.i18n import _
from dispatcher.ledger import audit_log, scrubbing
from dispatcher.ledger.privacy import erasure, rights_requests
from dispatcher.ledger.privacy.erasure import AddressOwner
from dispatcher.ledger.privacy.rights_requests import KINDS, NewRequest
from dispatcher.ledger.queries import subject_access as held
from dispatcher.ledger.recipients import corrections
from dispatcher.report import subject_access
from dispatcher.report.formatting import mask_address
from dispatcher.web.auth import CurrentUser, read_form
from dispatcher.web.page_context import row_number
from dispatcher.web.pages import Pages

ADDRESS_MAX, WORDS_MAX = 200, 500
EXPORT_NAME = "du-lieu-ca-nhan"


class RightsPages(Pages):
    """Below /rights."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route, one = self._access.route, "/rights/{request:id}"
        return (
            route("/rights", self.show, permission="numbers"),
            route("/rights", self.take, permission="act", methods=["POST"]),
            route("/rights/held", self.export, permission="numbers", methods=["POST"]),
            route(one, self.decide, permission="act", methods=["POST"]),
            route(f"{one}/erase", self.erase, permission="act", methods=["POST"], fresh=True),
        )

    async def show(self, request: Request, user: CurrentUser) -> Response:
        """List what is due, and what was dealt with."""
        return await self._page(request, user)

    async def take(self, request: Request, user: CurrentUser) -> Response:
        """Take a request down; of several people at one address somebody has to say who asks."""
        form = {name: str(value) for name, value in (await read_form(request)).multi_items()}
        context, schedules = self._context, self._context.app.config.schedules
        channel, address, why = address_parser.parse(form.get("address", "")[:ADDRESS_MAX])
        kind = next((kind for kind in KINDS if kind == form.get("kind")), None)
        if kind is None:
            raise HTTPException(400)
        if not address:
            return await self._page(request, user, status=422, problem=_(why), given=form)
        owners = await context.read(erasure.owners_of, context.app.ledger, address)
        chosen = next((one for one in owners if str(one.person_id) == form.get("person")), None)
        if chosen is None and len(owners) > 1:
            problem = _("Several people have this address: say who asks.")
            return await self._page(request, user, status=422, problem=problem, given=form, owners=owners)
        person_id = (chosen or owners[0]).person_id if owners else 0
        wanted = {field: form[field] for field in corrections.FIELDS if form.get(field, "").strip()}
        scope = form.get("scope", "")
        try:
            asked = NewRequest(
                kind=kind, channel=channel, address=address, person_id=person_id,
                scope=scope if scope in stop_scopes.known_scopes(schedules) else stop_scopes.ALL,
                wanted=corrections.read_wanted(wanted, areas=schedules.areas) if kind == "correction" else {},
                words=form.get("words", "")[:WORDS_MAX],
                received_at=self._received_at(form.get("received", "")),
            )  # fmt: skip
            await context.write(
                rights_requests.take, context.app.ledger, asked, schedules.rights,
                zone=schedules.timezone, who=user.name, how="web", now=context.now(),
            )  # fmt: skip
        except DispatcherError as error:
            return await self._page(request, user, status=422, problem=str(error), given=form, owners=owners)
        return RedirectResponse("/rights", 303)

    def _received_at(self, text: str) -> datetime:
        """Return when a request came: noon of the day given, now for today or no day."""
        now = self._context.now()
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return now
        noon = datetime.combine(day, time(12), self._context.app.config.schedules.timezone)
        return min(now, noon.astimezone(UTC))

    async def decide(self, request: Request, user: CurrentUser) -> Response:
        """Do what was asked, or refuse, extend, tell, lift."""
        form = await read_form(request)
        decision, because = str(form.get("decision")), str(form.get("because", ""))[:WORDS_MAX]
        number, ledger = request.path_params["request"], self._context.app.ledger
        schedules, acting = self._context.app.config.schedules, self._acting(user)
        try:
            match decision:
                case "done":
                    asked = await self._context.read(rights_requests.find, ledger, number)
                    if asked.kind == "erasure":
                        raise HTTPException(400)  # its own address asks for the password again
                    await self._context.write(
                        rights_requests.carry_out, ledger, number, areas=schedules.areas, **acting
                    )
                case "refuse":
                    await self._context.write(rights_requests.refuse, ledger, number, because, **acting)
                case "extend":
                    await self._context.write(
                        rights_requests.extend, ledger, number, because, schedules.rights, **acting
                    )
                case "lift":
                    await self._context.write(rights_requests.lift, ledger, number, **acting)
                case "told":
                    await self._context.write(rights_requests.mark_answered, ledger, number, **acting)
                case _:
                    raise HTTPException(400)
        except DispatcherError as error:
            return await self._page(request, user, status=409, problem=str(error))
        return RedirectResponse("/rights", 303)

    async def erase(self, request: Request, user: CurrentUser) -> Response:
        """Erase who asked for it; nothing brings that back."""
        try:
            await self._context.write(
                rights_requests.carry_out, self._context.app.ledger, request.path_params["request"],
                **self._acting(user),
            )  # fmt: skip
        except DispatcherError as error:
            return await self._page(request, user, status=409, problem=str(error))
        return RedirectResponse("/rights", 303)

    def _acting(self, user: CurrentUser) -> dict[str, Any]:
        return {"who": user.name, "now": self._context.now()}

    async def export(self, request: Request, user: CurrentUser) -> Response:
        """Give everything held on a person, as a page to hand over or as JSON.

        They are named by a request, or by an address and, of several people there, their number.
        """
        form, context = await read_form(request), self._context
        try:
            if number := row_number(str(form.get("request", ""))):
                asked = await context.read(rights_requests.find, context.app.ledger, number)
                address, person_id = asked.address, asked.person_id
            else:
                address = address_parser.parse(str(form.get("address", ""))[:ADDRESS_MAX]).address
                person_id = row_number(str(form.get("person", "")))
            if not address:
                raise HTTPException(400)
            data = await context.read(held.load, context.app.ledger, address, person_id)
        except DispatcherError as error:
            return await self._page(request, user, status=422, problem=str(error))
        await context.write(
            audit_log.write, context.app.ledger, who=user.name, action="export",
            subject=mask_address(address), detail={}, now=context.now(),
        )  # fmt: skip
        is_json = form.get("as") == "json"
        name = quote(f"{EXPORT_NAME}.{'json' if is_json else 'html'}")
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}", "cache-control": "no-store"}
        if is_json:
            values = await context.read(subject_access.as_json_text, data)
            return Response(values, media_type=JSONResponse.media_type, headers=headers)
        page = await context.read(
            subject_access.as_page,
            data,
            context.app.config.schedules,
            now=context.now(),
            trial=context.app.settings.trial,
        )
        return HTMLResponse(page, headers=headers)

    async def _page(
        self,
        request: Request,
        user: CurrentUser,
        *,
        status: int = 200,
        problem: str = "",
        given: Mapping[str, str] | None = None,
        owners: Sequence[AddressOwner] = (),
    ) -> Response:
        context, now = self._context, self._context.now()
        await context.record_view(user.name, "rights")
        schedules, ledger = context.app.config.schedules, context.app.ledger
        return context.render_page(
            request,
            "rights.html",
            status=status,
            problem=problem,
            given=defaultdict(str, given or {}),  # what was typed stays in the form
            owners=owners,
            kinds=KINDS,
            scopes=sorted(stop_scopes.known_scopes(schedules), key=lambda scope: (":" in scope, scope)),
            scrub_due=await context.read(scrubbing.is_due, ledger),
            waiting=await context.read(rights_requests.waiting, ledger),
            past=await context.read(rights_requests.past, ledger),
            now=now,
            near=now + schedules.rights.warning,
            today=context.local(now).date(),
        )
