"""Looks up messages in doubt with the provider before anything is sent again.

A text that is clearly not there is offered again; a mail cannot be asked about, so the campaign
says what to do with it: `resend` under the same Message-ID, or `hold`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from dispatcher import failpoints
from dispatcher.clock import Clock
from dispatcher.configuration import Configuration
from dispatcher.gateways import Envelope, Gateway, Result
from dispatcher.gateways.opened import OpenGateways
from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.schema.message_status import IN_DOUBT
from dispatcher.ledger.sending import lookups
from dispatcher.ledger.sending.lookups import PendingLookup
from dispatcher.ledger_thread import LedgerThread
from dispatcher.signed_links import SignedLinks

logger = logging.getLogger(__name__)

LOOKBACK = timedelta(hours=26)  # clocks are set by hand; what is ours is told by name, not by the moment
PARALLEL_LOOKUPS_MAX = 8  # questions under way at a time
# A provider's list may lag behind. While no report of a gateway has ever come in, its "not there" is believed
# only so long after the sending, and the second time it is said.
ABSENCE_PATIENCE = timedelta(minutes=12)
IN_DOUBT_MAX = 3  # so often may one message be in doubt and go again; then a person has to look


class InDoubtResolver:
    """Settles doubts a page at a time."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        clock: Clock,
        gateways: OpenGateways,
        links: SignedLinks,
        config: Callable[[], Configuration],
        in_flight: Collection[int] = (),
        lookup_lease: timedelta = lookups.LOOKUP_LEASE,
        absence_patience: timedelta = ABSENCE_PATIENCE,
    ) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._gateways = gateways
        self._links = links
        self._config = config
        self._in_flight = in_flight  # with a gateway at this moment: their answers come by themselves
        self._lookup_lease = lookup_lease
        self._absence_patience = absence_patience
        self._reporting: set[str] = set()  # gateways whose reports have come in
        self._absent_once: set[tuple[int, int]] = set()  # (message, attempt) said not to be there before

    async def resolve_due(self) -> int:
        """Ask about everything overdue; gives how many questions there were."""
        count, is_full = 0, True
        while is_full:
            page = await self._lease_due()
            count += len(page)
            for asked in sorted({(doubt.gateway, doubt.channel) for doubt in page}):
                await self._resolve(
                    *asked, [doubt for doubt in page if (doubt.gateway, doubt.channel) == asked]
                )
            is_full = len(page) == lookups.PAGE
        return count

    async def _lease_due(self) -> Sequence[PendingLookup]:
        page = await self._ledger_thread.run(
            lookups.lease_due,
            self._ledger,
            now=self._clock.now(),
            lease=self._lookup_lease,
            exclude=frozenset(self._in_flight),
        )
        failpoints.hit("doubted")
        return page

    async def _resolve(self, name: str, channel: str, page: Sequence[PendingLookup]) -> None:
        """Ask the gateway that had them: what another one does not know of says nothing."""
        # After a restoration nobody knows which one it was: the first one, then.
        gateway = self._gateways.named(name) if name else next(iter(self._gateways.in_order(channel)), None)
        if gateway is not None and gateway.capabilities.supports_lookup:
            await self._look_up(gateway, page)
        elif channel == "email":
            await self._apply_mail_policy(page)
        else:
            await self._leave_unasked(name, page)

    async def _leave_unasked(self, name: str, page: Sequence[PendingLookup]) -> None:
        """Postpone what nobody can be asked about: a text is never sent again on a guess."""
        logger.warning(
            "nobody can be asked about %d texts of the gateway %s", len(page), name,
            extra={"action": "unaskable"},
        )  # fmt: skip
        await self._ledger_thread.run(lookups.postpone, self._ledger, page, now=self._clock.now())

    async def _look_up(self, gateway: Gateway, page: Sequence[PendingLookup]) -> None:
        other_ids = await self._ledger_thread.run(lookups.other_provider_ids, self._ledger, page)
        slots = asyncio.Semaphore(PARALLEL_LOOKUPS_MAX)

        async def ask(doubt: PendingLookup) -> Result:
            async with slots:
                result = await gateway.look_up(
                    self._envelope(doubt),
                    since=min(doubt.submitted_at, self._clock.now()) - LOOKBACK,
                    provider_id=doubt.provider_id,
                    exclude=other_ids[doubt.message_id],
                )
            failpoints.hit("doubt-asked")
            return result

        answers = list(zip(page, await asyncio.gather(*map(ask, page)), strict=True))
        absent = [doubt for doubt, result in answers if _is_absent(doubt, result)]
        reports = await self._has_reported(gateway.name)
        await self._store_results(
            [self._event(doubt, result) for doubt, result in answers if result.kind == "accepted"],
            # What is not believed yet is asked again when its lease is over.
            [doubt for doubt in absent if self._is_believed(doubt, reports=reports)],
            # Also where there is news: it is folded at its own pace, and the question must not come up again
            # before that.
            [doubt for doubt, result in answers if not _is_absent(doubt, result)],
        )

    async def _has_reported(self, gateway: str) -> bool:
        """Return whether a gateway's reports reach us: a text that was taken would have told of itself."""
        if gateway not in self._reporting and await self._ledger_thread.run(
            event_inbox.has_reported, self._ledger, gateway
        ):
            self._reporting.add(gateway)
        return gateway in self._reporting

    def _is_believed(self, doubt: PendingLookup, *, reports: bool) -> bool:
        """Return whether a "not there" may be acted upon."""
        attempt, now = (doubt.message_id, doubt.attempt), self._clock.now()
        if reports or (attempt in self._absent_once and now >= doubt.submitted_at + self._absence_patience):
            self._absent_once.discard(attempt)
            return True
        self._absent_once.add(attempt)
        return False

    async def _store_results(
        self, events_found: Sequence[Event], absent: Sequence[PendingLookup], unclear: Sequence[PendingLookup]
    ) -> None:
        now = self._clock.now()
        await self._ledger_thread.run(event_inbox.record, self._ledger, events_found, now=now)
        failpoints.hit("doubt-noted")
        await self._ledger_thread.run(lookups.postpone, self._ledger, unclear, now=now)
        resend = [doubt for doubt in absent if _may_resend(doubt, now)]
        await self._ledger_thread.run(lookups.requeue, self._ledger, resend, now=now)
        failpoints.hit("resent")
        late = [doubt for doubt in absent if now >= doubt.expires_at]
        await self._ledger_thread.run(lookups.expire, self._ledger, late, now=now)
        given_up = [doubt for doubt in absent if doubt not in late and not _may_resend(doubt, now)]
        await self._ledger_thread.run(lookups.fail, self._ledger, given_up, reason="not-found", now=now)

    async def _apply_mail_policy(self, page: Sequence[PendingLookup]) -> None:
        """Follow the campaign's policy for mail, which no provider can be asked about."""
        now = self._clock.now()
        campaigns = self._config().schedules.campaigns
        in_doubt = [doubt for doubt in page if doubt.status == IN_DOUBT]
        resend = [
            doubt
            for doubt in in_doubt
            if doubt.campaign in campaigns
            and campaigns[doubt.campaign].in_doubt_mail == "resend"
            and _may_resend(doubt, now)
        ]
        await self._ledger_thread.run(lookups.requeue, self._ledger, resend, now=now)
        failpoints.hit("resent")
        held = [doubt for doubt in in_doubt if doubt not in resend]
        await self._ledger_thread.run(lookups.postpone, self._ledger, held, now=now)
        rest = [doubt for doubt in page if doubt.status != IN_DOUBT]
        await self._ledger_thread.run(lookups.postpone, self._ledger, rest, now=now)

    def _envelope(self, doubt: PendingLookup) -> Envelope:
        key = self._links.message_key(doubt.message_id, doubt.attempt)
        return Envelope(
            key=key,
            to=doubt.address,
            callback_url=self._links.status_callback_url(doubt.gateway, key),
            body=doubt.text,
            sensitive=doubt.audience not in self._config().schedules.open_audiences,
        )

    def _event(self, doubt: PendingLookup, result: Result) -> Event:
        return Event(
            kind="status",
            dedupe_key=f"{doubt.gateway}|lookup|{doubt.message_id}|{doubt.attempt}|{result.status}|{result.code}",
            gateway=doubt.gateway,
            source="lookup",
            message_id=doubt.message_id,
            attempt=doubt.attempt,
            provider_id=result.provider_id,
            status=result.status,
            code=result.code,
            error_class=result.error_class,
            retry_after_seconds=result.retry_after_seconds,
            parts=result.parts,
            vnd=result.vnd,
        )


def _is_absent(doubt: PendingLookup, result: Result) -> bool:
    return doubt.status == IN_DOUBT and result.code == "not-found"


def _may_resend(doubt: PendingLookup, now: datetime) -> bool:
    return doubt.unknown_attempts < IN_DOUBT_MAX and not doubt.campaign_is_over and now < doubt.expires_at
