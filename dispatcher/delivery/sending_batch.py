"""One batch on its way to a gateway: which of its messages may still leave, and which have left."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatcher.clock import Clock
from dispatcher.delivery.clearance import Clearance
from dispatcher.delivery.slot_supply import SlotSupply
from dispatcher.gateways import Gateway, SendingStopped
from dispatcher.ledger.sending.claim_types import ClaimedMessage

CLAIM_LEAD = timedelta(milliseconds=250)  # so long before a batch runs out the next one is claimed,
WRITES_AHEAD = 4  # and so many writings more: its slots, itself, and what stands in the queue before them


@dataclass(kw_only=True)
class SendingBatch:
    """Claimed messages, each with the slot it was given; `slots[n]` is that of `claimed[n]`.

    The batch itself is the gateway's `SendPermit`: each call waits for a slot of the rate. `confirm` is the
    last word before a message leaves. Both raise SendingStopped from `deadline` on (the machine slept, or the
    window closed), when the service is told to stop, and when what was claimed is withdrawn.
    """

    claimed: Sequence[ClaimedMessage]
    slots: Sequence[datetime]
    supply: SlotSupply
    clearance: Clearance
    clock: Clock
    deadline: datetime  # no permit is given from then on
    closes_at: datetime  # nothing leaves from then on
    is_stopping: Callable[[], bool]
    left_at: dict[int, datetime] = field(default_factory=dict)  # message id -> when it was let go
    is_stopped: bool = False  # nothing more of it is let go
    at_rest: asyncio.Event = field(default_factory=asyncio.Event)  # stopped, or the gateway is done with it
    nearly_out: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: int = 0  # the place of the message that the next permit is for
    _permits: int = 0  # that were given

    @property
    def gateway(self) -> Gateway:
        """Who carries it."""
        return self.supply.gateway

    def __post_init__(self) -> None:
        self.supply.promise(len(self.claimed))
        gap = self.supply.block.gap if self.supply.block else CLAIM_LEAD
        lead = CLAIM_LEAD + WRITES_AHEAD * self.clearance.lead
        self._spare = min(len(self.claimed) // 2, lead // gap)

    async def __call__(self) -> None:
        """Wait until the next message may go."""
        confirms = self.gateway.capabilities.confirms
        # Permits are asked for in order; where nothing is confirmed, this one may be for any message.
        place = self._asked if confirms else -1
        self._asked = min(self._asked + 1, len(self.slots) - 1)
        await self.supply.use_next(self._may_use, clear_until=self.slots[place])
        self.supply.promise(-1)
        self._permits += 1
        if self._permits >= len(self.claimed) - self._spare:
            self.nearly_out.set()
        if not confirms:
            self.left_at = self.left_at or dict.fromkeys(
                (item.message_id for item in self.claimed), self.clock.now()
            )

    async def confirm(self, index: int) -> None:
        """Let a message go, right before its first byte does."""
        await self.clearance.reach(self.slots[index])
        if not self.clearance.holds:
            self._stop()
        if self.is_stopped or self.clock.now() >= self.closes_at:
            raise SendingStopped
        self.left_at[self.claimed[index].message_id] = self.clock.now()

    def close(self) -> None:
        """Free the slots that nobody asked for: the gateway is done with the batch."""
        self.supply.promise(self._permits - len(self.claimed))
        self.nearly_out.set()

    def not_left(self) -> Sequence[ClaimedMessage]:
        """Return what was never let go."""
        return [item for item in self.claimed if item.message_id not in self.left_at]

    def _may_use(self, slot: datetime) -> bool:
        """Return whether a message may use this slot."""
        if self.is_stopping() or not self.clearance.holds:
            self._stop()
        return not self.is_stopped and max(slot, self.clock.now()) < self.deadline

    def _stop(self) -> None:
        self.is_stopped = True
        self.at_rest.set()
        self.nearly_out.set()
