"""The sending path: lease a shard, claim a batch, send it, write the results, until nothing is due.

The intent of every message is committed before the call, so that a crash leaves at most one batch in
doubt, and doubt is asked about, never guessed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher import failpoints
from dispatcher.clock import Clock
from dispatcher.configuration import Configuration
from dispatcher.delivery.auto_pause import SettingsSuspicion
from dispatcher.delivery.durable_write import DurableWrite
from dispatcher.delivery.envelope_builder import EnvelopeBuilder
from dispatcher.delivery.shard_worker import LeasedShard, ShardWorker
from dispatcher.delivery.timeouts import Timeouts
from dispatcher.errors import LeaseLost
from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import claims, recovery
from dispatcher.ledger.sending.claim_types import Lease
from dispatcher.ledger_thread import LedgerThread

__all__ = ["Delivery", "EnvelopeBuilder", "Timeouts"]

logger = logging.getLogger(__name__)


@dataclass(kw_only=True)
class Delivery:
    """Carries what the ledger holds to the gateways, under the configuration in force."""

    ledger: Ledger
    ledger_thread: LedgerThread
    clock: Clock
    envelope_builder: EnvelopeBuilder
    config: Callable[[], Configuration]
    owner: str
    is_stopping: Callable[[], bool] = lambda: False
    timeouts: Timeouts = field(default_factory=Timeouts)
    in_flight: set[int] = field(default_factory=set)  # with a gateway now: nobody need ask about them
    _settings_suspicion: SettingsSuspicion = field(default_factory=SettingsSuspicion)
    _unreleased: list[LeasedShard] = field(
        default_factory=list
    )  # what the ledger, being away, could not take back

    async def serve_next_shard(self, channel: str) -> bool:
        """Serve the most urgent shard of a channel; False when there was none.

        Raises `LedgerError` when the ledger went away; what was under way is given back at the next call.
        """
        await self._release_pending()
        lease = await self.ledger_thread.run(
            claims.lease_shard,
            self.ledger,
            owner=self.owner,
            now=self.clock.now(),
            lease=self.timeouts.lease,
            channels=(channel,),
        )
        if lease is None:
            return False
        failpoints.hit("shard-taken")
        leased = LeasedShard(lease=lease)
        try:
            await self._serve(leased)
        except LeaseLost as lost:
            logger.warning("%s", lost, extra={"action": "lease-lost"})
        except Exception:
            self._unreleased.append(leased)
            raise
        return True

    async def _release_pending(self) -> None:
        while self._unreleased:
            leased = self._unreleased[0]
            undone = await self.ledger_thread.run(
                recovery.release_unfinished_claim,
                self.ledger,
                leased.lease,
                lookup_at=leased.lookup_at,
                now=self.clock.now(),
            )
            self._unreleased.remove(leased)
            logger.warning(
                "shard %d given back, %d intents undone",
                leased.lease.shard_id,
                undone,
                extra={"action": "given-back"},
            )

    async def _serve(self, leased: LeasedShard) -> None:
        config, lease = self.config(), leased.lease
        campaign = config.schedules.campaigns.get(lease.campaign)
        if campaign is None or lease.audience not in config.schedules.audiences:
            await self._release_shard(lease, not_before=lease.until)  # taken out of the schedules: look later
            return
        worker = ShardWorker(
            ledger=self.ledger,
            ledger_thread=self.ledger_thread,
            clock=self.clock,
            envelope_builder=self.envelope_builder,
            durable_write=DurableWrite(
                ledger_thread=self.ledger_thread, is_stopping=self.is_stopping, timeouts=self.timeouts
            ),
            leased=leased,
            in_flight=self.in_flight,
            settings_suspicion=self._settings_suspicion,
            config=config,
            campaign=campaign,
        )
        not_before = await worker.run_batch()
        while not_before is None and not self.is_stopping():
            not_before = await worker.run_batch()
        await self._release_shard(lease, not_before=not_before or self.clock.now())

    async def _release_shard(self, lease: Lease, *, not_before: datetime) -> None:
        await self.ledger_thread.run(
            claims.release_shard, self.ledger, lease, now=self.clock.now(), not_before=not_before
        )
        failpoints.hit("finished")
