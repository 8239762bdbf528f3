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
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dispatcher import plan
from dispatcher.campaign.model import Schedules
from dispatcher.gateways import Envelope, Result
from dispatcher.ledger import audit, books, budgets, campaigns, events
from dispatcher.ledger.events import Event
from dispatcher.ledger.tables import event
from tests import office
from tests.campaigns import audience
from tests.office import DAILY, MORNING, Left, Office, accepted, load, neighbour, schedules, weeks
from tests.town import HOUR, NOON

SECOND, MINUTE, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)
MANY = settings(
    max_examples=5, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LATE = timedelta(milliseconds=5)


@contextmanager
def town(fresh: Callable[[], str], schedules: Schedules, people: int, **facts: Any) -> Iterator[Office]:
    opened = office.open_office(fresh(), schedules, **facts)
    load(opened, *(neighbour(n) for n in range(people)))
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


def moody(random: Random, town: Office) -> Callable[[Envelope], Result]:
    """A provider of which anything may come; a failure reported later comes through the inbox."""

    def answer(envelope: Envelope) -> Result:
        mood = random.random()
        if mood < 0.6:
            return accepted(envelope)
        if mood < 0.7:
            fail(town, envelope, "temporary-failure", "30003", "temporary")
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


def fail(town: Office, envelope: Envelope, status: str, code: str, error_class: str) -> None:
    message_id, attempt = town.delivery.post.links.read_message_key(envelope.key) or (0, 0)
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
    events.record(town.ledger, [report], now=town.clock.now())


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
    seed=st.integers(0, 999),
)
def test_never_more_than_the_rate_in_any_stretch_of_time(
    fresh: Callable[[], str], rate: float, workers: int, lag: float, seed: int
) -> None:
    """However slow the calls are, and with several batches under way at once."""
    random = Random(seed)
    with town(fresh, schedules(weeks()), 90, rate=rate, now=MORNING) as at:
        at.sms.takes = slow(random, lag)

        async def serve() -> None:
            at.calendar.tick(MORNING)
            while any(await asyncio.gather(*(at.delivery.work("sms") for _ in range(workers)))):
                pass

        for _ in range(20):
            asyncio.run(serve())
            at.clock.move_by(MINUTE)
        moments = sorted(left.at for left in at.sms.left)
        assert len(moments) >= 60
        for window in (SECOND, 7 * SECOND, MINUTE):
            allowed = rate * (window + max(LATE, SECOND / rate)).total_seconds() + 1
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
        "residents": audience(channels=["sms"], window=f"{opens:02}:00-{opens + hours:02}:00"),
        "staff": audience(2, channels=["sms"], lists=["staff/*"]),
    }
    plan_of = schedules(weeks(audiences=["residents", "staff"], cap_per_week=9, grace="20h"), audiences=own)
    with town(fresh, plan_of, 10, rate=rate) as at:
        load(at, *(neighbour(n, audience="staff") for n in range(100, 106)))
        at.sms.answer, at.sms.takes = moody(random, at), slow(random, lag)
        at.play(MORNING + DAY + 5 * HOUR)
        assert at.sms.left
        for left in at.sms.left:
            check_hours(at, left)


def check_hours(at: Office, left: Left) -> None:
    who = "residents" if left.envelope.to < "+84900000100" else "staff"
    window = plan.window(at.edition.schedules, "a", who, left.at)
    assert window.open, left.at
    assert left.at + timedelta(seconds=left.envelope.validity_seconds) <= window.closes_at + SECOND


def test_a_text_may_arrive_until_the_last_hour_of_its_day_and_no_longer(sqlite_url: str) -> None:
    at = office.open_office(sqlite_url, schedules(weeks({**DAILY, "every": "daily 20:00"})), rate=1.0)
    load(at, *(neighbour(n) for n in range(3)))
    at.play(MORNING + DAY - HOUR)
    closes_at = datetime.fromisoformat("2025-11-03T20:30:00+07:00")
    assert [left.at.astimezone(closes_at.tzinfo).hour for left in at.sms.left] == [20, 20, 20]
    for left in at.sms.left:
        rest = (closes_at - left.at).total_seconds()
        assert rest - 60 <= left.envelope.validity_seconds <= rest
    at.close()


def test_a_deadline_inside_the_window_ends_the_validity_too(sqlite_url: str) -> None:
    ends = datetime.fromisoformat("2025-11-03T09:00")
    at = office.open_office(sqlite_url, schedules(weeks(ends=ends)), rate=1.0)
    load(at, neighbour(1))
    at.play(MORNING + DAY)
    (left,) = at.sms.left
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
        weeks({**DAILY, "every": f"daily {at}"}, cap_per_day=per_day, cap_per_week=per_week) for at in times
    ]
    with town(fresh, schedules(*campaigns_of_all), 3, rate=2.0) as at:
        at.sms.answer, at.sms.takes = moody(random, at), slow(random, lag)
        at.play(MORNING + 8 * DAY)
        assert at.sms.left
        for moments in texts_by_number(at).values():
            assert most_in(moments, DAY) <= per_day
            assert most_in(moments, 7 * DAY) <= per_week


def texts_by_number(at: Office) -> dict[str, list[datetime]]:
    """Give when each number was sent what may have arrived: taken or in doubt, and not reported failed."""
    with at.ledger.read() as connection:
        failed = {tuple(row) for row in connection.execute(sa.select(event.c.message_id, event.c.attempt))}
    found: dict[str, list[datetime]] = defaultdict(list)
    for left in at.sms.left:
        key = at.delivery.post.links.read_message_key(left.envelope.key)
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
    raw = schedules(weeks(budget_vnd=budget, cap_per_week=9)).model_dump(by_alias=True)
    plan_of = Schedules.model_validate(raw | {"prices": {"default": estimate}})
    with town(fresh, plan_of, 15) as at:
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
            at.play(MORNING + day * DAY + 6 * HOUR)
            campaigns.resume(at.ledger, "a", who="lan", now=at.clock.now())
            spent = books.spent(at.ledger, "a")
            assert spent <= budget + beyond
            assert spent == sum(item.vnd for item in books.sums(at.ledger))
            with at.ledger.read() as connection:
                assert budgets.misfits(connection) == 0


def test_a_campaign_out_of_money_stops_says_why_and_goes_on_with_more(sqlite_url: str) -> None:
    at = office.open_office(sqlite_url, schedules(weeks(budget_vnd=2000)))
    load(at, *(neighbour(n) for n in range(9)))
    at.play(MORNING + HOUR)
    assert len(at.sms.left) == 5  # of 400 each
    standing = campaigns.standing(at.ledger, "a")
    assert standing is not None
    assert (standing.state, standing.reason, standing.budget_used) == ("paused", "budget", 2000)
    at.publish(schedules(weeks(budget_vnd=9000)))
    campaigns.resume(at.ledger, "a", who="lan", now=at.clock.now())
    at.play(MORNING + 2 * HOUR)
    assert len(at.sms.left) == 9
    assert audit.flaws(at.ledger, now=NOON) == ()
    at.close()
