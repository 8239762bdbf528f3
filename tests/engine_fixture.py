"""The service without its web pages and command line, over a gateway that records what it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dispatcher.app import App, assemble
from dispatcher.campaign.model import Schedules
from dispatcher.clock import SimulatedClock
from dispatcher.configuration import Configuration
from dispatcher.contacts import Contact, ParsedRow
from dispatcher.delivery import Delivery
from dispatcher.engine.step_runner import StepRunner
from dispatcher.feedback import inbox_processor
from dispatcher.feedback.in_doubt_resolver import InDoubtResolver
from dispatcher.gateways import (
    SENDING_STOPPED,
    Capabilities,
    Envelope,
    Result,
    SendingStopped,
    SendPermit,
    registry,
)
from dispatcher.gateways.opened import OpenGateways
from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.recipients import imports
from dispatcher.ledger.sending import lookups, shards
from dispatcher.ledger_thread import LedgerThread
from dispatcher.message.compose import Composer
from dispatcher.message.environment import TemplateSet
from dispatcher.settings import from_environment
from dispatcher.vietnamese.text import fold
from tests.ledger_fixture import phone_number
from tests.schedules_factory import OFFICE, audience_toml, campaign_toml

MORNING = datetime(2025, 11, 3, 1, 0, tzinfo=UTC)  # a Monday, 08:00 in Việt Nam
TEMPLATE_SOURCES = {
    "daily.sms.j2": "Nhac {{ recipient.name }}",
    "daily.mail.j2": "{% block subject %}Nhắc{% endblock %}"
    "{% block text %}Nhắc {{ recipient.name }}{% endblock %}{% block html %}<p>Nhắc</p>{% endblock %}",
}
DAILY = {"name": "daily", "every": "daily 08:00", "template": "daily"}
SECOND = timedelta(seconds=1)
SETTINGS = {
    "DISPATCHER_PUBLIC_URL": "https://nhac.hatay.gov.vn",
    "DISPATCHER_SECRET_KEY": "a secret of tests only",
    "DISPATCHER_MAIL_FROM": "nhac@hatay.example",
}


def accepted(envelope: Envelope) -> Result:
    """The answer of a provider that takes everything."""
    return Result(key=envelope.key, kind="accepted", status="sending", provider_id=f"SM-{envelope.key}")


@dataclass(frozen=True, kw_only=True)
class SentEnvelope:
    """One message on the wire, and when."""

    at: datetime
    envelope: Envelope
    result: Result


@dataclass(kw_only=True)
class RecordingGateway:
    """A provider on the simulated clock: writes down what arrives and answers as it is told."""

    clock: SimulatedClock
    capabilities: Capabilities
    name: str = "noting"
    answer: Callable[[Envelope], Result] = accepted
    call_duration: Callable[[], timedelta] = timedelta  # how long a call lasts
    sent: list[SentEnvelope] = field(default_factory=list)
    shows: Callable[[], bool] = lambda: True  # whether its list is up to date

    async def send(
        self, envelopes: Sequence[Envelope], *, acquire_permit: SendPermit | None = None
    ) -> Sequence[Result]:
        """Take one message after the other, as the pace allows."""
        results = []
        for envelope in envelopes:
            try:
                if acquire_permit is not None:
                    await acquire_permit()
                if self.capabilities.confirms and envelope.confirm is not None:
                    await envelope.confirm()
            except SendingStopped:
                rest = envelopes[len(results) :]
                return [*results, *(Result(key=one.key, kind="later", code=SENDING_STOPPED) for one in rest)]
            left_at = self.clock.now()
            self.clock.advance(self.call_duration())
            results.append(self.answer(envelope))
            self.sent.append(SentEnvelope(at=left_at, envelope=envelope, result=results[-1]))
        return results

    async def look_up(
        self, envelope: Envelope, *, since: datetime, provider_id: str = "", exclude: Collection[str] = ()
    ) -> Result:
        """Tell whether it ever arrived."""
        if self.shows() and any(item.envelope.key == envelope.key for item in self.sent):
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
            "audience": audiences or {"residents": audience_toml(channels=["sms"])},
            "campaign": {"abcdefgh"[place]: one for place, one in enumerate(campaigns)},
        }
    )


def ten_day_campaign(*steps: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A campaign that starts on the Monday of the tests."""
    starts = MORNING.astimezone(UTC).date()
    return campaign_toml(
        *(steps or (DAILY,)),
        **{"starts": starts, "ends": starts + timedelta(days=9), "opt_out": "never", **keys},
    )


@dataclass(kw_only=True)
class EngineFixture:
    """The service's own composition, over gateways that take notes and templates in memory."""

    app: App
    clock: SimulatedClock
    gateways: dict[str, RecordingGateway]
    spares: dict[str, RecordingGateway]  # those that step in

    @property
    def ledger(self) -> Ledger:
        """What is remembered."""
        return self.app.ledger

    @property
    def config(self) -> Configuration:
        """The configuration in force."""
        return self.app.config

    @property
    def ledger_thread(self) -> LedgerThread:
        """Where the ledger is spoken to."""
        return self.app.ledger_thread

    @property
    def delivery(self) -> Delivery:
        """The sending path."""
        return self.app.delivery

    @property
    def step_runner(self) -> StepRunner:
        """What fires steps."""
        return self.app.step_runner

    @property
    def in_doubt_resolver(self) -> InDoubtResolver:
        """What asks about doubts."""
        return self.app.in_doubt_resolver

    @property
    def sms(self) -> RecordingGateway:
        """The provider of texts."""
        return self.gateways["sms"]

    def replace_config(self, schedules: Schedules, sources: Mapping[str, str] = TEMPLATE_SOURCES) -> None:
        """Put another configuration in force."""
        self.app.live_config.config = make_configuration(schedules, sources)

    async def step(self) -> datetime | None:
        """Do all there is to do now; gives the next moment at which there is something to do."""
        now = self.clock.now()
        await self.ledger_thread.run(inbox_processor.process, self.ledger, self.config, now=now)
        await self.in_doubt_resolver.resolve_due()
        await self.ledger_thread.run(self.step_runner.tick, now)
        for channel in registry.CHANNELS:
            while await self.delivery.serve_next_shard(channel):
                pass
        soon = self.clock.now() + SECOND
        if event_inbox.count_unprocessed(self.ledger):
            return soon
        coming = (
            self.step_runner.next_due_at(now),
            shards.next_open_at(self.ledger),
            lookups.next_due_at(self.ledger),
        )
        return min((max(moment, soon) for moment in coming if moment is not None), default=None)

    async def run_until(self, until: datetime) -> None:
        """Go from moment to moment until `until`."""
        following: datetime | None = self.clock.now()
        while following is not None and following <= until:
            self.clock.advance_to(following)
            following = await self.step()
        self.clock.advance_to(until)

    def run_until_sync(self, until: datetime) -> None:
        """The same, from a test that is not async."""
        asyncio.run(self.run_until(until))

    def close(self) -> None:
        """Give everything back."""
        asyncio.run(self.app.close())


def make_configuration(
    schedules: Schedules, sources: Mapping[str, str] = TEMPLATE_SOURCES, *, fingerprint: str = ""
) -> Configuration:
    """Return a configuration whose templates exist in memory only."""
    texts = TemplateSet(folder=Path("templates"), sources=dict(sources))
    return Configuration(schedules=schedules, composer=Composer(schedules, texts), fingerprint=fingerprint)


def open_engine(
    url: str,
    schedules: Schedules,
    *,
    now: datetime = MORNING - timedelta(hours=1),
    sources: Mapping[str, str] = TEMPLATE_SOURCES,
    rate: float = 100.0,
    channels: Sequence[str] = ("sms",),
    spares: Sequence[str] = (),
    **traits: Any,
) -> EngineFixture:
    """Open an engine over the database at `url`."""
    clock = SimulatedClock(now)

    def make(channel: str, name: str) -> RecordingGateway:
        facts = {"rate_per_second": rate, "supports_lookup": channel == "sms", **traits}
        return RecordingGateway(
            clock=clock,
            name=name,
            capabilities=Capabilities(channel=channel, **facts),  # type: ignore[arg-type]  # what a test wants different
        )

    gateways = {channel: make(channel, f"noting-{channel}") for channel in channels}
    spare_gateways = {channel: make(channel, f"spare-{channel}") for channel in spares}
    in_order = {
        channel: [gateway, *([spare_gateways[channel]] if channel in spares else [])]
        for channel, gateway in gateways.items()
    }
    app = assemble(
        from_environment({**SETTINGS, "DISPATCHER_DATABASE_URL": url}),
        gateways=OpenGateways(in_order),
        config=make_configuration(schedules, sources),
        clock=clock,
        ledger=Ledger.open(url),
    )
    return EngineFixture(app=app, clock=clock, gateways=gateways, spares=spare_gateways)


def contact_row(n: int, *, audience: str = "residents", **facts: Any) -> ParsedRow:
    """One row of a list: somebody made up, with a number and a mailbox of their own."""
    name = f"Người {n}"
    defaults = {
        "name": name,
        "given_name": str(n),
        "honorific": "",
        "phones": (phone_number(n),),
        "email": f"nguoi{n}@hatay.example",
        "area": "Thôn Đông",
        "unit": "",
        "role": "",
        "lead": "",
        "note": "",
        "audience": audience,
        "name_key": fold(name),
    }
    return ParsedRow(f"{audience}.csv", "", n, "accepted", Contact(**(defaults | facts)))


def load_rows(engine: EngineFixture, *rows: ParsedRow) -> int:
    """Load the whole list of each audience named in `rows`; gives the number of the load."""
    named = dict.fromkeys((row.contact.audience, row.file) for row in rows if row.contact)
    sources = [imports.ListSource(audience=audience, file=file) for audience, file in named]
    return imports.import_contacts(
        engine.ledger, rows, sources=sources, who="test", now=engine.clock.now()
    ).import_id
