"""The workers of one process: one a channel; the shard table is their queue."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta

from dispatcher.engine import ServeShard

logger = logging.getLogger(__name__)

IDLE_INTERVAL = timedelta(seconds=1)
RETRY_INTERVAL = timedelta(
    seconds=2
)  # the database is away or the disk is full: try again, for as long as it takes


class WorkerPool:
    """Serves the shards of this process's own ledger."""

    def __init__(
        self,
        channels: Sequence[str],
        *,
        idle_interval: timedelta = IDLE_INTERVAL,
        retry_interval: timedelta = RETRY_INTERVAL,
    ) -> None:
        self._channels = tuple(channels)
        self._idle_seconds = idle_interval.total_seconds()
        self._retry_seconds = retry_interval.total_seconds()
        self._wake = {channel: asyncio.Event() for channel in channels}

    def wake(self) -> None:
        """Make every worker look for work at once."""
        for event in self._wake.values():
            event.set()

    async def run(self, serve_shard: ServeShard, *, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, then finish the shard in hand."""
        await asyncio.gather(*(self._serve(channel, serve_shard, stop) for channel in self._channels))

    async def _serve(self, channel: str, serve_shard: ServeShard, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                has_served = await serve_shard(channel)
            except Exception:
                logger.exception("work on %s failed", channel, extra={"action": "work-failed"})
                await _sleep(stop, self._retry_seconds)
                continue
            if not has_served:
                await self._wait_for_work(channel, stop)

    async def _wait_for_work(self, channel: str, stop: asyncio.Event) -> None:
        wake = self._wake[channel]
        await _wait_for_either(stop, wake, self._idle_seconds)
        wake.clear()


async def _sleep(stop: asyncio.Event, seconds: float) -> None:
    await _wait_for_either(stop, asyncio.Event(), seconds)


async def _wait_for_either(first: asyncio.Event, second: asyncio.Event, seconds: float) -> None:
    """Wait until one of two events is set or the time is up."""
    waits = [asyncio.ensure_future(first.wait()), asyncio.ensure_future(second.wait())]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
