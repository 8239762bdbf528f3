"""The clock: the only module that reads the system time; everybody else is handed a `Clock`.

Aware datetimes in UTC inside, local time at the rim. `SimulatedClock` lets a month pass in seconds on
the same code path: sleeping until a moment makes it that moment.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

# Counts while the machine sleeps, and nobody can set it.
_BOOTTIME = getattr(time, "CLOCK_BOOTTIME", None)


def monotonic() -> float:
    """Return the seconds that have really passed since some moment; only differences mean something."""
    return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


class Clock(Protocol):
    """The time, and waiting for it; everything aware, in UTC."""

    def now(self) -> datetime:
        """Return the present moment, aware, in UTC."""

    async def sleep_until(self, when: datetime) -> None:
        """Come back when `when` has been reached; at once when it has passed."""

    def monotonic(self) -> float:
        """Return the seconds passed since some moment, whatever the clock was set to meanwhile."""

    async def sleep(self, seconds: float) -> None:
        """Let so many seconds pass."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - the one allowed call

    async def sleep_until(self, when: datetime) -> None:
        await asyncio.sleep(max(0.0, (when - self.now()).total_seconds()))

    def monotonic(self) -> float:
        return monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class SimulatedClock:
    """A clock that stands still until it is moved, and never goes back.

    Of several who sleep, the one to be woken first is woken first; nobody's hour passes unseen.
    """

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a simulated clock starts at an aware datetime")
        self._now = start.astimezone(UTC)
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []
        self._sequence = 0  # tells sleepers of one moment apart: who lay down first wakes first
        self._waking_loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> datetime:
        return self._now

    async def sleep_until(self, when: datetime) -> None:
        if when <= self._now:
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        woken: asyncio.Future[None] = loop.create_future()
        heapq.heappush(self._sleepers, (when, self._sequence, woken))
        self._sequence += 1
        if self._waking_loop is not loop:
            self._waking_loop = loop
            loop.call_soon(self._wake_next, loop)
        await woken

    def _wake_next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wake one, and the next only after that one has done what it woke for."""
        if not self._sleepers:
            self._waking_loop = None
            return
        when, _, woken = heapq.heappop(self._sleepers)
        if not woken.done():
            self.advance_to(when)
            woken.set_result(None)
        loop.call_soon(self._wake_next, loop)

    def monotonic(self) -> float:
        return self._now.timestamp()

    async def sleep(self, seconds: float) -> None:
        await self.sleep_until(self._now + timedelta(seconds=seconds))

    def advance_to(self, when: datetime) -> None:
        """Make it `when`, unless that has already passed."""
        self._now = max(self._now, when.astimezone(UTC))

    def advance(self, delta: timedelta) -> None:
        """Let `delta` pass."""
        self.advance_to(self._now + delta)
