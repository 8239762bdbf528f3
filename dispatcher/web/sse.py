"""Server-sent events: a part of a page is sent again whenever there is news."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from dispatcher.web.refresher import StatsRefresher

STREAMS_MAX = 100
STREAMS_PER_SESSION_MAX = 10  # nobody's many windows keep others from looking
KEEPALIVE_SECONDS = 20.0  # then a comment goes out, so that proxies keep the line open
STREAM_SECONDS_MAX = 600.0  # then the browser calls again, and is asked who it is again


class EventStream:
    """Streams to open pages."""

    def __init__(self, refresher: StatsRefresher) -> None:
        self._refresher = refresher
        self._open: Counter[str] = Counter()  # by session

    async def page_opened(self) -> None:
        """Note that somebody opens a page, and let it be fresh."""
        await self._refresher.page_opened()

    def stream(
        self,
        request: Request,
        render: Callable[[], Awaitable[str]],
        *,
        is_allowed: Callable[[], Awaitable[bool]],
    ) -> Response:
        """Answer with a stream of what `render` returns, when it differs, while the reader may see it."""
        session = request.state.user.session.id
        if self._refresher.open_streams >= STREAMS_MAX or self._open[session] >= STREAMS_PER_SESSION_MAX:
            return PlainTextResponse("", 503, headers={"retry-after": "60"})
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(
            self._events(request, session, render, is_allowed),
            media_type="text/event-stream",
            headers=headers,
        )

    async def _events(
        self,
        request: Request,
        session: str,
        render: Callable[[], Awaitable[str]],
        is_allowed: Callable[[], Awaitable[bool]],
    ) -> AsyncIterator[str]:
        self._refresher.open_streams += 1
        self._open[session] += 1
        try:
            yield "retry: 5000\n\n"
            last, seen, until = "", -1, time.monotonic() + STREAM_SECONDS_MAX
            while time.monotonic() < until and not self._refresher.stopping.is_set():
                if await request.is_disconnected() or not await is_allowed():
                    return
                html = await render()
                if html != last:
                    last = html
                    yield f"data: {json.dumps(html)}\n\n"
                else:
                    yield ": still here\n\n"
                seen = await self._refresher.wait_for_change(seen, KEEPALIVE_SECONDS)
        finally:
            self._refresher.open_streams -= 1
            self._open[session] -= 1
            if not self._open[session]:
                del self._open[session]
