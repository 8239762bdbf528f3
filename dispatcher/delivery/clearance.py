"""The second look: right before a message leaves, whether what it was claimed under still holds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dispatcher import failpoints
from dispatcher.clock import Clock
from dispatcher.delivery.timeouts import Timeouts
from dispatcher.errors import LeaseLost
from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import claims
from dispatcher.ledger.sending.claim_types import Lease
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)

LOOK_INTERVAL = timedelta(seconds=0.5)  # nothing leaves on an older look, but for the time that looking takes
AHEAD_AGE = LOOK_INTERVAL * 3 / 4  # whoever waits for a slot looks again when the last look is so old,
REFRESH_AGE = LOOK_INTERVAL / 2  # and from this age on the next look is on its way, and nobody waits for it
LEAD_MAX = timedelta(seconds=1)  # of that time, no more is allowed for
# Where looking is slow, other writing is too, and looks wait behind it: a look may get older by so many times
# as it took, or there would be little but looks, and slots lost to them.
SLACK = 3
LEAD_DECAY = 0.9  # a look: one that was fast does not promise that the next one is


class Clearance:
    """Clears the messages of one leased shard, a stretch of slots at a time.

    One small transaction does three things: it sees whether anything that decides about sending has changed,
    whether the shard is still ours, and writes down how far we go. So nothing leaves on a look that is older
    than `LOOK_INTERVAL`, and after a crash everything beyond has certainly not left. Whoever waits for a slot
    looks `lead` before it: a look on a slow disk then ends at the slot, not behind it.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        clock: Clock,
        lease: Lease,
        timeouts: Timeouts,
        is_current: Callable[[], bool],
    ) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._lease = lease
        self._lease_time = timeouts.lease
        self._is_current = is_current  # whether the schedules in force are those of the claim
        self._revision = lease.revision
        self._is_lost = False
        self._cleared_until: datetime | None = None
        self._looked_at = float("-inf")  # `Clock.monotonic`
        self.lead = timedelta(0)  # how long looking takes
        self._slack = timedelta(0)  # how much older a look may get for that
        self._turn = asyncio.Lock()
        self._refresh: asyncio.Task[None] | None = None  # a look that nobody waits for yet

    @property
    def holds(self) -> bool:
        """Whether what was claimed under this lease may still go, as far as the last look knows."""
        return not self._is_lost and self._revision == self._lease.revision and self._is_current()

    def learn(self, revision: int) -> None:
        """Take in what somebody else saw."""
        self._revision = max(self._revision, revision)

    def will_reach(self, slot: datetime, *, at: datetime) -> bool:
        """Return whether the last look reaches as far as `slot`, and will still be a young one then, `at`."""
        return self._has_reached(slot, REFRESH_AGE + self._slack / 2, at=at)

    async def reach_ahead(self, slot: datetime) -> None:
        """Look `lead` before `slot`, so that it need not be looked again right behind it. Raises nothing.

        Before the last look is too old the next one begins, and nobody waits: slots go on being used.
        """
        await self._reach(slot, AHEAD_AGE + self._slack)
        refresh_age = REFRESH_AGE + self._slack / 2
        if not self._has_reached(slot, refresh_age) and (self._refresh is None or self._refresh.done()):
            self._refresh = asyncio.create_task(self._reach(slot, refresh_age))

    async def close(self) -> None:
        """Wait for a look that is under way."""
        if self._refresh is not None:
            await self._refresh

    async def reach(self, slot: datetime) -> None:
        """Look again when the last look is too old, or does not reach as far as `slot`. Raises nothing."""
        if not self._has_reached(slot, LOOK_INTERVAL + self._slack):  # seldom: asked for every message
            await self._reach(slot, LOOK_INTERVAL + self._slack)

    async def _reach(self, slot: datetime, age_max: timedelta) -> None:
        if self._has_reached(slot, age_max):
            return
        async with self._turn:
            if not self._has_reached(slot, age_max):
                await self._look(slot)

    def _has_reached(self, slot: datetime, age_max: timedelta, *, at: datetime | None = None) -> bool:
        """Return whether the last look reaches as far as `slot`, and is no older than this; now, or `at`."""
        if self._is_lost:
            return True
        if self._cleared_until is None or slot > self._cleared_until:
            return False
        age = self._clock.monotonic() - self._looked_at
        if at is not None and at > (now := self._clock.now()):
            age += (at - now).total_seconds()
        return age < age_max.total_seconds()

    async def _look(self, slot: datetime) -> None:
        looked_at, now = self._clock.monotonic(), self._clock.now()
        until = max(slot, now + LOOK_INTERVAL + self._slack)
        try:
            revision = await self._ledger_thread.run(
                claims.extend_clearance,
                self._ledger,
                self._lease,
                until=until,
                lease_until=until + self._lease_time,
            )
        except LeaseLost as lost:
            self._is_lost = True
            logger.warning("%s", lost, extra={"action": "lease-lost"})
        except Exception:
            # Whatever it is: what cannot be looked up must not leave.
            self._is_lost = True
            logger.exception("the ledger is away; nothing more leaves", extra={"action": "ledger-away"})
        else:
            self.learn(revision)
            self._looked_at, self._cleared_until = looked_at, until
            took = timedelta(seconds=self._clock.monotonic() - looked_at)
            self.lead = min(LEAD_MAX, max(took, self.lead * LEAD_DECAY))
            self._slack = min(LEAD_MAX, SLACK * self.lead)
            failpoints.hit("cleared")
