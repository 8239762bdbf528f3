"""Serves one leased shard: what comes next is claimed while what was claimed goes out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatcher import failpoints, plan
from dispatcher.campaign.model import Campaign
from dispatcher.clock import Clock
from dispatcher.configuration import Configuration
from dispatcher.delivery.auto_pause import SettingsSuspicion
from dispatcher.delivery.batch_claimer import BatchClaimer, LeasedShard
from dispatcher.delivery.batch_sender import BatchSender
from dispatcher.delivery.clearance import Clearance
from dispatcher.delivery.durable_write import DurableWrite
from dispatcher.delivery.envelope_builder import EnvelopeBuilder
from dispatcher.delivery.retry import SEND_RETRY_DELAYS, next_retry_at
from dispatcher.delivery.sending_batch import SendingBatch
from dispatcher.delivery.slot_supply import SlotSupply
from dispatcher.gateways import Gateway
from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import campaign_states
from dispatcher.ledger.sending.claim_types import ClaimResult
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)

SLOT_DELAY_AT_CLOSING = timedelta(
    seconds=1
)  # and when its window closes so soon that lateness would eat it up
CLOSING_MARGIN = timedelta(minutes=1)
RECHECK_INTERVAL = timedelta(seconds=15)


class ShardWorker:
    """Serves one shard for as long as its lease is held, and what it was leased under holds."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        clock: Clock,
        envelope_builder: EnvelopeBuilder,
        durable_write: DurableWrite,
        leased: LeasedShard,
        clearance: Clearance,
        in_flight: set[int],
        settings_suspicion: SettingsSuspicion,
        config: Configuration,
        campaign: Campaign,
    ) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._timeouts = durable_write.timeouts
        self._is_stopping = durable_write.is_stopping
        self._lease = lease = leased.lease
        self._clearance = clearance
        self._config = config
        self._campaign = campaign
        self._due = lease.due  # messages that wait in it, as far as we know
        self._pause_for = ""  # why the campaign may not go on after what is under way
        self._sending: dict[asyncio.Task[None], SendingBatch] = {}
        self._supplies = [
            self._supply(gateway) for gateway in envelope_builder.gateways.in_order(lease.channel)
        ]
        self._claimer = BatchClaimer(
            ledger=ledger,
            ledger_thread=ledger_thread,
            timeouts=self._timeouts,
            leased=leased,
            config=config,
            campaign=campaign,
            load_figures=envelope_builder.load_figures,
        )
        self._sender = BatchSender(
            ledger=ledger,
            ledger_thread=ledger_thread,
            clock=clock,
            envelope_builder=envelope_builder,
            durable_write=durable_write,
            in_flight=in_flight,
            settings_suspicion=settings_suspicion,
            lease=lease,
            next_retry_at=self._next_retry_at,
            pause=self._pause,
        )

    def _supply(self, gateway: Gateway) -> SlotSupply:
        return SlotSupply(
            gateway=gateway,
            ledger=self._ledger,
            ledger_thread=self._ledger_thread,
            clock=self._clock,
            clearance=self._clearance,
        )

    async def serve(self) -> datetime:
        """Send what is due; return the time before which this shard has nothing to do.

        Whatever happens, what is on the wire is heard out and written down.
        """
        try:
            while (not_before := await self._claim_next()) is None:
                await self._wait_for_turn()
                if self._is_stopping() or not self._clearance.holds:
                    return self._clock.now()
            return not_before
        finally:
            await self._finish()

    async def _finish(self) -> None:
        await asyncio.gather(*self._sending, return_exceptions=True)
        if self._pause_for:  # not before: a pause stops what is on its way, and this may still go
            await self._pause(self._pause_for)
        await self._clearance.close()
        for supply in self._supplies:
            await supply.give_back()
        for task in self._sending:
            task.result()

    # --- claiming ------------------------------------------------------------------------------------

    async def _claim_next(self) -> datetime | None:
        """Claim a batch and let it go on its way.

        Return None to go on, else the time before which this shard has nothing to do.
        """
        lease, now = self._lease, self._clock.now()
        if now >= lease.expires_at:
            return self._next_run_at(await self._claimer.expire(now))
        opens_at, closes_at = self._sending_window(now)
        if now < opens_at:
            return opens_at
        if not self._supplies:
            return lease.expires_at  # the channel is closed: what waits here runs out of time
        supply = await self._choose_gateway()
        if isinstance(supply, datetime):
            return min(supply, lease.expires_at)
        upcoming = supply.upcoming(self._claim_size(supply.gateway))
        slots = [slot for slot in upcoming if slot < closes_at]
        if not slots:
            return min(upcoming[0], lease.expires_at) if upcoming else now
        return await self._claim_with(supply, slots, now, closes_at)

    async def _claim_with(
        self, supply: SlotSupply, slots: Sequence[datetime], now: datetime, closes_at: datetime
    ) -> datetime | None:
        deadline = _send_deadline(slots[-1], closes_at, max_slot_delay=self._timeouts.max_slot_delay)
        result = await self._claimer.claim(slots, now, gateway=supply.gateway, send_deadline=deadline)
        failpoints.hit("claimed")
        self._clearance.learn(result.revision)
        self._due -= len(result.claimed) + result.skipped + result.deferred
        if result.claimed:
            batch = SendingBatch(
                claimed=result.claimed,
                slots=slots[: len(result.claimed)],
                supply=supply,
                clearance=self._clearance,
                clock=self._clock,
                deadline=deadline,
                closes_at=closes_at,
                is_stopping=self._is_stopping,
            )
            self._sending[asyncio.create_task(self._sender.send(batch))] = batch
        return self._next_run_at(result)

    def _claim_size(self, gateway: Gateway) -> int:
        """Return how many messages are claimed at a time: half of what may be under way."""
        return max(1, min(gateway.capabilities.batch_max // 2, self._due))

    async def _choose_gateway(self) -> SlotSupply | datetime:
        """Return the slots of the first gateway that is not blocked; else when the first one is back."""
        blocked: list[datetime] = []
        for supply in self._supplies:
            until = await supply.reserve_for(self._claim_size(supply.gateway))
            if until is None:
                return supply
            blocked.append(until)
        return min(blocked)

    async def _wait_for_turn(self) -> None:
        """Wait until what was claimed last is nearly out, and there is room for more under way."""
        while self._sending:
            *_, newest = self._sending.values()
            if newest.nearly_out.is_set() and self._has_room(newest.gateway):
                return
            nearly_out = asyncio.ensure_future(newest.nearly_out.wait())
            signals = {*self._sending, *(() if newest.nearly_out.is_set() else (nearly_out,))}
            done, _ = await asyncio.wait(signals, return_when=asyncio.FIRST_COMPLETED)
            nearly_out.cancel()
            for task in done & self._sending.keys():
                del self._sending[task]
                task.result()

    def _has_room(self, gateway: Gateway) -> bool:
        under_way = sum(len(batch.claimed) for batch in self._sending.values())
        return under_way + self._claim_size(gateway) <= gateway.capabilities.batch_max

    def _next_run_at(self, result: ClaimResult) -> datetime | None:
        now = self._clock.now()
        if result.stop_reason == "approval":
            return (
                now + RECHECK_INTERVAL
            )  # the sweep pauses the campaign, unless only our configuration is the older one
        if result.stop_reason in {"budget", campaign_states.CANARY}:
            self._pause_for = result.stop_reason
        return now if result.stop_reason or result.is_last else None

    # --- when ----------------------------------------------------------------------------------------

    def _sending_window(self, now: datetime) -> tuple[datetime, datetime]:
        """Return when texts may leave next and until when; mail may leave at any hour."""
        if self._lease.channel == "email":
            return now, self._lease.expires_at
        schedules, lease = self._config.schedules, self._lease
        opening = plan.next_open(schedules, self._campaign, lease.audience, now)
        window = plan.sending_window(schedules, self._campaign, lease.audience, opening)
        return min(opening, lease.expires_at), min(window.closes_at, lease.expires_at)

    def _next_retry_at(self, counted_attempts: int, min_delay: timedelta) -> datetime | None:
        return next_retry_at(
            counted_attempts,
            now=self._clock.now(),
            delays=SEND_RETRY_DELAYS,
            next_open=lambda moment: self._sending_window(moment)[0],
            expires_at=self._lease.expires_at,
            min_delay=min_delay,
        )

    async def _pause(self, reason: str) -> None:
        name, now = self._lease.campaign, self._clock.now()
        paused = await self._ledger_thread.run(
            campaign_states.pause, self._ledger, name, reason=reason, who="dispatcher", now=now
        )
        if paused:
            logger.error("campaign %s paused itself: %s", name, reason, extra={"action": "paused"})


def _send_deadline(last_slot: datetime, closes_at: datetime, *, max_slot_delay: timedelta) -> datetime:
    """Return the moment from which nothing of a batch may leave any more."""
    if last_slot + max_slot_delay <= closes_at - CLOSING_MARGIN:
        return last_slot + max_slot_delay
    return min(closes_at, max(last_slot + SLOT_DELAY_AT_CLOSING, closes_at - CLOSING_MARGIN))
