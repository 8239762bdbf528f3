"""A step as people will see it: text on a phone, mail in a mailbox, with parts and VND; and a test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dispatcher import plan
from dispatcher.campaign.model import Audience, Campaign
from dispatcher.contacts import typed
from dispatcher.i18n import _
from dispatcher.ledger import campaigns, samples
from dispatcher.message import Channel, Occasion, Recipient
from dispatcher.message.digest import Figures
from dispatcher.message.preview import Preview, foreseen, preview
from dispatcher.message.unfit import MessageUnfit
from dispatcher.plan import Occurrence
from dispatcher.report import figures
from dispatcher.report.shown import masked
from dispatcher.vietnamese import phone
from dispatcher.web import trying
from dispatcher.web.campaign_pages import find
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor, fields

MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'self'"
)
MADE_UP = {"sms": "+84900000101", "email": "mai@hatay.example"}
PLACES_MAX = 1_000_000
ADDRESS_MAX = 200


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One audience on one channel."""

    audience: Audience
    channel: Channel
    recipient: Recipient
    made_up: bool
    preview: Preview | None
    problem: str
    vnd: int
    file: str  # as the organiser knows it, inside the folder of templates


class PreviewPages:
    """Below /campaigns/{campaign}/steps/{step}."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        at = "/campaigns/{campaign}/steps/{step}"
        return (
            self._doors.route(at, self.show, right="look"),
            self._doors.route(f"{at}/mail", self.mail, right="look"),
            self._doors.route(f"{at}/test", self.send_test, right="act", methods=["POST"]),
        )

    async def show(self, request: Request, _visitor: Visitor) -> Response:
        """Show a step for every audience and channel."""
        return await self._page(request)

    async def mail(self, request: Request, _visitor: Visitor) -> Response:
        """Give a mail's HTML for the frame on the page: no script runs in it, nothing is fetched."""
        campaign, occurrence = self._find(request)
        audience = request.query_params.get("audience", "")
        if audience not in self._desk.app.edition.schedules.audiences:
            raise HTTPException(404)
        shown = await self._desk.look(self._shown, campaign, occurrence, audience, "email", _place(request))
        draft = shown.preview.draft if shown.preview else None
        if draft is None or draft.mail is None:
            raise HTTPException(404)
        headers = {"content-security-policy": MAIL_CSP, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(draft.mail.html, headers=headers)

    async def send_test(self, request: Request, visitor: Visitor) -> Response:
        """Send the words of one audience and channel to an address of one's own."""
        campaign, occurrence = self._find(request)
        form = await fields(request)
        audience, channel = str(form.get("audience", "")), str(form.get("channel", ""))
        app = self._desk.app
        if audience not in app.edition.schedules.audiences or channel not in app.gateways:
            raise HTTPException(404)
        given = typed.read(str(form.get("to", ""))[:ADDRESS_MAX])
        to = given.address if given.channel == channel else ""
        if not to:
            return await self._page(request, problem=_("This is no address that a test can be sent to."))
        shown = await self._desk.look(self._shown, campaign, occurrence, audience, channel, _place(request))
        draft = shown.preview.draft if shown.preview else None
        if draft is None:
            return await self._page(request, problem=shown.problem)
        result = await trying.send(app, channel, to, draft, now=self._desk.now())
        detail: dict[str, object] = {"to": masked(to), "step": occurrence.step, "outcome": result.kind}
        await self._desk.act(
            campaigns.note, app.ledger, who=visitor.name, action="send-test", subject=campaign.name,
            detail=detail, now=self._desk.now(),
        )  # fmt: skip
        if result.kind == "accepted":
            return await self._page(
                request, done=_("The test is on its way to {address}.", address=masked(to))
            )
        why = result.detail or result.code
        return await self._page(request, problem=_("The provider did not take the test: {why}", why=why))

    async def _page(self, request: Request, *, problem: str = "", done: str = "") -> Response:
        campaign, occurrence = self._find(request)
        place = _place(request)
        return self._desk.page(
            request,
            "preview.html",
            campaign=campaign,
            occurrence=occurrence,
            shown=await self._desk.look(self._all, campaign, occurrence, place),
            place=place,
            problem=problem,
            done=done,
        )

    def _find(self, request: Request) -> tuple[Campaign, Occurrence]:
        campaign = find(self._desk, request)
        step, key = request.path_params["step"], request.query_params.get("key", "")
        found = [
            item
            for item in plan.calendar(self._desk.app.edition.schedules, campaign)
            if item.step == step and key in {"", item.key}
        ]
        if not found:
            raise HTTPException(404)
        return campaign, found[0]

    def _all(self, campaign: Campaign, occurrence: Occurrence, place: int) -> list[Shown]:
        schedules = self._desk.app.edition.schedules
        return [
            self._shown(campaign, occurrence, audience.name, channel, place)
            for audience in schedules.by_priority(occurrence.audiences or campaign.audiences)
            for channel in occurrence.channels or audience.channels
        ]

    def _shown(
        self, campaign: Campaign, occurrence: Occurrence, audience: str, channel: str, place: int
    ) -> Shown:
        app = self._desk.app
        schedules = app.edition.schedules
        on: Channel = "sms" if channel == "sms" else "email"
        real = samples.sample(app.ledger, audience, on, leads_only=occurrence.leads_only, place=place)
        recipient = real or _made_up(audience, on)
        problem, seen = "", None
        try:
            seen = preview(
                app.edition.composer,
                recipient,
                self._occasion(occurrence),
                figures=self._figures(campaign, occurrence),
            )
            problem = str(seen.unfit or "")
        except MessageUnfit as unfit:
            problem = str(unfit)
        parts = seen.draft.parts if seen and seen.draft else 0
        price = schedules.prices.per_part(phone.network(recipient.address)) if on == "sms" else 0
        return Shown(
            audience=schedules.audiences[audience],
            channel=on,
            recipient=recipient,
            made_up=real is None,
            preview=seen,
            problem=problem,
            vnd=parts * price,
            file=_inside(seen.file, app.settings.templates) if seen else "",
        )

    def _occasion(self, occurrence: Occurrence) -> Occasion:
        due_at = occurrence.due_at
        if occurrence.kind == "thanks":
            due_at = max(due_at, self._desk.now())
        return foreseen(self._desk.app.edition.schedules, occurrence, due_at=due_at)

    def _figures(self, campaign: Campaign, occurrence: Occurrence) -> Figures | None:
        """Give the digest's real figures once there are any; made-up ones are shown before."""
        if occurrence.kind != "digest" or not self._desk.board.progress(campaign.name).total.messages:
            return None
        if self._desk.board.people(campaign.name, self._desk.now()) is None:
            return None
        schedules = self._desk.app.edition.schedules
        return figures.figures(self._desk.app.ledger, schedules, campaign.name, now=self._desk.now())


def _made_up(audience: str, channel: Channel) -> Recipient:
    return Recipient(
        person_id=0,
        audience=audience,
        channel=channel,
        address=MADE_UP[channel],
        name="Nguyễn Thị Mai",
        given_name="Mai",
        honorific="",
        area="Thôn Đông",
        unit="",
        role="",
        lead="area",
    )


def _inside(file: str, folder: Path) -> str:
    path = Path(file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name


def _place(request: Request) -> int:
    given = request.query_params.get("place", "0")
    return min(int(given), PLACES_MAX) if given.isascii() and given.isdigit() and len(given) < 8 else 0
