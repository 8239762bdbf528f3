"""How many calls may be open at once: grows while all goes well, halves when told "too many"."""

from __future__ import annotations

import asyncio
from collections import deque


class AdaptiveLimit:
    """A number of places that follows what the provider can take (additive increase, halving).

    `enter` gives the round a call belongs to; a "too many" from an earlier round does not halve again,
    because one crowded moment answers many calls at once.
    """

    def __init__(self, *, start: int, ceiling: int) -> None:
        self.ceiling = ceiling
        self.limit = float(min(start, ceiling))
        self.open = 0
        self._round = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> int:
        """Wait for a free place; give the present round."""
        while self.open >= int(self.limit):
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                self._wake()  # the place meant for us goes to the next
                raise
        self.open += 1
        return self._round

    def leave(self) -> None:
        """Give the place back."""
        self.open -= 1
        self._wake()

    def went_well(self) -> None:
        """Grow: by one place after as many good answers as there are places."""
        self.limit = min(float(self.ceiling), self.limit + 1 / self.limit)
        self._wake()

    def too_many(self, entered: int) -> None:
        """Halve, once a round; never below one."""
        if entered == self._round:
            self._round += 1
            self.limit = max(1.0, self.limit / 2)

    def _wake(self) -> None:
        free = int(self.limit) - self.open
        while free > 0 and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                free -= 1
