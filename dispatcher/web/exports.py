"""A campaign's figures as a workbook, and the final report to print and sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.campaign.model import Campaign
from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.sending import campaign_states
from dispatcher.report import labels, step_titles, visits, xlsx
from dispatcher.report.campaign_words import done_word
from dispatcher.report.formatting import mask_address, trial_note
from dispatcher.report.progress import MessageCounts, Progress
from dispatcher.report.xlsx import Cell, WorkbookSheet
from dispatcher.web.auth import CurrentUser
from dispatcher.web.campaign_pages import campaign_or_404
from dispatcher.web.pages import Pages
from dispatcher.web.template_filters import format_phone

XLSX_MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ExportPages(Pages):
    """Below /campaigns/{campaign}."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        at = "/campaigns/{campaign}"
        return (
            self._access.route(f"{at}/export.xlsx", self.workbook, permission="look"),
            self._access.route(f"{at}/report", self.report, permission="look"),
        )

    async def workbook(self, request: Request, user: CurrentUser) -> Response:
        """Return the figures; numbers in full only to those who may see them."""
        campaign, app, now = campaign_or_404(self._context, request), self._context.app, self._context.now()
        in_full = user.has_permission("numbers")
        may_see = user.has_permission("sensitive")
        content = await self._context.read(self._workbook, campaign, in_full=in_full, may_see=may_see)
        await self._context.write(
            audit_log.write, app.ledger, who=user.name, action="export", subject=campaign.name,
            detail={"numbers": "full" if in_full else "masked"}, now=now,
        )  # fmt: skip
        name = f"{campaign.name}-{campaign.to_local(now):%Y-%m-%d}.xlsx"
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type=XLSX_MEDIA_TYPE, headers=headers)

    async def report(self, request: Request, _user: CurrentUser) -> Response:
        """Show the final report in the form of an official document, to print and sign."""
        campaign = campaign_or_404(self._context, request)
        now = self._context.now()
        await self._context.write(self._context.figures_cache.refresh_all, now)
        facts = await self._context.read(self._report, campaign)
        return self._context.render_page(request, "report.html", campaign=campaign, **facts)

    def _report(self, campaign: Campaign) -> dict[str, Any]:
        cache, now, ledger = self._context.figures_cache, self._context.now(), self._context.app.ledger
        return {
            "today": campaign.to_local(now).date(),
            "progress": cache.progress(campaign.name),
            "ranking": cache.ranking(campaign.name, now, fresh=True),
            "counted": people_counts.area_totals(ledger, campaign.name),
            "sources": people_counts.participation_sources(ledger, campaign.name, campaign.audiences),
            "campaign_state": campaign_states.state_of(ledger, campaign.name),
            "over": now > campaign.deadline,
        }

    def _workbook(self, campaign: Campaign, *, in_full: bool, may_see: bool) -> bytes:
        cache, now, ledger = self._context.figures_cache, self._context.now(), self._context.app.ledger
        progress = cache.progress(campaign.name)
        ranking = cache.ranking(campaign.name, now, fresh=True)
        schedules = self._context.app.config.schedules
        moment = f"{campaign.to_local(now):%H:%M %d/%m/%Y}"
        title = f"{campaign.title} – {_('As of {moment}', moment=moment)}"
        area_heads = (
            _("thôn"), _("people"), _("reached"), _("not reached"), _("opted out"), done_word(campaign),
            _("share %"), _("rank"), _("since yesterday"), _("forecast %"), _("no usable address"),
        )  # fmt: skip
        area_rows = [
            (labels.area(row.area), row.people, row.reached, row.unreachable, row.opted_out, row.took_part,
             row.share, row.rank, row.since_yesterday, row.forecast, row.without_address)
            for row in (ranking.areas if ranking else ())
        ]  # fmt: skip
        format_address = format_phone if in_full else mask_address
        visit_heads = (_("thôn"), _("name"), _("address"), _("reason"))
        visit_rows = [
            (labels.area(item.area), item.name, format_address(item.address), labels.reason(item.reason))
            for item in visits.find(ledger, schedules, campaign, may_see=may_see)
        ]
        sheets = [
            WorkbookSheet(name=_("thôn"), title=title, headings=area_heads, rows=area_rows),
            WorkbookSheet(
                name=_("steps"),
                title=title,
                headings=(_("step"), _("kind"), _("due"), *_count_headings()),
                rows=list(self._steps(campaign, progress)),
            ),
            WorkbookSheet(
                name=_("reasons"),
                title=title,
                headings=(_("how it stands"), _("reason"), _("messages")),
                rows=[
                    (labels.status(why.status), labels.reason(why.reason), why.messages)
                    for why in (*progress.failures, *progress.skipped)
                ],
            ),
            WorkbookSheet(name=_("to visit"), title=title, headings=visit_heads, rows=visit_rows),
        ]
        note = trial_note() if self._context.app.settings.trial else ""
        return xlsx.write_workbook(replace(sheet, note=note) for sheet in sheets)

    def _steps(self, campaign: Campaign, progress: Progress) -> Iterator[Sequence[Cell]]:
        schedules = self._context.app.config.schedules
        for row in progress.by_step:
            local = campaign.to_local(row.due_at)
            title = step_titles.title_of(schedules, campaign.name, row.step, row.kind, row.due_at)
            yield (title, labels.label(labels.STEP_KINDS, row.kind), local, *_count_cells(row.counts))


def _count_headings() -> tuple[str, ...]:
    return (
        _("messages"),
        _("delivered"),
        _("sent, no receipt yet"),
        _("waiting"),
        _("in doubt"),
        _("failed"),
        _("not needed"),
        _("parts"),
        "VND",
    )


def _count_cells(item: MessageCounts) -> tuple[int, ...]:
    return (
        item.messages, item.delivered, item.sent, item.waiting, item.in_doubt, item.failed,
        item.not_needed, item.parts, item.vnd,
    )  # fmt: skip
