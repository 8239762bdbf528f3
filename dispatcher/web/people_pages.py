"""Pages about single people: held contacts, an address's history, opt-outs."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.contacts import address_parser
from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.queries import address_history, people_search
from dispatcher.ledger.recipients import people_joins, review, suppressions
from dispatcher.ledger.recipients.people_joins import CannotSplit
from dispatcher.ledger.recipients.review import NotHeld
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.report import orphans
from dispatcher.report.formatting import mask_address
from dispatcher.web.auth import CurrentUser, read_form
from dispatcher.web.page_context import PageContext, row_number
from dispatcher.web.pages import Pages

SHOWN_MAX = 500
ADDRESS_MAX = 200


class PeoplePages(Pages):
    """The pages about single people."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        return (
            route("/held", self.held, permission="look"),
            route("/held/{contact:id}", self.decide_held, permission="act", methods=["POST"]),
            route("/joins/{number:id}/split", self.split_people, permission="act", methods=["POST"]),
            route("/addresses", self.show_lookup, permission="numbers"),
            route("/addresses", self.look_up, permission="numbers", methods=["POST"]),
            route("/opt-outs", self.opt_outs, permission="numbers"),
            route("/opt-outs", self.change_opt_outs, permission="act", methods=["POST"]),
        )

    async def held(self, request: Request, user: CurrentUser) -> Response:
        """List who waits for a decision; of sensitive lists, to those with the right only how many."""
        return await self._held_page(request, user)

    async def _held_page(
        self, request: Request, user: CurrentUser, *, status: int = 200, problem: str = ""
    ) -> Response:
        await self._context.record_view(user.name, "held")
        held = await self._context.read(review.held_contacts, self._context.app.ledger)
        open_audiences = self._context.app.config.schedules.open_audiences
        may_see = user.has_permission("sensitive")
        shown = [one for one in held if may_see or one.audience in open_audiences]
        past_joins = await self._context.read(people_joins.past_joins, self._context.app.ledger)
        joined = [one for one in past_joins if not one.split_at]
        return self._context.render_page(
            request, "held.html", status=status, held=shown[:SHOWN_MAX], count=len(shown),
            concealed=len(held) - len(shown), problem=problem, join_reasons=people_joins.JOIN_REASONS,
            joined=[one for one in joined if may_see or one.audience in open_audiences],
        )  # fmt: skip

    async def decide_held(self, request: Request, user: CurrentUser) -> Response:
        """Release somebody, or drop them."""
        form = await read_form(request)
        decision = {"release": review.release, "drop": review.drop}.get(str(form.get("decision")))
        if decision is None:
            raise HTTPException(400)
        try:
            await self._context.write(
                decision, self._context.app.ledger, request.path_params["contact"],
                who=user.name, now=self._context.now(),
            )  # fmt: skip
        except NotHeld as error:
            return await self._held_page(request, user, status=409, problem=str(error))
        return RedirectResponse("/held", 303)

    async def split_people(self, request: Request, user: CurrentUser) -> Response:
        """Make two people again of those whom a load took for one."""
        await read_form(request)
        try:
            await self._context.write(
                people_joins.split, self._context.app.ledger, request.path_params["number"],
                who=user.name, now=self._context.now(),
            )  # fmt: skip
        except CannotSplit as error:
            return await self._held_page(request, user, status=409, problem=str(error))
        return RedirectResponse("/held", 303)

    async def show_lookup(self, request: Request, _user: CurrentUser) -> Response:
        """Show the field for an address."""
        return self._context.render_page(request, "address.html", history=None, found=(), problem="")

    async def look_up(self, request: Request, user: CurrentUser) -> Response:
        """Show the history of one address. It comes by POST: a URL would stand in histories and logs."""
        form = await read_form(request)
        given = str(form.get("address", ""))[:ADDRESS_MAX]
        address = address_parser.parse(given).address
        ledger, now = self._context.app.ledger, self._context.now()
        if not address:
            return await self._find_by_name(request, user, given)
        history = await self._context.read(address_history.load, ledger, address)
        schedules = self._context.app.config.schedules
        undecided = await self._context.read(orphans.of_address, ledger, schedules, history)
        await self._context.write(
            audit_log.write, ledger, who=user.name, action="look-up", subject=mask_address(address),
            detail={}, now=now,
        )  # fmt: skip
        return self._context.render_page(
            request, "address.html", history=history, undecided=undecided, found=(), problem=""
        )

    async def _find_by_name(self, request: Request, user: CurrentUser, name: str) -> Response:
        """List who is called so, those whom no message reaches among them."""
        ledger = self._context.app.ledger
        found = await self._context.read(people_search.by_name, ledger, name)
        if not found:
            problem = _("This is neither a mobile number nor an e-mail address, and nobody is called so.")
            return self._context.render_page(
                request, "address.html", status=422, history=None, found=(), problem=problem
            )
        await self._context.write(
            audit_log.write, ledger, who=user.name, action="look-up", subject="name",
            detail={"people": len(found)}, now=self._context.now(),
        )  # fmt: skip
        return self._context.render_page(request, "address.html", history=None, found=found, problem="")

    async def opt_outs(self, request: Request, user: CurrentUser) -> Response:
        """List who is not written to."""
        return await self._opt_out_page(request, user)

    async def change_opt_outs(self, request: Request, user: CurrentUser) -> Response:
        """Stop messages to one address, or lift a stop."""
        form, app, now = await read_form(request), self._context.app, self._context.now()
        channel, address, _why = address_parser.parse(str(form.get("address", ""))[:ADDRESS_MAX])
        if not address:
            return await self._opt_out_page(
                request, user, status=422, problem=_("This is neither a mobile number nor an e-mail address.")
            )
        if form.get("decision") == "lift":
            scope = str(form.get("scope", "all"))[:100]
            await self._context.write(
                suppressions.remove, app.ledger, channel=channel, address=address, scope=scope,
                who=user.name, now=now,
            )  # fmt: skip
        else:
            opt_out = OptOut(
                channel=channel, address=address, who=user.name, how="web",
                words=str(form.get("words", ""))[:160],
            )  # fmt: skip
            await self._context.write(suppressions.opt_out, app.ledger, [opt_out], now=now)
        return RedirectResponse("/opt-outs", 303)

    async def _opt_out_page(
        self, request: Request, user: CurrentUser, *, status: int = 200, problem: str = ""
    ) -> Response:
        return await render_opt_outs(self._context, request, user, status=status, problem=problem)


async def render_opt_outs(
    context: PageContext,
    request: Request,
    user: CurrentUser,
    *,
    status: int = 200,
    problem: str = "",
    result: object = None,
    seen: object = None,
    **more: object,
) -> Response:
    """Draw the page of opt-outs, part by part.

    `result` is what came of a list that was taken in; `seen` is what one would come to, with `more` about it.
    """
    await context.record_view(user.name, "opt-outs")
    skip = row_number(request.query_params.get("skip", ""))
    found = await context.read(suppressions.find, context.app.ledger, limit=SHOWN_MAX + 1, skip=skip)
    return context.render_page(
        request, "opt-outs.html", status=status, suppressions=found[:SHOWN_MAX], problem=problem,
        result=result, seen=seen, **more, skip=skip,
        further=skip + SHOWN_MAX if len(found) > SHOWN_MAX else 0,
    )  # fmt: skip
