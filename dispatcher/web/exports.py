"""A campaign to take along: its figures as a workbook, the final report to print and sign."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.campaign.model import Campaign
from dispatcher.i18n import _
from dispatcher.ledger import areas, campaigns, growth
from dispatcher.report import words, xlsx
from dispatcher.report.progress import Progress, Standing
from dispatcher.report.shown import masked
from dispatcher.report.xlsx import Cell, Sheet
from dispatcher.web.campaign_pages import find
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor
from dispatcher.web.writing import readable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
VISITS_PER_AREA = 5000


class Exports:
    """Below /campaigns/{campaign}."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        at = "/campaigns/{campaign}"
        return (
            self._doors.route(f"{at}/export.xlsx", self.workbook, right="look"),
            self._doors.route(f"{at}/report", self.report, right="look"),
        )

    async def workbook(self, request: Request, visitor: Visitor) -> Response:
        """Give the figures; numbers in full only to those who may see them."""
        campaign, app, now = find(self._desk, request), self._desk.app, self._desk.now()
        in_full = visitor.may("numbers")
        content = await self._desk.look(self._workbook, campaign, in_full)
        await self._desk.act(
            campaigns.note, app.ledger, who=visitor.name, action="export", subject=campaign.name,
            detail={"numbers": "full" if in_full else "masked"}, now=now,
        )  # fmt: skip
        name = f"{campaign.name}-{campaign.local(now):%Y-%m-%d}.xlsx"
        headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return Response(content, media_type=XLSX, headers=headers)

    async def report(self, request: Request, _visitor: Visitor) -> Response:
        """Show the final report in the form of an official document, to print and sign."""
        campaign = find(self._desk, request)
        now = self._desk.now()
        await self._desk.act(self._desk.board.catch_up, now)
        facts = await self._desk.look(self._report, campaign)
        return self._desk.page(request, "report.html", campaign=campaign, **facts)

    def _report(self, campaign: Campaign) -> dict[str, Any]:
        board, now, ledger = self._desk.board, self._desk.now(), self._desk.app.ledger
        return {
            "today": campaign.local(now).date(),
            "progress": board.progress(campaign.name),
            "ranking": board.ranking(campaign.name, now, fresh=True),
            "counted": growth.counted(ledger, campaign.name),
            "sources": growth.sources(ledger, campaign.name),
            "standing": campaigns.standing(ledger, campaign.name),
            "over": now > campaign.deadline,
        }

    def _workbook(self, campaign: Campaign, in_full: bool) -> bytes:
        board, now, ledger = self._desk.board, self._desk.now(), self._desk.app.ledger
        progress = board.progress(campaign.name)
        ranking = board.ranking(campaign.name, now, fresh=True)
        visits = areas.unreached(ledger, campaign.name, campaign.audiences, limit_per_area=VISITS_PER_AREA)
        moment = f"{campaign.local(now):%H:%M %d/%m/%Y}"
        title = f"{campaign.title} – {_('As of {moment}', moment=moment)}"
        area_heads = (
            _("thôn"), _("people"), _("reached"), _("not reached"), _("opted out"), _("took part"),
            _("share %"), _("rank"), _("since yesterday"), _("forecast %"),
        )  # fmt: skip
        area_rows = [
            (words.area(row.area), row.people, row.reached, row.unreachable, row.opted_out, row.took_part,
             row.percent, row.rank, row.since_yesterday, row.forecast)
            for row in (ranking.areas if ranking else ())
        ]  # fmt: skip
        show = readable if in_full else masked
        visit_heads = (_("thôn"), _("name"), _("address"), _("reason"))
        visit_rows = [
            (words.area(item.area), item.name, show(item.address), words.reason(item.reason))
            for item in visits
        ]
        sheets = [
            Sheet(name=_("thôn"), title=title, heads=area_heads, rows=area_rows),
            Sheet(name=_("steps"), title=title, heads=(_("step"), _("kind"), _("due"), *_heads()),
                  rows=list(self._steps(campaign, progress))),
            Sheet(name=_("reasons"), title=title, heads=(_("how it stands"), _("reason"), _("messages")),
                  rows=[(words.status(why.status), words.reason(why.reason), why.messages)
                        for why in (*progress.failures, *progress.skipped)]),
            Sheet(name=_("to visit"), title=title, heads=visit_heads, rows=visit_rows),
        ]  # fmt: skip
        return xlsx.workbook(sheets)

    def _steps(self, campaign: Campaign, progress: Progress) -> Iterator[Sequence[Cell]]:
        for row in progress.by_step:
            local = campaign.local(row.due_at)
            yield (row.step, words.said(words.KINDS, row.kind), local, *_cells(row.standing))


def _heads() -> tuple[str, ...]:
    return (
        _("messages"), _("delivered"), _("sent, no receipt yet"), _("waiting"), _("in doubt"), _("failed"),
        _("not needed"), _("parts"), "VND",
    )  # fmt: skip


def _cells(item: Standing) -> tuple[int, ...]:
    return (
        item.messages, item.delivered, item.sent, item.waiting, item.in_doubt, item.failed,
        item.not_needed, item.parts, item.vnd,
    )  # fmt: skip
