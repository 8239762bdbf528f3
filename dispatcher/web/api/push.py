"""Incoming webhooks: participation pushed by a contest's platform, signed as Standard Webhooks."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError

from dispatcher.feedback import webhook_signatures
from dispatcher.ledger.access import webhooks
from dispatcher.web import security_log
from dispatcher.web.api.dependencies import NOT_FOUND_RESPONSE, ContextDep, Refusal, StrictModel
from dispatcher.web.api.participation import MOST_RESPONSE, Taken, TookPart, record_participation
from dispatcher.web.request_origin import client_host

router = APIRouter(tags=["push"])


class Data(TookPart):
    """Who took part in which campaign."""

    campaign: str


class Pushed(StrictModel):
    """An event of type `participation`."""

    type: str
    timestamp: str = ""
    data: Data


SIGNATURE_HEADERS = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]
PUSH_ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The event cannot be read."},
    403: {"model": Refusal, "description": "The signature is missing, wrong or old."},
    413: {"model": Refusal, "description": "The body is too large."},
}
OPENAPI_EXTRA = {
    "parameters": SIGNATURE_HEADERS,
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
}


@router.post(
    "/push/{hook}",
    responses=PUSH_ERROR_RESPONSES | NOT_FOUND_RESPONSE | MOST_RESPONSE,
    openapi_extra=OPENAPI_EXTRA,
)
async def push(context: ContextDep, hook: str, request: Request) -> Taken:
    """Take an event in. The same event again changes nothing."""
    body = await request.body()
    hooks_by_name = {
        item.name: item for item in await context.read(webhooks.find, context.app.ledger, direction="in")
    }
    sender = hooks_by_name.get(hook)
    # An unknown name and a wrong signature are answered alike: nobody learns which names there are.
    if sender is None or not webhook_signatures.verify(
        sender.secret, dict(request.headers), body, now=context.wall_clock.now()
    ):
        security_log.record_refusal("signature", path=request.url.path, source=client_host(request.scope))
        raise HTTPException(403, "the signature is missing, wrong or old")
    try:
        event = Pushed.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(400, "the event cannot be read") from error
    if event.type != "participation":
        raise HTTPException(400, "only events of type participation are taken")
    if event.data.campaign not in context.app.config.schedules.campaigns:
        raise HTTPException(404, "there is no such campaign")
    return await record_participation(
        context, event.data.campaign, event.data, source=hook, who=f"hook {hook}"
    )
