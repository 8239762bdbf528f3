"""The sending path: lease a shard, claim a batch, send it, write the results, until nothing is due.

The intent of every message is committed before the call, and so is how far a worker goes next: a crash leaves
in doubt only what may have left, and doubt is asked about, never guessed. Right before a message leaves, the
worker looks whether anything has changed that decides about it.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher import failpoints
from dispatcher.clock import Clock
from dispatcher.configuration import Configuration
from dispatcher.delivery.auto_pause import SettingsSuspicion
from dispatcher.delivery.batch_claimer import LeasedShard
from dispatcher.delivery.clearance import Clearance
from dispatcher.delivery.durable_write import DurableWrite
from dispatcher.delivery.envelope_builder import EnvelopeBuilder
from dispatcher.delivery.shard_worker import ShardWorker
from dispatcher.delivery.timeouts import Timeouts
from dispatcher.errors import LeaseLost
from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import claims, put_back
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
    refresh: Callable[[], Awaitable[object]] | None = None  # takes over schedules that were edited meanwhile
    _times_set_back: int = 0  # the clock
    _revision: int = -1  # of what decides about sending, as far as `refresh` has caught up
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
        if lease.put_back:
            logger.warning(
                "%d messages of a worker that died had not left and go on", lease.put_back,
                extra={"action": "taken-over"},
            )  # fmt: skip
        await self._catch_up(lease)
        leased = LeasedShard(lease=lease)
        try:
            await self._serve(leased)
        except LeaseLost as lost:
            logger.warning("%s", lost, extra={"action": "lease-lost"})
        except Exception:
            self._unreleased.append(leased)
            raise
        return True

    def clock_set_back(self) -> None:
        """Hear that the clock was set back: what is served now will be looked at again at once."""
        self._times_set_back += 1

    async def _catch_up(self, lease: Lease) -> None:
        """Look at the files when anybody has decided anything: it may have been another edition of them."""
        if lease.revision != self._revision and self.refresh is not None:
            await self.refresh()
        self._revision = lease.revision

    async def _release_pending(self) -> None:
        while self._unreleased:
            leased = self._unreleased[0]
            undone = await self.ledger_thread.run(
                put_back.release_unfinished_claim,
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
            clearance=Clearance(
                ledger=self.ledger,
                ledger_thread=self.ledger_thread,
                clock=self.clock,
                lease=lease,
                timeouts=self.timeouts,
                is_current=lambda: self.config() is config,
            ),
            in_flight=self.in_flight,
            settings_suspicion=self._settings_suspicion,
            config=config,
            campaign=campaign,
        )
        times_set_back = self._times_set_back
        not_before = await worker.serve()
        if self._times_set_back != times_set_back:
            not_before = self.clock.now()  # what was said before the clock was set may be hours away now
        await self._release_shard(lease, not_before=not_before)

    async def _release_shard(self, lease: Lease, *, not_before: datetime) -> None:
        await self.ledger_thread.run(
            claims.release_shard, self.ledger, lease, now=self.clock.now(), not_before=not_before
        )
        failpoints.hit("finished")
