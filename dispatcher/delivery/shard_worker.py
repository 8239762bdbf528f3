"""Serves one leased shard: batch after batch is claimed, sent and recorded."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from time import perf_counter

from dispatcher import failpoints, metrics, plan
from dispatcher.campaign import step_kinds, stop_scopes
from dispatcher.campaign.model import Campaign
from dispatcher.clock import Clock
from dispatcher.configuration import Configuration
from dispatcher.delivery import auto_pause
from dispatcher.delivery.auto_pause import Judgement, SettingsSuspicion
from dispatcher.delivery.durable_write import DurableWrite
from dispatcher.delivery.envelope_builder import EnvelopeBuilder
from dispatcher.delivery.gateway_feedback import GatewayFeedback, summarise
from dispatcher.delivery.pacing import BatchPacer
from dispatcher.delivery.result_mapping import map_result
from dispatcher.delivery.retry import SEND_RETRY_DELAYS, next_retry_at
from dispatcher.gateways import Envelope, Gateway, Result
from dispatcher.ledger import Ledger, TransientLedgerErrors
from dispatcher.ledger.sending import attempt_results, campaign_states, claims, rate_limits
from dispatcher.ledger.sending.claim_types import ClaimedMessage, ClaimResult, Lease, Limits
from dispatcher.ledger.sending.rate_limits import Slots
from dispatcher.ledger_thread import LedgerThread
from dispatcher.message import Draft, Recipient, RenderContext
from dispatcher.message.digest import DigestFigures
from dispatcher.vietnamese import phone

logger = logging.getLogger(__name__)

SLOT_DELAY_AT_CLOSING = timedelta(
    seconds=1
)  # and when its window closes so soon that lateness would eat it up
CLOSING_MARGIN = timedelta(minutes=1)
RECHECK_INTERVAL = timedelta(seconds=15)
EXPIRY_BATCH_SIZE = 500
TIME_RESOLUTION = timedelta(microseconds=1)


@dataclass(kw_only=True, slots=True)
class LeasedShard:
    """A shard in our hands; `lookup_at` names the claim under way, until it was heard how that ended."""

    lease: Lease
    lookup_at: datetime | None = None


class ShardWorker:
    """Serves one shard for as long as its lease is held."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        clock: Clock,
        envelope_builder: EnvelopeBuilder,
        durable_write: DurableWrite,
        leased: LeasedShard,
        in_flight: set[int],
        settings_suspicion: SettingsSuspicion,
        config: Configuration,
        campaign: Campaign,
    ) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._envelope_builder = envelope_builder
        self._durable_write = durable_write
        self._timeouts = durable_write.timeouts
        self._leased = leased
        self._in_flight = in_flight
        self._settings_suspicion = settings_suspicion
        self._lease = lease = leased.lease
        self._config = config
        self._campaign = campaign
        self._gateways = envelope_builder.gateways.in_order(lease.channel)
        self._occasions: dict[tuple[bool, date], RenderContext] = {}
        self._figures: DigestFigures | None = None

    async def run_batch(self) -> datetime | None:
        """Claim, send and settle once.

        Return None to go on at once, else the time before which this shard has nothing to do.
        """
        lease, now = self._lease, self._clock.now()
        if now >= lease.expires_at:
            return await self._expire_overdue(now)
        opens_at, closes_at = self._sending_window(now)
        if now < opens_at:
            return opens_at
        if not self._gateways:
            return lease.expires_at  # the channel is closed: what waits here runs out of time
        gateway, slots = await self._choose_gateway(now)
        if isinstance(slots, datetime):
            return min(slots, lease.expires_at)
        return await self._run_on(gateway, slots, now, closes_at)

    async def _run_on(
        self, gateway: Gateway, slots: Slots, now: datetime, closes_at: datetime
    ) -> datetime | None:
        batch_max = gateway.capabilities.batch_max
        count = min(slots.count_before(closes_at), batch_max)
        if count == 0:
            await self._return_slots(gateway, slots, 0)
            return min(slots.first, self._lease.expires_at)
        await self._load_figures(now)
        send_deadline = _send_deadline(
            slots[count - 1], closes_at, max_slot_delay=self._timeouts.max_slot_delay
        )
        batch = await self._claim(count, now, gateway=gateway, send_deadline=send_deadline)
        failpoints.hit("claimed")
        await self._return_slots(gateway, slots, len(batch.claimed))
        if batch.claimed:
            slots = replace(slots, count=len(batch.claimed))
            await self._send_batch(batch.claimed, gateway, slots, send_deadline, closes_at)
        return await self._next_run_at(batch)

    async def _expire_overdue(self, now: datetime) -> datetime | None:
        """Settle what is too late; that needs no slot of anybody."""
        batch = await self._claim(EXPIRY_BATCH_SIZE, now, gateway=None, send_deadline=now)
        return await self._next_run_at(batch)

    def _sending_window(self, now: datetime) -> tuple[datetime, datetime]:
        """Return when texts may leave next and until when; mail may leave at any hour."""
        if self._lease.channel == "email":
            return now, self._lease.expires_at
        schedules, lease = self._config.schedules, self._lease
        opening = plan.next_open(schedules, self._campaign, lease.audience, now)
        window = plan.sending_window(schedules, self._campaign, lease.audience, opening)
        return min(opening, lease.expires_at), min(window.closes_at, lease.expires_at)

    # --- claiming ------------------------------------------------------------------------------------

    async def _choose_gateway(self, now: datetime) -> tuple[Gateway, Slots | datetime]:
        """Return the first gateway that is not blocked, with its slots; else the one that is back first."""
        blocked: list[tuple[datetime, Gateway]] = []
        for gateway in self._gateways:
            slots = await self._reserve_slots(gateway, gateway.capabilities.batch_max, now)
            if isinstance(slots, Slots):
                return gateway, slots
            blocked.append((slots, gateway))
        until, gateway = min(blocked, key=lambda one: one[0])
        return gateway, until

    async def _reserve_slots(self, gateway: Gateway, count: int, now: datetime) -> Slots | datetime:
        slots = await self._ledger_thread.run(
            rate_limits.reserve,
            self._ledger,
            gateway.name,
            count,
            now=now,
            within=self._timeouts.reservation,
        )
        failpoints.hit("slots-reserved")
        return slots

    async def _return_slots(self, gateway: Gateway, slots: Slots, used: int) -> None:
        """Return the slots nobody needed; with the ledger away they are lost, and not what was claimed."""
        if used >= slots.count:
            return
        with suppress(*TransientLedgerErrors):
            await self._ledger_thread.run(rate_limits.release_slots, self._ledger, gateway.name, slots, used)

    async def _load_figures(self, now: datetime) -> None:
        """Read a digest's figures once, before the claim's transaction is open."""
        if self._lease.kind in step_kinds.NEEDING_FIGURES and self._figures is None:
            self._figures = await self._ledger_thread.run(
                self._envelope_builder.load_figures, self._lease.campaign, now
            )

    async def _claim(
        self, count: int, now: datetime, *, gateway: Gateway | None, send_deadline: datetime
    ) -> ClaimResult:
        campaign, started = self._campaign, perf_counter()
        self._leased.lookup_at = max(now, send_deadline) + (
            self._timeouts.in_doubt_after(gateway.capabilities) if gateway else timedelta(0)
        )
        batch = await self._ledger_thread.run(
            claims.claim_messages,
            self._ledger,
            self._lease,
            now=now,
            lease_until=max(now, send_deadline) + self._timeouts.lease,
            latest_send_at=send_deadline - TIME_RESOLUTION,
            lookup_at=self._leased.lookup_at,
            gateway=gateway.name if gateway else "",
            limits=Limits(
                batch_size=count,
                cap_per_day=campaign.cap_per_day,
                cap_per_week=campaign.cap_per_week,
                waits_for_cap=campaign.over_cap == "wait",
                budget_vnd=campaign.budget_vnd,
                canary=campaign.canary,
                approved_hashes=self._config.approval_hashes(campaign.name)
                if campaign.requires_approval
                else None,
                other_scopes=stop_scopes.other_scopes(self._config.schedules, campaign, self._lease.audience),
                vnd_per_part=self._price_per_part,
            ),
            compose=partial(self._compose, self._config.schedules.to_local(now).date()),
        )
        self._leased.lookup_at = None
        metrics.CLAIM_SECONDS.observe(perf_counter() - started)
        if batch.render_error:
            logger.error("a message cannot be written: %s", batch.render_error, extra={"action": "unfit"})
        return batch

    def _price_per_part(self, number: str) -> int:
        return self._config.schedules.prices.price_of_part(phone.network(number))

    def _compose(self, today: date, recipient: Recipient, first: bool) -> Draft:
        return self._config.composer.compose(recipient, self._occasion(today, first), figures=self._figures)

    def _occasion(self, today: date, first: bool) -> RenderContext:
        lease = self._lease
        occasion = self._occasions.get((first, today))
        if occasion is None:
            occasion = self._occasions[first, today] = RenderContext(
                campaign=lease.campaign,
                step=lease.step,
                kind=lease.kind,  # type: ignore[arg-type]  # the ledger holds what plan wrote
                template=lease.template,
                due_at=lease.due_at,
                today=today,
                is_first=first,
            )
        return occasion

    # --- sending -------------------------------------------------------------------------------------

    async def _send_batch(
        self,
        claimed: Sequence[ClaimedMessage],
        gateway: Gateway,
        slots: Slots,
        send_deadline: datetime,
        closes_at: datetime,
    ) -> None:
        started_at = self._clock.now()
        # A text may still arrive until its window closes, if it leaves at the last moment allowed.
        validity = (closes_at - send_deadline).total_seconds()
        envelopes = [
            self._envelope_builder.build(item, gateway, slot=slots[index], validity_seconds=validity)
            for index, item in enumerate(claimed)
        ]
        pacer = BatchPacer(
            self._clock,
            slots,
            count=len(claimed),
            deadline=send_deadline,
            reserve_more=partial(self._more_slots, gateway),
            is_stopping=self._durable_write.is_stopping,
        )
        message_ids = {item.message_id for item in claimed}
        self._in_flight |= message_ids
        try:
            started = perf_counter()
            judged = self._settings_suspicion.judge(
                gateway.name,
                [item.message_id for item in claimed],
                await self._call_gateway(gateway, envelopes, pacer),
            )
            results = judged.results
            metrics.observe_send(gateway.name, results, seconds=perf_counter() - started)
            failpoints.hit("sent")
            await self._store_results(claimed, judged, gateway, started_at)
        finally:
            self._in_flight -= message_ids
        failpoints.hit("settled")
        await self._return_slots(gateway, *pacer.used_slots)
        await self._apply_gateway_feedback(gateway, summarise(results), slots)

    async def _call_gateway(
        self, gateway: Gateway, envelopes: Sequence[Envelope], pacer: BatchPacer
    ) -> Sequence[Result]:
        """Send; of a gateway that breaks its word and raises, nobody knows what it did."""
        try:
            return await gateway.send(envelopes, acquire_permit=pacer)
        except Exception as error:
            logger.exception("the gateway %s broke", gateway.name, extra={"action": "gateway-broke"})
            detail = f"the gateway broke: {type(error).__name__}"
            return [
                Result(key=item.key, kind="unknown", code="gateway", error_class="ambiguous", detail=detail)
                for item in envelopes
            ]

    async def _more_slots(self, gateway: Gateway, count: int) -> Slots | None:
        slots = await self._reserve_slots(gateway, count, self._clock.now())
        return None if isinstance(slots, datetime) else slots

    async def _store_results(
        self,
        claimed: Sequence[ClaimedMessage],
        judged: Judgement,
        gateway: Gateway,
        started_at: datetime,
    ) -> None:
        now = self._clock.now()
        mapped = [
            map_result(
                item,
                result,
                gateway=gateway.name,
                started_at=started_at,
                now=now,
                next_retry_at=self._next_retry_at,
                timeouts=self._timeouts,
                is_held=item.message_id in judged.held,
            )
            for item, result in zip(claimed, judged.results, strict=True)
        ]
        window = await self._durable_write.run(
            attempt_results.store,
            self._ledger,
            [one.attempt_result for one in mapped],
            opt_outs=[verdict.opt_out for verdict in mapped if verdict.opt_out],
            counts=auto_pause.count_results(
                judged.results, campaign=self._lease.campaign, channel=self._lease.channel
            ),
            now=now,
        )
        if unknown := {verdict.unknown_code for verdict in mapped if verdict.unknown_code}:
            codes = ", ".join(sorted(unknown))
            logger.error("a provider says what nobody knows: %s", codes, extra={"action": "unknown-code"})
        if window is not None and (reason := auto_pause.pause_reason(window)):
            await self._pause(reason)

    def _next_retry_at(self, counted_attempts: int, min_delay: timedelta) -> datetime | None:
        return next_retry_at(
            counted_attempts,
            now=self._clock.now(),
            delays=SEND_RETRY_DELAYS,
            next_open=lambda moment: self._sending_window(moment)[0],
            expires_at=self._lease.expires_at,
            min_delay=min_delay,
        )

    async def _apply_gateway_feedback(
        self, gateway: Gateway, feedback: GatewayFeedback, slots: Slots
    ) -> None:
        """Do to the gateway what its answers ask for."""
        ledger, name, now = self._ledger, gateway.name, self._clock.now()
        if feedback.has_answered and (slots.failures or slots.is_probe):
            await self._ledger_thread.run(rate_limits.record_answer, ledger, name, now=now)
        if feedback.unanswered_calls:
            until = await self._ledger_thread.run(
                rate_limits.record_no_answer,
                ledger,
                name,
                feedback.unanswered_calls,
                in_a_row=not feedback.has_answered,
                reason=feedback.code,
                now=now,
            )
            if until is not None:
                logger.error(
                    "%s does not answer and is left alone until %s",
                    name,
                    until.isoformat(timespec="seconds"),
                    extra={"action": "gateway-away"},
                )
        if feedback.throttle_for:
            until = now + feedback.throttle_for
            await self._ledger_thread.run(
                rate_limits.throttle, ledger, name, until=until, reason=feedback.code, now=now
            )
        if feedback.block_for:
            await self._ledger_thread.run(
                rate_limits.block, ledger, name, until=now + feedback.block_for, reason=feedback.code
            )
            logger.error(
                "%s wants nothing for now: %s", name, feedback.code, extra={"action": "gateway-held"}
            )

    async def _next_run_at(self, batch: ClaimResult) -> datetime | None:
        now = self._clock.now()
        if batch.stop_reason == "approval":
            return (
                now + RECHECK_INTERVAL
            )  # the sweep pauses the campaign, unless only our configuration is the older one
        if batch.stop_reason in {"budget", campaign_states.CANARY}:
            await self._pause(batch.stop_reason)
        return now if batch.stop_reason or batch.is_last else None

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
