"""Lists uploaded in the browser: participation and opt-outs, with their import report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.campaign.contact_files import LIST_SUFFIXES
from dispatcher.contacts import ParsedRow, import_report
from dispatcher.errors import Problem
from dispatcher.feedback import opt_out_lists
from dispatcher.feedback.participation import list_import
from dispatcher.feedback.participation.list_import import ParticipationImport
from dispatcher.feedback.participation.matching import REASONS
from dispatcher.i18n import N_, _
from dispatcher.ledger import audit_log
from dispatcher.ledger.recipients import suppressions
from dispatcher.web.auth import AccessControl, CurrentUser, read_form
from dispatcher.web.campaign_pages import campaign_or_404
from dispatcher.web.page_context import PageContext

NAME_MAX = 100
SHOWN_MAX = 500
EXAMPLES_MAX = 200
NO_ADDRESS = N_("there is no number or e-mail address in it")


@dataclass(frozen=True, kw_only=True, slots=True)
class RejectedRow:
    """A row that came to nothing, and why, in the reader's language."""

    sheet: str
    row: int
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadResult:
    """What came of a list; `figures` are thôn with numbers but no names."""

    rows: int
    new: int
    known: int
    rejected: int
    examples: tuple[RejectedRow, ...]
    problems: tuple[Problem, ...]
    figures: int = 0


class UploadPages:
    """Addresses ending in /uploads take files."""

    def __init__(self, context: PageContext, access: AccessControl) -> None:
        self._context = context
        self._access = access

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._access.route
        return (
            route("/campaigns/{campaign}/uploads", self.show, permission="act"),
            route(
                "/campaigns/{campaign}/uploads", self.upload_participation, permission="act", methods=["POST"]
            ),
            route("/opt-outs/uploads", self.upload_opt_outs, permission="act", methods=["POST"]),
        )

    async def show(self, request: Request, _user: CurrentUser) -> Response:
        """Show the field for a list of people who took part."""
        campaign = campaign_or_404(self._context, request)
        return self._context.render_page(request, "uploads.html", campaign=campaign, result=None, problem="")

    async def upload_participation(self, request: Request, user: CurrentUser) -> Response:
        """Take in who took part; it stops their reminders before the next message goes out."""
        campaign, app, now = campaign_or_404(self._context, request), self._context.app, self._context.now()

        def take(path: Path, name: str) -> UploadResult:
            return _participation_result(
                list_import.import_list(
                    app.ledger, campaign.name, path, at=now, source=name, who=user.name, now=now
                )
            )

        result, problem = await self._process_upload(
            request, user, "upload-participation", campaign.name, take
        )
        return self._context.render_page(
            request, "uploads.html", status=422 if problem else 200, campaign=campaign, result=result,
            problem=problem,
        )  # fmt: skip

    async def upload_opt_outs(self, request: Request, user: CurrentUser) -> Response:
        """Take in who does not wish to be written to."""
        app, now = self._context.app, self._context.now()

        def take(path: Path, _name: str) -> UploadResult:
            return _opt_out_result(
                opt_out_lists.import_list(app.ledger, path, scope="all", who=user.name, now=now)
            )

        result, problem = await self._process_upload(request, user, "upload-opt-outs", "opt-outs", take)
        suppressed = await self._context.read(suppressions.find, app.ledger, limit=SHOWN_MAX)
        return self._context.render_page(
            request, "opt-outs.html", status=422 if problem else 200, suppressions=suppressed,
            problem=problem, result=result,
        )  # fmt: skip

    async def _process_upload(
        self,
        request: Request,
        user: CurrentUser,
        action: str,
        subject: str,
        process: Callable[[Path, str], UploadResult],
    ) -> tuple[UploadResult | None, str]:
        """Store the upload, process it, and write the audit entry."""
        upload = (await read_form(request)).get("file")
        if not isinstance(upload, UploadFile) or not upload.filename:
            return None, _("Choose a file first.")
        # Only the last piece of what the browser calls it, and only to be shown and remembered.
        name = PurePath(upload.filename.replace("\\", "/")).name[:NAME_MAX]
        suffix = PurePath(name).suffix.lower()
        if suffix not in LIST_SUFFIXES:
            return None, _("Only Excel, OpenDocument and CSV files can be read.")
        with tempfile.TemporaryDirectory(prefix="dispatcher-") as folder:
            path = Path(folder) / f"list{suffix}"
            path.write_bytes(await upload.read())
            result = await self._context.write(process, path, name)
        detail: dict[str, object] = {"file": name, "rows": result.rows, "news": result.new}
        await self._context.write(
            audit_log.write, self._context.app.ledger, who=user.name, action=action, subject=subject,
            detail=detail, now=self._context.now(),
        )  # fmt: skip
        return result, ""


def _participation_result(imported: ParticipationImport) -> UploadResult:
    open_rows = [
        RejectedRow(
            sheet=match.row.sheet,
            row=match.row.row,
            name=match.row.contact.name if match.row.contact else "",
            reason=_(REASONS[match.reason]) if match.reason in REASONS else match.reason,
        )
        for match in imported.unresolved[:EXAMPLES_MAX]
    ]
    return UploadResult(
        rows=imported.rows,
        new=imported.new_participants,
        known=max(0, imported.counts["matched"] - imported.new_participants),
        rejected=len(imported.unresolved),
        examples=tuple(open_rows),
        problems=tuple(imported.problems),
        figures=len(imported.area_table.areas) if imported.area_table else 0,
    )


def _opt_out_result(imported: opt_out_lists.OptOutImport) -> UploadResult:
    return UploadResult(
        rows=imported.rows,
        new=imported.new,
        known=imported.addresses - imported.new,
        rejected=len(imported.unread),
        examples=tuple(_rejected_row(row) for row in imported.unread[:EXAMPLES_MAX]),
        problems=imported.problems,
    )


def _rejected_row(row: ParsedRow) -> RejectedRow:
    name = row.contact.name if row.contact else ""
    reason = "; ".join(import_report.reason_text(code) for code in row.reasons) or _(NO_ADDRESS)
    return RejectedRow(sheet=row.sheet, row=row.row, name=name, reason=reason)
