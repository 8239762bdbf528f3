"""A small office: every part of the service but its faces, and a provider that takes notes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dispatcher.campaign.model import Schedules
from dispatcher.clock import SimulatedClock
from dispatcher.contacts import Contact, Row
from dispatcher.crossing import Crossing
from dispatcher.delivery import Delivery, Post
from dispatcher.edition import Edition
from dispatcher.engine.calendar import Calendar
from dispatcher.feedback import inbox
from dispatcher.feedback.doubts import Inquiry
from dispatcher.gateways import NOT_NOW, Envelope, NotNow, Pace, Result, Traits
from dispatcher.ledger import Ledger, books, doubts, events, people, rates
from dispatcher.links import Links
from dispatcher.message.compose import Composer
from dispatcher.message.environment import Texts
from dispatcher.report import figures
from dispatcher.vietnamese.text import fold
from tests.campaigns import OFFICE, audience, campaign
from tests.town import number

MORNING = datetime(2025, 11, 3, 1, 0, tzinfo=UTC)  # a Monday, 08:00 in Việt Nam
WORDS = {
    "daily.sms.j2": "Nhac {{ recipient.name }}",
    "daily.mail.j2": "{% block subject %}Nhắc{% endblock %}"
    "{% block text %}Nhắc {{ recipient.name }}{% endblock %}{% block html %}<p>Nhắc</p>{% endblock %}",
}
DAILY = {"name": "daily", "every": "daily 08:00", "moment": "daily"}
SECOND = timedelta(seconds=1)


def accepted(envelope: Envelope) -> Result:
    """The answer of a provider that takes everything."""
    return Result(key=envelope.key, kind="accepted", status="sending", provider_id=f"SM-{envelope.key}")


@dataclass(frozen=True, kw_only=True)
class Left:
    """One message on the wire, and when."""

    at: datetime
    envelope: Envelope
    result: Result


@dataclass(kw_only=True)
class NotingGateway:
    """A provider on the simulated clock: writes down what arrives and answers as it is told."""

    clock: SimulatedClock
    traits: Traits
    name: str = "noting"
    answer: Callable[[Envelope], Result] = accepted
    takes: Callable[[], timedelta] = timedelta  # how long a call lasts
    left: list[Left] = field(default_factory=list)

    async def send(self, envelopes: Sequence[Envelope], *, pace: Pace | None = None) -> Sequence[Result]:
        """Take one message after the other, as the pace allows."""
        results = []
        for envelope in envelopes:
            try:
                if pace is not None:
                    await pace()
            except NotNow:
                rest = envelopes[len(results) :]
                return [*results, *(Result(key=one.key, kind="later", code=NOT_NOW) for one in rest)]
            left_at = self.clock.now()
            self.clock.move_by(self.takes())
            results.append(self.answer(envelope))
            self.left.append(Left(at=left_at, envelope=envelope, result=results[-1]))
        return results

    async def look_up(
        self, envelope: Envelope, *, since: datetime, provider_id: str = "", known: Collection[str] = ()
    ) -> Result:
        """Tell whether it ever arrived."""
        if any(item.envelope.key == envelope.key for item in self.left):
            return accepted(envelope)
        return Result(key=envelope.key, kind="refused", code="not-found")

    async def close(self) -> None:
        """There is nothing to give back."""


def schedules(*campaigns: Mapping[str, Any], audiences: Mapping[str, Any] | None = None) -> Schedules:
    """Schedules with these campaigns, called a, b, c …"""
    return Schedules.model_validate(
        {
            "office": OFFICE,
            "prices": {"default": 400},
            "audience": audiences or {"residents": audience(channels=["sms"])},
            "campaign": {"abcdefgh"[place]: one for place, one in enumerate(campaigns)},
        }
    )


def weeks(*steps: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A campaign that starts on the Monday of the tests."""
    starts = MORNING.astimezone(UTC).date()
    return campaign(
        *(steps or (DAILY,)),
        **{"starts": starts, "ends": starts + timedelta(days=9), "opt_out": "never", **keys},
    )


@dataclass(kw_only=True)
class Office:
    """The parts, put together as the service does it."""

    ledger: Ledger
    clock: SimulatedClock
    edition: Edition
    gateways: dict[str, NotingGateway]
    crossing: Crossing
    delivery: Delivery
    calendar: Calendar
    inquiry: Inquiry

    @property
    def sms(self) -> NotingGateway:
        """The provider of texts."""
        return self.gateways["sms"]

    def publish(self, schedules: Schedules, words: Mapping[str, str] = WORDS) -> None:
        """Put another edition in force."""
        self.edition = edition(schedules, words)

    async def step(self) -> datetime | None:
        """Do all there is to do now; gives the next moment at which there is something to do."""
        now = self.clock.now()
        await self.crossing(inbox.read, self.ledger, self.edition, now=now)
        await self.inquiry.ask()
        await self.crossing(self.calendar.tick, now)
        for channel in self.gateways:
            while await self.delivery.work(channel):
                pass
        soon = self.clock.now() + SECOND
        if events.waiting(self.ledger):
            return soon
        coming = (
            self.calendar.next_due(now),
            books.open_work(self.ledger),
            doubts.next_question(self.ledger),
        )
        return min((max(moment, soon) for moment in coming if moment is not None), default=None)

    async def live(self, until: datetime) -> None:
        """Go from moment to moment until `until`."""
        following: datetime | None = self.clock.now()
        while following is not None and following <= until:
            self.clock.move_to(following)
            following = await self.step()
        self.clock.move_to(until)

    def play(self, until: datetime) -> None:
        """The same, from a test that is not async."""
        asyncio.run(self.live(until))

    def close(self) -> None:
        """Give everything back."""
        self.crossing.close()
        self.ledger.close()


def edition(schedules: Schedules, words: Mapping[str, str] = WORDS) -> Edition:
    """An edition whose templates exist in memory only."""
    texts = Texts(folder=Path("templates"), sources=dict(words))
    return Edition(schedules=schedules, composer=Composer(schedules, texts), fingerprint="")


def open_office(
    url: str,
    schedules: Schedules,
    *,
    now: datetime = MORNING - timedelta(hours=1),
    words: Mapping[str, str] = WORDS,
    rate: float = 100.0,
    channels: Sequence[str] = ("sms",),
    **traits: Any,
) -> Office:
    """Open an office over the database at `url`."""
    ledger, crossing, clock = Ledger.open(url), Crossing(), SimulatedClock(now)
    gateways = {}
    for channel in channels:
        facts = {"rate_per_second": rate, "can_be_asked": channel == "sms", **traits}
        gateways[channel] = NotingGateway(
            clock=clock,
            name=f"noting-{channel}",
            traits=Traits(channel=channel, **facts),  # type: ignore[arg-type]  # what a test wants different
        )
        rates.ensure(ledger, gateways[channel].name, rate)
    links = Links("https://nhac.hatay.gov.vn", "a secret of tests only")
    office: Office

    def current() -> Edition:
        return office.edition

    office = Office(
        ledger=ledger,
        clock=clock,
        edition=edition(schedules, words),
        gateways=gateways,
        crossing=crossing,
        delivery=Delivery(
            ledger=ledger,
            crossing=crossing,
            clock=clock,
            post=Post(
                gateways=gateways,
                links=links,
                mail_domain="hatay.example",
                figures=lambda name, at: figures.figures(ledger, current().schedules, name, now=at),
            ),
            edition=current,
            owner="test",
        ),
        calendar=Calendar(ledger, current, shard_size=lambda _channel: 50),
        inquiry=Inquiry(
            ledger=ledger, crossing=crossing, clock=clock, gateways=gateways, links=links, edition=current
        ),
    )
    return office


def neighbour(n: int, *, audience: str = "residents", **facts: Any) -> Row:
    """One row of a list: somebody made up, with a number and a mailbox of their own."""
    name = f"Người {n}"
    said = {
        "name": name,
        "given_name": str(n),
        "honorific": "",
        "phones": (number(n),),
        "email": f"nguoi{n}@hatay.example",
        "area": "Thôn Đông",
        "unit": "",
        "role": "",
        "lead": "",
        "note": "",
        "audience": audience,
        "name_key": fold(name),
    }
    return Row(f"{audience}.csv", "", n, "accepted", Contact(**(said | facts)))


def load(office: Office, *rows: Row) -> int:
    """Load the whole list of each audience named in `rows`; gives the number of the load."""
    named = dict.fromkeys((row.contact.audience, row.file) for row in rows if row.contact)
    sources = [people.Source(audience=audience, file=file) for audience, file in named]
    return people.load(office.ledger, rows, sources=sources, who="test", now=office.clock.now()).load_id
