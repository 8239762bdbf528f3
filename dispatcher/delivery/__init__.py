"""The sending path: lease a shard, claim a batch, send it, settle it, until nothing in it is due.

The intent of every message is committed before the call, so that a crash leaves at most one batch in
doubt, and doubt is asked about, never guessed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dispatcher import faults
from dispatcher.clock import Clock
from dispatcher.crossing import Crossing
from dispatcher.delivery.post import Post
from dispatcher.delivery.round import LEASE, UNANSWERED, Round
from dispatcher.edition import Edition
from dispatcher.errors import LostLease
from dispatcher.ledger import Ledger, claims
from dispatcher.ledger.claims import Lease

__all__ = ["LEASE", "UNANSWERED", "Delivery", "Post"]

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Delivery:
    """Carries what the ledger holds to the gateways, under the rules of the present edition."""

    ledger: Ledger
    crossing: Crossing
    clock: Clock
    post: Post
    edition: Callable[[], Edition]
    owner: str
    stopping: Callable[[], bool] = lambda: False

    async def work(self, channel: str) -> bool:
        """Serve the most urgent shard of a channel; False when there was none."""
        lease = await self.crossing(
            claims.take_shard,
            self.ledger,
            owner=self.owner,
            now=self.clock.now(),
            lease=LEASE,
            channels=(channel,),
        )
        if lease is None:
            return False
        faults.point("shard-taken")
        try:
            await self._serve(lease)
        except LostLease as lost:
            logger.warning("%s", lost, extra={"action": "lease-lost"})
        return True

    async def _serve(self, lease: Lease) -> None:
        edition = self.edition()
        campaign = edition.schedules.campaigns.get(lease.campaign)
        if campaign is None or lease.audience not in edition.schedules.audiences:
            await self._close(lease, until=lease.until)  # taken out of the schedules: look later
            return
        round_ = Round(
            ledger=self.ledger,
            crossing=self.crossing,
            clock=self.clock,
            post=self.post,
            lease=lease,
            edition=edition,
            campaign=campaign,
        )
        pause = await round_.batch()
        while pause is None and not self.stopping():
            pause = await round_.batch()
        await self._close(lease, until=pause or self.clock.now())

    async def _close(self, lease: Lease, *, until: datetime) -> None:
        await self.crossing(claims.finish, self.ledger, lease, now=self.clock.now(), not_before=until)
