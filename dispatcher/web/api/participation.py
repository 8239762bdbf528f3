"""Who took part, over the API: told, looked at first, taken back. Addresses stand in bodies, not in URLs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Self

from fastapi import APIRouter, Depends, HTTPException, Path, Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from dispatcher.feedback.participation import api_reports
from dispatcher.feedback.participation.api_reports import RecordedParticipants
from dispatcher.feedback.participation.areas import ExcessFigures
from dispatcher.feedback.participation.days import campaign_days
from dispatcher.ledger.access.api_tokens import ApiToken
from dispatcher.ledger.recipients import participation_imports
from dispatcher.ledger.recipients.participation_imports import AudienceShare, CannotUndoParticipation
from dispatcher.web.api.dependencies import (
    ERROR_RESPONSES,
    FORBIDDEN_RESPONSE,
    NOT_FOUND_RESPONSE,
    CampaignParam,
    ContextDep,
    Refusal,
    RequireToken,
    StrictModel,
    links_to,
)
from dispatcher.web.page_context import PageContext

ReportToken = Annotated[ApiToken, Depends(RequireToken("participation", acts=True))]

router = APIRouter(prefix="/campaigns/{campaign}/participation", tags=["people"], responses=ERROR_RESPONSES)
PEOPLE_MAX = 1000
UNDO = "undo_v1_campaigns__campaign__participation_imports__number__undo_post"
EARLY_MAX = timedelta(days=366)  # before a campaign, somebody may have taken part in what it is about
CLOCKS_DIFFER_MAX = timedelta(days=1)


def _parse_datetime(value: object) -> object:
    """Read a moment as RFC 3339 writes it, and nothing else that could be taken for one."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str):
        raise ValueError("a moment is written as text")  # noqa: TRY004 - pydantic wants it so
    return datetime.fromisoformat(value.upper())


DateTime = Annotated[
    AwareDatetime, BeforeValidator(_parse_datetime), WithJsonSchema({"type": "string", "format": "date-time"})
]


def _parse_day(text: str) -> str:
    """Read a day of the calendar as RFC 3339 writes it."""
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("a day is written as 2025-11-08")
    return text


Day = Annotated[str, AfterValidator(_parse_day), WithJsonSchema({"type": "string", "format": "date"})]


class Participant(StrictModel):
    """Somebody who took part, by number or mail; a name tells people on one number apart."""

    address: str = Field(max_length=200, description="Mobile number or e-mail address.")
    name: str = Field(default="", max_length=200)
    at: DateTime | None = Field(default=None, description="When; without it: now.")


class AreaFigure(StrictModel):
    """Figures of a thôn for a day, without names."""

    area: str = Field(min_length=1, max_length=200)
    day: Day
    registered: int | None = Field(default=None, ge=0, le=10_000_000)
    finished: int | None = Field(default=None, ge=0, le=10_000_000)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.registered is None and self.finished is None:
            raise ValueError("neither registered nor finished is given")
        return self


class TookPart(StrictModel):
    """Who took part, or how many."""

    source: str = Field(default="api", max_length=100)
    people: list[Participant] = Field(default_factory=list, max_length=PEOPLE_MAX)
    counts: list[AreaFigure] = Field(default_factory=list, max_length=PEOPLE_MAX)
    dry_run: bool = Field(default=False, description="Only look: nothing is written down.")
    confirm_most: bool = Field(
        default=False,
        description="Most of an audience has really taken part: without it such a list is answered with 409.",
    )
    confirm_excess: bool = Field(
        default=False,
        description="More have really finished than the lists have people in a thôn: without it 409.",
    )


class ShareView(BaseModel):
    """How much of an audience a list marks, with what the same caller has marked within the hour."""

    audience: str
    people: int
    known: int = Field(description="Known before to have taken part.")
    marked: int


class ExcessView(BaseModel):
    """A thôn in which more have finished, by what was told, than the lists have people."""

    area: str
    told: int
    people: int


class Taken(BaseModel):
    """What came of it: who was news, who was known already, and the places in the list that fit nobody."""

    recorded: int
    known: int
    unmatched: list[int]
    counts: int
    unknown_areas: list[str] = Field(
        default_factory=list, description="Areas with figures that are the area of nobody in the lists."
    )
    similar_areas: dict[str, list[str]] = Field(
        default_factory=dict, description="For each unknown area the known ones most like it."
    )
    import_id: int | None = Field(default=None, description="The number by which it can be taken back.")
    most: list[ShareView] = Field(
        default_factory=list, description="Audiences of which this marks most: it needs confirm_most."
    )
    excess: list[ExcessView] = Field(
        default_factory=list,
        description="Thôn in which more have finished than the lists have people: it needs confirm_excess.",
    )


class ImportView(BaseModel):
    """An import of before."""

    import_id: int
    at: AwareDatetime
    who: str
    source: str
    recorded: int
    known: int
    counts: int
    undone_at: AwareDatetime | None
    undone_by: str


class ImportsPart(BaseModel):
    """Which part of the list; the next one comes `before` the last number of this one."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=50, ge=1, le=PEOPLE_MAX)
    before: int = Field(default=0, ge=0, le=2**53, description="Only imports with a lower number; 0: all.")


class UndoneView(BaseModel):
    """What taking an import back did."""

    import_id: int
    campaign: str
    removed: int = Field(description="People no longer known to have taken part: they are reminded again.")
    kept: int = Field(description="People known from elsewhere as well.")
    figures: int
    thanks: int = Field(description="Words of thanks that had not left, and do not.")


CONFLICT_RESPONSE: dict[int | str, dict[str, object]] = {
    409: {"model": Refusal, "description": "It cannot be taken back; the answer says why."}
}
ImportParam = Annotated[int, Path(alias="number", ge=1, le=2**53)]


MOST_RESPONSE: dict[int | str, dict[str, object]] = {
    409: {
        "model": Refusal,
        "description": "It would mark most of an audience (send it with confirm_most), or more have finished "
        "than a thôn has people in the lists (confirm_excess). Nothing was written.",
    }
}


@router.post(
    "",
    responses=NOT_FOUND_RESPONSE
    | FORBIDDEN_RESPONSE
    | MOST_RESPONSE
    | links_to(**{UNDO: ("number", "/import_id")}),
)
async def took_part(
    context: ContextDep, actor: ReportToken, campaign: CampaignParam, report: TookPart
) -> Taken:
    """Write down who took part; it stops their reminders before the next message goes out."""
    return await record_participation(
        context, campaign.name, report, source=report.source or "api", who=f"token {actor.label}"
    )


async def record_participation(
    context: PageContext, campaign: str, participation: TookPart, *, source: str, who: str
) -> Taken:
    """Write down what another machine told about a campaign.

    422 for figures of a day outside it or that contradict themselves, 409 for most of an audience, or more
    people than a thôn has, when the caller does not say so.
    """
    _check_days(context, campaign, participation.counts)
    _check_moments(context, campaign, participation.people)
    people = [
        api_reports.ReportedParticipant(address=item.address, name=item.name, at=item.at)
        for item in participation.people
    ]
    figures = [
        api_reports.ReportedAreaCount(
            area=item.area, day=item.day, registered=item.registered, finished=item.finished
        )
        for item in participation.counts
    ]
    recorded = await context.write(
        api_reports.record,
        context.app.ledger,
        campaign,
        people,
        figures,
        audiences=context.app.config.schedules.campaigns[campaign].audiences,
        source=source,
        who=who,
        now=context.now(),
        dry_run=participation.dry_run,
        is_most_meant=participation.confirm_most,
        is_excess_meant=participation.confirm_excess,
    )
    _refuse_contradictions(recorded)
    if recorded.most and not (participation.dry_run or participation.confirm_most):
        raise HTTPException(409, _question_about(recorded.most))
    if recorded.excess and not (participation.dry_run or participation.confirm_excess):
        raise HTTPException(409, _question_about_excess(recorded.excess))
    return Taken(
        recorded=recorded.recorded,
        known=recorded.known,
        unmatched=list(recorded.unmatched),
        counts=recorded.figures,
        unknown_areas=list(recorded.unknown_areas),
        similar_areas={area: list(alike) for area, alike in recorded.unknown_areas.items()},
        import_id=recorded.import_id or None,
        most=[ShareView(**asdict(share)) for share in recorded.most],
        excess=[ExcessView(**asdict(one)) for one in recorded.excess],
    )


def _refuse_contradictions(recorded: RecordedParticipants) -> None:
    wrong = [
        {"type": kind, "loc": ["body", "counts", index], "msg": message}
        for kind, places, message in (
            ("repeated", recorded.repeated, "this area and day stand more than once, with different figures"),
            ("exceeding", recorded.exceeding, "more have finished than have registered"),
        )
        for index in places
    ]
    if wrong:
        raise HTTPException(422, wrong)


def _question_about_excess(excess: Sequence[ExcessFigures]) -> str:
    parts = ", ".join(f"{one.told} in {one.area}, where the lists have {one.people}" for one in excess)
    return (
        f"more have finished than the lists have people ({parts}). Nothing was written. If that is right, "
        'send it again with "confirm_excess": true'
    )


def _question_about(most: Sequence[AudienceShare]) -> str:
    parts = ", ".join(f"{share.marked} of {share.people} in {share.audience}" for share in most)
    return (
        f"this marks most of an audience ({parts}), and they would not be reminded any more. Nothing was "
        'written. If they have really taken part, send it again with "confirm_most": true'
    )


def _check_moments(context: PageContext, campaign: str, people: Sequence[Participant]) -> None:
    first = context.app.config.schedules.campaigns[campaign].start - EARLY_MAX
    last = context.now() + CLOCKS_DIFFER_MAX
    wrong = [index for index, item in enumerate(people) if item.at and not first <= item.at <= last]
    if wrong:
        message = f"not between {first.date().isoformat()} and now"
        raise HTTPException(
            422,
            [{"type": "moment", "loc": ["body", "people", index, "at"], "msg": message} for index in wrong],
        )


def _check_days(context: PageContext, campaign: str, figures: Sequence[AreaFigure]) -> None:
    first, last = (
        day.isoformat()
        for day in campaign_days(context.app.config.schedules.campaigns[campaign], context.now())
    )
    wrong = [index for index, figure in enumerate(figures) if not first <= figure.day <= last]
    if wrong:
        message = f"not a day of the campaign so far ({first} to {last})"
        raise HTTPException(
            422,
            [{"type": "day", "loc": ["body", "counts", index, "day"], "msg": message} for index in wrong],
        )


@router.get(
    "/imports",
    responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE | links_to(**{UNDO: ("number", "/0/import_id")}),
)
async def imports(
    context: ContextDep, _actor: ReportToken, campaign: CampaignParam, part: Annotated[ImportsPart, Query()]
) -> list[ImportView]:
    """List the imports of a campaign, the latest first."""
    past = await context.read(
        participation_imports.past_imports, context.app.ledger, campaign.name, before=part.before,
        limit=part.limit,
    )  # fmt: skip
    return [
        ImportView(
            import_id=item.id,
            at=item.at,
            who=item.who,
            source=item.source,
            recorded=item.counts.get("recorded", 0),
            known=item.counts.get("known", 0),
            counts=item.counts.get("figures", 0),
            undone_at=item.undone_at,
            undone_by=item.undone_by,
        )
        for item in past
    ]


@router.post("/imports/{number}/undo", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE | CONFLICT_RESPONSE)
async def undo(
    context: ContextDep, actor: ReportToken, campaign: CampaignParam, number: ImportParam
) -> UndoneView:
    """Take an import back: whoever is known from it only is reminded again."""
    ledger = context.app.ledger
    found = await context.read(participation_imports.find, ledger, number)
    if found is None or found.campaign != campaign.name:
        raise HTTPException(404, "there is no such import")
    try:
        done = await context.write(
            participation_imports.undo, ledger, number, who=f"token {actor.label}", now=context.now()
        )
    except CannotUndoParticipation as error:
        raise HTTPException(409, str(error)) from error
    return UndoneView(**asdict(done))
