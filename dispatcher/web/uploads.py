"""Lists uploaded in the browser: those of opt-outs, with their import report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.campaign.contact_files import LIST_SUFFIXES
from dispatcher.contacts import ParsedRow, import_report
from dispatcher.errors import Problem
from dispatcher.feedback import opt_out_lists
from dispatcher.i18n import N_, _
from dispatcher.ledger import audit_log
from dispatcher.web.auth import AccessControl, CurrentUser, read_form
from dispatcher.web.page_context import PageContext
from dispatcher.web.pages import Pages
from dispatcher.web.pending_uploads import PendingUploads
from dispatcher.web.people_pages import render_opt_outs

NAME_MAX = 100
EXAMPLES_MAX = 200
NO_CAMPAIGN = ""  # who wants no messages wants none of any campaign
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
    """What came of a list."""

    rows: int
    new: int
    known: int
    rejected: int
    examples: tuple[RejectedRow, ...]
    problems: tuple[Problem, ...]
    column_account: tuple[str, ...]  # what each column was taken for, in sentences


class UploadPages(Pages):
    """Below /opt-outs/uploads: nothing is written before somebody has looked."""

    def __init__(self, context: PageContext, access: AccessControl) -> None:
        super().__init__(context, access)
        self.pending = PendingUploads()

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route, at = self._access.route, "/opt-outs/uploads"
        return (
            route(at, self.look, permission="act", methods=["POST"]),
            route(f"{at}/confirm", self.take_in, permission="act", methods=["POST"]),
        )

    async def look(self, request: Request, user: CurrentUser) -> Response:
        """Say what each column of a list was taken for and whom it would stop; it waits for a word."""
        upload, problem = await read_upload(request)
        if upload is None:
            return await render_opt_outs(self._context, request, user, status=422, problem=problem)
        key, path = self.pending.keep(
            upload.content, name=upload.name, user=user.name, campaign=NO_CAMPAIGN, now=self._now()
        )
        seen = await self._context.take_in(opt_out_lists.look, path)
        return await render_opt_outs(
            self._context, request, user, status=200 if seen.addresses else 422,
            seen=_opt_out_result(seen), addresses=seen.addresses, key=key, file=upload.name,
        )  # fmt: skip

    async def take_in(self, request: Request, user: CurrentUser) -> Response:
        """Take in who does not wish to be written to, and write the audit entry."""
        key = str((await read_form(request)).get("upload", ""))
        upload = self.pending.claim(key, user=user.name, campaign=NO_CAMPAIGN, now=self._now())
        if upload is None:
            return await render_opt_outs(
                self._context, request, user, status=410, problem=_("Upload the list once more.")
            )
        app, now = self._context.app, self._context.now()
        result = _opt_out_result(
            await self._context.take_in(
                opt_out_lists.import_list, app.ledger, upload.path, scope="all", who=user.name, now=now
            )
        )
        upload.path.unlink(missing_ok=True)
        detail: dict[str, object] = {"file": upload.name, "rows": result.rows, "news": result.new}
        await self._context.write(
            audit_log.write, app.ledger, who=user.name, action="upload-opt-outs", subject="opt-outs",
            detail=detail, now=now,
        )  # fmt: skip
        return await render_opt_outs(self._context, request, user, result=result)

    def _now(self) -> datetime:
        return self._context.wall_clock.now()


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadedList:
    """A list as it came: what the browser calls it, and what is in it."""

    name: str
    content: bytes


async def read_upload(request: Request) -> tuple[UploadedList | None, str]:
    """Return the list that a form brings, else why there is none, in the reader's language."""
    upload = (await read_form(request)).get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return None, _("Choose a file first.")
    # Only the last piece of what the browser calls it, and only to be shown and remembered.
    name = PurePath(upload.filename.replace("\\", "/")).name[:NAME_MAX]
    if PurePath(name).suffix.lower() not in LIST_SUFFIXES:
        return None, _("Only Excel, OpenDocument and CSV files can be read.")
    return UploadedList(name=name, content=await upload.read()), ""


def _opt_out_result(imported: opt_out_lists.OptOutImport) -> UploadResult:
    return UploadResult(
        rows=imported.rows,
        new=imported.new,
        known=imported.addresses - imported.new,
        rejected=len(imported.unread),
        examples=tuple(_rejected_row(row) for row in imported.unread[:EXAMPLES_MAX]),
        problems=imported.problems,
        column_account=imported.column_account,
    )


def _rejected_row(row: ParsedRow) -> RejectedRow:
    name = row.contact.name if row.contact else ""
    reason = "; ".join(import_report.reason_text(code) for code in row.reasons) or _(NO_ADDRESS)
    return RejectedRow(sheet=row.sheet, row=row.row, name=name, reason=reason)
