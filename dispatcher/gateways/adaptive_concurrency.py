"""How many calls may be open at once: grows while all goes well, halves when told "too many"."""

from __future__ import annotations

import asyncio
from collections import deque


class AdaptiveConcurrencyLimit:
    """A number of places that follows what the provider can take (additive increase, halving).

    `enter` gives the round a call belongs to; a "too many" from an earlier round does not halve again,
    because one crowded moment answers many calls at once.
    """

    def __init__(self, *, start: int, max_limit: int) -> None:
        self.max_limit = max_limit
        self.limit = float(min(start, max_limit))
        self.in_use = 0
        self._epoch = 0
        self._waiters: deque[asyncio.Future[None]] = deque()

    async def acquire(self) -> int:
        """Wait for a free place; give the present round."""
        while self.in_use >= int(self.limit):
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                self._wake()  # the place meant for us goes to the next
                raise
        self.in_use += 1
        return self._epoch

    def release(self) -> None:
        """Give the place back."""
        self.in_use -= 1
        self._wake()

    def on_success(self) -> None:
        """Grow: by one place after as many good answers as there are places."""
        self.limit = min(float(self.max_limit), self.limit + 1 / self.limit)
        self._wake()

    def on_throttled(self, epoch: int) -> None:
        """Halve, once a round; never below one."""
        if epoch == self._epoch:
            self._epoch += 1
            self.limit = max(1.0, self.limit / 2)

    def _wake(self) -> None:
        free = int(self.limit) - self.in_use
        while free > 0 and self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                free -= 1
