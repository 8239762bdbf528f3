"""Paces a batch: each message leaves at its own slot, none after the batch's deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from dispatcher.clock import Clock
from dispatcher.gateways import SendingStopped
from dispatcher.ledger.sending.rate_limits import Slots

# A slot may be used so much after its moment; where slots are rarer, one gap.
SLOT_TOLERANCE = timedelta(milliseconds=5)
SLOT_LEAD_MAX = timedelta(minutes=1)  # no slot of a batch is so far ahead, unless somebody set the clock back

ReserveMore = Callable[
    [int], Awaitable[Slots | None]
]  # how many -> further slots; None: the gateway is blocked


class BatchPacer:
    """The pace of one batch: each call waits for the next slot.

    A slot that passed unused is gone: a batch that falls behind takes new ones, so that the rate holds in
    any stretch of time, with any number of workers. Raises NotNow from `deadline` on: the machine slept,
    the window closed or the lease ran out, and what has not left by then must not leave. Likewise once the
    service is told to stop: what is on the wire is heard out, the rest waits for the next start.
    """

    def __init__(
        self,
        clock: Clock,
        slots: Slots,
        *,
        count: int,
        deadline: datetime,
        reserve_more: ReserveMore,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._clock = clock
        self._is_stopping = is_stopping
        self._slots = slots
        self._used = 0
        self._remaining = count  # messages that have had no slot yet
        self._deadline = deadline
        self._reserve_more = reserve_more
        self._lock = asyncio.Lock()

    async def __call__(self) -> None:
        """Wait until the next message may go."""
        while True:
            slot, lasts_until = await self._next_slot()
            if slot >= self._deadline or slot > self._clock.now() + SLOT_LEAD_MAX:
                raise SendingStopped
            if slot > self._clock.now():
                await self._clock.sleep_until(slot)
            if self._is_stopping() or self._clock.now() >= self._deadline:
                raise SendingStopped
            if self._clock.now() <= lasts_until:  # else we slept past it
                self._remaining -= 1
                return

    @property
    def used_slots(self) -> tuple[Slots, int]:
        """Return the block in use, and how many of its slots are used up or gone."""
        return self._slots, self._used

    async def _next_slot(self) -> tuple[datetime, datetime]:
        """Return the next slot, and until when it may be used."""
        if self._is_stopping():
            raise SendingStopped
        async with self._lock:
            tolerance = max(SLOT_TOLERANCE, self._slots.gap)
            self._used = max(self._used, self._slots.count_before(self._clock.now() - tolerance))
            if self._used >= self._slots.count:
                await self._reserve_next()
            slot = self._slots[self._used]
            self._used += 1
            return slot, slot + tolerance

    async def _reserve_next(self) -> None:
        slots = await self._reserve_more(max(1, self._remaining))
        if slots is None:
            raise SendingStopped
        self._slots, self._used = slots, 0
