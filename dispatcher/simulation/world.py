"""The outside of a simulation: the sandbox on its simulated clock, and the people with their phones."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from dispatcher.app import App
from dispatcher.ledger import consent, events, participation
from dispatcher.ledger.consent import OptOut
from dispatcher.ledger.events import Event
from dispatcher.ledger.participation import Took
from dispatcher.sandbox.process import Sandbox
from dispatcher.simulation.crowd import Act, Crowd

SOURCE = "simulation"


class SandboxWorld:
    """People who answer through the sandbox, whose receipts come when its clock says so."""

    def __init__(self, app: App, sandbox: Sandbox, inbound_url: str) -> None:
        self._app = app
        self._sandbox = sandbox
        self._inbound_url = inbound_url

    async def move_to(self, now: datetime) -> datetime | None:
        """Let the receipts due until `now` arrive; gives when the next one is due."""
        summary = await asyncio.to_thread(self._sandbox.move_clock, now)
        following = summary.get("next_due")
        return None if following is None else datetime.fromisoformat(following)

    async def act(self, crowd: Crowd, now: datetime) -> None:
        """Let people do what they do until `now`."""
        acts = crowd.due(now)
        for act in acts:
            if act.deed == "answer":
                await asyncio.to_thread(self._sandbox.inbound, act.address, act.words, url=self._inbound_url)
        await people_act(self._app, acts, now)


class BareWorld:
    """People beside a provider that is not our sandbox: no clock to move, and answers come directly."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def move_to(self, now: datetime) -> datetime | None:
        """Give receipts that are on their way a moment to arrive."""
        await asyncio.sleep(0.02)
        return None

    async def act(self, crowd: Crowd, now: datetime) -> None:
        """Let people do what they do until `now`."""
        acts = crowd.due(now)
        answers = [
            Event(
                kind="inbound",
                dedupe_key=f"{SOURCE}|{act.address}|{act.at.isoformat()}",
                gateway=SOURCE,
                raw={"from": act.address, "body": act.words},
            )
            for act in acts
            if act.deed == "answer"
        ]
        await self._app.crossing(events.record, self._app.ledger, answers, now=now)
        await people_act(self._app, acts, now)


async def people_act(app: App, acts: Sequence[Act], now: datetime) -> None:
    """Write down who said no and who took part."""
    refusals = [
        OptOut(channel=act.channel, address=act.address, who=SOURCE, how="link", words=act.words)
        for act in acts
        if act.deed == "click"
    ]
    facts = [
        Took(campaign=act.campaign, person_id=act.person_id, at=act.done_at, source=SOURCE)
        for act in acts
        if act.deed == "take-part"
    ]
    await app.crossing(consent.opt_out, app.ledger, refusals, now=now)
    await app.crossing(participation.record, app.ledger, facts, now=now)
