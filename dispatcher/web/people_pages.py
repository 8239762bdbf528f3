"""People one by one: who is held, the life of one address, opt-outs, answers that a person must read."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.contacts import typed
from dispatcher.contacts.notes import HOLDS
from dispatcher.i18n import _
from dispatcher.ledger import attention, books, campaigns, consent, people_held
from dispatcher.ledger.consent import OptOut
from dispatcher.ledger.people_held import NotHeld
from dispatcher.report.shown import masked
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor, fields

SHOWN_MAX = 500
ADDRESS_MAX = 200


class PeoplePages:
    """The pages about single people."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        route = self._doors.route
        return (
            route("/held", self.held, right="look"),
            route("/held/{contact:int}", self.decide, right="act", methods=["POST"]),
            route("/addresses", self.ask, right="numbers"),
            route("/addresses", self.tell, right="numbers", methods=["POST"]),
            route("/answers", self.answers, right="look"),
            route("/answers/{event:int}", self.read, right="act", methods=["POST"]),
            route("/opt-outs", self.opt_outs, right="numbers"),
            route("/opt-outs", self.change_opt_outs, right="act", methods=["POST"]),
        )

    async def held(self, request: Request, _visitor: Visitor) -> Response:
        """List who waits for a decision."""
        found = await self._desk.look(people_held.held, self._desk.app.ledger)
        return self._desk.page(
            request, "held.html", held=found[:SHOWN_MAX], count=len(found), holds=HOLDS, problem=""
        )

    async def decide(self, request: Request, visitor: Visitor) -> Response:
        """Release somebody, or drop them."""
        form = await fields(request)
        decision = {"release": people_held.release, "drop": people_held.drop}.get(str(form.get("decision")))
        if decision is None:
            raise HTTPException(400)
        try:
            await self._desk.act(
                decision, self._desk.app.ledger, request.path_params["contact"],
                who=visitor.name, now=self._desk.now(),
            )  # fmt: skip
        except NotHeld as error:
            found = await self._desk.look(people_held.held, self._desk.app.ledger)
            return self._desk.page(
                request, "held.html", status=409, held=found[:SHOWN_MAX], count=len(found), holds=HOLDS,
                problem=str(error),
            )  # fmt: skip
        return RedirectResponse("/held", 303)

    async def ask(self, request: Request, _visitor: Visitor) -> Response:
        """Show the field for an address."""
        return self._desk.page(request, "address.html", life=None, problem="")

    async def tell(self, request: Request, visitor: Visitor) -> Response:
        """Tell the life of one address. It comes by POST: in a URL it would stand in histories and logs."""
        form = await fields(request)
        found = typed.read(str(form.get("address", ""))[:ADDRESS_MAX]).address
        if not found:
            problem = _("This is neither a mobile number nor an e-mail address.")
            return self._desk.page(request, "address.html", status=422, life=None, problem=problem)
        ledger, now = self._desk.app.ledger, self._desk.now()
        life = await self._desk.look(books.life, ledger, found)
        await self._desk.act(
            campaigns.note, ledger, who=visitor.name, action="look-up", subject=masked(found),
            detail={}, now=now,
        )  # fmt: skip
        return self._desk.page(request, "address.html", life=life, problem="")

    async def answers(self, request: Request, _visitor: Visitor) -> Response:
        """List the texts that no rule understood."""
        found = await self._desk.look(attention.answers, self._desk.app.ledger)
        return self._desk.page(request, "answers.html", answers=found)

    async def read(self, request: Request, visitor: Visitor) -> Response:
        """Mark an answer as read, and stop messages to its sender if that is what it says."""
        form, app, now = await fields(request), self._desk.app, self._desk.now()
        event_id = request.path_params["event"]
        if form.get("decision") == "opt-out":
            answer = next(
                (item for item in await self._desk.look(attention.answers, app.ledger, limit=10_000)
                 if item.event_id == event_id), None,
            )  # fmt: skip
            if answer is not None:
                wish = OptOut(
                    channel="sms",
                    address=answer.address,
                    who=visitor.name,
                    how="web",
                    words=answer.body[:160],
                )
                await self._desk.act(consent.opt_out, app.ledger, [wish], now=now)
        await self._desk.act(attention.read, app.ledger, event_id)
        return RedirectResponse("/answers", 303)

    async def opt_outs(self, request: Request, _visitor: Visitor) -> Response:
        """List who is not written to."""
        return await self._opt_out_page(request)

    async def change_opt_outs(self, request: Request, visitor: Visitor) -> Response:
        """Stop messages to one address, or lift a stop."""
        form, app, now = await fields(request), self._desk.app, self._desk.now()
        channel, address, _why = typed.read(str(form.get("address", ""))[:ADDRESS_MAX])
        if not address:
            return await self._opt_out_page(
                request, status=422, problem=_("This is neither a mobile number nor an e-mail address.")
            )
        if form.get("decision") == "lift":
            scope = str(form.get("scope", "all"))[:100]
            await self._desk.act(
                consent.remove, app.ledger, channel=channel, address=address, scope=scope,
                who=visitor.name, now=now,
            )  # fmt: skip
        else:
            wish = OptOut(
                channel=channel, address=address, who=visitor.name, how="web",
                words=str(form.get("words", ""))[:160],
            )  # fmt: skip
            await self._desk.act(consent.opt_out, app.ledger, [wish], now=now)
        return RedirectResponse("/opt-outs", 303)

    async def _opt_out_page(self, request: Request, *, status: int = 200, problem: str = "") -> Response:
        found = await self._desk.look(consent.suppressed, self._desk.app.ledger, limit=SHOWN_MAX)
        return self._desk.page(
            request, "opt-outs.html", status=status, stops=found, problem=problem, outcome=None
        )
