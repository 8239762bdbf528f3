"""Dependencies of the API's routes: page context, tokens, the campaign of a path; error responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Self

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator

from dispatcher.campaign.model import Campaign
from dispatcher.ledger.access import api_tokens
from dispatcher.ledger.access.api_tokens import ApiToken
from dispatcher.untrusted import clean_text
from dispatcher.web import security_log
from dispatcher.web.page_context import PageContext
from dispatcher.web.permissions import role_allows
from dispatcher.web.request_origin import client_host, may_carry_secrets

TOKEN_LENGTH_MAX = 200
OPEN_LINE = (
    "over plain HTTP whoever is on the way reads the token: call the https:// address (where a proxy brings "
    "it: DISPATCHER_TRUSTED_PROXIES), or set DISPATCHER_ALLOW_HTTP=1"
)
_bearer = HTTPBearer(auto_error=False, description="An API token, made on the page Machines.")


class StrictModel(BaseModel):
    """What callers send: nothing unknown, nothing guessed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="wrap")
    @classmethod
    def _clean(cls, value: object, validate: ModelWrapValidatorHandler[Self]) -> Self:
        """Take out of every text what a database refuses; its length is counted as it was sent."""
        if not isinstance(value, dict):
            return validate(value)
        dirty = {key: item for key, item in value.items() if isinstance(item, str)}
        clean = {key: clean_text(item, limit=len(item)) for key, item in dirty.items()}
        if clean == dirty:
            return validate(value)
        try:
            validate(value)
        except ValidationError as refused:
            if any(error["type"] == "string_too_long" for error in refused.errors()):
                raise
        return validate({**value, **clean})


class Refusal(BaseModel):
    """Why not."""

    detail: str


ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The body cannot be read."},
    401: {"model": Refusal, "description": "No token, or one that is not known."},
    413: {"model": Refusal, "description": "The body is too large."},
}
FORBIDDEN_RESPONSE: dict[int | str, dict[str, Any]] = {
    403: {"model": Refusal, "description": "The token is not for this: its role, its scopes or its campaign."}
}
NOT_FOUND_RESPONSE: dict[int | str, dict[str, Any]] = {
    404: {"model": Refusal, "description": "There is no such thing."}
}


def links_to(**found: tuple[str, str]) -> dict[int | str, dict[str, Any]]:
    """Return what OpenAPI says of where an answer leads: operation → (its parameter, where its value stands).

    An operation is named as FastAPI names it, without the version; a value by a JSON pointer into the answer.
    """
    return {
        200: {
            "links": {
                operation: {
                    "operationId": operation,
                    "parameters": {parameter: f"$response.body#{pointer}"}
                    | ({"campaign": "$request.path.campaign"} if parameter != "campaign" else {}),
                }
                for operation, (parameter, pointer) in found.items()
            }
        }
    }


def get_context(request: Request) -> PageContext:
    """Return what answers are made with."""
    context: PageContext = request.app.state.context
    return context


ContextDep = Annotated[PageContext, Depends(get_context)]


async def known_token(
    request: Request,
    context: ContextDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> ApiToken:
    """Return which machine calls; 401 when we do not know it, 403 when others could read its token."""
    if not may_carry_secrets(request, context.app.settings):
        _note(request, "plain-http")
        raise HTTPException(403, OPEN_LINE)
    token = None
    if credentials is not None and len(credentials.credentials) <= TOKEN_LENGTH_MAX:
        token = await context.read(
            api_tokens.find, context.app.ledger, credentials.credentials, now=context.wall_clock.now()
        )
    if token is None:
        _note(request, "token")
        raise HTTPException(401, "a valid API token is needed", headers={"WWW-Authenticate": "Bearer"})
    return token


@dataclass(frozen=True)
class RequireToken:
    """A dependency: the machine that calls, if its token is for this; 403 when it is not.

    `scope` is what the token must have been made for, `acts` whether it must be allowed to change something.
    A token for one campaign asks about that one only; what belongs to none is not for it, unless the route
    looks itself (`is_any_campaign`).
    """

    scope: str
    acts: bool = False
    is_any_campaign: bool = False

    async def __call__(self, request: Request, token: Annotated[ApiToken, Depends(known_token)]) -> ApiToken:
        if reason := self._reason_against(request, token):
            _note(request, "scope", who=f"token {token.label}")
            raise HTTPException(403, reason)
        return token

    def _reason_against(self, request: Request, token: ApiToken) -> str:
        if self.acts and not role_allows(token.role, "act"):
            return "this token is for looking only"
        if not token.has_scope(self.scope):
            return f"this token is not for {self.scope}"
        if not self.is_any_campaign and not token.may_ask_about(request.path_params.get("campaign", "")):
            return "this token is for another campaign"
        return ""


def _note(request: Request, kind: str, *, who: str = "") -> None:
    security_log.record_refusal(kind, path=request.url.path, source=client_host(request.scope), who=who)


def campaign_or_404(context: ContextDep, campaign: str) -> Campaign:
    """Return the campaign that an address names; 404 when there is none."""
    known = context.app.config.schedules.campaigns.get(campaign)
    if known is None:
        raise HTTPException(404, "there is no such campaign")
    return known


CampaignParam = Annotated[Campaign, Depends(campaign_or_404)]
