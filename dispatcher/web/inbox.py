"""Takes reports from providers: written to the ledger's inbox together, answered once they are safe.

Each request waits for the next commit, not for one of its own: a thousand callbacks a second are a
handful of transactions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from dispatcher import faults
from dispatcher.clock import Clock
from dispatcher.crossing import Crossing
from dispatcher.ledger import Ledger, events
from dispatcher.ledger.events import Event

BATCH_MAX = 1000


class InboxWriter:
    """Collects events and writes them a batch at a time."""

    def __init__(
        self, *, ledger: Ledger, crossing: Crossing, clock: Clock, told: Callable[[], None] = lambda: None
    ) -> None:
        self._ledger = ledger
        self._crossing = crossing
        self._clock = clock
        self._told = told
        self._waiting: list[tuple[Event, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def put(self, event: Event) -> None:
        """Come back when `event` is committed; raises what the ledger raised when it is not."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((event, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)  # what has just arrived beside the first one goes with it
            batch, self._waiting = self._waiting[:BATCH_MAX], self._waiting[BATCH_MAX:]
            try:
                await self._crossing(
                    events.record, self._ledger, [event for event, _ in batch], now=self._clock.now()
                )
            except Exception as error:  # noqa: BLE001 - every waiting request must hear of it
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
                continue
            faults.point("event-recorded")
            for _, done in batch:
                if not done.done():
                    done.set_result(None)
            self._told()
