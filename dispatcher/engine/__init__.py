"""When work runs: the scheduler, the worker pool, and the step runner.

An engine is a courier. It never sees a number or a text, and correctness never rests on it: leases,
tokens, unique keys and the sweep do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

ServeShard = Callable[[str], Awaitable[bool]]  # serve one shard of a channel; False when there was none


class WorkEngine(Protocol):
    """Brings workers to shards."""

    def wake(self) -> None:
        """Announce new work; a call without any does no harm."""

    async def run(self, work: ServeShard, *, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, finishing what is in hand; survives the loss of the database."""
