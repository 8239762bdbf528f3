"""Posts signed webhooks as Twilio does, over a few connections per host that stay open and are pipelined.

Each webhook is delivered at least once or, after bounded tries, given up; `on_result` hears which. Webhooks
with the same `ordering_key` share a connection and so keep their order, unless a retry breaks it.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections import deque
from collections.abc import Callable, Sequence
from hmac import digest
from typing import Any, cast
from urllib.parse import quote_plus

import httptools

ResultCallback = Callable[
    [int, bytes], None
]  # HTTP status and body; status 0: nobody answered, to the last try

LOOPBACK = re.compile(r"localhost|127(?:\.\d{1,3}){3}|\[::1\]")
_URL = re.compile(r"(https?)://([^/?#:\[\]@_]+|\[[0-9a-fA-F:.]+\])(?::(\d{1,5}))?([/?][^#]*)?(?:#.*)?")


class InvalidWebhookUrl(ValueError):
    """This is no URL that a webhook can be sent to."""


def split_url(url: str) -> tuple[str, str, int, str]:
    """Split `url` into scheme, host, port and target; the host must be valid, so without underscores."""
    match = _URL.fullmatch(url.partition("#")[0])  # what follows is for Twilio itself: connection overrides
    if match is None:
        raise InvalidWebhookUrl(url)
    scheme, host, port, target = match.groups()
    target = target or "/"
    return (
        scheme,
        host,
        int(port or (443 if scheme == "https" else 80)),
        (target if target[0] == "/" else f"/{target}"),
    )


def signature(token: bytes, url: str, fields: Sequence[tuple[str, str]]) -> str:
    """Sign as Twilio documents: HMAC-SHA1 over the URL and all fields sorted by name. `fields` are sorted."""
    text = url + "".join([name + value for name, value in fields])
    return b64encode(digest(token, text.encode(), "sha1")).decode()


class _WebhookDelivery:
    __slots__ = ("attempts", "key", "on_result", "ordering_key", "request")

    def __init__(
        self, key: tuple[str, int], request: bytes, ordering_key: int, on_result: ResultCallback
    ) -> None:
        self.key = key
        self.request = request
        self.ordering_key = ordering_key
        self.on_result = on_result
        self.attempts = 0


class CallbackSender:
    """Sends webhooks to loopback only; `route` takes the place of every URL's own host and port.

    `retry_seconds` are real seconds between tries; the first 0 is for a connection that the other side
    closed while it was idle.
    """

    def __init__(
        self,
        token: str,
        *,
        route: tuple[str, int] | None = None,
        connections: int = 64,
        in_flight_max: int = 2,
        timeout_seconds: float = 15.0,
        retry_seconds: Sequence[float] = (0.0, 0.5, 2.0, 8.0),
    ) -> None:
        self._token = token.encode()
        self._route = route
        self._connections = connections
        self.in_flight_max = in_flight_max
        self.timeout_seconds = timeout_seconds
        self._retry_seconds = tuple(retry_seconds)
        self._open_connections: dict[tuple[str, int, int], _ClientConnection] = {}
        self._idle_waiters: list[asyncio.Future[None]] = []
        self._closed = False
        self.in_flight = 0
        self.retried = 0

    def post(
        self, url: str, fields: Sequence[tuple[str, str]], *, ordering_key: int, on_result: ResultCallback
    ) -> None:
        """Post `fields`, sorted by name, to `url`; calls `on_result` once. A URL off loopback is given up."""
        scheme, host, port, target = split_url(url)
        if self._route is None and (scheme == "https" or not LOOPBACK.fullmatch(host)):
            on_result(0, b"")
            return
        body = "&".join([f"{name}={quote_plus(value)}" for name, value in fields])
        request = (
            f"POST {target} HTTP/1.1\r\nHost: {host}:{port}\r\nUser-Agent: TwilioProxy/1.1\r\n"
            "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\nAccept: */*\r\n"
            f"X-Twilio-Signature: {signature(self._token, url, fields)}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        self.in_flight += 1
        self._enqueue(_WebhookDelivery(self._route or (host, port), request, ordering_key, on_result))

    def finish_attempt(self, delivery: _WebhookDelivery, status: int, body: bytes) -> None:
        """Record the result of one attempt; 5xx and silence are retried."""
        delivery.attempts += 1
        again = status == 0 or status >= 500
        if again and delivery.attempts <= len(self._retry_seconds) and not self._closed:
            self.retried += 1
            wait = self._retry_seconds[delivery.attempts - 1]
            asyncio.get_running_loop().call_later(wait, self._enqueue, delivery)
            return
        self.in_flight -= 1
        delivery.on_result(status, body)
        if not self.in_flight:
            waiting, self._idle_waiters = self._idle_waiters, []
            for future in waiting:
                future.set_result(None)

    async def wait_until_idle(self) -> None:
        """Come back when nothing is under way any more."""
        if self.in_flight:
            future = asyncio.get_running_loop().create_future()
            self._idle_waiters.append(future)
            await future

    def close(self) -> None:
        """Hang up; what is under way is given up."""
        self._closed = True
        for line in tuple(self._open_connections.values()):
            line.hang_up()

    def _enqueue(self, delivery: _WebhookDelivery) -> None:
        key = (*delivery.key, delivery.ordering_key % self._connections)
        line = self._open_connections.get(key)
        if line is None:
            line = self._open_connections[key] = _ClientConnection(self, *delivery.key)
        line.enqueue(delivery)


class _ClientConnection(asyncio.Protocol):
    """One connection, made when there is something to say and made anew when it was closed."""

    def __init__(self, webhooks: CallbackSender, host: str, port: int) -> None:
        self._webhooks = webhooks
        self._host = host.strip("[]")
        self._port = port
        self._waiting: deque[_WebhookDelivery] = deque()
        self._in_flight: deque[_WebhookDelivery] = deque()
        self._transport: asyncio.Transport | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._send_scheduled = False
        self._timeout: asyncio.TimerHandle | None = None
        self._answered = 0
        self._parser: Any = None
        self._body: list[bytes] = []

    def enqueue(self, delivery: _WebhookDelivery) -> None:
        """Queue `post`; what is queued in one turn of the loop leaves in one write."""
        self._waiting.append(delivery)
        if not self._send_scheduled:
            self._send_scheduled = True
            asyncio.get_running_loop().call_soon(self._send_pending)

    def hang_up(self) -> None:
        """Close; connection_lost settles what was under way."""
        if self._connecting is not None:
            self._connecting.cancel()
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._parser = httptools.HttpResponseParser(self)
        self._send_pending()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
        lost, self._in_flight = self._in_flight, deque()
        for post in lost:
            self._webhooks.finish_attempt(post, 0, b"")
        if self._waiting:
            self._send_pending()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self.hang_up()
            return
        if self._waiting:
            self._send_pending()

    def on_message_begin(self) -> None:
        self._body = []

    def on_body(self, data: bytes) -> None:
        self._body.append(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200 or not self._in_flight:  # 100 Continue is no answer
            return
        self._answered += 1
        self._webhooks.finish_attempt(self._in_flight.popleft(), status, b"".join(self._body))
        if not self._parser.should_keep_alive() and self._transport is not None:
            self._transport.close()

    def _send_pending(self) -> None:
        self._send_scheduled = False
        if self._transport is None:
            if self._connecting is None and self._waiting:
                self._connecting = asyncio.get_running_loop().create_task(self._connect())
            return
        room = self._webhooks.in_flight_max - len(self._in_flight)
        if self._transport.is_closing() or room <= 0 or not self._waiting:
            return
        leaving = [self._waiting.popleft() for _ in range(min(room, len(self._waiting)))]
        self._in_flight.extend(leaving)
        self._transport.write(b"".join([post.request for post in leaving]))
        if self._timeout is None:
            self._start_timeout()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._webhooks.timeout_seconds):
                await loop.create_connection(lambda: self, self._host, self._port)
        except (OSError, TimeoutError):
            refused, self._waiting = self._waiting, deque()
            for post in refused:
                self._webhooks.finish_attempt(post, 0, b"")
        finally:
            self._connecting = None
            if self._waiting:  # it may have been closed again before we got here
                self._send_pending()

    def _start_timeout(self) -> None:
        loop = asyncio.get_running_loop()
        self._timeout = loop.call_later(self._webhooks.timeout_seconds, self._check_timeout, self._answered)

    def _check_timeout(self, answered: int) -> None:
        self._timeout = None
        if not self._in_flight:
            return
        if self._answered == answered:
            self.hang_up()  # nothing came back for the whole time
        else:
            self._start_timeout()
