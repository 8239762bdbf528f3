"""Refreshes the figures behind the pages and notifies open pages.

It counts often while somebody looks, rarely otherwise, and never for more than a twentieth of the time.
"""

from __future__ import annotations

import asyncio
import logging
import time

from dispatcher.ledger import LedgerError
from dispatcher.web.page_context import PageContext

logger = logging.getLogger(__name__)

ACTIVE_INTERVAL_SECONDS = 2.0
IDLE_INTERVAL_SECONDS = 10.0
ACTIVE_SECONDS = 30.0  # after a page was opened, somebody is taken to look for so long
REST_FACTOR = 20  # rests so many times as long as it worked


class StatsRefresher:
    """One a process."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._changed = asyncio.Event()
        self._version = 0
        context.on_change = self.notify
        self._page_opened_at = 0.0
        self._counted_at = -ACTIVE_INTERVAL_SECONDS
        self.open_streams = 0
        self.stopping = asyncio.Event()

    async def run(self) -> None:
        """Count until told to stop; the database may go away and come back."""
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                more = await self._refresh()
            except LedgerError:
                logger.warning("figures cannot be counted now", extra={"action": "count-failed"})
                more = False
            took = time.monotonic() - began
            rest = 0.05 if more else ACTIVE_INTERVAL_SECONDS if self._is_active() else IDLE_INTERVAL_SECONDS
            await self._sleep(max(rest, took * REST_FACTOR))

    async def stop(self) -> None:
        """End every open event stream."""
        self.stopping.set()
        self.notify()

    def notify(self) -> None:
        """Make every open page refresh."""
        self._version += 1
        news, self._changed = self._changed, asyncio.Event()
        news.set()

    async def page_opened(self) -> None:
        """Note that somebody opens a page, and count once before they see it."""
        self._page_opened_at = time.monotonic()
        if self._page_opened_at - self._counted_at > ACTIVE_INTERVAL_SECONDS:
            self._counted_at = self._page_opened_at
            await self._context.app.ledger_thread.run(
                self._context.figures_cache.refresh, self._context.now()
            )

    async def wait_for_change(self, version: int, timeout_seconds: float) -> int:
        """Wait for news after version `version`, at most so long; gives the version there is."""
        if version == self._version and not self.stopping.is_set():
            try:
                async with asyncio.timeout(timeout_seconds):
                    await self._changed.wait()
            except TimeoutError:
                pass
        return self._version

    async def _refresh(self) -> bool:
        context = self._context
        before = context.figures_cache.version
        self._counted_at = time.monotonic()
        more = await context.app.ledger_thread.run(context.figures_cache.refresh, context.now())
        campaign = "" if more else await context.read(context.figures_cache.stale_campaign)
        if campaign:
            await context.read(context.figures_cache.recount_areas, campaign, context.now())
        collided = not more and await context.read(context.figures_cache.refresh_collisions, context.now())
        if context.figures_cache.version != before or campaign or collided:
            self.notify()
        return more

    def _is_active(self) -> bool:
        return self.open_streams > 0 or time.monotonic() - self._page_opened_at < ACTIVE_SECONDS

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self.stopping.wait()
        except TimeoutError:
            pass
