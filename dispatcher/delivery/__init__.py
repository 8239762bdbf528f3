"""The sending path: lease a shard, claim a batch, send it, settle it, until nothing in it is due.

The intent of every message is committed before the call, so that a crash leaves at most one batch in
doubt, and doubt is asked about, never guessed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispatcher import faults, plan
from dispatcher.campaign.model import Campaign
from dispatcher.clock import Clock
from dispatcher.crossing import Crossing
from dispatcher.delivery.health import Run
from dispatcher.delivery.pace import paced
from dispatcher.delivery.retry import NOT_TAKEN, again_at
from dispatcher.delivery.verdict import judge
from dispatcher.edition import Edition
from dispatcher.errors import LostLease
from dispatcher.gateways import NOT_NOW, Envelope, Gateway, Result
from dispatcher.ledger import Ledger, campaigns, claims, rates, settling
from dispatcher.ledger.claims import Batch, Claimed, Lease, Limits
from dispatcher.links import Links
from dispatcher.message import Draft, Occasion, Recipient
from dispatcher.message.digest import Figures
from dispatcher.vietnamese import phone

logger = logging.getLogger(__name__)

BLOCK = timedelta(seconds=10)  # slots reserved at a time; also the longest a batch is on its way by design
LEASE = timedelta(seconds=90)
UNANSWERED = timedelta(seconds=60)  # after the lease: then nobody can still be writing the answer
LOOK_AGAIN = timedelta(seconds=15)
VALIDITY_MAX = 36_000  # seconds, Twilio's limit

FiguresOf = Callable[[str, datetime], Figures]


@dataclass(frozen=True, kw_only=True)
class Post:
    """What delivery sends with: one gateway a channel, and the keys that come back to us."""

    gateways: Mapping[str, Gateway]
    links: Links
    mail_domain: str
    figures: FiguresOf
    bounce_address: str = ""  # mails return to an address of their own under this one; empty: to the sender


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
    _runs: dict[tuple[str, str], Run] = field(default_factory=dict)

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

    def judge_run(self, lease: Lease, results: Sequence[Result]) -> str:
        """Take in what came back; gives the reason to stop the campaign, empty when all is well."""
        answered = [result for result in results if result.code != NOT_NOW]
        return self._runs.setdefault((lease.campaign, lease.channel), Run()).add(answered)

    def forget_run(self, campaign: str) -> None:
        """Judge a campaign afresh after a person resumed it."""
        for key in [key for key in self._runs if key[0] == campaign]:
            del self._runs[key]

    async def _serve(self, lease: Lease) -> None:
        edition = self.edition()
        campaign = edition.schedules.campaigns.get(lease.campaign)
        if campaign is None or lease.audience not in edition.schedules.audiences:
            await self._close(lease, until=lease.until)  # taken out of the schedules: look later
            return
        round_ = _Round(self, lease, edition, campaign)
        pause = await round_.batch()
        while pause is None and not self.stopping():
            pause = await round_.batch()
        await self._close(lease, until=pause or self.clock.now())

    async def _close(self, lease: Lease, *, until: datetime) -> None:
        await self.crossing(claims.finish, self.ledger, lease, now=self.clock.now(), not_before=until)


class _Round:
    """One leased shard being served."""

    def __init__(self, delivery: Delivery, lease: Lease, edition: Edition, campaign: Campaign) -> None:
        self._delivery = delivery
        self._lease = lease
        self._edition = edition
        self._campaign = campaign
        self._gateway = delivery.post.gateways[lease.channel]
        self._occasions: dict[bool, Occasion] = {}
        self._figures: Figures | None = None

    async def batch(self) -> datetime | None:
        """Claim, send and settle once.

        Gives None to go on at once, else the moment before which this shard has nothing to do.
        """
        delivery, lease, now = self._delivery, self._lease, self._delivery.clock.now()
        expired = now >= lease.expires_at
        opens_at, closes_at = self._open(now)
        if not expired and now < opens_at:
            return opens_at
        slots = await delivery.crossing(
            rates.reserve, delivery.ledger, self._gateway.name, self._count(), now=now
        )
        if isinstance(slots, datetime):
            return min(slots, lease.expires_at)
        count = slots.count if expired else _before(slots, closes_at)
        if count == 0:
            await self._give_back(slots, 0)
            return min(slots.first, lease.expires_at)
        await self._look_up_figures(now)
        batch = await self._claim(slots, count, now)
        faults.point("claimed")
        await self._give_back(slots, len(batch.claimed))
        if batch.claimed:
            await self._send(batch.claimed, slots, closes_at)
        if batch.unfit:
            logger.error("a message cannot be written: %s", batch.unfit, extra={"action": "unfit"})
        return await self._after(batch)

    def _open(self, now: datetime) -> tuple[datetime, datetime]:
        """Give when texts may leave next and until when; mail may leave at any hour."""
        if self._lease.channel == "email":
            return now, self._lease.expires_at
        schedules, lease = self._edition.schedules, self._lease
        opening = plan.next_open(schedules, lease.campaign, lease.audience, now)
        window = plan.window(schedules, lease.campaign, lease.audience, opening)
        return min(opening, lease.expires_at), min(window.closes_at, lease.expires_at)

    def _count(self) -> int:
        """Give how many slots to reserve: about one block's worth, never more than may be in doubt."""
        traits = self._gateway.traits
        return max(1, min(traits.batch_max, round(traits.rate_per_second * BLOCK.total_seconds())))

    async def _give_back(self, slots: rates.Slots, used: int) -> None:
        if used < slots.count:
            delivery = self._delivery
            await delivery.crossing(rates.give_back, delivery.ledger, self._gateway.name, slots, used)

    async def _look_up_figures(self, now: datetime) -> None:
        """Read a digest's figures once, before the claim's transaction is open."""
        if self._lease.kind == "digest" and self._figures is None:
            post = self._delivery.post
            self._figures = await self._delivery.crossing(post.figures, self._lease.campaign, now)

    async def _claim(self, slots: rates.Slots, count: int, now: datetime) -> Batch:
        delivery, campaign = self._delivery, self._campaign
        wire_by = slots[count - 1]
        lease_until = max(now, wire_by) + LEASE
        return await delivery.crossing(
            claims.claim,
            delivery.ledger,
            self._lease,
            now=now,
            lease_until=lease_until,
            wire_by=wire_by,
            ask_at=lease_until + UNANSWERED,
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

    def _price(self, number: str) -> int:
        return self._edition.schedules.prices.per_part(phone.network(number))

    def _compose(self, recipient: Recipient, first: bool) -> Draft:
        occasion = self._occasions.get(first) or self._occasion(first)
        return self._edition.composer.compose(recipient, occasion, figures=self._figures)

    def _occasion(self, first: bool) -> Occasion:
        lease = self._lease
        today = self._delivery.clock.now().astimezone(self._edition.schedules.timezone).date()
        self._occasions[first] = Occasion(
            campaign=lease.campaign,
            step=lease.step,
            kind=lease.kind,  # type: ignore[arg-type]  # the ledger holds what plan wrote
            moment=lease.moment,
            due_at=lease.due_at,
            today=today,
            first=first,
        )
        return self._occasions[first]

    async def _send(self, claimed: Sequence[Claimed], slots: rates.Slots, closes_at: datetime) -> None:
        delivery, started_at = self._delivery, self._delivery.clock.now()
        envelopes = [self._envelope(item, slots[i], closes_at) for i, item in enumerate(claimed)]
        pace = paced(delivery.clock, slots, closes_at=min(closes_at, slots[len(claimed) - 1] + LEASE / 2))
        results = await self._gateway.send(envelopes, pace=pace)
        faults.point("sent")
        await self._settle(claimed, results, started_at)
        faults.point("settled")

    def _envelope(self, item: Claimed, slot: datetime, closes_at: datetime) -> Envelope:
        links, draft = self._delivery.post.links, item.draft
        key = links.message_key(item.message_id, item.attempt)
        return Envelope(
            key=key,
            to=item.recipient.address,
            to_name=item.recipient.name,
            body=draft.body,
            mail=draft.mail,
            callback_url=links.callback(key),
            validity_seconds=max(1, min(VALIDITY_MAX, int((closes_at - slot).total_seconds()))),
            message_id=links.mail_id(item.message_id, self._delivery.post.mail_domain),
            envelope_from=self._return_path(item),
            date=slot,
        )

    def _return_path(self, item: Claimed) -> str:
        post = self._delivery.post
        if not post.bounce_address or self._lease.channel != "email":
            return ""
        return post.links.bounce_address(post.bounce_address, item.message_id, item.attempt)

    async def _settle(
        self, claimed: Sequence[Claimed], results: Sequence[Result], started_at: datetime
    ) -> None:
        delivery, now = self._delivery, self._delivery.clock.now()
        verdicts = [
            judge(
                item,
                result,
                gateway=self._gateway.name,
                started_at=started_at,
                now=now,
                again=lambda tries, least: self._again(tries, least, now),
            )
            for item, result in zip(claimed, results, strict=True)
        ]
        await delivery.crossing(
            settling.settle,
            delivery.ledger,
            [verdict.settlement for verdict in verdicts],
            opt_outs=[verdict.opt_out for verdict in verdicts if verdict.opt_out],
            now=now,
        )
        await self._heed(results, now)

    def _again(self, tries: int, least: timedelta, now: datetime) -> datetime | None:
        return again_at(
            tries,
            now=now,
            pauses=NOT_TAKEN,
            next_open=lambda moment: self._open(moment)[0],
            expires_at=self._lease.expires_at,
            at_least=least,
        )

    async def _heed(self, results: Sequence[Result], now: datetime) -> None:
        """Slow down when asked to; stop the campaign when its answers say that it is broken."""
        delivery = self._delivery
        throttled = [result for result in results if result.kind == "later" and result.retry_after_seconds]
        if throttled:
            wait = max(result.retry_after_seconds or 0.0 for result in throttled)
            await delivery.crossing(
                rates.slow_down,
                delivery.ledger,
                self._gateway.name,
                until=now + timedelta(seconds=wait),
                reason=throttled[0].code,
                now=now,
            )
        reason = delivery.judge_run(self._lease, results)
        if reason:
            await self._pause(reason, now)

    async def _after(self, batch: Batch) -> datetime | None:
        now = self._delivery.clock.now()
        if batch.stopped == "approval":
            return now + LOOK_AGAIN  # the sweep pauses the campaign, unless only our edition is the older one
        if batch.stopped in {"budget", "canary"}:
            await self._pause(batch.stopped, now)
        return now if batch.stopped or batch.empty else None

    async def _pause(self, reason: str, now: datetime) -> None:
        delivery = self._delivery
        await delivery.crossing(
            campaigns.pause, delivery.ledger, self._lease.campaign, reason=reason, who="dispatcher", now=now
        )
        logger.error(
            "campaign %s paused itself: %s", self._lease.campaign, reason, extra={"action": "paused"}
        )


def _before(slots: rates.Slots, closes_at: datetime) -> int:
    """Count the slots that lie before a moment."""
    if slots.first >= closes_at:
        return 0
    return min(slots.count, int((closes_at - slots.first - timedelta(microseconds=1)) / slots.gap) + 1)
