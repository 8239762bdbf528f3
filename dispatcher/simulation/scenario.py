"""A simulation from start to end: its ledger, the sandbox, the service's parts, and the result."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from dispatcher import memory
from dispatcher.app import App, build
from dispatcher.clock import SimulatedClock
from dispatcher.gateways import registry
from dispatcher.ledger import Ledger, stage
from dispatcher.ledger.privacy import secret_key
from dispatcher.report import cap_collisions
from dispatcher.report.cap_collisions import CapCollision
from dispatcher.sandbox import process
from dispatcher.sandbox.behaviour import Behaviour
from dispatcher.sandbox.failures import Failures
from dispatcher.sandbox.process import Sandbox
from dispatcher.settings import Settings
from dispatcher.simulation.checks import ProviderComparison, RuleViolation, compare_with_log, rule_violations
from dispatcher.simulation.provider import ExternalProvider, SandboxProvider
from dispatcher.simulation.simulated_people import SimulatedPeople
from dispatcher.simulation.simulation_loop import ProgressEvent, SimulationLoop
from dispatcher.web.server import bind, serve
from dispatcher.web.webhook_app import WebhookApp


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is to be played."""

    settings: Settings
    folder: Path  # ledger and logs of this simulation
    since: datetime
    until: datetime
    load_people: Callable[[Ledger, datetime], int]  # puts the people into the ledger; gives how many
    speed: float | None = None  # simulated seconds a real one; None: as fast as it goes
    behaviour: Behaviour
    failures: Failures
    on_progress: Callable[[ProgressEvent], None] = lambda _moment: None


@dataclass(frozen=True, kw_only=True)
class SimulationResult:
    """What a simulation left behind; the ledger is open still."""

    app: App
    people: int
    violations: tuple[RuleViolation, ...]
    comparison: ProviderComparison | None  # None: the messages went to servers that keep no log for us
    sandbox: Sandbox | None
    collisions: tuple[CapCollision, ...]  # where campaigns were to meet at their caps, before it began
    webhook_app: WebhookApp  # where the links in the messages lead

    @property
    def sandbox_folder(self) -> Path | None:
        """Where the sandbox keeps its logs."""
        return self.sandbox.folder if self.sandbox else None


async def run_scenario(scenario: Scenario, finish: Callable[[SimulationResult], Awaitable[None]]) -> None:
    """Play a scenario to its end, then let `finish` look while everything still stands.

    Raises ConfigurationError when a gateway is not on loopback.
    """
    listener = bind("127.0.0.1", 0)
    public_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    clock = SimulatedClock(scenario.since)
    with _servers(scenario, public_url) as (sandboxed, sandbox):
        settings = replace(
            sandboxed,
            public_url=public_url,
            secret_key=secret_key.OF_SIMULATIONS,
            database_url=f"sqlite:///{scenario.folder / 'ledger.sqlite3'}",
        )
        with closing(Ledger.open(settings.database_url)) as ledger:
            stage.enter(ledger, "trial")
            secret_key.mark_simulated(ledger)
        app = build(settings, clock=clock)
        try:
            app.gateways.require_loopback()
            people = await app.ledger_thread.run(scenario.load_people, app.ledger, scenario.since)
            collisions = await app.ledger_thread.run(
                cap_collisions.find, app.ledger, app.config.schedules, now=scenario.since
            )
            memory.settle()
            webhook_app = WebhookApp(app)
            async with serve(webhook_app, listener):
                await _run_loop(app, clock, scenario, sandbox)
                await finish(await _collect_result(app, people, sandbox, collisions, webhook_app))
        finally:
            await app.close()


async def _run_loop(app: App, clock: SimulatedClock, scenario: Scenario, sandbox: Sandbox | None) -> None:
    provider = (
        SandboxProvider(app, sandbox, process.inbound_url(app.links.public_url))
        if sandbox
        else ExternalProvider(app)
    )
    people = SimulatedPeople(
        behaviour=scenario.behaviour,
        observed_until=scenario.since,
        timezone=app.config.schedules.timezone,
    )

    async def rest(passing: timedelta) -> None:
        if scenario.speed is not None:
            await asyncio.sleep(passing.total_seconds() / scenario.speed)

    simulation = SimulationLoop(
        app, clock, provider, people, until=scenario.until, sleep=rest, on_progress=scenario.on_progress
    )
    await simulation.run()


async def _collect_result(
    app: App,
    people: int,
    sandbox: Sandbox | None,
    collisions: tuple[CapCollision, ...],
    webhook_app: WebhookApp,
) -> SimulationResult:
    now = app.clock.now()
    violations = await app.ledger_thread.run(rule_violations, app.ledger, app.config.schedules, now=now)
    comparison = (
        await app.ledger_thread.run(compare_with_log, app.ledger, app.links, sandbox.folder)
        if sandbox
        else None
    )
    return SimulationResult(
        app=app,
        people=people,
        violations=violations,
        comparison=comparison,
        sandbox=sandbox,
        collisions=collisions,
        webhook_app=webhook_app,
    )


@contextmanager
def _servers(scenario: Scenario, public_url: str) -> Iterator[tuple[Settings, Sandbox | None]]:
    """Yield settings that name servers: those configured, or a sandbox of our own."""
    settings = scenario.settings
    if not registry.uses_sandbox(settings):
        yield settings, None
        return
    with process.start(
        scenario.folder / "sandbox",
        now=scenario.since,
        failures=scenario.failures,
        inbound_url=process.inbound_url(public_url),
        keep_mail=True,
    ) as sandbox:
        yield with_sandbox_settings(settings, sandbox), sandbox


def with_sandbox_settings(settings: Settings, sandbox: Sandbox) -> Settings:
    """Return the same settings with the sandbox for a provider."""
    pointed = settings.with_gateway_values(sandbox.environ())
    return replace(pointed, trial=True, mail_from=settings.mail_from or "nhac@hatay.example")
