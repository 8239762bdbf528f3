"""Hands batches to a gateway, and writes down what became of each message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from time import perf_counter

from dispatcher import failpoints, metrics
from dispatcher.clock import Clock
from dispatcher.delivery import auto_pause, gateway_feedback
from dispatcher.delivery.auto_pause import SettingsSuspicion
from dispatcher.delivery.durable_write import DurableWrite
from dispatcher.delivery.envelope_builder import EnvelopeBuilder
from dispatcher.delivery.result_mapping import NextRetryAt, map_result
from dispatcher.delivery.sending_batch import SendingBatch
from dispatcher.gateways import SENDING_STOPPED, Envelope, Result
from dispatcher.ledger import Ledger, LedgerError, TransientLedgerErrors
from dispatcher.ledger.sending import attempt_results
from dispatcher.ledger.sending.claim_types import ClaimedMessage, Lease
from dispatcher.ledger.sending.put_back import put_back
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)

Answered = tuple[ClaimedMessage, Result]


@dataclass(frozen=True, kw_only=True)
class BatchSender:
    """Sends the batches of one shard, several at a time."""

    ledger: Ledger
    ledger_thread: LedgerThread
    clock: Clock
    envelope_builder: EnvelopeBuilder
    durable_write: DurableWrite
    in_flight: set[int]  # with a gateway now: nobody need ask about them
    settings_suspicion: SettingsSuspicion
    lease: Lease
    next_retry_at: NextRetryAt
    pause: Callable[[str], Awaitable[None]]  # the campaign, for a reason

    async def send(self, batch: SendingBatch) -> None:
        """Send what may leave, put back what may not, and record the answers."""
        message_ids = [item.message_id for item in batch.claimed]
        self.in_flight.update(message_ids)
        try:
            started_at, started, block = self.clock.now(), perf_counter(), batch.supply.block
            call = asyncio.ensure_future(self._call_gateway(batch))
            try:
                back = await self._put_back_when_stopped(batch, call)
            finally:
                judged = self.settings_suspicion.judge(batch.gateway.name, message_ids, await call)
            metrics.observe_send(batch.gateway.name, judged.results, seconds=perf_counter() - started)
            failpoints.hit("sent")
            answered = [
                (item, result)
                for item, result in zip(batch.claimed, judged.results, strict=True)
                if item.message_id not in back
            ]
            await self._record(batch, answered, judged.held, started_at)
        finally:
            batch.close()
            self.in_flight.difference_update(message_ids)
        failpoints.hit("settled")
        await gateway_feedback.apply(
            gateway_feedback.summarise(judged.results),
            ledger=self.ledger,
            ledger_thread=self.ledger_thread,
            gateway=batch.gateway.name,
            was_failing=block is not None and bool(block.failures or block.is_probe),
            now=self.clock.now(),
        )

    async def _call_gateway(self, batch: SendingBatch) -> Sequence[Result]:
        """Send; of a gateway that breaks its word and raises, nobody knows what it did."""
        envelopes = self._envelopes(batch)
        try:
            return await batch.gateway.send(envelopes, acquire_permit=batch)
        except Exception as error:
            logger.exception("the gateway %s broke", batch.gateway.name, extra={"action": "gateway-broke"})
            detail = f"the gateway broke: {type(error).__name__}"
            return [
                Result(key=item.key, kind="unknown", code="gateway", error_class="ambiguous", detail=detail)
                for item in envelopes
            ]

    def _envelopes(self, batch: SendingBatch) -> list[Envelope]:
        # A text may still arrive until its window closes, if it leaves at the last moment allowed.
        validity = (batch.closes_at - batch.deadline).total_seconds()
        return [
            self.envelope_builder.build(
                item,
                batch.gateway,
                slot=batch.slots[index],
                validity_seconds=validity,
                confirm=partial(batch.confirm, index),
            )
            for index, item in enumerate(batch.claimed)
        ]

    async def _put_back_when_stopped(
        self, batch: SendingBatch, call: asyncio.Future[Sequence[Result]]
    ) -> set[int]:
        """Put back what was not let go as soon as the batch is stopped, whatever is still on the wire."""
        call.add_done_callback(lambda _call: batch.at_rest.set())
        await batch.at_rest.wait()
        return await self._put_back(batch.not_left()) if batch.is_stopped else set()

    async def _put_back(self, items: Sequence[ClaimedMessage]) -> set[int]:
        if items:
            await self.durable_write.run(put_back, self.ledger, items, now=self.clock.now())
            failpoints.hit("put-back")
        return {item.message_id for item in items}

    async def _record(
        self,
        batch: SendingBatch,
        answered: Sequence[Answered],
        held: Collection[int],
        started_at: datetime,
    ) -> None:
        """Write the answers down; what was let go and then stopped at the last moment waits again as well."""
        if batch.is_stopped:
            await self._put_back([item for item, result in answered if result.code == SENDING_STOPPED])
            answered = [pair for pair in answered if pair[1].code != SENDING_STOPPED]
        if answered:
            await self._store(batch, answered, held, started_at)

    async def _store(
        self,
        batch: SendingBatch,
        answered: Sequence[Answered],
        held: Collection[int],
        started_at: datetime,
    ) -> None:
        """Write all answers in one go, or, where the ledger will not take one of them, each by itself."""
        try:
            await self._write(batch, answered, held, started_at)
        except LedgerError as error:
            if isinstance(error, TransientLedgerErrors):
                raise
            logger.exception("the ledger takes an answer not as it is", extra={"action": "answer-unstorable"})
            for one in answered if len(answered) > 1 else ():
                await self._store(batch, [one], held, started_at)

    async def _write(
        self,
        batch: SendingBatch,
        answered: Sequence[Answered],
        held: Collection[int],
        started_at: datetime,
    ) -> None:
        now = self.clock.now()
        left_at = batch.left_at if batch.gateway.capabilities.confirms else {}
        mapped = [
            map_result(
                item,
                result,
                gateway=batch.gateway.name,
                started_at=started_at,
                left_by=left_at.get(item.message_id),
                now=now,
                next_retry_at=self.next_retry_at,
                timeouts=self.durable_write.timeouts,
                is_held=item.message_id in held,
            )
            for item, result in answered
        ]
        window = await self.durable_write.run(
            attempt_results.store,
            self.ledger,
            [one.attempt_result for one in mapped],
            opt_outs=[verdict.opt_out for verdict in mapped if verdict.opt_out],
            counts=auto_pause.count_results(
                [result for _, result in answered],
                own=[item.message_id not in held for item, _ in answered],
                campaign=self.lease.campaign,
                channel=self.lease.channel,
            ),
            now=now,
        )
        if unknown := {verdict.unknown_code for verdict in mapped if verdict.unknown_code}:
            codes = ", ".join(sorted(unknown))
            logger.error("a provider says what nobody knows: %s", codes, extra={"action": "unknown-code"})
        if window is not None and (reason := auto_pause.pause_reason(window)):
            if told := auto_pause.describe_config_errors([result for _, result in answered]):
                logger.error(
                    "%s turns down sender or words: %s; mend the settings, then dispatcher resume %s",
                    batch.gateway.name, told, self.lease.campaign,
                    extra={"action": "configuration-errors"},
                )  # fmt: skip
            await self.pause(reason)
