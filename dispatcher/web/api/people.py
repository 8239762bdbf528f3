"""People over the API: who took part, who must not be written to. Addresses stand in bodies, not in URLs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, HTTPException, Query
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

from dispatcher.channels import Channel
from dispatcher.contacts import address_parser
from dispatcher.feedback.participation import api_reports
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.untrusted import clean_text
from dispatcher.web.api.dependencies import (
    ERROR_RESPONSES,
    FORBIDDEN_RESPONSE,
    NOT_FOUND_RESPONSE,
    CampaignParam,
    ContextDep,
    WriteToken,
)
from dispatcher.web.page_context import PageContext

router = APIRouter(tags=["people"], responses=ERROR_RESPONSES)
PEOPLE_MAX = 1000
LIST_MAX = 1000


class StrictModel(BaseModel):
    """What callers send: nothing unknown, nothing guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _clean(cls, value: object) -> object:
        """Take out of every text what a database refuses."""
        if not isinstance(value, dict):
            return value
        return {
            key: clean_text(item, limit=len(item)) if isinstance(item, str) else item
            for key, item in value.items()
        }


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


class Taken(BaseModel):
    """What came of it: who was news, who was known already, and the places in the list that fit nobody."""

    recorded: int
    known: int
    unmatched: list[int]
    counts: int
    unknown_areas: list[str] = Field(
        default_factory=list, description="Areas with figures that are the area of nobody in the lists."
    )


class OptOutWish(StrictModel):
    """A wish to receive no more."""

    address: str = Field(max_length=200, description="Mobile number or e-mail address.")
    campaign: str = Field(default="", max_length=100, description="Only this campaign; without it: all.")
    words: str = Field(default="", max_length=160, description="How it was said.")


class Part(BaseModel):
    """Which part of a long list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=LIST_MAX, ge=1, le=LIST_MAX)
    skip: int = Field(default=0, ge=0, le=100_000_000)


class OptOutView(BaseModel):
    """A stop as it stands."""

    channel: Channel
    address: str
    scope: str
    reason: str
    at: AwareDatetime
    how: str


class OptOutPage(BaseModel):
    """Some of them; ask again with `skip` raised while `more`."""

    opt_outs: list[OptOutView]
    more: bool


@router.post("/campaigns/{campaign}/participation", responses=NOT_FOUND_RESPONSE | FORBIDDEN_RESPONSE)
async def took_part(
    context: ContextDep, actor: WriteToken, campaign: CampaignParam, report: TookPart
) -> Taken:
    """Write down who took part; it stops their reminders before the next message goes out."""
    return await record_participation(
        context, campaign.name, report, source=report.source or "api", who=f"token {actor.label}"
    )


async def record_participation(
    context: PageContext, campaign: str, participation: TookPart, *, source: str, who: str
) -> Taken:
    """Write down what another machine told about a campaign; 422 for figures of a day outside it."""
    _check_days(context, campaign, participation.counts)
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
        source=source,
        who=who,
        now=context.now(),
    )
    return Taken(
        recorded=recorded.recorded,
        known=recorded.known,
        unmatched=list(recorded.unmatched),
        counts=recorded.figures,
        unknown_areas=list(recorded.unknown_areas),
    )


def _check_days(context: PageContext, campaign: str, figures: Sequence[AreaFigure]) -> None:
    schedules = context.app.config.schedules
    chosen = schedules.campaigns[campaign]
    first = schedules.to_local(chosen.start).date().isoformat()
    last = schedules.to_local(min(chosen.deadline, context.now())).date().isoformat()
    wrong = [index for index, figure in enumerate(figures) if not first <= figure.day <= last]
    if wrong:
        message = f"not a day of the campaign so far ({first} to {last})"
        raise HTTPException(
            422,
            [{"type": "day", "loc": ["body", "counts", index, "day"], "msg": message} for index in wrong],
        )


@router.get("/opt-outs", responses=FORBIDDEN_RESPONSE)
async def opt_outs(context: ContextDep, _actor: WriteToken, part: Annotated[Part, Query()]) -> OptOutPage:
    """List who is not written to, by address."""
    matching = await context.read(suppressions.find, context.app.ledger, limit=part.limit + 1, skip=part.skip)
    page_items = [
        OptOutView(
            channel="email" if item.channel == "email" else "sms",
            address=item.address,
            scope=item.scope,
            reason=item.reason,
            at=item.at,
            how=item.how,
        )
        for item in matching[: part.limit]
    ]
    return OptOutPage(opt_outs=page_items, more=len(matching) > part.limit)


@router.post("/opt-outs", responses=FORBIDDEN_RESPONSE)
async def opt_out(context: ContextDep, actor: WriteToken, wish: OptOutWish) -> OptOutView:
    """Stop messages to an address. Saying it twice is saying it once."""
    channel, address = _parse_address(wish.address)
    if wish.campaign and wish.campaign not in context.app.config.schedules.campaigns:
        raise HTTPException(
            422, [{"type": "campaign", "loc": ["body", "campaign"], "msg": "there is no such campaign"}]
        )
    scope = f"campaign:{wish.campaign}" if wish.campaign else "all"
    wished = OptOut(
        channel=channel, address=address, scope=scope, who=f"token {actor.label}", how="api", words=wish.words
    )
    await context.write(suppressions.opt_out, context.app.ledger, [wished], now=context.now())
    matching = await context.read(suppressions.find, context.app.ledger, address=address)
    item = next(item for item in matching if item.scope == scope)
    return OptOutView(
        channel=channel, address=address, scope=scope, reason=item.reason, at=item.at, how=item.how
    )


def _parse_address(text: str) -> tuple[Channel, str]:
    """Read an address; 422 when it is none."""
    channel, address, _why = address_parser.parse(text)
    if not address:
        raise HTTPException(
            422,
            [{"type": "address", "loc": ["body", "address"], "msg": "neither a mobile number nor an e-mail"}],
        )
    return channel, address
