"""Where providers report: checked for their signature, written to the inbox, answered at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dispatcher.gateways import twilio_webhooks
from dispatcher.ledger.events import Event
from dispatcher.links import Links
from dispatcher.web.inbox import InboxWriter

BODY_MAX = 64 * 1024  # a callback is a kilobyte; nobody honest sends more
EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'


class TwilioRoutes:
    """The webhooks of one Twilio account."""

    def __init__(self, *, auth_token: str, links: Links, inbox: InboxWriter) -> None:
        self._auth_token = auth_token
        self._links = links
        self._inbox = inbox

    def routes(self) -> Sequence[Route]:
        """Give the routes of this account."""
        return (
            Route("/twilio/status/{key}", self.status, methods=["POST"]),
            Route("/twilio/inbound", self.inbound, methods=["POST"]),
        )

    async def status(self, request: Request) -> Response:
        """Take a status callback."""
        form = await self._signed_form(request)
        if form is None:
            return Response(status_code=403)
        report = twilio_webhooks.read_status_callback(form)
        key = request.path_params["key"]
        ours = self._links.read_message_key(key)
        if report is None:
            return Response(status_code=400)
        message_id, attempt = ours or (None, 0)
        facts = f"twilio|{report.provider_id}|{report.raw}|{report.code}|{key}"
        await self._inbox.put(
            Event(
                kind="status",
                dedupe_key=hashlib.sha256(facts.encode()).hexdigest(),
                gateway="twilio",
                message_id=message_id,
                message_key=key[:64],
                attempt=attempt,
                provider_id=report.provider_id,
                status=report.status,
                code=report.code,
                error_class=report.error_class,
                raw={"status": report.raw, "done": form.get("RawDlrDoneDate", "")},
            )
        )
        return Response(status_code=204)

    async def inbound(self, request: Request) -> Response:
        """Take a text from a resident."""
        form = await self._signed_form(request)
        if form is None:
            return Response(status_code=403)
        text = twilio_webhooks.read_inbound(form)
        if text is None:
            return Response(status_code=400)
        await self._inbox.put(
            Event(
                kind="inbound",
                dedupe_key=hashlib.sha256(f"twilio|inbound|{text.provider_id}".encode()).hexdigest(),
                gateway="twilio",
                provider_id=text.provider_id,
                raw={"from": text.sender, "body": text.body[:1600], "opt_out_type": text.opt_out_type},
            )
        )
        return Response(EMPTY_TWIML, media_type="application/xml")

    async def _signed_form(self, request: Request) -> dict[str, str] | None:
        """Give the fields of a request that Twilio signed, else None."""
        body = b""
        async for piece in request.stream():
            body += piece
            if len(body) > BODY_MAX:
                return None
        pairs = twilio_webhooks.read_form(body)
        query = f"?{request.url.query}" if request.url.query else ""
        url = f"{self._links.public_url}{request.url.path}{query}"
        if not twilio_webhooks.is_signed(self._auth_token, url, pairs, request.headers):
            return None
        return dict(pairs)
