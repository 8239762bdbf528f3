"""Dependencies of the API's routes: page context, tokens, the campaign of a path; error responses."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, model_validator

from dispatcher.campaign.model import Campaign
from dispatcher.ledger.access import users
from dispatcher.ledger.access.users import ApiToken
from dispatcher.untrusted import clean_text
from dispatcher.web.page_context import PageContext
from dispatcher.web.permissions import role_allows

TOKEN_LENGTH_MAX = 200
_bearer = HTTPBearer(auto_error=False, description="An API token, made on the page Machines.")


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


class Refusal(BaseModel):
    """Why not."""

    detail: str


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The body cannot be read."},
    401: {"model": Refusal, "description": "No token, or one that is not known."},
    413: {"model": Refusal, "description": "The body is too large."},
}
FORBIDDEN_RESPONSE: dict[int | str, dict[str, Any]] = {
    403: {"model": Refusal, "description": "The token is for looking only."}
}
NOT_FOUND_RESPONSE: dict[int | str, dict[str, Any]] = {
    404: {"model": Refusal, "description": "There is no such thing."}
}


def get_context(request: Request) -> PageContext:
    """Return what answers are made with."""
    context: PageContext = request.app.state.context
    return context


ContextDep = Annotated[PageContext, Depends(get_context)]


async def require_read_token(
    context: ContextDep, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> ApiToken:
    """Return which machine calls; 401 when we do not know it."""
    token = None
    if credentials is not None and len(credentials.credentials) <= TOKEN_LENGTH_MAX:
        token = await context.read(
            users.find_token, context.app.ledger, credentials.credentials, now=context.wall_clock.now()
        )
    if token is None:
        raise HTTPException(401, "a valid API token is needed", headers={"WWW-Authenticate": "Bearer"})
    return token


async def require_write_token(token: Annotated[ApiToken, Depends(require_read_token)]) -> ApiToken:
    """Return which machine wants to change something; 403 when its token is for looking only."""
    if not role_allows(token.role, "act"):
        raise HTTPException(403, "this token is for looking only")
    return token


def campaign_or_404(context: ContextDep, campaign: str) -> Campaign:
    """Return the campaign that an address names; 404 when there is none."""
    known = context.app.config.schedules.campaigns.get(campaign)
    if known is None:
        raise HTTPException(404, "there is no such campaign")
    return known


ReadToken = Annotated[ApiToken, Depends(require_read_token)]
WriteToken = Annotated[ApiToken, Depends(require_write_token)]
CampaignParam = Annotated[Campaign, Depends(campaign_or_404)]
