"""Where providers report: checked for their signature, written to the inbox, answered once it is safe.

Bare ASGI, below every middleware: a campaign brings more callbacks than everything else together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from dispatcher.gateways import twilio_webhooks
from dispatcher.ledger.events import Event
from dispatcher.links import Links
from dispatcher.web.inbox import InboxWriter

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = tuple[int, bytes, bytes]  # status, content type, body

PREFIX = "/twilio/"
STATUS = "/twilio/status/"
INBOUND = "/twilio/inbound"
BODY_MAX = 64 * 1024  # a callback is a kilobyte; nobody honest sends more
TEXT = b"text/plain; charset=utf-8"
XML = b"application/xml"
EMPTY_TWIML = b'<?xml version="1.0" encoding="UTF-8"?><Response/>'

DONE: Answer = (204, TEXT, b"")
HEARD: Answer = (200, XML, EMPTY_TWIML)
NOT_READ: Answer = (400, TEXT, b"")
NOT_SIGNED: Answer = (403, TEXT, b"")
NOT_HERE: Answer = (404, TEXT, b"")
NOT_SO: Answer = (405, TEXT, b"")
TOO_MUCH: Answer = (413, TEXT, b"")
NOT_NOW: Answer = (503, TEXT, b"")


class TooMuch(Exception):
    """The body is larger than any of ours."""


class TwilioHooks:
    """The webhooks of one Twilio account, as an ASGI application for paths under /twilio/."""

    def __init__(self, *, auth_token: str, links: Links, inbox: InboxWriter) -> None:
        self._auth_token = auth_token
        self._links = links
        self._inbox = inbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never an error page, whatever came."""
        try:
            status, content_type, body = await self._answer(scope, receive)
        except TooMuch:
            status, content_type, body = TOO_MUCH
        except ConnectionError:
            return  # the caller hung up before the end of the request
        headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        path: str = scope["path"]
        if not path.startswith(STATUS) and path != INBOUND:
            return NOT_HERE
        if scope["method"] != "POST":
            return NOT_SO
        form = self._signed_form(scope, path, await _body(receive))
        if form is None:
            return NOT_SIGNED
        event = _inbound(form) if path == INBOUND else self._status(path.removeprefix(STATUS), form)
        if event is None:
            return NOT_READ
        try:
            await self._inbox.put(event)
        except Exception:  # noqa: BLE001 - the ledger is away: the provider will call again
            return NOT_NOW
        return HEARD if path == INBOUND else DONE

    def _signed_form(self, scope: Scope, path: str, body: bytes) -> Mapping[str, str] | None:
        """Give the fields of a request that Twilio signed, else None."""
        pairs = twilio_webhooks.read_form(body)
        query = scope["query_string"].decode("latin-1")
        url = f"{self._links.public_url}{path}?{query}" if query else self._links.public_url + path
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not twilio_webhooks.is_signed(self._auth_token, url, pairs, headers):
            return None
        return dict(pairs)

    def _status(self, key: str, form: Mapping[str, str]) -> Event | None:
        report = twilio_webhooks.read_status_callback(form)
        if report is None:
            return None
        message_id, attempt = self._links.read_message_key(key) or (None, 0)
        facts = f"twilio|{report.provider_id}|{report.raw}|{report.code}|{key}"
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
            raw={"status": report.raw, "done": form.get("RawDlrDoneDate", "")[:32]},
        )


def _inbound(form: Mapping[str, str]) -> Event | None:
    text = twilio_webhooks.read_inbound(form)
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
            raise TooMuch
        if not message.get("more_body", False):
            return body
