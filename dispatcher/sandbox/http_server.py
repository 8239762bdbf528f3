"""As much of an HTTP/1.1 server as the sandbox needs, and fast: keep-alive, pipelining, nothing else.

Answers of one turn of the event loop leave together, after `before_write` has run: that is where the
log is written, so no answer can overtake its line.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, cast

import httptools

JSON = "application/json;charset=utf-8"
HTML = "text/html; charset=utf-8"
BODY_LENGTH_MAX = 1 << 20


class Request:
    """One request; header names are lower case."""

    __slots__ = ("body", "headers", "method", "path", "query")

    def __init__(self, method: str, url: bytes, headers: dict[bytes, bytes], body: bytes) -> None:
        path, _, query = url.partition(b"?")
        self.method = method
        self.path = path.decode("latin-1")
        self.query = query.decode("latin-1")
        self.headers = headers
        self.body = body


class ResponseSlot:
    """The place of one answer in its connection's row of answers; filled once, at any time."""

    __slots__ = ("_connection", "close", "close_requested", "data")

    def __init__(self, connection: _ServerConnection, *, close_requested: bool) -> None:
        self._connection = connection
        self.data: bytes | None = None
        self.close_requested = close_requested  # the client asked to close after this one
        self.close = False

    @property
    def connection_id(self) -> int:
        """Return an id that is unique among open connections."""
        return id(self._connection)

    def respond(
        self, status: int, body: bytes, content_type: str = JSON, headers: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Answer with `body`."""
        extra = "".join(f"{name}: {value}\r\n" for name, value in headers)
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {content_type}\r\n{extra}"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        self.write(head.encode("latin-1") + body)

    def write(self, data: bytes) -> None:
        """Answer with these bytes as they are, whole or not."""
        self.data = data
        self._connection.schedule_write()

    def respond_json(self, status: int, value: object, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Answer with a JSON value."""
        self.respond(status, json.dumps(value, ensure_ascii=False).encode(), JSON, headers)

    def hang_up(self) -> None:
        """Hang up instead of answering."""
        self.data = b""
        self.close = True
        self._connection.schedule_write()


Handler = Callable[[Request, ResponseSlot], None]


class HttpServer:
    """Listens on loopback and gives every request to `handler`."""

    def __init__(self, handler: Handler, before_write: Callable[[], None]) -> None:
        self.handler = handler
        self._before_write = before_write
        self._ready: set[_ServerConnection] = set()
        self._connections: set[_ServerConnection] = set()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen; gives the port, which `port` 0 leaves to the system."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _ServerConnection(self), host, port, backlog=512)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        for connection in tuple(self._connections):
            connection.hang_up()
        if self._server is not None:
            await self._server.wait_closed()

    def connection_opened(self, connection: _ServerConnection) -> None:
        """Remember an open connection."""
        self._connections.add(connection)

    def connection_closed(self, connection: _ServerConnection) -> None:
        """Forget a closed connection."""
        self._connections.discard(connection)
        self._ready.discard(connection)

    def schedule_write(self, connection: _ServerConnection) -> None:
        """Note that `connection` has something to write at the end of this turn."""
        if not self._ready:
            asyncio.get_running_loop().call_soon(self._write)
        self._ready.add(connection)

    def _write(self) -> None:
        self._before_write()
        ready, self._ready = self._ready, set()
        for connection in ready:
            connection.write()


class _ServerConnection(asyncio.Protocol):
    def __init__(self, server: HttpServer) -> None:
        self._server = server
        self._slots: deque[ResponseSlot] = deque()
        self._transport: asyncio.Transport | None = None
        self._parser: Any = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self._length = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name
        self._server.connection_opened(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._server.connection_closed(self)

    def data_received(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            raise error.__context__ or error from None  # our own mistake: the loop shows it and hangs up
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._refuse(400)

    def on_message_begin(self) -> None:
        self._url = b""
        self._headers = {}
        self._body = []
        self._length = 0

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, data: bytes) -> None:
        self._length += len(data)
        if self._length > BODY_LENGTH_MAX:
            self._refuse(413)
        else:
            self._body.append(data)

    def on_message_complete(self) -> None:
        slot = ResponseSlot(self, close_requested=not self._parser.should_keep_alive())
        self._slots.append(slot)
        method = self._parser.get_method().decode("latin-1")
        self._server.handler(Request(method, self._url, self._headers, b"".join(self._body)), slot)

    def schedule_write(self) -> None:
        """Ask to be written at the end of this turn."""
        if self._transport is not None:
            self._server.schedule_write(self)

    def write(self) -> None:
        """Write the answers that are ready, in the order of the requests."""
        if self._transport is None:
            return
        parts: list[bytes] = []
        close = False
        while self._slots and not close and (data := self._slots[0].data) is not None:
            slot = self._slots.popleft()
            parts.append(data)
            close = slot.close or slot.close_requested
        self._transport.write(b"".join(parts))
        if close:
            self._transport.close()

    def hang_up(self) -> None:
        """Close without another word."""
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self, status: int) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Length: 0\r\n"
                "Connection: close\r\n\r\n".encode()
            )
            self._transport.close()
