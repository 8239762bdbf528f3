"""A contest's platform tells us who took part, without being asked: signed as Standard Webhooks."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError

from dispatcher.feedback import signatures
from dispatcher.ledger import hooks
from dispatcher.web.api.access import NOT_THERE, AtDesk, Refusal
from dispatcher.web.api.people import Strict, Taken, TookPart, record

router = APIRouter(tags=["push"])


class Data(TookPart):
    """Who took part in which campaign."""

    campaign: str


class Pushed(Strict):
    """An event of type `participation`."""

    type: str
    timestamp: str = ""
    data: Data


SIGNATURE = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]
REFUSED: dict[int | str, dict[str, Any]] = {
    400: {"model": Refusal, "description": "The event cannot be read."},
    403: {"model": Refusal, "description": "The signature is missing, wrong or old."},
    413: {"model": Refusal, "description": "The body is too large."},
}
SCHEMA = {
    "parameters": SIGNATURE,
    "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
}


@router.post("/push/{hook}", responses=REFUSED | NOT_THERE, openapi_extra=SCHEMA)
async def push(desk: AtDesk, hook: str, request: Request) -> Taken:
    """Take an event in. The same event again changes nothing."""
    body = await request.body()
    known = {item.name: item for item in await desk.look(hooks.hooks, desk.app.ledger, direction="in")}
    sender = known.get(hook)
    # An unknown name and a wrong signature are answered alike: nobody learns which names there are.
    if sender is None or not signatures.is_signed(
        sender.secret, dict(request.headers), body, now=desk.wall.now()
    ):
        raise HTTPException(403, "the signature is missing, wrong or old")
    try:
        pushed = Pushed.model_validate_json(body)
    except ValidationError as error:
        raise HTTPException(400, "the event cannot be read") from error
    if pushed.type != "participation":
        raise HTTPException(400, "only events of type participation are taken")
    if pushed.data.campaign not in desk.app.edition.schedules.campaigns:
        raise HTTPException(404, "there is no such campaign")
    return await record(desk, pushed.data.campaign, pushed.data, source=hook, who=f"hook {hook}")
