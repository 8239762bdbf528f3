"""Lists uploaded in the browser: who took part, and who must not be written to, with their account."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePath

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.contacts import account
from dispatcher.feedback import uploaded
from dispatcher.feedback.uploaded import Outcome
from dispatcher.i18n import N_, _
from dispatcher.ledger import campaigns, consent
from dispatcher.web.campaign_pages import find
from dispatcher.web.desk import Desk
from dispatcher.web.doors import Doors, Visitor, fields

ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".csv", ".tsv", ".txt"})
NAME_MAX = 100
SHOWN_MAX = 500

WHY = {
    "unknown": N_("nobody in our lists fits"),
    "several": N_("several people fit"),
    "no-address": N_("there is no number or e-mail address in it"),
    "unreadable": N_("the row cannot be read"),
}


def said(why: str) -> str:
    """Say why a row came to nothing."""
    if why in WHY:
        return _(WHY[why])
    return "; ".join(account.sentence(word) for word in why.split())


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
        return self._desk.page(
            request, "uploads.html", campaign=campaign, outcome=None, problem="", said=said
        )

    async def took_part(self, request: Request, visitor: Visitor) -> Response:
        """Take in who took part; it stops their reminders before the next message goes out."""
        campaign, app, now = find(self._desk, request), self._desk.app, self._desk.now()

        def take(path: Path, name: str) -> Outcome:
            return uploaded.took_part(app.ledger, campaign.name, path, file=name, who=visitor.name, now=now)

        outcome, problem = await self._take(request, visitor, "upload-participation", campaign.name, take)
        return self._desk.page(
            request, "uploads.html", status=422 if problem else 200, campaign=campaign, outcome=outcome,
            problem=problem, said=said,
        )  # fmt: skip

    async def opt_outs(self, request: Request, visitor: Visitor) -> Response:
        """Take in who does not wish to be written to."""
        app, now = self._desk.app, self._desk.now()

        def take(path: Path, name: str) -> Outcome:
            return uploaded.opt_outs(app.ledger, path, file=name, who=visitor.name, now=now)

        outcome, problem = await self._take(request, visitor, "upload-opt-outs", "opt-outs", take)
        stops = await self._desk.look(consent.suppressed, app.ledger, limit=SHOWN_MAX)
        return self._desk.page(
            request, "opt-outs.html", status=422 if problem else 200, stops=stops, problem=problem,
            outcome=outcome, said=said,
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
        if ending not in ENDINGS:
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
