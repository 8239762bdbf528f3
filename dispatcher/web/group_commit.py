"""Group commit: reports that arrive together are written together, and answered once on disk.

Each request waits for the next commit, not for one of its own: a thousand callbacks a second are a
handful of transactions.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence

from dispatcher import failpoints
from dispatcher.clock import Clock
from dispatcher.ledger import Ledger, TransientLedgerErrors
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)

BATCH_MAX = 1000


class GroupCommitWriter:
    """Collects events and writes them a batch at a time."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        clock: Clock,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._on_commit = on_commit
        self._queue: list[tuple[Event, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, event: Event) -> None:
        """Come back when `event` is committed; raises what the ledger raised when it is not."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((event, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._commit_batches())
        await done

    async def _commit_batches(self) -> None:
        while self._queue:
            await asyncio.sleep(0)  # what has just arrived beside the first one goes with it
            batch, self._queue = self._queue[:BATCH_MAX], self._queue[BATCH_MAX:]
            await self._commit(batch)

    async def _commit(self, batch: Sequence[tuple[Event, asyncio.Future[None]]]) -> None:
        """Write a batch; when one of them cannot be written, each by itself, so that it alone is refused."""
        try:
            await self._ledger_thread.run(
                event_inbox.record, self._ledger, [event for event, _ in batch], now=self._clock.now()
            )
        except Exception as error:
            if len(batch) > 1 and not isinstance(error, TransientLedgerErrors):
                for one in batch:
                    await self._commit([one])
                return
            logger.exception(
                "%d reports cannot be written down", len(batch), extra={"action": "inbox-failed"}
            )
            for _, done in batch:  # every waiting request must hear of it
                if not done.done():
                    done.set_exception(error)
            return
        failpoints.hit("event-recorded")
        for _, done in batch:
            if not done.done():
                done.set_result(None)
        self._on_commit()
