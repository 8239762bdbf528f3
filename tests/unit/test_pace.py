"""The rate asked is the rate kept: on a slow disk, and whatever an address was sent before."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import pytest
import sqlalchemy as sa

from dispatcher.app import App, assemble
from dispatcher.clock import SystemClock, monotonic
from dispatcher.delivery.slot_supply import SLOT_TOLERANCE
from dispatcher.gateways import Capabilities, Envelope, Result, SendPermit
from dispatcher.gateways.opened import OpenGateways
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import targets_of
from dispatcher.ledger.sending import campaign_states, candidates, occurrences
from dispatcher.plan import Occurrence
from dispatcher.settings import from_environment
from tests.engine_fixture import SETTINGS, accepted, make_configuration, schedules, ten_day_campaign
from tests.ledger_fixture import HOUR, NOON, add_people
from tests.schedules_factory import audience_toml


@dataclass(kw_only=True)
class InstantGateway:
    """Takes everything at once, and notes when."""

    capabilities: Capabilities
    name: str = "instant"
    moments: list[float] = field(default_factory=list)

    async def send(
        self, envelopes: Sequence[Envelope], *, acquire_permit: SendPermit | None = None
    ) -> Sequence[Result]:
        assert acquire_permit is not None
        results = []
        for envelope in envelopes:
            await acquire_permit()
            assert envelope.confirm is not None
            await envelope.confirm()
            self.moments.append(monotonic())
            results.append(accepted(envelope))
        return results

    async def look_up(self, envelope: Envelope, **_facts: object) -> Result:
        raise NotImplementedError

    async def close(self) -> None:
        """There is nothing to give back."""


def send_all(
    url: str, *, rate: float, people: int, commit_seconds: float, looks: list[float] | None = None
) -> list[float]:
    """Send to so many people with commits of this length; return when each text left.

    `looks`: where the moments of second looks are noted.
    """
    clock = SystemClock()
    traits = Capabilities(channel="email", rate_per_second=rate, confirms=True)
    gateway = InstantGateway(capabilities=traits)
    day = clock.now().date()
    plan = schedules(
        ten_day_campaign(starts=day, ends=day),
        audiences={"residents": audience_toml(channels=["email"])},
    )
    ledger = Ledger.open(url)
    add_people(ledger, *(("residents", f"Người {n}", "", f"dan{n}@hatay.example") for n in range(people)))
    app = assemble(
        from_environment({**SETTINGS, "DISPATCHER_DATABASE_URL": url}),
        gateways=OpenGateways({"email": [gateway]}),
        config=make_configuration(plan),
        clock=clock,
        ledger=ledger,
    )
    sa.event.listen(ledger.engine, "commit", lambda _connection: time.sleep(commit_seconds))
    if looks is not None:
        sa.event.listen(ledger.engine, "before_cursor_execute", _note_looks(looks))
    asyncio.run(_serve(app, _occurrence(clock)))
    return gateway.moments


def _note_looks(looks: list[float]) -> Callable[..., None]:
    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE shard") and "cleared_until" in statement:
            looks.append(monotonic())

    return note


def _occurrence(clock: SystemClock) -> Occurrence:
    now = clock.now()
    return Occurrence(
        campaign="a",
        step="daily",
        key="k",
        kind="reminder",
        template="daily",
        due_at=now,
        expires_at=now + HOUR,
        audiences=("residents",),
    )


async def _serve(app: App, due: Occurrence) -> None:
    campaign_states.ensure(app.ledger, "a", now=due.due_at)
    occurrences.start(app.ledger, due, targets_of(app.config.schedules, due), shard_size=2000, now=due.due_at)
    while await app.delivery.serve_next_shard("email"):
        pass
    await app.close()


@pytest.mark.parametrize(
    ("rate", "people", "commit_seconds", "at_least"),
    [(100.0, 200, 0.012, 30), (1e6, 600, 0.012, 60), (10.0, 20, 0.15, 1)],
)
def test_a_slow_disk_costs_no_texts_and_little_of_the_rate(
    sqlite_url: str, rate: float, people: int, commit_seconds: float, at_least: float
) -> None:
    moments = send_all(sqlite_url, rate=rate, people=people, commit_seconds=commit_seconds)
    assert len(moments) == people
    took = moments[-1] - moments[0]
    assert (people - 1) / took >= at_least  # far below what is kept: no clock is tested here
    for (place, one), (later_place, later) in combinations(enumerate(moments), 2):
        assert later_place - place <= rate * (later - one + SLOT_TOLERANCE.total_seconds())


def test_looks_leave_a_slow_disk_time_for_the_rest(sqlite_url: str) -> None:
    """With commits of 150 ms one look every half a second and not every quarter, or they were most of it."""
    looks: list[float] = []
    send_all(sqlite_url, rate=10, people=30, commit_seconds=0.15, looks=looks)
    assert len(looks) > 3
    assert (len(looks) - 1) / (looks[-1] - looks[0]) < 2.4


def test_what_an_address_was_sent_before_costs_a_claim_nothing(sqlite_url: str) -> None:
    """Whether somebody was written to in this campaign is asked by the campaign's occurrences."""
    ledger = Ledger.open(sqlite_url)

    @sa.event.listens_for(ledger.engine, "before_cursor_execute", retval=True)
    def explain(
        _connection: object, _cursor: object, statement: str, parameters: object, *_: object
    ) -> tuple[str, object]:
        return f"EXPLAIN QUERY PLAN {statement}", parameters

    facts = {"shard": 1, "campaign": "a", "other_scopes": ["x"], "now": NOON, "count": 10}
    with ledger.engine.connect() as connection:
        question = candidates.question(kind="reminder", per_day=True, per_week=True)
        rows = connection.execute(question, {**facts, "day_ago": NOON, "week_ago": NOON}).cursor
        plans = [row[3] for row in rows.fetchall()]
    ledger.close()
    (earlier,) = [step for step in plans if " earlier " in step]
    assert "occurrence_id=? AND channel=? AND address=?" in earlier
    assert all("submitted_at>?" in step for step in plans if " since_" in step)
