"""Lets each message of a batch go in its own slot, and none after the moment that closes the batch."""

from __future__ import annotations

from datetime import datetime

from dispatcher.clock import Clock
from dispatcher.gateways import NotNow, Pace
from dispatcher.ledger.rates import Slots


def paced(clock: Clock, slots: Slots, *, closes_at: datetime) -> Pace:
    """Make the pace of one batch.

    Each call waits for the next slot. It raises NotNow from `closes_at` on: the machine slept, the window
    closed or the lease ran out, and what has not left by then must not leave.
    """
    place = 0

    async def pace() -> None:
        nonlocal place
        slot = slots[min(place, slots.count - 1)]
        place += 1
        if slot > clock.now():
            await clock.sleep_until(slot)
        if clock.now() >= closes_at:
            raise NotNow

    return pace
