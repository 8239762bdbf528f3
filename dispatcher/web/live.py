"""Live pages: a part of the page is sent again over server-sent events whenever there is news."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from dispatcher.web.pulse import Pulse

WATCHERS_MAX = 100
WAIT_SECONDS = 20.0  # then a comment goes out, so that proxies keep the line open
LASTS_SECONDS = 600.0  # then the browser calls again, and is asked who it is again


class Live:
    """Streams to open pages."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse

    async def looked(self) -> None:
        """Note that somebody opens a page, and let it be fresh."""
        await self._pulse.looked()

    def stream(self, request: Request, draw: Callable[[], Awaitable[str]]) -> Response:
        """Answer with a stream of what `draw` gives, each time it differs."""
        if self._pulse.watchers >= WATCHERS_MAX:
            return PlainTextResponse("", 503, headers={"retry-after": "60"})
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._events(request, draw), media_type="text/event-stream", headers=headers)

    async def _events(self, request: Request, draw: Callable[[], Awaitable[str]]) -> AsyncIterator[str]:
        self._pulse.watchers += 1
        try:
            yield "retry: 5000\n\n"
            last, seen, until = "", -1, time.monotonic() + LASTS_SECONDS
            while time.monotonic() < until and not self._pulse.stopping.is_set():
                if await request.is_disconnected():
                    return
                drawn = await draw()
                if drawn != last:
                    last = drawn
                    yield f"data: {json.dumps(drawn)}\n\n"
                else:
                    yield ": still here\n\n"
                seen = await self._pulse.next(seen, WAIT_SECONDS)
        finally:
            self._pulse.watchers -= 1
