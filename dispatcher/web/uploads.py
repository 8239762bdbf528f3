"""Lists uploaded in the browser: who took part, and who must not be written to, with their account."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.campaign.lists import SUFFIXES
from dispatcher.contacts import Row, account
from dispatcher.errors import Problem
from dispatcher.feedback import refusals
from dispatcher.feedback.participation import lists
from dispatcher.feedback.participation.lists import Import
from dispatcher.feedback.participation.matching import WHY
from dispatcher.i18n import N_, _
from dispatcher.ledger import campaigns, consent
from dispatcher.web.campaign_pages import find
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor, fields

NAME_MAX = 100
SHOWN_MAX = 500
EXAMPLES_MAX = 200
NO_ADDRESS = N_("there is no number or e-mail address in it")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stray:
    """A row that came to nothing, and why, in the reader's language."""

    sheet: str
    row: int
    name: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What came of a list; `figures` are thôn with numbers but no names."""

    rows: int
    news: int
    known: int
    strays: int
    examples: tuple[Stray, ...]
    problems: tuple[Problem, ...]
    figures: int = 0


class Uploads:
    """Addresses ending in /uploads take files."""

    def __init__(self, desk: Desk, doors: Doors) -> None:
        self._desk = desk
        self._doors = doors

    def routes(self) -> Sequence[Route]:
        """Give the routes."""
        route = self._doors.route
        return (
            route("/campaigns/{campaign}/uploads", self.show, right="act"),
            route("/campaigns/{campaign}/uploads", self.took_part, right="act", methods=["POST"]),
            route("/opt-outs/uploads", self.opt_outs, right="act", methods=["POST"]),
        )

    async def show(self, request: Request, _visitor: Visitor) -> Response:
        """Show the field for a list of people who took part."""
        campaign = find(self._desk, request)
        return self._desk.page(request, "uploads.html", campaign=campaign, outcome=None, problem="")

    async def took_part(self, request: Request, visitor: Visitor) -> Response:
        """Take in who took part; it stops their reminders before the next message goes out."""
        campaign, app, now = find(self._desk, request), self._desk.app, self._desk.now()

        def take(path: Path, name: str) -> Outcome:
            return _of_import(
                lists.take(app.ledger, campaign.name, path, at=now, source=name, who=visitor.name, now=now)
            )

        outcome, problem = await self._take(request, visitor, "upload-participation", campaign.name, take)
        return self._desk.page(
            request, "uploads.html", status=422 if problem else 200, campaign=campaign, outcome=outcome,
            problem=problem,
        )  # fmt: skip

    async def opt_outs(self, request: Request, visitor: Visitor) -> Response:
        """Take in who does not wish to be written to."""
        app, now = self._desk.app, self._desk.now()

        def take(path: Path, _name: str) -> Outcome:
            return _of_refusals(refusals.take(app.ledger, path, scope="all", who=visitor.name, now=now))

        outcome, problem = await self._take(request, visitor, "upload-opt-outs", "opt-outs", take)
        stops = await self._desk.look(consent.suppressed, app.ledger, limit=SHOWN_MAX)
        return self._desk.page(
            request, "opt-outs.html", status=422 if problem else 200, stops=stops, problem=problem,
            outcome=outcome,
        )  # fmt: skip

    async def _take(
        self,
        request: Request,
        visitor: Visitor,
        action: str,
        subject: str,
        take: Callable[[Path, str], Outcome],
    ) -> tuple[Outcome | None, str]:
        """Put the file where it can be read, take it in, and note who did it."""
        given = (await fields(request)).get("file")
        if not isinstance(given, UploadFile) or not given.filename:
            return None, _("Choose a file first.")
        # Only the last piece of what the browser calls it, and only to be shown and remembered.
        name = PurePath(given.filename.replace("\\", "/")).name[:NAME_MAX]
        ending = PurePath(name).suffix.lower()
        if ending not in SUFFIXES:
            return None, _("Only Excel, OpenDocument and CSV files can be read.")
        with tempfile.TemporaryDirectory(prefix="dispatcher-") as folder:
            path = Path(folder) / f"list{ending}"
            path.write_bytes(await given.read())
            outcome = await self._desk.act(take, path, name)
        detail: dict[str, object] = {"file": name, "rows": outcome.rows, "news": outcome.news}
        await self._desk.act(
            campaigns.note, self._desk.app.ledger, who=visitor.name, action=action, subject=subject,
            detail=detail, now=self._desk.now(),
        )  # fmt: skip
        return outcome, ""


def _of_import(done: Import) -> Outcome:
    open_rows = [
        Stray(
            sheet=judged.row.sheet,
            row=judged.row.row,
            name=judged.row.contact.name if judged.row.contact else "",
            why=_(WHY[judged.why]) if judged.why in WHY else judged.why,
        )
        for judged in done.open[:EXAMPLES_MAX]
    ]
    return Outcome(
        rows=done.rows,
        news=done.news,
        known=max(0, done.counts["matched"] - done.news),
        strays=len(done.open),
        examples=tuple(open_rows),
        problems=tuple(done.problems),
        figures=len(done.figures.areas) if done.figures else 0,
    )


def _of_refusals(taken: refusals.Taken) -> Outcome:
    return Outcome(
        rows=taken.rows,
        news=taken.new,
        known=taken.addresses - taken.new,
        strays=len(taken.unread),
        examples=tuple(_unread(row) for row in taken.unread[:EXAMPLES_MAX]),
        problems=taken.problems,
    )


def _unread(row: Row) -> Stray:
    name = row.contact.name if row.contact else ""
    why = "; ".join(account.sentence(word) for word in row.reasons) or _(NO_ADDRESS)
    return Stray(sheet=row.sheet, row=row.row, name=name, why=why)
