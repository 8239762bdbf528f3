"""Campaigns made and edited on pages: a draft in the ledger, put into schedules.toml when it is right."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign import schedules_editor
from dispatcher.campaign.schedules_editor import ChangedMeanwhile, NotEditable
from dispatcher.campaign.time_values import InvalidValue, parse_day
from dispatcher.i18n import _
from dispatcher.ledger import audit_log, campaign_drafts
from dispatcher.ledger.campaign_drafts import CampaignDraft
from dispatcher.ledger.queries import audience_rows
from dispatcher.report import campaign_draft
from dispatcher.report.campaign_draft import Assessment
from dispatcher.starter import campaigns as starters
from dispatcher.web import campaign_calendar, campaign_form
from dispatcher.web.auth import CurrentUser, read_form
from dispatcher.web.pages import Pages

FRAGMENT_MAX = 60_000
DAYS_PROPOSED = 21


class DraftPages(Pages):
    """/campaigns-new and everything below /drafts."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        at, route = "/drafts/{draft}", self._access.route
        return (
            route("/campaigns-new", self.choose, permission="act"),
            route("/campaigns-new", self.begin, permission="act", methods=["POST"]),
            route("/campaigns/{campaign}/edit", self.edit, permission="act", methods=["POST"]),
            route(at, self.show, permission="act"),
            route(at, self.save, permission="act", methods=["POST"]),
            route(f"{at}/outlook", self.outlook, permission="act", methods=["POST"]),
            route(f"{at}/text", self.save_text, permission="act", methods=["POST"]),
            route(f"{at}/publish", self.show_publish, permission="act"),
            route(f"{at}/publish", self.publish, permission="act", methods=["POST"]),
            route(f"{at}/discard", self.discard, permission="act", methods=["POST"]),
        )

    # --- begin ----------------------------------------------------------------------------------------

    async def choose(self, request: Request, _user: CurrentUser) -> Response:
        """Ask for what a campaign begins with."""
        return await self._choose_page(request, FormData(), "")

    async def begin(self, request: Request, user: CurrentUser) -> Response:
        """Make the draft of a new campaign."""
        form = await read_form(request)
        starter = starters.find(str(form.get("starter", "")))
        try:
            new = await self._context.read(self._new_campaign, starter, form)
        except InvalidValue as wrong:
            return await self._choose_page(request, form, f"{wrong.what}. {wrong.remedy}")
        draft = CampaignDraft(
            name=new.name, fragment=starters.fragment(starter, new), base=await self._file_text(),
            starter=starter.name, saved_at=self._context.now(), saved_by=user.name,
        )  # fmt: skip
        await self._context.write(campaign_drafts.save, self._context.app.ledger, draft)
        return RedirectResponse(f"/drafts/{draft.name}", 303)

    async def edit(self, request: Request, user: CurrentUser) -> Response:
        """Make a draft of a campaign that the file has; one that was begun already goes on."""
        name, ledger = request.path_params["campaign"], self._context.app.ledger
        if await self._context.read(campaign_drafts.find, ledger, name) is None:
            text = await self._file_text()
            fragment = schedules_editor.campaign_fragment(text, name)
            if not fragment:
                raise HTTPException(404)
            draft = CampaignDraft(
                name=name, fragment=fragment, base=text, starter="", saved_at=self._context.now(),
                saved_by=user.name,
            )  # fmt: skip
            await self._context.write(campaign_drafts.save, ledger, draft)
        return RedirectResponse(f"/drafts/{name}", 303)

    # --- edit -----------------------------------------------------------------------------------------

    async def show(self, request: Request, _user: CurrentUser) -> Response:
        """Show a draft, and what comes of it."""
        return await self._page(request, await self._draft_or_404(request))

    async def save(self, request: Request, user: CurrentUser) -> Response:
        """Keep what the form says; go on to what the file would be, when that is asked for."""
        form = await read_form(request)
        draft = await self._draft_or_404(request)
        try:
            fragment = campaign_form.write(draft.fragment, draft.name, form)
        except NotEditable as broken:
            return await self._page(request, draft, problem=str(broken))
        await self._keep(draft, fragment, user)
        target = "/publish" if form.get("do") == "publish" else ""
        return RedirectResponse(f"/drafts/{draft.name}{target}", 303)

    async def outlook(self, request: Request, _user: CurrentUser) -> Response:
        """Show what would come of the form as it stands; nothing is kept."""
        draft = await self._draft_or_404(request)
        try:
            fragment = campaign_form.write(draft.fragment, draft.name, await read_form(request))
        except NotEditable:
            fragment = draft.fragment
        facts = await self._facts(replace(draft, fragment=fragment))
        return HTMLResponse(self._context.render("_outlook.html", **facts))

    async def save_text(self, request: Request, user: CurrentUser) -> Response:
        """Keep the campaign as somebody wrote it in the file's own words."""
        form = await read_form(request)
        draft = await self._draft_or_404(request)
        fragment = str(form.get("fragment", ""))[:FRAGMENT_MAX].replace("\r\n", "\n")
        try:
            schedules_editor.put_campaign("", draft.name, fragment)
        except NotEditable as broken:
            return await self._page(request, draft, problem=str(broken), typed=fragment)
        await self._keep(draft, fragment, user)
        return RedirectResponse(f"/drafts/{draft.name}", 303)

    async def discard(self, request: Request, user: CurrentUser) -> Response:
        """Forget a draft; the file stays as it is."""
        draft = await self._draft_or_404(request)
        await self._context.write(campaign_drafts.discard, self._context.app.ledger, draft.name)
        await self._log(user, "draft-discarded", draft.name)
        return RedirectResponse("/", 303)

    # --- publish --------------------------------------------------------------------------------------

    async def show_publish(self, request: Request, _user: CurrentUser) -> Response:
        """Show what the file would be, and ask."""
        return await self._publish_page(request, await self._draft_or_404(request))

    async def publish(self, request: Request, user: CurrentUser) -> Response:
        """Write the file as it was shown; a file that was edited meanwhile is shown again instead."""
        draft, form, app = await self._draft_or_404(request), await read_form(request), self._context.app
        text = await self._file_text()
        if schedules_editor.fingerprint(text) != form.get("seen") or self._has_other_edits(draft, text):
            return await self._publish_page(request, draft, status=409)
        assessment = await self._assess(draft, text)
        if assessment.errors:
            return await self._publish_page(request, draft, status=409)
        try:
            for file, words in assessment.new_words.items():
                schedules_editor.write_new(app.settings.templates / file, words)
            schedules_editor.write_file(app.settings.schedules, assessment.text, seen=text)
        except (ChangedMeanwhile, NotEditable) as broken:
            return await self._publish_page(request, draft, status=409, problem=str(broken))
        await self._context.write(campaign_drafts.discard, app.ledger, draft.name)
        await self._log(user, "campaign-published", draft.name)
        await self._context.take_over_edits()
        return RedirectResponse(f"/campaigns/{draft.name}", 303)

    def _has_other_edits(self, draft: CampaignDraft, text: str) -> bool:
        """Return whether somebody else wrote this very campaign into the file since the draft was begun."""
        return _own_part(text, draft.name) != _own_part(draft.base, draft.name)

    async def _publish_page(
        self, request: Request, draft: CampaignDraft, *, status: int = 200, problem: str = ""
    ) -> Response:
        text = await self._file_text()
        facts = await self._facts(draft, text)
        return self._context.render_page(
            request, "draft-publish.html", status=status, problem=problem,
            seen=schedules_editor.fingerprint(text),
            changed_lines=_difference(draft.base, text),
            is_taken=self._has_other_edits(draft, text),
            written_lines=_difference(text, facts["assessment"].text), **facts,
        )  # fmt: skip

    # --- pieces ---------------------------------------------------------------------------------------

    async def _page(
        self, request: Request, draft: CampaignDraft, *, problem: str = "", typed: str = ""
    ) -> Response:
        facts = await self._facts(draft)
        sizes = await self._context.read(audience_rows.sizes, self._context.app.ledger)
        return self._context.render_page(
            request, "draft.html", problem=problem, fragment=typed or draft.fragment, sizes=sizes, **facts,
        )  # fmt: skip

    async def _choose_page(self, request: Request, form: FormData, problem: str) -> Response:
        today = self._context.local(self._context.now()).date()
        given = {
            "starts": f"{today + timedelta(days=3):%d/%m/%Y}",
            "ends": f"{today + timedelta(days=3 + DAYS_PROPOSED):%d/%m/%Y}",
            **{key: str(value) for key, value in form.items()},
        }
        sizes = await self._context.read(audience_rows.sizes, self._context.app.ledger)
        return self._context.render_page(
            request, "campaign-new.html", status=422 if problem else 200, starters=starters.STARTERS,
            given=given, chosen=form.getlist("audiences"), sizes=sizes, problem=problem,
        )  # fmt: skip

    def _new_campaign(self, starter: starters.Starter, form: FormData) -> starters.NewCampaign:
        title = campaign_form.text_of(form, "title") or starter.title
        if not title:
            raise InvalidValue(_("The campaign has no title"), _("Write what it is called."))
        starts, ends = (parse_day(campaign_form.text_of(form, key)) for key in ("starts", "ends"))
        if ends < starts:
            raise InvalidValue(_("The last day lies before the first"), _("Change one of the two."))
        schedules = self._context.app.config.schedules
        audiences = [
            name for name in campaign_form.texts_of(form, "audiences") if name in schedules.audiences
        ]
        if not audiences:
            raise InvalidValue(_("Nobody is written to"), _("Choose at least one audience."))
        return starters.NewCampaign(
            name=self._free_name(campaign_form.slug(title)), title=title,
            action=campaign_form.text_of(form, "action") or starter.action,
            done=campaign_form.text_of(form, "done") or starter.done,
            starts=starts, ends=ends, audiences=audiences,
        )  # fmt: skip

    def _free_name(self, wanted: str) -> str:
        taken = {
            *self._context.app.config.schedules.campaigns,
            *(one.name for one in campaign_drafts.all_drafts(self._context.app.ledger)),
        }
        return next(
            one
            for n in range(1, len(taken) + 2)
            if (one := wanted if n == 1 else f"{wanted}-{n}") not in taken
        )

    async def _draft_or_404(self, request: Request) -> CampaignDraft:
        found = await self._context.read(
            campaign_drafts.find, self._context.app.ledger, request.path_params["draft"]
        )
        if found is None:
            raise HTTPException(404)
        return found

    async def _keep(self, draft: CampaignDraft, fragment: str, user: CurrentUser) -> None:
        kept = replace(draft, fragment=fragment, saved_at=self._context.now(), saved_by=user.name)
        await self._context.write(campaign_drafts.save, self._context.app.ledger, kept)

    async def _facts(self, draft: CampaignDraft, text: str | None = None) -> dict[str, Any]:
        assessment = await self._assess(draft, text if text is not None else await self._file_text())
        _document, raw = schedules_editor.edit(draft.fragment, draft.name)
        known = assessment.schedules or self._context.app.config.schedules
        return {
            "draft": draft,
            "raw": raw,
            "form": campaign_form,
            "assessment": assessment,
            "outlook": assessment.outlook,
            "drafted": known,
            "months": campaign_calendar.months(assessment.campaign, assessment.outlook),
            "is_new": draft.name not in self._context.app.config.schedules.campaigns,
        }

    async def _assess(self, draft: CampaignDraft, text: str) -> Assessment:
        app = self._context.app
        return await self._context.read(
            campaign_draft.assess, app.ledger, app.settings, app.config.composer.templates, draft, text,
            now=self._context.now(),
        )  # fmt: skip

    async def _file_text(self) -> str:
        return await self._context.read(schedules_editor.read_file, self._context.app.settings.schedules)

    async def _log(self, user: CurrentUser, action: str, name: str) -> None:
        await self._context.write(
            audit_log.write, self._context.app.ledger, who=user.name, action=action, subject=name, detail={},
            now=self._context.now(),
        )  # fmt: skip


def _own_part(text: str, name: str) -> str:
    """Return what a file says of a campaign; nothing of one that cannot be read, which others say."""
    try:
        return schedules_editor.campaign_fragment(text, name)
    except NotEditable:
        return ""


def _difference(before: str, after: str) -> list[str]:
    """Return the lines that were taken out (-) and put in (+), with what stands around them."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [line for line in list(lines)[2:] if not line.startswith("@@")]
