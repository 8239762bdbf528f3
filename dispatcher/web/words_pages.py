"""The words of a step, edited beside what people will see; every version can be had back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dispatcher.campaign import schedules_editor
from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.model import Campaign
from dispatcher.campaign.schedules_editor import ChangedMeanwhile, NotEditable
from dispatcher.campaign.time_values import InvalidValue
from dispatcher.channels import Channel
from dispatcher.errors import Problem
from dispatcher.i18n import _
from dispatcher.ledger import audit_log, template_versions
from dispatcher.ledger.queries import sample_recipient
from dispatcher.ledger.template_versions import TemplateVersion
from dispatcher.message import Recipient, words
from dispatcher.message.compose import Composer
from dispatcher.message.environment import TemplateSet
from dispatcher.message.preview import Preview, preview, preview_context
from dispatcher.message.syntax import check_syntax
from dispatcher.message.template_trial import CostliestText
from dispatcher.message.unsendable import UnsendableMessage
from dispatcher.plan import Occurrence
from dispatcher.report import campaign_outlook
from dispatcher.report.campaign_outlook import Sending
from dispatcher.vietnamese.text import nfc
from dispatcher.web.auth import CurrentUser, read_form
from dispatcher.web.pages import Pages
from dispatcher.web.previews import made_up_recipient, occurrence_or_404, row_index

SOURCE_MAX = 60_000


@dataclass(frozen=True, kw_only=True)
class Piece:
    """The words of one channel. `file` is where they are saved; `origin` where they stand now.

    `blocks` are the words by block; without any the whole `source` is edited. `seen` tells whether the file
    is as it was shown.
    """

    channel: Channel
    file: str
    origin: str
    source: str
    blocks: Mapping[str, str]
    seen: str
    versions: tuple[TemplateVersion, ...]

    @property
    def is_shared(self) -> bool:
        """Return whether other campaigns use these words too, until they are saved here."""
        return self.file != self.origin


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one channel comes to: for one real row, and for the longest of all."""

    channel: Channel
    recipient: Recipient
    is_made_up: bool
    preview: Preview | None
    costliest: CostliestText | None


class WordsPages(Pages):
    """Below /campaigns/{campaign}/steps/{step}/words."""

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        at, route = "/campaigns/{campaign}/steps/{step}/words", self._access.route
        return (
            route(at, self.show, permission="act"),
            route(at, self.save, permission="act", methods=["POST"]),
            route(f"{at}/look", self.look, permission="act", methods=["POST"]),
            route(f"{at}/versions/{{version:id}}", self.restore, permission="act", methods=["POST"]),
        )

    async def show(self, request: Request, _user: CurrentUser) -> Response:
        """Show the words of one audience, with the form to edit them."""
        return await self._page(request)

    async def look(self, request: Request, _user: CurrentUser) -> Response:
        """Show what people would see of the form as it stands; nothing is kept."""
        form = await read_form(request)
        _audience, pieces = await self._context.read(self._pieces, request)
        try:
            sources = _edited(pieces, form)
        except InvalidValue as wrong:
            facts = await self._context.read(self._looks, request, {})
            return HTMLResponse(self._context.render("_words_look.html", **facts, wrong=wrong))
        facts = await self._context.read(self._looks, request, sources)
        return HTMLResponse(self._context.render("_words_look.html", **facts, wrong=None))

    async def save(self, request: Request, user: CurrentUser) -> Response:
        """Write what was edited, if people can read it; what others wrote meanwhile is not written over."""
        form = await read_form(request)
        _audience, pieces = await self._context.read(self._pieces, request)
        try:
            sources = _edited(pieces, form)
        except InvalidValue as wrong:
            return await self._page(request, form=form, problem=f"{wrong.what}. {wrong.remedy}", status=422)
        facts = await self._context.read(self._looks, request, sources)
        broken = [one for one in facts["problems"] if one.severity == "error"]
        if broken:
            words_of = " ".join(f"{one.what}. {one.remedy}" for one in broken)
            return await self._page(request, form=form, problem=words_of, status=422)
        try:
            for piece in pieces:
                if piece.file in sources:
                    await self._write(
                        piece, sources[piece.file], seen=str(form.get(f"{piece.channel}-seen", "")), user=user
                    )
        except (ChangedMeanwhile, NotEditable) as refused:
            return await self._page(request, form=form, problem=str(refused), status=409)
        return await self._saved(request, user)

    async def restore(self, request: Request, user: CurrentUser) -> Response:
        """Use an earlier version again; the present one stays among the versions."""
        await read_form(request)
        _audience, pieces = await self._context.read(self._pieces, request)
        for piece in pieces:
            for version in piece.versions:
                if version.id == request.path_params["version"]:
                    await self._write(piece, version.text, seen=piece.seen, user=user)
                    return await self._saved(request, user)
        raise HTTPException(404)

    async def _saved(self, request: Request, user: CurrentUser) -> Response:
        campaign, occurrence = occurrence_or_404(self._context, request)
        await self._context.write(
            audit_log.write, self._context.app.ledger, who=user.name, action="words-saved",
            subject=campaign.name, detail={"step": occurrence.step}, now=self._context.now(),
        )  # fmt: skip
        await self._context.take_over_edits()
        query = "&".join(part for part in str(request.url.query).split("&") if part and part != "saved=1")
        return RedirectResponse(f"{request.url.path.partition('/words')[0]}/words?{query}&saved=1", 303)

    async def _write(self, piece: Piece, source: str, *, seen: str, user: CurrentUser) -> None:
        """Write one file and its version; what stood there before is a version too."""
        app, path = self._context.app, self._context.app.settings.templates / piece.file
        there = _text_of(path)
        if schedules_editor.fingerprint(there) != seen:
            raise ChangedMeanwhile(_("{file} was edited by somebody else meanwhile", file=piece.file))
        before = there or piece.source
        await self._context.write(
            template_versions.add, app.ledger, piece.file, before, who=template_versions.BY_HAND,
            now=self._context.now(),
        )  # fmt: skip
        if path.exists():
            schedules_editor.write_file(path, source, seen=schedules_editor.read_file(path))
        else:
            schedules_editor.write_new(path, source)
        await self._context.write(
            template_versions.add, app.ledger, piece.file, source, who=user.name, now=self._context.now()
        )

    async def _page(
        self, request: Request, *, form: FormData | None = None, problem: str = "", status: int = 200
    ) -> Response:
        campaign, occurrence = occurrence_or_404(self._context, request)
        audience, pieces = await self._context.read(self._pieces, request)
        facts = await self._context.read(self._looks, request, {})
        audiences = self._context.app.config.schedules.audiences_by_priority(
            occurrence.audiences or campaign.audiences
        )
        return self._context.render_page(
            request, "words.html", status=status, campaign=campaign, pieces=pieces, audiences=audiences,
            typed=form or {}, problem=problem, fields=words.FIELDS, wrong=None,
            saved=request.query_params.get("saved"), chosen=audience, **facts,
        )  # fmt: skip

    # --- in the thread that reads -----------------------------------------------------------------------

    def _pieces(self, request: Request) -> tuple[Audience, tuple[Piece, ...]]:
        campaign, occurrence = occurrence_or_404(self._context, request)
        audience = self._audience(request, campaign, occurrence)
        channels = self._context.app.config.schedules.channels_of(audience.name, occurrence.channels)
        return audience, tuple(self._piece(campaign, occurrence, audience, channel) for channel in channels)

    def _audience(self, request: Request, campaign: Campaign, occurrence: Occurrence) -> Audience:
        schedules = self._context.app.config.schedules
        among = schedules.audiences_by_priority(occurrence.audiences or campaign.audiences)
        asked = request.query_params.get("audience", among[0].name)
        found = next((one for one in among if one.name == asked), None)
        if found is None:
            raise HTTPException(404)
        return found

    def _piece(
        self, campaign: Campaign, occurrence: Occurrence, audience: Audience, channel: Channel
    ) -> Piece:
        app = self._context.app
        templates = app.config.composer.templates
        origin = templates.find_template(campaign.name, audience.name, occurrence.template, channel)
        if origin is None:
            raise HTTPException(404)
        own = origin.startswith(f"{campaign.name}/")
        file = origin if own else f"{campaign.name}/{audience.name}/{origin.rpartition('/')[2]}"
        source = nfc(_text_of(app.settings.templates / origin)) or templates.sources[origin]
        blocks = words.blocks_of(source, channel)
        return Piece(
            channel=channel,
            file=file,
            origin=origin,
            source=source,
            blocks=blocks,
            seen=schedules_editor.fingerprint(_text_of(app.settings.templates / file)),
            versions=template_versions.versions(app.ledger, file),
        )

    def _looks(self, request: Request, sources: Mapping[str, str]) -> dict[str, Any]:
        """Return what people would see with other sources, what is wrong with them, and what it costs."""
        app, now = self._context.app, self._context.now()
        campaign, occurrence = occurrence_or_404(self._context, request)
        audience, pieces = self._pieces(request)
        now_there = app.config.composer.templates
        templates = TemplateSet(folder=now_there.folder, sources={**now_there.sources, **sources})
        outlook = campaign_outlook.look_ahead(
            app.ledger, app.config.schedules, templates, campaign.name, now=now
        )
        files = {templates.file_path(name) for piece in pieces for name in (piece.file, piece.origin)}
        found = (*check_syntax(templates, tuple(app.config.schedules.campaigns)), *outlook.problems)
        problems: dict[tuple[str, str], Problem] = {
            (one.what, one.remedy): one for one in found if one.file in files
        }
        return {
            "occurrence": occurrence,
            "audience": audience,
            "looks": tuple(
                self._look(
                    occurrence, audience, piece.channel, templates, outlook.costliest, row_index(request)
                )
                for piece in pieces
            ),
            "sending": _sending(outlook.sendings, occurrence),
            "problems": tuple(problems.values()),
            "place": row_index(request),
        }

    def _look(
        self, occurrence: Occurrence, audience: Audience, channel: Channel, templates: TemplateSet,
        costliest: Sequence[CostliestText], place: int,
    ) -> Look:  # fmt: skip
        app = self._context.app
        sampled = sample_recipient.find(
            app.ledger, audience.name, channel, leads_only=occurrence.leads_only, index=place
        )
        recipient = sampled or made_up_recipient(audience.name, channel)
        composer = Composer(app.config.schedules, templates, app.live_config.links)
        due_at = max(occurrence.due_at, self._context.now()) if occurrence.is_standing else occurrence.due_at
        try:
            shown = preview(
                composer, recipient, preview_context(app.config.schedules, occurrence, due_at=due_at)
            )
        except (UnsendableMessage, ValueError):
            shown = None
        return Look(
            channel=channel, recipient=recipient, is_made_up=sampled is None, preview=shown,
            costliest=next(
                (
                    one
                    for one in costliest if channel == "sms"
                    if (one.audience, one.template) == (audience.name, occurrence.template)
                ),
                None,
            ),
        )  # fmt: skip


def _edited(pieces: Sequence[Piece], form: FormData) -> dict[str, str]:
    """Return the source of each file that the form changes. Raises InvalidValue for an unknown field."""
    return {piece.file: source for piece in pieces for source in _changes(piece, form)}


def _changes(piece: Piece, form: FormData) -> Iterator[str]:
    source = piece.source
    for name, text in piece.blocks.items():
        typed = form.get(f"{piece.channel}-{name}")
        if isinstance(typed, str) and _lines(typed) != _lines(text):
            source = words.with_block(source, name, _lines(typed))
    whole = form.get(f"{piece.channel}-source")
    if isinstance(whole, str) and not piece.blocks:
        source = _lines(whole[:SOURCE_MAX]) + "\n"
    if _lines(source) != _lines(piece.source):
        yield source


def _lines(text: str) -> str:
    return nfc(text.replace("\r\n", "\n")).strip()


def _text_of(path: Path) -> str:
    return schedules_editor.read_file(path) if path.exists() else ""


def _sending(sendings: Sequence[Sending], occurrence: Occurrence) -> Sending | None:
    return next(
        (
            one
            for one in sendings
            if (one.occurrence.step, one.occurrence.key) == (occurrence.step, occurrence.key)
        ),
        None,
    )
