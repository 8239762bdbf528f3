"""Keeps the figures behind the pages fresh, and tells open pages when there is news.

It counts often while somebody looks, rarely otherwise, and never for more than a twentieth of the time.
"""

from __future__ import annotations

import asyncio
import logging
import time

from dispatcher.ledger import Away
from dispatcher.web.desk import Desk

logger = logging.getLogger(__name__)

WATCHED_SECONDS = 2.0
ALONE_SECONDS = 10.0
WATCHED_FOR = 30.0  # after a page was opened, somebody is taken to look for so long
SHARE = 20  # rests so many times as long as it worked


class Pulse:
    """One a process."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._news = asyncio.Event()
        self._version = 0
        desk.told = self.tell
        self._looked_at = 0.0
        self._counted_at = -WATCHED_SECONDS
        self.watchers = 0
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Count until told to stop; the database may go away and come back."""
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                more = await self._beat()
            except Away:
                logger.warning("figures cannot be counted now", extra={"action": "count-failed"})
                more = False
            took = time.monotonic() - began
            rest = 0.05 if more else WATCHED_SECONDS if self._is_watched() else ALONE_SECONDS
            await self._rest(max(rest, took * SHARE))

    async def stop(self) -> None:
        """Let every open page go."""
        self.stopping.set()
        self.tell()

    def tell(self) -> None:
        """Let every open page look again."""
        self._version += 1
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def looked(self) -> None:
        """Note that somebody opens a page, and count once before they see it."""
        self._looked_at = time.monotonic()
        if self._looked_at - self._counted_at > WATCHED_SECONDS:
            self._counted_at = self._looked_at
            await self._desk.app.crossing(self._desk.board.refresh, self._desk.now())

    async def next(self, seen: int, seconds: float) -> int:
        """Wait for news after version `seen`, at most so long; gives the version there is."""
        if seen == self._version and not self.stopping.is_set():
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                pass
        return self._version

    async def _beat(self) -> bool:
        desk = self._desk
        before = desk.board.version
        self._counted_at = time.monotonic()
        more = await desk.app.crossing(desk.board.refresh, desk.now())
        campaign = "" if more else await desk.look(desk.board.due)
        if campaign:
            await desk.look(desk.board.count_people, campaign, desk.now())
        if desk.board.version != before or campaign:
            self.tell()
        return more

    def _is_watched(self) -> bool:
        return self.watchers > 0 or time.monotonic() - self._looked_at < WATCHED_FOR

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            pass
