"""One leased shard being served: batch after batch is claimed, sent and settled."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from time import perf_counter

from dispatcher import faults, meters, plan
from dispatcher.campaign.model import Campaign
from dispatcher.clock import Clock
from dispatcher.crossing import Crossing
from dispatcher.delivery import health
from dispatcher.delivery.lesson import Lesson, learn
from dispatcher.delivery.pace import Pacing
from dispatcher.delivery.post import Post
from dispatcher.delivery.retry import NOT_TAKEN, again_at
from dispatcher.delivery.telling import Telling
from dispatcher.delivery.verdict import judge
from dispatcher.edition import Edition
from dispatcher.gateways import Envelope, Result
from dispatcher.ledger import Ledger, Passing, campaigns, claims, rates, settling
from dispatcher.ledger.claims import Batch, Claimed, Lease, Limits
from dispatcher.ledger.rates import Slots
from dispatcher.message import Draft, Occasion, Recipient
from dispatcher.message.digest import Figures
from dispatcher.vietnamese import phone

logger = logging.getLogger(__name__)

LATE_AT_CLOSING = timedelta(seconds=1)  # and when its window closes so soon that lateness would eat it up
CLOSING = timedelta(minutes=1)
LOOK_AGAIN = timedelta(seconds=15)
EXPIRED_AT_ONCE = 500
TICK = timedelta(microseconds=1)


@dataclass(kw_only=True, slots=True)
class Held:
    """A shard in our hands; `ask_at` names the claim under way, until it was heard how that ended."""

    lease: Lease
    ask_at: datetime | None = None


class Round:
    """Serves one shard for as long as its lease is held."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        crossing: Crossing,
        clock: Clock,
        post: Post,
        telling: Telling,
        held: Held,
        in_hand: set[int],
        edition: Edition,
        campaign: Campaign,
    ) -> None:
        self._ledger = ledger
        self._crossing = crossing
        self._clock = clock
        self._post = post
        self._telling = telling
        self._patience = telling.patience
        self._held = held
        self._in_hand = in_hand
        self._lease = lease = held.lease
        self._edition = edition
        self._campaign = campaign
        self._gateway = post.gateways[lease.channel]
        self._occasions: dict[tuple[bool, date], Occasion] = {}
        self._figures: Figures | None = None

    async def batch(self) -> datetime | None:
        """Claim, send and settle once.

        Gives None to go on at once, else the moment before which this shard has nothing to do.
        """
        lease, now = self._lease, self._clock.now()
        if now >= lease.expires_at:
            return await self._expire(now)
        opens_at, closes_at = self._open(now)
        if now < opens_at:
            return opens_at
        slots = await self._reserve(self._gateway.traits.batch_max, now)
        if isinstance(slots, datetime):
            return min(slots, lease.expires_at)
        count = min(slots.passed(closes_at), self._gateway.traits.batch_max)
        if count == 0:
            await self._give_back(slots, 0)
            return min(slots.first, lease.expires_at)
        await self._look_up_figures(now)
        leaves_by = _leaves_by(slots[count - 1], closes_at, late=self._patience.late)
        batch = await self._claim(count, now, leaves_by=leaves_by)
        faults.point("claimed")
        await self._give_back(slots, len(batch.claimed))
        if batch.claimed:
            slots = replace(slots, count=len(batch.claimed))
            await self._send(batch.claimed, slots, leaves_by, closes_at)
        return await self._after(batch)

    async def _expire(self, now: datetime) -> datetime | None:
        """Settle what is too late; that needs no slot of anybody."""
        batch = await self._claim(EXPIRED_AT_ONCE, now, leaves_by=now)
        return await self._after(batch)

    def _open(self, now: datetime) -> tuple[datetime, datetime]:
        """Give when texts may leave next and until when; mail may leave at any hour."""
        if self._lease.channel == "email":
            return now, self._lease.expires_at
        schedules, lease = self._edition.schedules, self._lease
        opening = plan.next_open(schedules, self._campaign, lease.audience, now)
        window = plan.window(schedules, self._campaign, lease.audience, opening)
        return min(opening, lease.expires_at), min(window.closes_at, lease.expires_at)

    # --- claiming ------------------------------------------------------------------------------------

    async def _reserve(self, count: int, now: datetime) -> Slots | datetime:
        slots = await self._crossing(
            rates.reserve, self._ledger, self._gateway.name, count, now=now, within=self._patience.block
        )
        faults.point("slots-reserved")
        return slots

    async def _give_back(self, slots: Slots, used: int) -> None:
        """Return the slots nobody needed; with the ledger away they are lost, and not what was claimed."""
        if used >= slots.count:
            return
        with suppress(*Passing):
            await self._crossing(rates.give_back, self._ledger, self._gateway.name, slots, used)

    async def _look_up_figures(self, now: datetime) -> None:
        """Read a digest's figures once, before the claim's transaction is open."""
        if self._lease.kind == "digest" and self._figures is None:
            self._figures = await self._crossing(self._post.figures, self._lease.campaign, now)

    async def _claim(self, count: int, now: datetime, *, leaves_by: datetime) -> Batch:
        campaign, began = self._campaign, perf_counter()
        self._held.ask_at = max(now, leaves_by) + self._patience.doubt_after(self._gateway.traits)
        batch = await self._crossing(
            claims.claim,
            self._ledger,
            self._lease,
            now=now,
            lease_until=max(now, leaves_by) + self._patience.lease,
            wire_by=leaves_by - TICK,
            ask_at=self._held.ask_at,
            gateway=self._gateway.name,
            limits=Limits(
                batch=count,
                cap_per_day=campaign.cap_per_day,
                cap_per_week=campaign.cap_per_week,
                budget_vnd=campaign.budget_vnd,
                approved=self._edition.frozen(campaign.name) if campaign.requires_approval else None,
                vnd_per_part=self._price,
            ),
            compose=self._compose,
        )
        self._held.ask_at = None
        meters.CLAIM_SECONDS.observe(perf_counter() - began)
        if batch.unfit:
            logger.error("a message cannot be written: %s", batch.unfit, extra={"action": "unfit"})
        return batch

    def _price(self, number: str) -> int:
        return self._edition.schedules.prices.per_part(phone.network(number))

    def _compose(self, recipient: Recipient, first: bool) -> Draft:
        return self._edition.composer.compose(recipient, self._occasion(first), figures=self._figures)

    def _occasion(self, first: bool) -> Occasion:
        lease, today = self._lease, self._edition.schedules.local(self._clock.now()).date()
        found = self._occasions.get((first, today))
        if found is None:
            found = self._occasions[first, today] = Occasion(
                campaign=lease.campaign,
                step=lease.step,
                kind=lease.kind,  # type: ignore[arg-type]  # the ledger holds what plan wrote
                moment=lease.moment,
                due_at=lease.due_at,
                today=today,
                first=first,
            )
        return found

    # --- sending -------------------------------------------------------------------------------------

    async def _send(
        self, claimed: Sequence[Claimed], slots: Slots, leaves_by: datetime, closes_at: datetime
    ) -> None:
        started_at = self._clock.now()
        # A text may still arrive until its window closes, if it leaves at the last moment allowed.
        validity = (closes_at - leaves_by).total_seconds()
        envelopes = [
            self._post.envelope(item, slot=slots[place], validity_seconds=validity)
            for place, item in enumerate(claimed)
        ]
        pacing = Pacing(
            self._clock,
            slots,
            count=len(claimed),
            closes_at=leaves_by,
            more=self._more_slots,
            stopping=self._telling.stopping,
        )
        mine = {item.message_id for item in claimed}
        self._in_hand |= mine
        try:
            began = perf_counter()
            results = await self._offer(envelopes, pacing)
            meters.sent(self._gateway.name, results, seconds=perf_counter() - began)
            faults.point("sent")
            await self._settle(claimed, results, started_at)
        finally:
            self._in_hand -= mine
        faults.point("settled")
        await self._give_back(*pacing.unused)
        await self._heed(learn(results), slots)

    async def _offer(self, envelopes: Sequence[Envelope], pacing: Pacing) -> Sequence[Result]:
        """Send; of a gateway that breaks its word and raises, nobody knows what it did."""
        try:
            return await self._gateway.send(envelopes, pace=pacing)
        except Exception as error:
            logger.exception("the gateway %s broke", self._gateway.name, extra={"action": "gateway-broke"})
            detail = f"the gateway broke: {type(error).__name__}"
            return [
                Result(key=item.key, kind="unknown", code="gateway", error_class="ambiguous", detail=detail)
                for item in envelopes
            ]

    async def _more_slots(self, count: int) -> Slots | None:
        slots = await self._reserve(count, self._clock.now())
        return None if isinstance(slots, datetime) else slots

    async def _settle(
        self, claimed: Sequence[Claimed], results: Sequence[Result], started_at: datetime
    ) -> None:
        now = self._clock.now()
        verdicts = [
            judge(
                item,
                result,
                gateway=self._gateway.name,
                started_at=started_at,
                now=now,
                again=self._again,
                patience=self._patience,
            )
            for item, result in zip(claimed, results, strict=True)
        ]
        run = await self._telling(
            settling.settle,
            self._ledger,
            [verdict.settlement for verdict in verdicts],
            opt_outs=[verdict.opt_out for verdict in verdicts if verdict.opt_out],
            answers=health.count(results, campaign=self._lease.campaign, channel=self._lease.channel),
            now=now,
        )
        if unknown := {verdict.unknown_code for verdict in verdicts if verdict.unknown_code}:
            words = ", ".join(sorted(unknown))
            logger.error("a provider says what nobody knows: %s", words, extra={"action": "unknown-code"})
        if run is not None and (reason := health.judge(run)):
            await self._pause(reason)

    def _again(self, tries: int, least: timedelta) -> datetime | None:
        return again_at(
            tries,
            now=self._clock.now(),
            pauses=NOT_TAKEN,
            next_open=lambda moment: self._open(moment)[0],
            expires_at=self._lease.expires_at,
            at_least=least,
        )

    async def _heed(self, lesson: Lesson, slots: Slots) -> None:
        """Do to the gateway what its answers ask for."""
        ledger, name, now = self._ledger, self._gateway.name, self._clock.now()
        if lesson.is_heard and (slots.failures or slots.is_probe):
            await self._crossing(rates.answered, ledger, name, now=now)
        if lesson.unanswered:
            until = await self._crossing(
                rates.unanswered,
                ledger,
                name,
                lesson.unanswered,
                in_a_row=not lesson.is_heard,
                reason=lesson.code,
                now=now,
            )
            if until is not None:
                logger.error(
                    "%s does not answer and is left alone until %s",
                    name,
                    until.isoformat(timespec="seconds"),
                    extra={"action": "gateway-away"},
                )
        if lesson.slow_down:
            until = now + lesson.slow_down
            await self._crossing(rates.slow_down, ledger, name, until=until, reason=lesson.code, now=now)
        if lesson.hold:
            await self._crossing(rates.block, ledger, name, until=now + lesson.hold, reason=lesson.code)
            logger.error("%s wants nothing for now: %s", name, lesson.code, extra={"action": "gateway-held"})

    async def _after(self, batch: Batch) -> datetime | None:
        now = self._clock.now()
        if batch.stopped == "approval":
            return now + LOOK_AGAIN  # the sweep pauses the campaign, unless only our edition is the older one
        if batch.stopped in {"budget", campaigns.CANARY}:
            await self._pause(batch.stopped)
        return now if batch.stopped or batch.last else None

    async def _pause(self, reason: str) -> None:
        name, now = self._lease.campaign, self._clock.now()
        paused = await self._crossing(
            campaigns.pause, self._ledger, name, reason=reason, who="dispatcher", now=now
        )
        if paused:
            logger.error("campaign %s paused itself: %s", name, reason, extra={"action": "paused"})


def _leaves_by(last_slot: datetime, closes_at: datetime, *, late: timedelta) -> datetime:
    """Give the moment from which nothing of a batch may leave any more."""
    if last_slot + late <= closes_at - CLOSING:
        return last_slot + late
    return min(closes_at, max(last_slot + LATE_AT_CLOSING, closes_at - CLOSING))
