"""Previews of a step: text and mail for a real row, with parts and VND; and a test message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dispatcher import plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.model import Campaign
from dispatcher.channels import Channel
from dispatcher.contacts import address_parser
from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.queries import sample_recipient
from dispatcher.message import Recipient, RenderContext
from dispatcher.message.digest import DigestFigures
from dispatcher.message.preview import Preview, preview, preview_context
from dispatcher.message.unsendable import UnsendableMessage
from dispatcher.plan import Occurrence
from dispatcher.report import digest_figures
from dispatcher.report.formatting import mask_address
from dispatcher.vietnamese import phone
from dispatcher.web import direct_send
from dispatcher.web.auth import CurrentUser, read_form
from dispatcher.web.campaign_pages import campaign_or_404
from dispatcher.web.page_context import PageContext
from dispatcher.web.pages import Pages

MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; sandbox; frame-ancestors 'self'"
)
SAMPLE_ADDRESSES = {"sms": "+84900000101", "email": "mai@hatay.example"}
ROW_INDEX_MAX = 1_000_000
ADDRESS_MAX = 200


@dataclass(frozen=True, kw_only=True)
class StepPreview:
    """One audience on one channel."""

    audience: Audience
    channel: Channel
    recipient: Recipient
    is_sample: bool
    preview: Preview | None
    problem: str
    vnd: int
    file: str  # as the organiser knows it, inside the folder of templates


class PreviewPages(Pages):
    """Below /campaigns/{campaign}/steps/{step}."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        at = "/campaigns/{campaign}/steps/{step}"
        return (
            self._access.route(at, self.show, permission="look"),
            self._access.route(f"{at}/mail", self.mail, permission="look"),
            self._access.route(f"{at}/test", self.send_test, permission="act", methods=["POST"]),
        )

    async def show(self, request: Request, user: CurrentUser) -> Response:
        """Show a step for every audience and channel; for sensitive ones, only with the right."""
        return await self._page(request, user)

    async def mail(self, request: Request, user: CurrentUser) -> Response:
        """Return a mail's HTML for the frame on the page: no script runs in it, nothing is fetched."""
        campaign, occurrence = occurrence_or_404(self._context, request)
        audience = request.query_params.get("audience", "")
        if audience not in open_audiences(self._context, user):
            raise HTTPException(404)
        step_preview = await self._context.read(
            self._step_preview,
            campaign,
            occurrence,
            audience,
            "email",
            row_index(request),
        )
        draft = step_preview.preview.draft if step_preview.preview else None
        if draft is None or draft.mail is None:
            raise HTTPException(404)
        headers = {"content-security-policy": MAIL_CSP, "x-frame-options": "SAMEORIGIN"}
        return HTMLResponse(draft.mail.html, headers=headers)

    async def send_test(self, request: Request, user: CurrentUser) -> Response:
        """Send the words of one audience and channel to an address of one's own."""
        campaign, occurrence = occurrence_or_404(self._context, request)
        form = await read_form(request)
        audience, channel = str(form.get("audience", "")), str(form.get("channel", ""))
        app = self._context.app
        if audience not in open_audiences(self._context, user) or channel not in app.gateways:
            raise HTTPException(404)
        parsed = address_parser.parse(str(form.get("to", ""))[:ADDRESS_MAX])
        to = parsed.address if parsed.channel == channel else ""
        if not to:
            return await self._page(
                request, user, problem=_("This is no address that a test can be sent to.")
            )
        step_preview = await self._context.read(
            self._step_preview,
            campaign,
            occurrence,
            audience,
            channel,
            row_index(request),
        )
        draft = step_preview.preview.draft if step_preview.preview else None
        if draft is None:
            return await self._page(request, user, problem=step_preview.problem)
        result = await direct_send.send_directly(app, channel, to, draft, now=self._context.now())
        detail: dict[str, object] = {"to": mask_address(to), "step": occurrence.step, "outcome": result.kind}
        await self._context.write(
            audit_log.write, app.ledger, who=user.name, action="send-test", subject=campaign.name,
            detail=detail, now=self._context.now(),
        )  # fmt: skip
        if result.kind == "accepted":
            return await self._page(
                request, user, done=_("The test is on its way to {address}.", address=mask_address(to))
            )
        reason = result.detail or result.code
        return await self._page(
            request, user, problem=_("The provider did not take the test: {why}", why=reason)
        )

    async def _page(
        self, request: Request, user: CurrentUser, *, problem: str = "", done: str = ""
    ) -> Response:
        campaign, occurrence = occurrence_or_404(self._context, request)
        place = row_index(request)
        await self._context.record_view(user.name, "preview", campaign.name)
        return self._context.render_page(
            request,
            "preview.html",
            campaign=campaign,
            occurrence=occurrence,
            previews=await self._context.read(
                self._step_previews, campaign, occurrence, place, open_audiences(self._context, user)
            ),
            row_index=place,
            problem=problem,
            done=done,
        )

    def _step_previews(
        self, campaign: Campaign, occurrence: Occurrence, row_index: int, open_audiences: Collection[str]
    ) -> list[StepPreview]:
        schedules = self._context.app.config.schedules
        return [
            self._step_preview(campaign, occurrence, audience.name, channel, row_index)
            for audience in schedules.audiences_by_priority(occurrence.audiences or campaign.audiences)
            if audience.name in open_audiences
            for channel in schedules.channels_of(audience.name, occurrence.channels)
        ]

    def _step_preview(
        self,
        campaign: Campaign,
        occurrence: Occurrence,
        audience: str,
        channel: str,
        row_index: int,
    ) -> StepPreview:
        app = self._context.app
        schedules = app.config.schedules
        known_channel: Channel = "sms" if channel == "sms" else "email"
        sampled = sample_recipient.find(
            app.ledger, audience, known_channel, leads_only=occurrence.leads_only, index=row_index
        )
        recipient = sampled or made_up_recipient(audience, known_channel)
        problem, rendered = "", None
        try:
            rendered = preview(
                app.config.composer,
                recipient,
                self._render_context(occurrence),
                figures=self._figures(campaign, occurrence),
            )
            problem = str(rendered.error or "")
        except UnsendableMessage as error:
            problem = str(error)
        parts = rendered.draft.parts if rendered and rendered.draft else 0
        price = (
            schedules.prices.price_of_part(phone.network(recipient.address)) if known_channel == "sms" else 0
        )
        return StepPreview(
            audience=schedules.audiences[audience],
            channel=known_channel,
            recipient=recipient,
            is_sample=sampled is None,
            preview=rendered,
            problem=problem,
            vnd=parts * price,
            file=_relative_name(rendered.file, app.settings.templates) if rendered else "",
        )

    def _render_context(self, occurrence: Occurrence) -> RenderContext:
        due_at = occurrence.due_at
        if occurrence.kind in step_kinds.STANDING:
            due_at = max(due_at, self._context.now())
        return preview_context(self._context.app.config.schedules, occurrence, due_at=due_at)

    def _figures(self, campaign: Campaign, occurrence: Occurrence) -> DigestFigures | None:
        """Return the digest's real figures once there are any; made-up ones are shown before."""
        if (
            occurrence.kind not in step_kinds.NEEDING_FIGURES
            or not self._context.figures_cache.progress(campaign.name).total.messages
        ):
            return None
        if self._context.figures_cache.area_snapshot(campaign.name, self._context.now()) is None:
            return None
        schedules = self._context.app.config.schedules
        return digest_figures.gather(
            self._context.app.ledger, schedules, campaign.name, now=self._context.now()
        )


def occurrence_or_404(context: PageContext, request: Request) -> tuple[Campaign, Occurrence]:
    """Return the campaign and the occurrence that an address names; 404 when there is none."""
    campaign = campaign_or_404(context, request)
    step, key = request.path_params["step"], request.query_params.get("key", "")
    matching = [
        item
        for item in plan.with_notices(context.app.config.schedules, campaign)
        if item.step == step and key in {"", item.key}
    ]
    if not matching:
        raise HTTPException(404)
    return campaign, matching[0]


def open_audiences(context: PageContext, user: CurrentUser) -> Collection[str]:
    """Return the audiences that somebody may see the words and rows of."""
    schedules = context.app.config.schedules
    return schedules.audiences if user.has_permission("sensitive") else schedules.open_audiences


def made_up_recipient(audience: str, channel: Channel) -> Recipient:
    """Return somebody who is in no list, for an audience that has nobody to show."""
    return Recipient(
        person_id=0,
        audience=audience,
        channel=channel,
        address=SAMPLE_ADDRESSES[channel],
        name="Nguyễn Thị Mai",
        given_name="Mai",
        honorific="",
        area="Thôn Đông",
        unit="",
        role="",
        lead="area",
    )


def _relative_name(file: str, folder: Path) -> str:
    path = Path(file)
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name


def row_index(request: Request) -> int:
    """Return which row of the list an address asks for, from 0."""
    text = request.query_params.get("place", "0")
    return min(int(text), ROW_INDEX_MAX) if text.isascii() and text.isdigit() and len(text) < 8 else 0
