"""The sending path: lease a shard, claim a batch, send it, settle it, until nothing in it is due.

The intent of every message is committed before the call, so that a crash leaves at most one batch in
doubt, and doubt is asked about, never guessed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher import faults
from dispatcher.clock import Clock
from dispatcher.crossing import Crossing
from dispatcher.delivery.patience import Patience
from dispatcher.delivery.post import Post
from dispatcher.delivery.round import Held, Round
from dispatcher.delivery.telling import Telling
from dispatcher.edition import Edition
from dispatcher.errors import LostLease
from dispatcher.ledger import Ledger, claims, recovery
from dispatcher.ledger.claims import Lease

__all__ = ["Delivery", "Patience", "Post"]

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
    patience: Patience = field(default_factory=Patience)
    in_hand: set[int] = field(default_factory=set)  # with a gateway now: nobody need ask about them
    _orphans: list[Held] = field(default_factory=list)  # what the ledger, being away, could not take back

    async def work(self, channel: str) -> bool:
        """Serve the most urgent shard of a channel; False when there was none.

        Raises `ledger.Away` when the ledger went away; what was under way is given back at the next call.
        """
        await self._give_back_orphans()
        lease = await self.crossing(
            claims.take_shard,
            self.ledger,
            owner=self.owner,
            now=self.clock.now(),
            lease=self.patience.lease,
            channels=(channel,),
        )
        if lease is None:
            return False
        faults.point("shard-taken")
        held = Held(lease=lease)
        try:
            await self._serve(held)
        except LostLease as lost:
            logger.warning("%s", lost, extra={"action": "lease-lost"})
        except Exception:
            self._orphans.append(held)
            raise
        return True

    async def _give_back_orphans(self) -> None:
        while self._orphans:
            held = self._orphans[0]
            undone = await self.crossing(
                recovery.abandon, self.ledger, held.lease, ask_at=held.ask_at, now=self.clock.now()
            )
            self._orphans.remove(held)
            logger.warning(
                "shard %d given back, %d intents undone",
                held.lease.shard_id,
                undone,
                extra={"action": "given-back"},
            )

    async def _serve(self, held: Held) -> None:
        edition, lease = self.edition(), held.lease
        campaign = edition.schedules.campaigns.get(lease.campaign)
        if campaign is None or lease.audience not in edition.schedules.audiences:
            await self._close(lease, until=lease.until)  # taken out of the schedules: look later
            return
        round_ = Round(
            ledger=self.ledger,
            crossing=self.crossing,
            clock=self.clock,
            post=self.post,
            telling=Telling(crossing=self.crossing, stopping=self.stopping, patience=self.patience),
            held=held,
            in_hand=self.in_hand,
            edition=edition,
            campaign=campaign,
        )
        pause = await round_.batch()
        while pause is None and not self.stopping():
            pause = await round_.batch()
        await self._close(lease, until=pause or self.clock.now())

    async def _close(self, lease: Lease, *, until: datetime) -> None:
        await self.crossing(claims.finish, self.ledger, lease, now=self.clock.now(), not_before=until)
        faults.point("finished")
