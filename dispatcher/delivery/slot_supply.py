"""The slots that a worker has in hand: moments of a gateway's rate, reserved ahead, used in turn."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import islice

from dispatcher import failpoints
from dispatcher.clock import Clock
from dispatcher.delivery.clearance import Clearance
from dispatcher.gateways import Gateway, SendingStopped
from dispatcher.ledger import Ledger, TransientLedgerErrors
from dispatcher.ledger.sending import rate_limits
from dispatcher.ledger.sending.rate_limits import Slots
from dispatcher.ledger_thread import LedgerThread

# A slot may be used so much after its moment. All slots of a gateway are its rate apart, whoever holds them:
# so any stretch of time may hold what belongs to this much more of it, a hundredth of ten seconds.
SLOT_TOLERANCE = timedelta(milliseconds=100)
SLOT_LEAD_MAX = timedelta(minutes=1)  # no slot in hand is so far ahead, unless somebody set the clock back

MayUse = Callable[[datetime], bool]  # a slot -> whether it may still be used


class SlotSupply:
    """Hands slots of one gateway to whoever asks first.

    A slot that passed unused is gone: who falls behind takes a new one, so that the rate holds in any stretch
    of time, with any number of workers.
    """

    def __init__(
        self,
        *,
        gateway: Gateway,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        clock: Clock,
        clearance: Clearance,
    ) -> None:
        self.gateway = gateway
        self._clearance = clearance
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._slots: deque[datetime] = deque()
        self._promised = 0  # of them, those of messages that are claimed and have not gone yet
        self._turn = asyncio.Lock()
        self._waiting = 0
        self.block: Slots | None = None  # the slots reserved last

    async def reserve_for(self, count: int) -> datetime | None:
        """Have slots for `count` more messages, as far as the span reaches.

        Return None, or until when the gateway is blocked.
        """
        self._drop_stale()
        missing = self._promised + count - len(self._slots)
        return await self._reserve(missing) if missing > 0 else None

    def upcoming(self, count: int) -> Sequence[datetime]:
        """Return the next slots, `count` at most, that are not promised to anybody."""
        return list(islice(self._slots, self._promised, self._promised + count))

    def promise(self, count: int) -> None:
        """Keep so many of the upcoming slots for messages that are claimed; below 0, they are free again."""
        self._promised += count

    async def use_next(self, may_use: MayUse, *, clear_until: datetime) -> None:
        """Wait for the next slot, and use it, cleared as far as itself and `clear_until`.

        Raises SendingStopped when it may not be used.
        """
        self._waiting += 1
        try:
            async with self._turn:
                while not await self._use_first(may_use, clear_until):
                    pass
        finally:
            self._waiting -= 1

    async def _use_first(self, may_use: MayUse, clear_until: datetime) -> bool:
        """Wait for the first slot in hand; False when it was missed.

        Whatever takes time comes before the slot is used: what is let go behind its slot breaks the rate.
        """
        self._drop_stale()
        if not self._slots and await self._reserve(self._needed_now()) is not None:
            raise SendingStopped
        slot = self._slots[0]
        cleared_to = max(slot, clear_until)
        if not self._clearance.will_reach(cleared_to, at=slot):
            if not may_use(slot):
                raise SendingStopped
            await self._sleep_until(slot - self._clearance.lead)
            await self._clearance.reach_ahead(cleared_to)
        await self._sleep_until(slot)
        if not may_use(slot):
            raise SendingStopped
        if self._clock.now() > slot + SLOT_TOLERANCE:
            return False
        self._slots.popleft()
        return True

    async def _sleep_until(self, moment: datetime) -> None:
        """Wait for a moment in hand. Raises SendingStopped when the clock was set back, even a moment ago."""
        now = self._clock.now()
        if moment > now + SLOT_LEAD_MAX:
            self._slots.clear()
            raise SendingStopped
        if moment > now:
            await self._clock.sleep_until(moment)

    def _needed_now(self) -> int:
        """Return how many slots make sense for who is late: who waits here, or what goes before they pass."""
        gap = self.block.gap if self.block else SLOT_TOLERANCE
        passing = (SLOT_TOLERANCE + self._reserve_lead) // gap
        return max(1, min(self._promised, max(self._waiting, passing)))

    @property
    def _reserve_lead(self) -> timedelta:
        """How far ahead slots are reserved: that takes as long as a look, and a look may come after it."""
        return 2 * self._clearance.lead

    async def _reserve(self, count: int) -> datetime | None:
        slots = await self._ledger_thread.run(
            rate_limits.reserve,
            self._ledger,
            self.gateway.name,
            count,
            now=self._clock.now() + self._reserve_lead,
        )
        failpoints.hit("slots-reserved")
        if isinstance(slots, datetime):
            return slots
        self.block = slots
        self._slots.extend(slots[index] for index in range(slots.count))
        return None

    def _drop_stale(self) -> None:
        oldest = self._clock.now() - SLOT_TOLERANCE
        while self._slots and self._slots[0] < oldest:
            self._slots.popleft()

    async def give_back(self) -> None:
        """Return the slots nobody needed; with the ledger away they are lost."""
        if self.block is None:
            return
        unused = min(len(self._slots), self.block.count)
        self._slots.clear()
        if unused:
            try:
                await self._ledger_thread.run(
                    rate_limits.release_slots,
                    self._ledger,
                    self.gateway.name,
                    self.block,
                    self.block.count - unused,
                )
            except TransientLedgerErrors:
                return
