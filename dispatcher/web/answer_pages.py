"""The page of answers: texts that no rule understood, and what somebody makes of each."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.feedback import answer_desk
from dispatcher.feedback.answer_desk import AlreadyDecided, CannotDecide
from dispatcher.feedback.replies import HINT_LABELS, classify_reply
from dispatcher.ledger.queries import answers, to_do
from dispatcher.ledger.receipts import event_inbox
from dispatcher.report import protection
from dispatcher.web.auth import CurrentUser, read_form
from dispatcher.web.page_context import row_number
from dispatcher.web.pages import Pages


class AnswerPages(Pages):
    """The page of answers, and of reports that could not be read."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        return (
            route("/answers", self.unread, permission="look"),
            route("/answers/{event:id}", self.decide, permission="act", methods=["POST"]),
            route("/reports/{event:id}", self.mark_report_read, permission="act", methods=["POST"]),
        )

    async def unread(self, request: Request, user: CurrentUser) -> Response:
        """List the texts that no rule understood, a page at a time."""
        return await self._page(request, user)

    async def decide(self, request: Request, user: CurrentUser) -> Response:
        """Do what somebody says an answer means."""
        form = await read_form(request)
        decision = str(form.get("decision"))
        if decision not in answer_desk.DECISIONS:
            raise HTTPException(400)
        try:
            await self._context.write(
                answer_desk.decide, self._context.app.ledger, request.path_params["event"], decision,
                people=_people(form), who=user.name, now=self._context.now(),
            )  # fmt: skip
        except CannotDecide as error:
            status = 409 if isinstance(error, AlreadyDecided) else 422
            return await self._page(request, user, status=status, problem=str(error))
        return self._back(request)

    async def mark_report_read(self, request: Request, _user: CurrentUser) -> Response:
        """Take what could not be read out of the list."""
        await self._context.write(
            event_inbox.mark_read, self._context.app.ledger, request.path_params["event"]
        )
        return self._back(request)

    def _back(self, request: Request) -> Response:
        return RedirectResponse(f"/answers{_place(_before(request), _reports_before(request))}", 303)

    async def _page(
        self, request: Request, user: CurrentUser, *, status: int = 200, problem: str = ""
    ) -> Response:
        ledger, before, reports_before = (
            self._context.app.ledger, _before(request), _reports_before(request),
        )  # fmt: skip
        await self._context.record_view(user.name, "answers")
        listed = await self._context.read(answers.unread, ledger, before=before)
        if not user.has_permission("sensitive"):
            open_audiences = self._context.app.config.schedules.open_audiences
            listed = await self._context.read(protection.conceal_senders, listed, open_audiences)
        set_aside = await self._context.read(to_do.set_aside, ledger, before=reports_before)
        older = listed[-1].event_id if len(listed) == to_do.PAGE else 0
        older_reports = set_aside[-1].event_id if len(set_aside) == to_do.PAGE else 0
        return self._context.render_page(
            request,
            "answers.html",
            status=status,
            answers=listed,
            here=_place(before, reports_before),
            latest=_place(0, reports_before) if before else "",
            older=_place(older, reports_before) if older else "",
            latest_reports=_place(before, 0) if reports_before else "",
            older_reports=_place(before, older_reports) if older_reports else "",
            counts=await self._context.read(to_do.counts, ledger),
            set_aside=set_aside,
            hints={one.event_id: HINT_LABELS[classify_reply(one.body).hint] for one in listed},
            problem=problem,
        )


def _people(form: FormData) -> frozenset[int]:
    return frozenset(number for said in form.getlist("person") if (number := row_number(str(said))))


def _before(request: Request) -> int:
    return row_number(request.query_params.get("before", ""))


def _reports_before(request: Request) -> int:
    return row_number(request.query_params.get("reports_before", ""))


def _place(before: int, reports_before: int) -> str:
    """Return the query that shows answers and reports from these numbers on downwards; 0: the latest."""
    places = {"before": before, "reports_before": reports_before}
    query = urlencode({name: number for name, number in places.items() if number})
    return f"?{query}" if query else ""
