"""A whole simulation: a ledger of its own, the sandbox, the service's own parts, and what came of it."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from dispatcher import app as pieces
from dispatcher.clock import SimulatedClock
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.gateways import Gateway
from dispatcher.i18n import _
from dispatcher.ledger import Ledger
from dispatcher.sandbox import process
from dispatcher.sandbox.behaviour import Behaviour
from dispatcher.sandbox.failures import Failures
from dispatcher.sandbox.process import Sandbox
from dispatcher.settings import Settings
from dispatcher.simulation.crowd import Crowd
from dispatcher.simulation.driver import Driver, Moment
from dispatcher.simulation.rules import Broken, Reconciliation, broken, reconcile
from dispatcher.simulation.world import BareWorld, SandboxWorld
from dispatcher.web.receiving import Receiver
from dispatcher.web.server import listen, serving


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is to be played."""

    settings: Settings
    folder: Path  # ledger and logs of this simulation
    since: datetime
    until: datetime
    load: Callable[[Ledger, datetime], int]  # puts the people into the ledger; gives how many
    speed: float | None = None  # simulated seconds a real one; None: as fast as it goes
    behaviour: Behaviour
    failures: Failures
    watch: Callable[[Moment], None] = lambda _moment: None


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a simulation left behind; the ledger is open still."""

    app: pieces.App
    people: int
    broken: tuple[Broken, ...]
    reconciliation: Reconciliation | None  # None: the messages went to servers that keep no log for us
    sandbox: Sandbox | None
    receiver: Receiver  # where the links in the messages lead

    @property
    def sandbox_folder(self) -> Path | None:
        """Where the sandbox keeps its logs."""
        return self.sandbox.folder if self.sandbox else None


async def play(scenario: Scenario, finish: Callable[[Played], Awaitable[None]]) -> None:
    """Play a scenario to its end, then let `finish` look while everything still stands.

    Raises ConfigurationBroken when a gateway is not on loopback.
    """
    listener = listen("127.0.0.1", 0)
    public_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    clock = SimulatedClock(scenario.since)
    with _servers(scenario, public_url) as (pointed, sandbox):
        settings = replace(
            pointed,
            public_url=public_url,
            database_url=f"sqlite:///{scenario.folder / 'ledger.sqlite3'}",
        )
        app = pieces.build(settings, clock=clock)
        try:
            _refuse_the_real_world(app.gateways)
            people = await app.crossing(scenario.load, app.ledger, scenario.since)
            gc.collect()
            gc.freeze()  # what is loaded now stays to the end: the collector need not look at it again
            receiver = Receiver(app)
            async with serving(receiver, listener):
                await _drive(app, clock, scenario, sandbox)
                await finish(await _look(app, people, sandbox, receiver))
        finally:
            await app.close()


async def _drive(app: pieces.App, clock: SimulatedClock, scenario: Scenario, sandbox: Sandbox | None) -> None:
    world = (
        SandboxWorld(app, sandbox, f"{app.links.public_url}/twilio/inbound") if sandbox else BareWorld(app)
    )
    crowd = Crowd(
        behaviour=scenario.behaviour,
        seen_until=scenario.since,
        timezone=app.edition.schedules.timezone,
    )

    async def rest(passing: timedelta) -> None:
        if scenario.speed is not None:
            await asyncio.sleep(passing.total_seconds() / scenario.speed)

    driver = Driver(app, clock, world, crowd, until=scenario.until, rest=rest, watch=scenario.watch)
    await driver.play()


async def _look(app: pieces.App, people: int, sandbox: Sandbox | None, receiver: Receiver) -> Played:
    now = app.clock.now()
    rules = await app.crossing(broken, app.ledger, app.edition.schedules, now=now)
    agreed = await app.crossing(reconcile, app.ledger, app.links, sandbox.folder) if sandbox else None
    return Played(
        app=app,
        people=people,
        broken=rules,
        reconciliation=agreed,
        sandbox=sandbox,
        receiver=receiver,
    )


@contextmanager
def _servers(scenario: Scenario, public_url: str) -> Iterator[tuple[Settings, Sandbox | None]]:
    """Give settings that name servers: those configured, or a sandbox of our own."""
    settings = scenario.settings
    if settings.has_twilio or settings.has_smtp:
        yield settings, None
        return
    with process.start(
        scenario.folder / "sandbox",
        now=scenario.since,
        failures=scenario.failures,
        inbound_url=f"{public_url}/twilio/inbound",
        keep_mail=True,
    ) as sandbox:
        yield pointed_at(settings, sandbox), sandbox


def pointed_at(settings: Settings, sandbox: Sandbox) -> Settings:
    """Give the same settings with the sandbox for a provider."""
    there = sandbox.environ()
    return replace(
        settings,
        twilio_account_sid=there["TWILIO_ACCOUNT_SID"],
        twilio_auth_token=there["TWILIO_AUTH_TOKEN"],
        twilio_messaging_service_sid=there["TWILIO_MESSAGING_SERVICE_SID"],
        twilio_base_url=there["DISPATCHER_TWILIO_BASE_URL"],
        smtp_url=there["DISPATCHER_SMTP_URL"],
        mail_from=settings.mail_from or "nhac@hatay.example",
    )


def _refuse_the_real_world(gateways: dict[str, Gateway]) -> None:
    outside = [gateway.name for gateway in gateways.values() if not gateway.traits.loopback]
    if outside:
        what = _(
            "a simulation only talks to this machine; {names} would reach real people",
            names=", ".join(outside),
        )
        remedy = _("Unset its settings, or point them at 127.0.0.1.")
        raise ConfigurationBroken([Problem(file=_("environment"), what=what, remedy=remedy)])
