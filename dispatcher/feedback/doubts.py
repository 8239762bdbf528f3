"""Asks the provider about what nobody knows, before anything is ever sent again.

A text that is clearly not there is offered again, once; a mail cannot be asked about, so the campaign
says what to do with it: `resend` under the same Message-ID, or `hold`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
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

LOOK_BACK = timedelta(minutes=5)  # clocks differ, and a slot may lie behind the real call
RESEND_MAX = 2  # tries in all for one that was in doubt: the first, and one more
QUESTIONS_MAX = 4  # unclear answers about one intent before a person has to decide


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
    ) -> None:
        self._ledger = ledger
        self._crossing = crossing
        self._clock = clock
        self._gateways = gateways
        self._links = links
        self._edition = edition

    async def ask(self) -> int:
        """Ask about everything overdue; gives how many questions there were."""
        count = 0
        while page := await self._crossing(doubts.overdue, self._ledger, now=self._clock.now()):
            count += len(page)
            for channel in {doubt.channel for doubt in page}:
                await self._settle(channel, [doubt for doubt in page if doubt.channel == channel])
        return count

    async def _settle(self, channel: str, page: Sequence[Doubt]) -> None:
        gateway = self._gateways[channel]
        if gateway.traits.can_be_asked:
            await self._ask_provider(gateway, page)
        else:
            await self._decide_unasked(page)

    async def _ask_provider(self, gateway: Gateway, page: Sequence[Doubt]) -> None:
        news: list[Event] = []
        absent: list[Doubt] = []
        unclear: list[Doubt] = []
        for doubt in page:
            result = await gateway.look_up(
                self._envelope(doubt), since=doubt.submitted_at - LOOK_BACK, provider_id=doubt.provider_id
            )
            faults.point("doubt-asked")
            if result.kind == "accepted":
                news.append(self._event(doubt, result))
            if result.code == "not-found" and doubt.status == IN_DOUBT:
                absent.append(doubt)
            else:
                # Also where there is news: it is folded at its own pace, and the question must not come
                # up again before that.
                unclear.append(doubt)
        await self._write(news, absent, unclear)

    async def _write(self, news: Sequence[Event], absent: Sequence[Doubt], unclear: Sequence[Doubt]) -> None:
        now = self._clock.now()
        await self._crossing(events.record, self._ledger, news, now=now)
        repeat = [doubt for doubt in absent if doubt.tries < RESEND_MAX and now < doubt.expires_at]
        await self._crossing(doubts.resend, self._ledger, repeat, now=now)
        over = [doubt for doubt in absent if doubt not in repeat]
        await self._crossing(doubts.give_up, self._ledger, over, reason="not-found", now=now)
        await self._crossing(doubts.asked, self._ledger, unclear, now=now)

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
            and doubt.tries < RESEND_MAX
            and now < doubt.expires_at
        ]
        await self._crossing(doubts.resend, self._ledger, repeat, now=now)
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
