"""Where providers report: read by the provider's own code, written to the inbox, answered once it is safe.

Bare ASGI, below every middleware: a campaign brings more callbacks than everything else together.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from functools import cache
from typing import Any, Literal

from dispatcher.app import App
from dispatcher.feedback.inbound_texts import inbound_event
from dispatcher.gateways import registry
from dispatcher.gateways.provider import InboundText, Provider, StatusReport, WebhookAnswer, WebhookRequest
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.web import security_log
from dispatcher.web.group_commit import GroupCommitWriter
from dispatcher.web.request_origin import client_host

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/providers/"
STATUS, INBOUND = "status/", "inbound"
BODY_MAX = 64 * 1024  # a callback is a kilobyte; nobody honest sends more

FORBIDDEN = 403
NOT_FOUND = WebhookAnswer(status=404)
PAYLOAD_TOO_LARGE = WebhookAnswer(status=413)
SERVICE_UNAVAILABLE = WebhookAnswer(status=503)


class WebhookTooLarge(Exception):
    """The body is larger than any of ours."""


@cache
def prefixes() -> Mapping[str, Provider]:
    """Return below which paths which provider reports."""
    return {
        prefix: provider
        for provider in registry.providers().values()
        if provider.read_webhook is not None
        for prefix in (f"{PREFIX}{provider.name}/", *provider.webhook_aliases)
    }


def is_webhook(path: str) -> bool:
    """Return whether a path is one of those that providers call."""
    return path.startswith((PREFIX, *prefixes()))


class ProviderWebhooks:
    """The webhooks of every installed provider, as an ASGI application."""

    def __init__(self, app: App) -> None:
        self._links = app.links
        self._values = app.settings.gateway_values
        self._writer = GroupCommitWriter(ledger=app.ledger, ledger_thread=app.ledger_thread, clock=app.clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; never an error page, whatever came."""
        try:
            answer = await self._answer(scope, receive)
        except WebhookTooLarge:
            answer = PAYLOAD_TOO_LARGE
        except ConnectionError:
            return  # the caller hung up before the end of the request
        if answer.status == FORBIDDEN:
            security_log.record_refusal("signature", path=scope["path"], source=client_host(scope))
        length = str(len(answer.body)).encode()
        headers = [(b"content-type", answer.content_type.encode()), (b"content-length", length)]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _answer(self, scope: Scope, receive: Receive) -> WebhookAnswer:
        provider, place = _find(scope["path"])
        if provider is None or provider.read_webhook is None:
            return NOT_FOUND
        key = place.removeprefix(STATUS) if place.startswith(STATUS) else ""
        message_id, attempt = self._links.parse_message_key(key) or (None, 0)
        request = self._request(
            scope, "status" if key else "inbound", await _body(receive), is_key_ours=message_id is not None
        )
        answer = provider.read_webhook(request, self._values)
        try:
            for report in answer.reports:
                await self._writer.write(
                    inbound_event(provider.name, report)
                    if isinstance(report, InboundText)
                    else _status_event(provider.name, report, key, message_id, attempt)
                )
            if answer.unreadable is not None:
                await self._writer.write(
                    _unreadable_event(provider.name, answer.unreadable, key, message_id, attempt)
                )
        except Exception:  # noqa: BLE001 - the ledger is away: the provider will call again
            return SERVICE_UNAVAILABLE
        return answer

    def _request(
        self, scope: Scope, purpose: Literal["status", "inbound"], body: bytes, *, is_key_ours: bool
    ) -> WebhookRequest:
        query = scope["query_string"].decode("latin-1")
        url = f"{self._links.public_url}{scope['path']}"
        return WebhookRequest(
            purpose=purpose,
            method=scope["method"],
            url=f"{url}?{query}" if query else url,
            query=query,
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]},
            body=body,
            is_key_ours=is_key_ours,
        )


def _find(path: str) -> tuple[Provider | None, str]:
    """Return whose address a path is, and the place below it; nobody's when it is no address of ours."""
    for prefix, provider in prefixes().items():
        place = path.removeprefix(prefix)
        if place != path and (place == INBOUND or (place.startswith(STATUS) and place != STATUS)):
            return provider, place
    return None, ""


def _status_event(
    provider: str, report: StatusReport, key: str, message_id: int | None, attempt: int
) -> Event:
    facts = f"{provider}|{report.provider_id}|{report.provider_status}|{report.code}|{key}"
    return Event(
        kind="status",
        dedupe_key=_digest(facts),
        gateway=provider,
        message_id=message_id,
        message_key=key[:64],
        attempt=attempt,
        provider_id=report.provider_id,
        status=report.status,
        code=report.code,
        error_class=report.error_class,
        retry_after_seconds=report.retry_after_seconds,
        parts=report.parts,
        vnd=report.vnd,
        raw={"status": report.provider_status, **report.extra},
    )


def _unreadable_event(
    provider: str, received: Mapping[str, str], key: str, message_id: int | None, attempt: int
) -> Event:
    return Event(
        kind="status",
        dedupe_key=_digest(f"{provider}|unreadable|{key}|{sorted(received.items())!r}"),
        gateway=provider,
        message_id=message_id,
        message_key=key[:64],
        attempt=attempt,
        raw={"received": received},
        unreadable="a report about a text of ours that names no message, or no status",
    )


def _digest(facts: str) -> str:
    return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:40]


async def _body(receive: Receive) -> bytes:
    """Read the body.

    Raises WebhookTooLarge when it is larger than any of ours, ConnectionError when the caller hung up.
    """
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
