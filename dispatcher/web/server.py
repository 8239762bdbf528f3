"""Runs uvicorn inside the service's event loop; signals stay with the service."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from typing import Protocol

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dispatcher.web.lingering_transport import LingeringTransport
from dispatcher.web.provider_webhooks import Receive, Scope, Send, is_webhook
from dispatcher.web.request_limits import HEAD_BYTES_MAX

BACKLOG = 2048
SHUTDOWN_GRACE_SECONDS = 5
HEADER_TIMEOUT_SECONDS = 10.0
READ_BYTES_MAX = 256 * 1024  # the event loop hands over so much at a time, of a body too
CONNECTIONS_MAX = 2000
CONNECTIONS_PER_SOURCE_MAX = 256  # a proxy is one source, and opens a connection for each request under way
_connections: Counter[str] = Counter()  # open ones, by the address they come from


class ServedApp(Protocol):
    """What can be served: an ASGI application that says what works beside it and how it lets go."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None: ...

    def running(self) -> AbstractAsyncContextManager[None]: ...

    async def close_streams(self) -> None: ...


class _HeaderTimeoutProtocol(HttpToolsProtocol):
    """Gives up on callers whose headers, or a webhook's short body, do not come to an end."""

    _lingering: LingeringTransport
    _header_timeout: asyncio.TimerHandle | None = None
    _head_bytes = 0  # of the head that is being read; below 0 while a body is
    _source = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # uvicorn's own
        self._lingering = LingeringTransport(transport, self.loop, lambda: self._head_bytes < 0)
        super().connection_made(self._lingering)
        self._source = self.client[0] if self.client else ""
        _connections[self._source] += 1
        if _connections[self._source] > CONNECTIONS_PER_SOURCE_MAX:
            transport.close()
            return
        self._header_timeout = self.loop.call_later(HEADER_TIMEOUT_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head is longer than any of ours: the parser would keep all of it."""
        if self._lingering.is_lingering:
            self._lingering.forget(data)
            return
        if self._head_bytes >= 0:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._head_bytes > HEAD_BYTES_MAX + READ_BYTES_MAX:
            self.transport.close()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._header_timeout is None:
            self._header_timeout = self.loop.call_later(HEADER_TIMEOUT_SECONDS, self.transport.close)

    def on_headers_complete(self) -> None:
        self._head_bytes = -1
        if not is_webhook(self.url.decode("latin-1")):  # pages have their own patience: some take files
            self._cancel_timeout()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._head_bytes = 0
        self._cancel_timeout()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        _connections[self._source] -= 1
        if not _connections[self._source]:
            del _connections[self._source]
        self._cancel_timeout()
        super().connection_lost(exc)

    def _cancel_timeout(self) -> None:
        if self._header_timeout is not None:
            self._header_timeout.cancel()
            self._header_timeout = None


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave SIGTERM to whoever runs the whole service."""
        yield


def bind(host: str, port: int) -> socket.socket:
    """Bind before anything else starts: a taken port (OSError) stops the start, not the run."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.listen(BACKLOG)
    return listener


@asynccontextmanager
async def serve(
    app: ServedApp, listener: socket.socket, *, trusted_proxies: Sequence[str] = ()
) -> AsyncIterator[None]:
    """Serve `app` on `listener` while the block runs; `trusted_proxies` are believed for whom they speak."""
    async with app.running(), _run_uvicorn(app, listener, trusted_proxies):
        yield


@asynccontextmanager
async def _run_uvicorn(
    app: ServedApp, listener: socket.socket, trusted_proxies: Sequence[str]
) -> AsyncIterator[None]:
    config = uvicorn.Config(
        app,
        http=_HeaderTimeoutProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        limit_concurrency=CONNECTIONS_MAX,
        timeout_graceful_shutdown=SHUTDOWN_GRACE_SECONDS,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started and not task.done():  # noqa: ASYNC110 - uvicorn has a flag, no event
        await asyncio.sleep(0.01)
    try:
        yield
    finally:
        await app.close_streams()  # live pages would keep their connections open
        server.should_exit = True
        await task
