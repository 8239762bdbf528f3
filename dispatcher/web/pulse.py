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
        self._news = asyncio.Condition()
        self._looked_at = 0.0
        self.watchers = 0
        self.beats = 0
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
        async with self._news:
            self._news.notify_all()

    def looked(self) -> None:
        """Note that somebody opened a page."""
        self._looked_at = time.monotonic()

    async def next(self, seen: int, seconds: float) -> int:
        """Wait for news after version `seen`, at most so long; gives the version there is."""
        board = self._desk.board
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: board.version != seen or self.stopping.is_set())
        except TimeoutError:
            pass
        return board.version

    async def _beat(self) -> bool:
        desk = self._desk
        before = desk.board.version
        more = await desk.act(desk.board.refresh, desk.now())
        campaign = "" if more else await desk.look(desk.board.due)
        if campaign:
            await desk.look(desk.board.count_people, campaign, desk.now())
        self.beats += 1
        if desk.board.version != before or campaign:
            async with self._news:
                self._news.notify_all()
        return more

    def _is_watched(self) -> bool:
        return self.watchers > 0 or time.monotonic() - self._looked_at < WATCHED_FOR

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            pass
