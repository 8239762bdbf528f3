"""When and where work runs: the seam to whatever carries shard ids, and what is due when.

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
        """Say that there is new work; calling it for nothing does no harm."""

    async def run(self, work: ServeShard, *, stop: asyncio.Event) -> None:
        """Serve until `stop` is set, finishing what is in hand; survives the loss of the database."""
