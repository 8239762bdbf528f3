"""Lists of who took part, uploaded in the browser: looked at, taken in, taken back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign.model import Campaign
from dispatcher.feedback.participation import list_import
from dispatcher.feedback.participation.list_import import ParticipationImport
from dispatcher.i18n import _
from dispatcher.ledger import audit_log
from dispatcher.ledger.recipients import participation_imports
from dispatcher.ledger.recipients.participation_imports import CannotUndoParticipation
from dispatcher.report import participation_notes
from dispatcher.web.auth import AccessControl, CurrentUser, read_form
from dispatcher.web.campaign_pages import campaign_or_404
from dispatcher.web.page_context import PageContext, row_number
from dispatcher.web.pages import Pages
from dispatcher.web.pending_uploads import PendingUploads
from dispatcher.web.uploads import read_upload

SHOWN_MAX = 200
IMPORTS_PER_PAGE = 50


class ParticipationPages(Pages):
    """Below /campaigns/{campaign}: nothing is written before somebody has looked."""

    def __init__(self, context: PageContext, access: AccessControl) -> None:
        super().__init__(context, access)
        self.pending = PendingUploads()

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route, at = self._access.route, "/campaigns/{campaign}"
        return (
            route(f"{at}/uploads", self.show, permission="act"),
            route(f"{at}/uploads", self.look, permission="act", methods=["POST"]),
            route(f"{at}/uploads/confirm", self.take_in, permission="act", methods=["POST"]),
            route(f"{at}/imports/{{number:id}}/undo", self.undo, permission="act", methods=["POST"]),
        )

    async def show(self, request: Request, _user: CurrentUser) -> Response:
        """Show the field for a list of people who took part, the lists there were, and one taken back."""
        campaign, undone = campaign_or_404(self._context, request), tuple[str, ...]()
        if number := row_number(request.query_params.get("undone", "")):
            found = await self._context.read(participation_imports.find, self._context.app.ledger, number)
            if found is not None and found.campaign == campaign.name and found.undone is not None:
                undone = tuple(participation_notes.undone_notes(found.undone))
        return await self._page(request, campaign, undone=undone)

    async def look(self, request: Request, user: CurrentUser) -> Response:
        """Say what taking a list in would do; it waits for a word."""
        campaign = campaign_or_404(self._context, request)
        upload, problem = await read_upload(request)
        if upload is None:
            return await self._page(request, campaign, status=422, problem=problem)
        key, _path = self.pending.keep(
            upload.content, name=upload.name, user=user.name, campaign=campaign.name, now=self._now()
        )
        return await self._look_at(request, user, campaign, key, everybody=False)

    async def take_in(self, request: Request, user: CurrentUser) -> Response:
        """Take a list in that was looked at; it stops reminders before the next message goes out."""
        campaign, form = campaign_or_404(self._context, request), await read_form(request)
        key, everybody = str(form.get("upload", "")), bool(form.get("everybody"))
        if form.get("decision") == "look":
            return await self._look_at(request, user, campaign, key, everybody=everybody)
        upload = self.pending.claim(key, user=user.name, campaign=campaign.name, now=self._now())
        if upload is None:
            return await self._page(request, campaign, status=410, problem=_("Upload the list once more."))
        now, app = self._context.now(), self._context.app
        seen = await self._context.take_in(
            list_import.preview, app.ledger, campaign, upload.path, at=now, now=now, name=upload.name,
            everybody=everybody, areas=app.config.schedules.areas,
        )  # fmt: skip
        problem = _unanswered(seen, form)
        if problem:
            self.pending.give_back(key, upload)
            return await self._look_at(
                request, user, campaign, key, everybody=everybody, status=422, problem=problem
            )
        done = await self._context.take_in(
            list_import.import_list, app.ledger, campaign, upload.path, at=now, source=upload.name,
            who=user.name, now=now, everybody=everybody, areas=app.config.schedules.areas,
        )  # fmt: skip
        upload.path.unlink(missing_ok=True)
        detail: dict[str, object] = {
            "file": upload.name, "rows": done.rows, "news": done.new_participants, "import": done.import_id,
        }  # fmt: skip
        await self._context.write(
            audit_log.write, app.ledger, who=user.name, action="upload-participation", subject=campaign.name,
            detail=detail, now=now,
        )  # fmt: skip
        return await self._page(request, campaign, result=done)

    async def undo(self, request: Request, user: CurrentUser) -> Response:
        """Take an import back, asked first: whoever is known from it only is reminded again."""
        campaign, app = campaign_or_404(self._context, request), self._context.app
        number = request.path_params["number"]
        found = await self._context.read(participation_imports.find, app.ledger, number)
        if found is None or found.campaign != campaign.name:
            return RedirectResponse(f"/campaigns/{campaign.name}/uploads", 303)
        form = await read_form(request)
        if found.undone_at is None and form.get("sure") != str(number):
            return self._context.render_page(request, "undo-import.html", campaign=campaign, taken=found)
        try:
            await self._context.write(
                participation_imports.undo, app.ledger, number, who=user.name, now=self._context.now()
            )
        except CannotUndoParticipation as error:
            return await self._page(request, campaign, status=409, problem=str(error))
        # What was done is told at an address of its own: to load it again takes nothing back again.
        return RedirectResponse(f"/campaigns/{campaign.name}/uploads?undone={number}", 303)

    async def _look_at(
        self,
        request: Request,
        user: CurrentUser,
        campaign: Campaign,
        key: str,
        *,
        everybody: bool,
        status: int = 200,
        problem: str = "",
    ) -> Response:
        upload = self.pending.find(key, user=user.name, campaign=campaign.name, now=self._now())
        if upload is None:
            return await self._page(request, campaign, status=410, problem=_("Upload the list once more."))
        await self._context.record_view(user.name, "participation", campaign.name)
        now = self._context.now()
        seen = await self._context.take_in(
            list_import.preview, self._context.app.ledger, campaign, upload.path, at=now, now=now,
            name=upload.name, everybody=everybody, areas=self._context.app.config.schedules.areas,
        )  # fmt: skip
        if not seen.says_something:
            status = 422
        return await self._page(
            request, campaign, status=status, problem=problem, seen=seen, key=key, file=upload.name,
            everybody=everybody,
        )  # fmt: skip

    async def _page(
        self,
        request: Request,
        campaign: Campaign,
        *,
        status: int = 200,
        problem: str = "",
        seen: ParticipationImport | None = None,
        result: ParticipationImport | None = None,
        undone: Sequence[str] = (),
        **more: Any,
    ) -> Response:
        before = row_number(request.query_params.get("before", ""))
        past = await self._context.read(
            participation_imports.past_imports, self._context.app.ledger, campaign.name, before=before,
            limit=IMPORTS_PER_PAGE,
        )  # fmt: skip
        older = past[-1].id if len(past) == IMPORTS_PER_PAGE else 0
        facts: dict[str, Any] = {
            "key": "", "file": "", "everybody": False, "before": before, "older": older,
        } | more  # fmt: skip
        return self._context.render_page(
            request, "uploads.html", status=status, campaign=campaign, problem=problem, seen=seen,
            result=result, undone=undone, past=past, notes=participation_notes, shown_max=SHOWN_MAX, **facts,
        )  # fmt: skip

    def _now(self) -> datetime:
        return self._context.wall_clock.now()


def _unanswered(seen: ParticipationImport, form: FormData) -> str:
    """Return what is still asked before a list is taken in; empty where nothing is."""
    if seen.most and not form.get("most"):
        return _("Tick that most of them have really taken part, or leave the list out.")
    if seen.excess and not form.get("excess"):
        return _("Tick that more have finished than the lists have people, or leave the list out.")
    return ""
