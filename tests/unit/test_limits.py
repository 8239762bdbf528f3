"""No limit is ever passed, whatever the provider answers and however long that takes: on a fast clock."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from dispatcher import plan
from dispatcher.campaign.model import Schedules
from dispatcher.delivery.slot_supply import SLOT_TOLERANCE
from dispatcher.gateways import Envelope, Result
from dispatcher.ledger.queries import integrity, message_counts
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.schema.tables import event
from dispatcher.ledger.sending import budgets, campaign_states
from tests import engine_fixture
from tests.engine_fixture import (
    DAILY,
    MORNING,
    EngineFixture,
    SentEnvelope,
    accepted,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import HOUR, NOON
from tests.schedules_factory import audience_toml

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
MANY = settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@contextmanager
def engine(
    fresh: Callable[[], str], schedules: Schedules, people: int, **facts: Any
) -> Iterator[EngineFixture]:
    opened = engine_fixture.open_engine(fresh(), schedules, **facts)
    load_rows(opened, *(contact_row(n) for n in range(people)))
    yield opened
    opened.close()


@pytest.fixture
def fresh(tmp_path: Path, sqlite_template: Path) -> Iterator[Callable[[], str]]:
    """A new database for every example, in memory where there is room: each plays thousands of commits."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else tmp_path) as folder:
        file = Path(folder) / "ledger.sqlite3"

        def make() -> str:
            for old in Path(folder).iterdir():
                old.unlink()
            file.write_bytes(sqlite_template.read_bytes())
            return f"sqlite:///{file}"

        yield make


def moody(random: Random, engine: EngineFixture) -> Callable[[Envelope], Result]:
    """A provider of which anything may come; a failure reported later comes through the inbox."""

    def answer(envelope: Envelope) -> Result:
        mood = random.random()
        if mood < 0.6:
            return accepted(envelope)
        if mood < 0.7:
            fail(engine, envelope, "temporary-failure", "30003", "temporary")
            return accepted(envelope)
        return random.choice(
            [
                Result(key=envelope.key, kind="later", code="30001", error_class="temporary"),
                Result(key=envelope.key, kind="later", code="20429", error_class="throttled"),
                Result(key=envelope.key, kind="later", code="connect", error_class="transport"),
                Result(key=envelope.key, kind="unknown", code="no-answer", error_class="ambiguous"),
                Result(key=envelope.key, kind="refused", code="21610", error_class="opt-out"),
                accepted(envelope),
            ]
        )

    return answer


def fail(engine: EngineFixture, envelope: Envelope, status: str, code: str, error_class: str) -> None:
    message_id, attempt = engine.delivery.envelope_builder.links.parse_message_key(envelope.key) or (0, 0)
    report = Event(
        kind="status",
        dedupe_key=f"{envelope.key}|{status}",
        gateway="noting-sms",
        message_id=message_id,
        attempt=attempt,
        status=status,
        code=code,
        error_class=error_class,
    )
    event_inbox.record(engine.ledger, [report], now=engine.clock.now())


def slow(random: Random, seconds_max: float) -> Callable[[], timedelta]:
    """Calls that take a while, now and then a long one."""
    return lambda: timedelta(seconds=random.choice([0, 0, 0.01, 0.2, seconds_max]) * random.random())


def most_in(moments: list[datetime], window: timedelta) -> int:
    """Give the largest number of moments within any stretch [t, t + window)."""
    first = most = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= window:
            first += 1
        most = max(most, last - first + 1)
    return most


# --- rate --------------------------------------------------------------------------------------------


@MANY
@given(
    rate=st.sampled_from([0.5, 3.0, 10.0, 77.0]),
    workers=st.integers(1, 3),
    lag=st.sampled_from([0.0, 0.3, 5.0]),
    confirms=st.booleans(),
    seed=st.integers(0, 999),
)
@example(rate=0.5, workers=3, lag=5.0, confirms=False, seed=0)  # long looks between slots that are far apart
@example(rate=0.5, workers=3, lag=5.0, confirms=True, seed=0)
def test_never_more_than_the_rate_in_any_stretch_of_time(
    fresh: Callable[[], str], rate: float, workers: int, lag: float, confirms: bool, seed: int
) -> None:
    """However slow calls and looks are, and with several batches under way at once."""
    random = Random(seed)
    with engine(fresh, schedules(ten_day_campaign()), 90, rate=rate, now=MORNING, confirms=confirms) as at:
        at.sms.call_duration = slow(random, lag)

        async def serve() -> None:
            at.step_runner.tick(MORNING)
            while any(await asyncio.gather(*(at.delivery.serve_next_shard("sms") for _ in range(workers)))):
                pass

        for _ in range(20):
            asyncio.run(serve())
            at.clock.advance(MINUTE)
        moments = sorted(left.at for left in at.sms.sent)
        assert len(moments) >= 60
        for window in (SECOND, 7 * SECOND, MINUTE):
            allowed = rate * (window + SLOT_TOLERANCE).total_seconds() + 1
            assert most_in(moments, window) <= allowed


# --- window and validity -----------------------------------------------------------------------------


@MANY
@given(
    opens=st.integers(7, 10),
    hours=st.integers(1, 11),
    rate=st.sampled_from([0.05, 0.5, 20.0]),
    lag=st.sampled_from([0.0, 2.0, 50.0]),
    seed=st.integers(0, 999),
)
def test_no_text_leaves_or_may_arrive_outside_its_hours(
    fresh: Callable[[], str], opens: int, hours: int, rate: float, lag: float, seed: int
) -> None:
    """Retries, late slots, long batches and slow calls included; the provider may try no longer than that."""
    random = Random(seed)
    own = {
        "residents": audience_toml(channels=["sms"], window=f"{opens:02}:00-{opens + hours:02}:00"),
        "staff": audience_toml(2, channels=["sms"], lists=["staff/*"]),
    }
    plan_of = schedules(
        ten_day_campaign(audiences=["residents", "staff"], cap_per_week=9, grace="20h"), audiences=own
    )
    with engine(fresh, plan_of, 10, rate=rate) as at:
        load_rows(at, *(contact_row(n, audience="staff") for n in range(100, 106)))
        at.sms.answer, at.sms.call_duration = moody(random, at), slow(random, lag)
        at.run_until_sync(MORNING + DAY + 5 * HOUR)
        assert at.sms.sent
        for left in at.sms.sent:
            check_hours(at, left)


def check_hours(at: EngineFixture, left: SentEnvelope) -> None:
    who = "residents" if left.envelope.to < "+84900000100" else "staff"
    window = plan.sending_window(at.config.schedules, "a", who, left.at)
    assert window.is_open, left.at
    assert left.at + timedelta(seconds=left.envelope.validity_seconds) <= window.closes_at + SECOND


def test_a_text_may_arrive_until_the_last_hour_of_its_day_and_no_longer(sqlite_url: str) -> None:
    at = engine_fixture.open_engine(
        sqlite_url, schedules(ten_day_campaign({**DAILY, "every": "daily 20:00"})), rate=1.0
    )
    load_rows(at, *(contact_row(n) for n in range(3)))
    at.run_until_sync(MORNING + DAY - HOUR)
    closes_at = datetime.fromisoformat("2025-11-03T20:30:00+07:00")
    assert [left.at.astimezone(closes_at.tzinfo).hour for left in at.sms.sent] == [20, 20, 20]
    for left in at.sms.sent:
        rest = (closes_at - left.at).total_seconds()
        assert rest - 60 <= left.envelope.validity_seconds <= rest
    at.close()


def test_a_deadline_inside_the_window_ends_the_validity_too(sqlite_url: str) -> None:
    ends = datetime.fromisoformat("2025-11-03T09:00")
    at = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign(ends=ends)), rate=1.0)
    load_rows(at, contact_row(1))
    at.run_until_sync(MORNING + DAY)
    (left,) = at.sms.sent
    assert left.at + timedelta(seconds=left.envelope.validity_seconds) <= MORNING + HOUR
    at.close()


# --- caps --------------------------------------------------------------------------------------------


@MANY
@given(
    per_day=st.integers(1, 3),
    per_week=st.integers(1, 6),
    times=st.lists(
        st.sampled_from(["07:45", "08:00", "11:00", "17:30"]), min_size=2, max_size=3, unique=True
    ),
    lag=st.sampled_from([0.0, 20.0]),
    seed=st.integers(0, 999),
)
def test_no_number_gets_more_than_its_cap_over_all_campaigns(
    fresh: Callable[[], str], per_day: int, per_week: int, times: list[str], lag: float, seed: int
) -> None:
    random = Random(seed)
    campaigns_of_all = [
        ten_day_campaign({**DAILY, "every": f"daily {at}"}, cap_per_day=per_day, cap_per_week=per_week)
        for at in times
    ]
    with engine(fresh, schedules(*campaigns_of_all), 3, rate=2.0) as at:
        at.sms.answer, at.sms.call_duration = moody(random, at), slow(random, lag)
        at.run_until_sync(MORNING + 8 * DAY)
        assert at.sms.sent
        for moments in texts_by_number(at).values():
            assert most_in(moments, DAY) <= per_day
            assert most_in(moments, 7 * DAY) <= per_week


def texts_by_number(at: EngineFixture) -> dict[str, list[datetime]]:
    """Give when each number was sent what may have arrived: taken or in doubt, and not reported failed."""
    with at.ledger.read() as connection:
        failed = {tuple(row) for row in connection.execute(sa.select(event.c.message_id, event.c.attempt))}
    found: dict[str, list[datetime]] = defaultdict(list)
    for left in at.sms.sent:
        key = at.delivery.envelope_builder.links.parse_message_key(left.envelope.key)
        if left.result.kind in {"accepted", "unknown"} and key not in failed:
            found[left.envelope.to].append(left.at)
    return found


# --- budget ------------------------------------------------------------------------------------------


@MANY
@given(
    budget=st.integers(1, 20_000),
    estimate=st.integers(1, 900),
    charged=st.lists(st.one_of(st.none(), st.integers(0, 900)), min_size=1, max_size=5),
    seed=st.integers(0, 999),
)
def test_the_budget_is_never_passed_by_more_than_the_provider_charges_beyond_its_price(
    fresh: Callable[[], str], budget: int, estimate: int, charged: list[int | None], seed: int
) -> None:
    random = Random(seed)
    raw = schedules(ten_day_campaign(budget_vnd=budget, cap_per_week=9)).model_dump(by_alias=True)
    plan_of = Schedules.model_validate(raw | {"prices": {"default": estimate}})
    with engine(fresh, plan_of, 15) as at:
        mood = moody(random, at)
        beyond = 0

        def answer(envelope: Envelope) -> Result:
            nonlocal beyond
            result = mood(envelope)
            price = random.choice(charged)
            if result.kind != "accepted" or price is None:
                return result
            beyond += max(0, price - estimate)
            return replace(result, parts=1, vnd=price)

        at.sms.answer = answer
        for day in range(3):
            at.run_until_sync(MORNING + day * DAY + 6 * HOUR)
            campaign_states.resume(at.ledger, "a", who="lan", now=at.clock.now())
            spent = budgets.used(at.ledger, "a")
            assert spent <= budget + beyond
            assert spent == sum(item.vnd for item in message_counts.exact_by_step(at.ledger))
            assert integrity.violations(at.ledger, now=NOON) == ()


def test_a_campaign_out_of_money_stops_says_why_and_goes_on_with_more(sqlite_url: str) -> None:
    at = engine_fixture.open_engine(sqlite_url, schedules(ten_day_campaign(budget_vnd=2000)))
    load_rows(at, *(contact_row(n) for n in range(9)))
    at.run_until_sync(MORNING + HOUR)
    assert len(at.sms.sent) == 5  # of 400 each
    standing = campaign_states.state_of(at.ledger, "a")
    assert standing is not None
    assert (standing.state, standing.reason, standing.budget_used) == ("paused", "budget", 2000)
    at.replace_config(schedules(ten_day_campaign(budget_vnd=9000)))
    campaign_states.resume(at.ledger, "a", who="lan", now=at.clock.now())
    at.run_until_sync(MORNING + 2 * HOUR)
    assert len(at.sms.sent) == 9
    assert integrity.violations(at.ledger, now=NOON) == ()
    at.close()
