"""The sandbox's clock: real until it is set, then only as late as it was set.

What is due is kept in order and happens when the clock has passed it, so that in a simulation a receipt
that takes six hours comes six simulated hours later.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from datetime import UTC, datetime
from math import ceil

from dispatcher.clock import SimulatedClock, SystemClock

ScheduledCall = Callable[[], None]


class VirtualClock:
    """A clock and what is due on it. Real time needs a running event loop."""

    def __init__(self, now: datetime | None = None) -> None:
        self._system = SystemClock()
        self._simulated = SimulatedClock(now) if now is not None else None
        self._due: list[tuple[float, int, ScheduledCall]] = []
        self._count = 0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_due = 0.0

    @property
    def is_controlled(self) -> bool:
        """Return whether somebody else moves the clock."""
        return self._simulated is not None

    @property
    def pending_count(self) -> int:
        """Count what is still to happen."""
        return len(self._due)

    def now(self) -> datetime:
        """Return the present moment of the sandbox, aware, in UTC."""
        return (self._simulated or self._system).now()

    def next_due(self) -> datetime | None:
        """Return when the next thing happens."""
        return datetime.fromtimestamp(self._due[0][0], UTC) if self._due else None

    def set_time(self, now: datetime) -> None:
        """Take the clock over, or move it forward; it never goes back.

        What falls due on the way happens in its order, each at its own moment.
        """
        if self._simulated is None:
            self._simulated = SimulatedClock(min(now, self._system.now()))
            self._stop_timer()
        end = now.timestamp()
        while self._due and self._due[0][0] <= end:
            due, _, callback = heapq.heappop(self._due)
            self._simulated.advance_to(datetime.fromtimestamp(due, UTC))
            callback()
        self._simulated.advance_to(now)

    def call_at(self, due: float, callback: ScheduledCall) -> None:
        """Let `callback` come about when the clock has reached `due` (seconds since 1970).

        Rounded up to the millisecond: `next_due` is told in milliseconds, and whoever moves the clock to
        exactly that moment must see it happen.
        """
        due = ceil(due * 1000) / 1000
        self._count += 1
        heapq.heappush(self._due, (due, self._count, callback))
        if self._simulated is None and (self._timer is None or due < self._timer_due):
            self._start_timer()

    def close(self) -> None:
        """Cancel everything scheduled."""
        self._stop_timer()
        self._due.clear()

    def _run(self) -> None:
        now = self.now().timestamp()
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()
        self._start_timer()

    def _start_timer(self) -> None:
        self._stop_timer()
        if not self._due:
            return
        self._timer_due = self._due[0][0]
        wait = max(0.001, self._timer_due - self.now().timestamp())
        self._timer = asyncio.get_running_loop().call_later(wait, self._run)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
