"""Writes to the ledger, retrying for as long as it is unavailable."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from dispatcher.clock import monotonic
from dispatcher.delivery.timeouts import Timeouts
from dispatcher.ledger import TransientLedgerErrors
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class DurableWrite:
    """Runs a write in the ledger's thread, again and again until it succeeds."""

    ledger_thread: LedgerThread
    is_stopping: Callable[[], bool]
    timeouts: Timeouts

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call `function` in the ledger's thread until it comes back.

        Raises `LedgerError` when we are told to stop and the ledger does not come back for a while: what
        was not written then is asked about by the next process.
        """
        stopping_since: float | None = None
        while True:
            try:
                return await self.ledger_thread.run(function, *args, **kwargs)
            except TransientLedgerErrors:
                logger.exception("the ledger is away; trying again", extra={"action": "ledger-away"})
                if self.is_stopping():
                    stopping_since = stopping_since or monotonic()
                    if monotonic() - stopping_since >= self.timeouts.shutdown_grace.total_seconds():
                        raise
            await asyncio.sleep(self.timeouts.db_retry_interval.total_seconds())
