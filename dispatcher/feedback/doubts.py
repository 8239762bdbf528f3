"""Asks the provider about what nobody knows, before anything is ever sent again.

A text that is clearly not there is offered again; a mail cannot be asked about, so the campaign
says what to do with it: `resend` under the same Message-ID, or `hold`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from dispatcher import faults
from dispatcher.clock import Clock
from dispatcher.crossing import Crossing
from dispatcher.edition import Edition
from dispatcher.gateways import Envelope, Gateway, Result
from dispatcher.ledger import Ledger, doubts, events
from dispatcher.ledger.doubts import Doubt
from dispatcher.ledger.events import Event
from dispatcher.ledger.status import IN_DOUBT
from dispatcher.links import Links

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(hours=26)  # clocks are set by hand; what is ours is told by name, not by the moment
AT_ONCE = 8  # questions under way at a time
DOUBTS_MAX = 3  # so often may one message be in doubt and go again; then a person has to look


class Inquiry:
    """Settles doubts a page at a time."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        crossing: Crossing,
        clock: Clock,
        gateways: Mapping[str, Gateway],
        links: Links,
        edition: Callable[[], Edition],
        in_hand: Collection[int] = (),
        hold: timedelta = doubts.HOLD,
    ) -> None:
        self._ledger = ledger
        self._crossing = crossing
        self._clock = clock
        self._gateways = gateways
        self._links = links
        self._edition = edition
        self._in_hand = in_hand  # with a gateway at this moment: their answers come by themselves
        self._hold = hold

    async def ask(self) -> int:
        """Ask about everything overdue; gives how many questions there were."""
        count, is_full = 0, True
        while is_full:
            page = await self._overdue()
            count += len(page)
            for channel in sorted({doubt.channel for doubt in page}):
                await self._settle(channel, [doubt for doubt in page if doubt.channel == channel])
            is_full = len(page) == doubts.PAGE
        return count

    async def _overdue(self) -> Sequence[Doubt]:
        page = await self._crossing(
            doubts.overdue,
            self._ledger,
            now=self._clock.now(),
            hold=self._hold,
            sparing=frozenset(self._in_hand),
        )
        faults.point("doubted")
        return page

    async def _settle(self, channel: str, page: Sequence[Doubt]) -> None:
        gateway = self._gateways[channel]
        if gateway.traits.can_be_asked:
            await self._ask_provider(gateway, page)
        else:
            await self._decide_unasked(page)

    async def _ask_provider(self, gateway: Gateway, page: Sequence[Doubt]) -> None:
        known = await self._crossing(doubts.known_elsewhere, self._ledger, page)
        places = asyncio.Semaphore(AT_ONCE)

        async def ask(doubt: Doubt) -> Result:
            async with places:
                result = await gateway.look_up(
                    self._envelope(doubt),
                    since=min(doubt.submitted_at, self._clock.now()) - LOOK_BACK,
                    provider_id=doubt.provider_id,
                    known=known[doubt.message_id],
                )
            faults.point("doubt-asked")
            return result

        answers = list(zip(page, await asyncio.gather(*map(ask, page)), strict=True))
        absent = [doubt for doubt, result in answers if _is_absent(doubt, result)]
        await self._write(
            [self._event(doubt, result) for doubt, result in answers if result.kind == "accepted"],
            absent,
            # Also where there is news: it is folded at its own pace, and the question must not come up again
            # before that.
            [doubt for doubt, result in answers if not _is_absent(doubt, result)],
        )

    async def _write(self, news: Sequence[Event], absent: Sequence[Doubt], unclear: Sequence[Doubt]) -> None:
        now = self._clock.now()
        await self._crossing(events.record, self._ledger, news, now=now)
        faults.point("doubt-noted")
        await self._crossing(doubts.asked, self._ledger, unclear, now=now)
        repeat = [doubt for doubt in absent if _may_go_again(doubt, now)]
        await self._crossing(doubts.resend, self._ledger, repeat, now=now)
        faults.point("resent")
        late = [doubt for doubt in absent if now >= doubt.expires_at]
        await self._crossing(doubts.expire, self._ledger, late, now=now)
        over = [doubt for doubt in absent if doubt not in late and not _may_go_again(doubt, now)]
        await self._crossing(doubts.give_up, self._ledger, over, reason="not-found", now=now)

    async def _decide_unasked(self, page: Sequence[Doubt]) -> None:
        """Follow the campaign's policy for mail, which no provider can be asked about."""
        now = self._clock.now()
        campaigns = self._edition().schedules.campaigns
        in_doubt = [doubt for doubt in page if doubt.status == IN_DOUBT]
        repeat = [
            doubt
            for doubt in in_doubt
            if doubt.campaign in campaigns
            and campaigns[doubt.campaign].in_doubt_mail == "resend"
            and _may_go_again(doubt, now)
        ]
        await self._crossing(doubts.resend, self._ledger, repeat, now=now)
        faults.point("resent")
        held = [doubt for doubt in in_doubt if doubt not in repeat]
        await self._crossing(doubts.asked, self._ledger, held, now=now)
        rest = [doubt for doubt in page if doubt.status != IN_DOUBT]
        await self._crossing(doubts.asked, self._ledger, rest, now=now)

    def _envelope(self, doubt: Doubt) -> Envelope:
        key = self._links.message_key(doubt.message_id, doubt.attempt)
        return Envelope(
            key=key,
            to=doubt.address,
            callback_url=self._links.callback(key),
            body=doubt.words,
        )

    def _event(self, doubt: Doubt, result: Result) -> Event:
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


def due_at(ledger: Ledger) -> datetime | None:
    """Tell when the next question is due."""
    return doubts.next_question(ledger)


def _is_absent(doubt: Doubt, result: Result) -> bool:
    return doubt.status == IN_DOUBT and result.code == "not-found"


def _may_go_again(doubt: Doubt, now: datetime) -> bool:
    return doubt.doubts < DOUBTS_MAX and not doubt.is_over and now < doubt.expires_at
