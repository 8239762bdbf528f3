"""People over the API: who must not be written to. Addresses stand in bodies, not in URLs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from dispatcher.channels import Channel
from dispatcher.contacts import address_parser
from dispatcher.ledger.access.api_tokens import ApiToken
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.web.api.dependencies import (
    ERROR_RESPONSES,
    FORBIDDEN_RESPONSE,
    ContextDep,
    RequireToken,
    StrictModel,
)

OptOutsToken = Annotated[ApiToken, Depends(RequireToken("opt-outs", acts=True))]  # numbers stand in there
WishToken = Annotated[ApiToken, Depends(RequireToken("opt-outs", acts=True, is_any_campaign=True))]

router = APIRouter(tags=["people"], responses=ERROR_RESPONSES)
LIST_MAX = 1000


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


@router.get("/opt-outs", responses=FORBIDDEN_RESPONSE)
async def opt_outs(context: ContextDep, actor: OptOutsToken, part: Annotated[Part, Query()]) -> OptOutPage:
    """List who is not written to, by address."""
    await context.record_view(f"token {actor.label}", "opt-outs")
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
async def opt_out(context: ContextDep, actor: WishToken, wish: OptOutWish) -> OptOutView:
    """Stop messages to an address. Saying it twice is saying it once."""
    if not actor.may_ask_about(wish.campaign):
        raise HTTPException(403, "this token is for another campaign")
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
