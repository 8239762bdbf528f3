"""The simulation loop: people act, due steps fire, shards are served, the clock advances.

It stands where APScheduler and the embedded engine stand in the service; everything it calls is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dispatcher.app import App
from dispatcher.clock import SimulatedClock
from dispatcher.feedback import inbox_processor
from dispatcher.ledger.sending import lookups, shards
from dispatcher.simulation.simulated_people import SimulatedPeople

# Receipts, reactions and second tries are let come together: a step for each alone would take for ever.
STEP_MIN = timedelta(minutes=30)


class SimulatedProvider(Protocol):
    """The outside, on the simulated clock."""

    async def advance_to(self, now: datetime) -> datetime | None:
        """Deliver everything due until `now`; return when the next thing is due."""

    async def perform_actions(self, people: SimulatedPeople, now: datetime) -> None:
        """Let people do what they do until `now`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgressEvent:
    """Where the simulation stands, for whoever watches."""

    now: datetime
    fired: int
    messages: int


class SimulationLoop:
    """Plays from the present of the clock until `until`."""

    def __init__(
        self,
        app: App,
        clock: SimulatedClock,
        provider: SimulatedProvider,
        people: SimulatedPeople,
        *,
        until: datetime,
        sleep: Callable[[timedelta], Awaitable[None]],
        on_progress: Callable[[ProgressEvent], None],
    ) -> None:
        self._app = app
        self._clock = clock
        self._provider = provider
        self._people = people
        self._until = until
        self._sleep = sleep
        self._on_progress = on_progress
        self._fired = 0
        self._messages = 0

    async def run(self) -> None:
        """Go from moment to moment until nothing more happens before the end."""
        following: datetime | None = self._clock.now()
        while following is not None and following <= self._until:
            await self._sleep(following - self._clock.now())
            self._clock.advance_to(following)
            following = await self._step()
            self._on_progress(
                ProgressEvent(now=self._clock.now(), fired=self._fired, messages=self._messages)
            )

    async def _step(self) -> datetime | None:
        """Do all there is to do now; gives the next moment at which there is something to do."""
        app, now = self._app, self._clock.now()
        next_receipt_at = await self._provider.advance_to(now)
        await self._provider.perform_actions(self._people, now)
        await app.ledger_thread.run(inbox_processor.process, app.ledger, app.config, now=now)
        await app.in_doubt_resolver.resolve_due()
        tick = await app.ledger_thread.run(app.step_runner.tick, now)
        self._fired += tick.fired
        self._messages += tick.messages
        if any(await asyncio.gather(*(self._serve(channel) for channel in app.gateways))):
            await app.ledger_thread.run(self._people.observe, app.ledger, until=self._clock.now())
        return await app.ledger_thread.run(self._next, next_receipt_at)

    async def _serve(self, channel: str) -> bool:
        """Serve what is due on a channel; tells whether there was anything."""
        has_served = False
        while await self._app.delivery.serve_next_shard(channel):
            has_served = True
        return has_served

    def _next(self, next_receipt_at: datetime | None) -> datetime | None:
        app, now = self._app, self._clock.now()
        soon = now + STEP_MIN
        together = [
            next_receipt_at,
            self._people.next_at(),
            lookups.next_due_at(app.ledger),
            shards.next_open_at(app.ledger),  # second tries; what falls due first is served as it falls due
        ]
        due = app.step_runner.next_due_at(now)
        candidates = [] if due is None else [due]
        candidates += [max(moment, soon) for moment in together if moment is not None]
        # Work that is due this very moment and was not done waits for its campaign or its gateway.
        return min((max(moment, now + timedelta(seconds=1)) for moment in candidates), default=None)
