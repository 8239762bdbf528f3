"""Where providers report: checked for their signature, written to the inbox, answered once it is safe.

Bare ASGI, below every middleware: a campaign brings more callbacks than everything else together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from dispatcher.gateways.twilio import webhooks
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.signed_links import SignedLinks
from dispatcher.web.group_commit import GroupCommitWriter

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
RawResponse = tuple[int, bytes, bytes]  # status, content type, body

WEBHOOK_PREFIX = "/twilio/"
STATUS_PREFIX = "/twilio/status/"
INBOUND_PATH = "/twilio/inbound"
BODY_MAX = 64 * 1024  # a callback is a kilobyte; nobody honest sends more
TEXT = b"text/plain; charset=utf-8"
XML = b"application/xml"
EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'

NO_CONTENT: RawResponse = (204, TEXT, b"")
OK_TWIML: RawResponse = (200, XML, EMPTY_TWIML)
BAD_REQUEST: RawResponse = (400, TEXT, b"")
FORBIDDEN: RawResponse = (403, TEXT, b"")
NOT_FOUND: RawResponse = (404, TEXT, b"")
METHOD_NOT_ALLOWED: RawResponse = (405, TEXT, b"")
PAYLOAD_TOO_LARGE: RawResponse = (413, TEXT, b"")
SERVICE_UNAVAILABLE: RawResponse = (503, TEXT, b"")


class WebhookTooLarge(Exception):
    """The body is larger than any of ours."""


class TwilioWebhook:
    """The webhooks of one Twilio account, as an ASGI application for paths under /twilio/."""

    def __init__(self, *, auth_token: str, links: SignedLinks, writer: GroupCommitWriter) -> None:
        self._auth_token = auth_token
        self._links = links
        self._writer = writer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never an error page, whatever came."""
        try:
            status, content_type, body = await self._answer(scope, receive)
        except WebhookTooLarge:
            status, content_type, body = PAYLOAD_TOO_LARGE
        except ConnectionError:
            return  # the caller hung up before the end of the request
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> RawResponse:
        path: str = scope["path"]
        if not path.startswith(STATUS_PREFIX) and path != INBOUND_PATH:
            return NOT_FOUND
        if scope["method"] != "POST":
            return METHOD_NOT_ALLOWED
        form = self._signed_form(scope, path, await _body(receive))
        if form is None:
            return FORBIDDEN
        event = (
            _inbound_event(form)
            if path == INBOUND_PATH
            else self._status_event(path.removeprefix(STATUS_PREFIX), form)
        )
        if event is None:
            return BAD_REQUEST
        try:
            await self._writer.write(event)
        except Exception:  # noqa: BLE001 - the ledger is away: the provider will call again
            return SERVICE_UNAVAILABLE
        return OK_TWIML if path == INBOUND_PATH else NO_CONTENT

    def _signed_form(self, scope: Scope, path: str, body: bytes) -> Mapping[str, str] | None:
        """Return the fields of a request that Twilio signed, else None."""
        pairs = webhooks.parse_form(body)
        query = scope["query_string"].decode("latin-1")
        url = f"{self._links.public_url}{path}?{query}" if query else self._links.public_url + path
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not webhooks.verify_signature(self._auth_token, url, pairs, headers):
            return None
        return dict(pairs)

    def _status_event(self, key: str, form: Mapping[str, str]) -> Event | None:
        report = webhooks.parse_status_callback(form)
        if report is None:
            return None
        message_id, attempt = self._links.parse_message_key(key) or (None, 0)
        facts = f"twilio|{report.provider_id}|{report.twilio_status}|{report.code}|{key}"
        return Event(
            kind="status",
            dedupe_key=_digest(facts),
            gateway="twilio",
            message_id=message_id,
            message_key=key[:64],
            attempt=attempt,
            provider_id=report.provider_id,
            status=report.status,
            code=report.code,
            error_class=report.error_class,
            retry_after_seconds=report.retry_after_seconds,
            raw={"status": report.twilio_status, "done": form.get("RawDlrDoneDate", "")[:32]},
        )


def _inbound_event(form: Mapping[str, str]) -> Event | None:
    text = webhooks.parse_inbound_sms(form)
    if text is None:
        return None
    return Event(
        kind="inbound",
        dedupe_key=_digest(f"twilio|inbound|{text.provider_id}"),
        gateway="twilio",
        provider_id=text.provider_id,
        raw={"from": text.sender[:64], "body": text.body[:1600], "opt_out_type": text.opt_out_type[:16]},
    )


def _digest(facts: str) -> str:
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:40]


async def _body(receive: Receive) -> bytes:
    """Read the body; TooMuch when it is larger than any of ours, ConnectionError when the caller hung up."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        body += message.get("body", b"")
        if len(body) > BODY_MAX:
            raise WebhookTooLarge
        if not message.get("more_body", False):
            return body
