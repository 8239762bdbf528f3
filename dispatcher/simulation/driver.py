"""The loop of a simulation: the world acts, what is due is fired, shards are served, time moves on.

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
from dispatcher.feedback import inbox
from dispatcher.ledger import books, doubts
from dispatcher.simulation.crowd import Crowd

# Receipts, reactions and second tries are let come together: a step for each alone would take for ever.
GRAIN = timedelta(minutes=30)


class World(Protocol):
    """The outside, on the simulated clock."""

    async def move_to(self, now: datetime) -> datetime | None:
        """Let everything due until `now` happen there; gives when the next thing is due."""

    async def act(self, crowd: Crowd, now: datetime) -> None:
        """Let people do what they do until `now`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Moment:
    """Where the simulation stands, for whoever watches."""

    now: datetime
    fired: int
    messages: int


class Driver:
    """Plays from the present of the clock until `until`."""

    def __init__(
        self,
        app: App,
        clock: SimulatedClock,
        world: World,
        crowd: Crowd,
        *,
        until: datetime,
        rest: Callable[[timedelta], Awaitable[None]],
        watch: Callable[[Moment], None],
    ) -> None:
        self._app = app
        self._clock = clock
        self._world = world
        self._crowd = crowd
        self._until = until
        self._rest = rest
        self._watch = watch
        self._fired = 0
        self._messages = 0

    async def play(self) -> None:
        """Go from moment to moment until nothing more happens before the end."""
        following: datetime | None = self._clock.now()
        while following is not None and following <= self._until:
            await self._rest(following - self._clock.now())
            self._clock.move_to(following)
            following = await self._moment()
            self._watch(Moment(now=self._clock.now(), fired=self._fired, messages=self._messages))

    async def _moment(self) -> datetime | None:
        """Do all there is to do now; gives the next moment at which there is something to do."""
        app, now = self._app, self._clock.now()
        called_back = await self._world.move_to(now)
        await self._world.act(self._crowd, now)
        await app.crossing(inbox.read, app.ledger, app.edition, now=now)
        await app.inquiry.ask()
        tick = await app.crossing(app.calendar.tick, now)
        self._fired += tick.fired
        self._messages += tick.messages
        if any(await asyncio.gather(*(self._serve(channel) for channel in app.gateways))):
            await app.crossing(self._crowd.watch, app.ledger, until=self._clock.now())
        return await app.crossing(self._next, called_back)

    async def _serve(self, channel: str) -> bool:
        """Serve what is due on a channel; tells whether there was anything."""
        has_served = False
        while await self._app.delivery.work(channel):
            has_served = True
        return has_served

    def _next(self, called_back: datetime | None) -> datetime | None:
        app, now = self._app, self._clock.now()
        soon = now + GRAIN
        together = [
            called_back,
            self._crowd.next_at(),
            doubts.next_question(app.ledger),
            books.open_work(app.ledger),  # second tries; what falls due first is served as it falls due
        ]
        due = app.calendar.next_due(now)
        candidates = [] if due is None else [due]
        candidates += [max(moment, soon) for moment in together if moment is not None]
        # Work that is due this very moment and was not done waits for its campaign or its gateway.
        return min((max(moment, now + timedelta(seconds=1)) for moment in candidates), default=None)
