"""The provider in a simulation: the sandbox on the simulated clock, and the people's phones."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import datetime

from dispatcher.app import App
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.sandbox.process import Sandbox
from dispatcher.simulation.simulated_people import SimulatedAction, SimulatedPeople

SOURCE = "simulation"


class SandboxProvider:
    """People who answer through the sandbox, whose receipts come when its clock says so."""

    def __init__(self, app: App, sandbox: Sandbox, inbound_url: str) -> None:
        self._app = app
        self._sandbox = sandbox
        self._inbound_url = inbound_url

    async def advance_to(self, now: datetime) -> datetime | None:
        """Deliver the receipts due until `now`; return when the next one is due."""
        summary = await asyncio.to_thread(self._sandbox.move_clock, now)
        following = summary.get("next_due")
        return None if following is None else datetime.fromisoformat(following)

    async def perform_actions(self, people: SimulatedPeople, now: datetime) -> None:
        """Let people do what they do until `now`."""
        actions = people.take_due(now)
        for act in actions:
            if act.kind == "answer":
                await asyncio.to_thread(
                    self._sandbox.send_inbound, act.address, act.text, url=self._inbound_url
                )
        await record_actions(self._app, actions, now)


class ExternalProvider:
    """People beside a provider that is not our sandbox: no clock to move, and answers come directly."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def advance_to(self, now: datetime) -> datetime | None:
        """Deliver the receipts due until `now`; return when the next one is due."""
        await asyncio.sleep(0.02)
        return None

    async def perform_actions(self, people: SimulatedPeople, now: datetime) -> None:
        """Let people do what they do until `now`."""
        actions = people.take_due(now)
        answers = [
            Event(
                kind="inbound",
                dedupe_key=hashlib.sha256(
                    f"{SOURCE}|{act.address}|{act.at.isoformat()}".encode()
                ).hexdigest(),
                gateway=SOURCE,
                raw={"from": act.address, "body": act.text},
            )
            for act in actions
            if act.kind == "answer"
        ]
        await self._app.ledger_thread.run(event_inbox.record, self._app.ledger, answers, now=now)
        await record_actions(self._app, actions, now)


async def record_actions(app: App, actions: Sequence[SimulatedAction], now: datetime) -> None:
    """Write down who said no and who took part."""
    opt_outs = [
        OptOut(channel=act.channel, address=act.address, who=SOURCE, how="link", words=act.text)
        for act in actions
        if act.kind == "click"
    ]
    participations = [
        Participation(campaign=act.campaign, person_id=act.person_id, at=act.done_at, source=SOURCE)
        for act in actions
        if act.kind == "take-part"
    ]
    await app.ledger_thread.run(suppressions.opt_out, app.ledger, opt_outs, now=now)
    await app.ledger_thread.run(participation.record, app.ledger, participations, now=now)
