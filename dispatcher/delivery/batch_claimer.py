"""Claims the next messages of a leased shard under the schedules in force, and writes what they say."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from time import perf_counter

from dispatcher import metrics
from dispatcher.campaign import step_kinds, stop_scopes
from dispatcher.campaign.model import Campaign
from dispatcher.configuration import Configuration
from dispatcher.delivery.envelope_builder import LoadFigures
from dispatcher.delivery.timeouts import Timeouts
from dispatcher.gateways import Gateway
from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import claims
from dispatcher.ledger.sending.claim_types import ClaimResult, Lease, Limits
from dispatcher.ledger_thread import LedgerThread
from dispatcher.message import Draft, Recipient, RenderContext
from dispatcher.message.digest import DigestFigures
from dispatcher.vietnamese import phone

logger = logging.getLogger(__name__)

EXPIRY_BATCH_SIZE = 500
TIME_RESOLUTION = timedelta(microseconds=1)


@dataclass(kw_only=True, slots=True)
class LeasedShard:
    """A shard in our hands; `lookup_at` names the claim under way, until it was heard how that ended."""

    lease: Lease
    lookup_at: datetime | None = None


class BatchClaimer:
    """Claims batch after batch of one shard."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        timeouts: Timeouts,
        leased: LeasedShard,
        config: Configuration,
        campaign: Campaign,
        load_figures: LoadFigures,
    ) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._timeouts = timeouts
        self._leased = leased
        self._lease = leased.lease
        self._config = config
        self._campaign = campaign
        self._load_figures = load_figures
        self._occasions: dict[tuple[bool, date], RenderContext] = {}
        self._figures: DigestFigures | None = None
        self._last_lookup_at = leased.lease.due_at

    async def expire(self, now: datetime) -> ClaimResult:
        """Settle what is too late; that needs no slot of anybody."""
        return await self._claim(EXPIRY_BATCH_SIZE, now, gateway=None, send_deadline=now, slots=())

    async def claim(
        self, slots: Sequence[datetime], now: datetime, *, gateway: Gateway, send_deadline: datetime
    ) -> ClaimResult:
        """Claim a message for each of `slots`, as far as there are any."""
        await self._read_figures(now)
        return await self._claim(len(slots), now, gateway=gateway, send_deadline=send_deadline, slots=slots)

    async def _read_figures(self, now: datetime) -> None:
        """Read a digest's figures once, before the claim's transaction is open."""
        if self._lease.kind in step_kinds.NEEDING_FIGURES and self._figures is None:
            self._figures = await self._ledger_thread.run(self._load_figures, self._lease.campaign, now)

    async def _claim(
        self,
        count: int,
        now: datetime,
        *,
        gateway: Gateway | None,
        send_deadline: datetime,
        slots: Sequence[datetime],
    ) -> ClaimResult:
        campaign, started = self._campaign, perf_counter()
        self._leased.lookup_at = self._lookup_at(max(now, send_deadline), gateway)
        batch = await self._ledger_thread.run(
            claims.claim_messages,
            self._ledger,
            self._lease,
            now=now,
            lease_until=max([now, *slots]) + self._timeouts.lease,
            latest_send_at=send_deadline - TIME_RESOLUTION,
            lookup_at=self._leased.lookup_at,
            slots=slots,
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

    def _lookup_at(self, send_deadline: datetime, gateway: Gateway | None) -> datetime:
        """Return when an intent without an answer is in doubt; no two claims of a lease have the same."""
        patience = self._timeouts.in_doubt_after(gateway.capabilities) if gateway else timedelta(0)
        self._last_lookup_at = max(send_deadline + patience, self._last_lookup_at + TIME_RESOLUTION)
        return self._last_lookup_at

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
