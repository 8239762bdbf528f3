"""Who calls the API, and what an answer looks like when they may not."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from dispatcher.campaign.model import Campaign
from dispatcher.ledger import users
from dispatcher.ledger.users import ApiToken
from dispatcher.web.desk import Desk
from dispatcher.web.roles import may

TOKEN_LENGTH_MAX = 200
_bearer = HTTPBearer(auto_error=False, description="An API token, made on the page Machines.")


class Refusal(BaseModel):
    """Why not."""

    detail: str


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The body cannot be read."},
    401: {"model": Refusal, "description": "No token, or one that is not known."},
    413: {"model": Refusal, "description": "The body is too large."},
}
NOT_ALLOWED: dict[int | str, dict[str, Any]] = {
    403: {"model": Refusal, "description": "The token is for looking only."}
}
NOT_THERE: dict[int | str, dict[str, Any]] = {
    404: {"model": Refusal, "description": "There is no such thing."}
}


def desk_of(request: Request) -> Desk:
    """Give what answers are made with."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]


async def caller(
    desk: AtDesk, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> ApiToken:
    """Tell which machine calls; 401 when we do not know it."""
    found = None
    if given is not None and len(given.credentials) <= TOKEN_LENGTH_MAX:
        found = await desk.look(users.token, desk.app.ledger, given.credentials, now=desk.wall.now())
    if found is None:
        raise HTTPException(401, "a valid API token is needed", headers={"WWW-Authenticate": "Bearer"})
    return found


async def actor(token: Annotated[ApiToken, Depends(caller)]) -> ApiToken:
    """Tell which machine wants to change something; 403 when its token is for looking only."""
    if not may(token.role, "act"):
        raise HTTPException(403, "this token is for looking only")
    return token


def wanted(desk: AtDesk, campaign: str) -> Campaign:
    """Give the campaign that an address names; 404 when there is none."""
    found = desk.app.edition.schedules.campaigns.get(campaign)
    if found is None:
        raise HTTPException(404, "there is no such campaign")
    return found


Caller = Annotated[ApiToken, Depends(caller)]
Actor = Annotated[ApiToken, Depends(actor)]
Wanted = Annotated[Campaign, Depends(wanted)]
