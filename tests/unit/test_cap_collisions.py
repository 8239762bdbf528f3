"""Campaigns know of each other: what a cap will not let through is named before it happens."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.sending import campaign_states
from dispatcher.report import cap_collisions
from dispatcher.report.cap_collisions import CapCollision
from tests import engine_fixture
from tests.engine_fixture import (
    DAILY,
    MORNING,
    EngineFixture,
    contact_row,
    load_rows,
    schedules,
    ten_day_campaign,
)
from tests.ledger_fixture import HOUR
from tests.schedules_factory import audience_toml

DAY = timedelta(days=1)
TITLE = "“Công dân số Hải Phòng”"
TODAY = MORNING.date()
AUDIENCES = {
    name: audience_toml(place, channels=["sms"]) for place, name in enumerate(("residents", "staff"), 1)
}


def once(day: int = 1, hour: int = 8, **keys: Any) -> dict[str, Any]:
    moment = datetime(2025, 11, 3 + day, hour)  # noqa: DTZ001 - local time
    return {"name": "once", "at": moment, "template": "daily", **keys}


@pytest.fixture
def engine(database_url: str) -> Iterator[EngineFixture]:
    """Three residents and two colleagues; one is both."""
    opened = engine_fixture.open_engine(database_url, schedules(ten_day_campaign(), audiences=AUDIENCES))
    load_rows(
        opened, *(contact_row(n) for n in range(3)), *(contact_row(n, audience="staff") for n in (2, 3))
    )
    yield opened
    opened.close()


def find(engine: EngineFixture, *campaigns: dict[str, Any]) -> tuple[CapCollision, ...]:
    engine.replace_config(schedules(*campaigns, audiences=AUDIENCES))
    return cap_collisions.find(engine.ledger, engine.config.schedules, now=engine.clock.now())


def brief(found: tuple[CapCollision, ...]) -> list[tuple[str, str, int, tuple[str, ...]]]:
    return [(one.occurrence.campaign, one.occurrence.step, one.numbers, one.taken_by) for one in found]


def words(engine: EngineFixture, found: tuple[CapCollision, ...]) -> list[tuple[str, str]]:
    problems = cap_collisions.find_problems(engine.config.schedules, found)
    return [(problem.what, problem.remedy) for problem in problems]


def test_two_campaigns_at_one_hour_are_named_with_a_free_day(engine: EngineFixture) -> None:
    found = find(engine, ten_day_campaign(once()), ten_day_campaign(once()))
    assert brief(found) == [("b", "once", 3, ("a",))]
    assert words(engine, found) == [
        (
            f"04/11/2025 08:00: 3 numbers get texts of {TITLE}; “Reminder” of {TITLE} is not sent to them",
            f"Move “Reminder” of {TITLE} to 05/11/2025 08:00.",
        )
    ]


def test_it_is_what_really_happens(engine: EngineFixture) -> None:
    """The same people, the same campaigns, played through: as many are sent and skipped as was said."""
    both = ten_day_campaign(once(), once(3, name="third")), ten_day_campaign(DAILY, cap_per_week=9)
    found = find(engine, *both)
    engine.run_until_sync(MORNING + 9 * DAY)
    skipped = [one for one in message_counts.exact_by_step(engine.ledger) if one.reason == "frequency-cap"]
    assert sorted((one.campaign, one.step, one.due_at, one.messages) for one in skipped) == sorted(
        (one.occurrence.campaign, one.occurrence.step, one.occurrence.due_at, one.numbers) for one in found
    )
    assert found


def test_only_those_in_both_are_counted(engine: EngineFixture) -> None:
    found = find(engine, ten_day_campaign(once()), ten_day_campaign(once(), audiences=["staff"]))
    assert brief(found) == [("b", "once", 1, ("a",))]


def test_the_more_urgent_goes_first(engine: EngineFixture) -> None:
    warning = {"name": "warn", "before": ["8d 08:00"], "template": "daily"}
    assert brief(find(engine, ten_day_campaign(once()), ten_day_campaign(warning))) == [
        ("a", "once", 3, ("b",))
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (ten_day_campaign(once()), ten_day_campaign(once(2))),  # another day
        (ten_day_campaign(once()), ten_day_campaign(once(), cap_per_day=2)),
        (ten_day_campaign(once()), ten_day_campaign(once(), over_cap="wait")),
        (ten_day_campaign(once()), ten_day_campaign(once(channels=["email"]))),
        (
            ten_day_campaign(once(), once(hour=9, name="second")),
            ten_day_campaign(once(5)),
        ),  # its own cap only
    ],
)
def test_where_nothing_meets_nothing_is_said(
    engine: EngineFixture, one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert find(engine, one, other) == ()


def test_who_has_had_a_text_this_week_is_counted(engine: EngineFixture) -> None:
    soon = ten_day_campaign(once(day=0))
    engine.replace_config(schedules(soon, audiences=AUDIENCES))
    engine.run_until_sync(MORNING + HOUR)
    assert brief(find(engine, soon, ten_day_campaign(once(day=0, hour=15)))) == [("b", "once", 3, ("a",))]


def test_a_campaign_that_is_over_is_in_nobodys_way(engine: EngineFixture) -> None:
    engine.step_runner.tick(engine.clock.now())
    campaign_states.cancel(engine.ledger, "a", reason="", who="lan", now=engine.clock.now())
    assert find(engine, ten_day_campaign(once()), ten_day_campaign(once())) == ()


def test_a_daily_collision_is_told_once(engine: EngineFixture) -> None:
    found = find(engine, ten_day_campaign(DAILY, cap_per_week=9), ten_day_campaign(DAILY, cap_per_week=9))
    assert len(found) == 10
    ((what, remedy),) = words(engine, found)
    assert what.endswith("; and on 9 more days")
    assert "over_cap" in remedy


def test_a_reminder_that_may_wait_goes_out_next_day(engine: EngineFixture) -> None:
    find(engine, ten_day_campaign(once()), ten_day_campaign(once(), over_cap="wait"))
    engine.run_until_sync(MORNING + 3 * DAY)
    assert sorted(one.at - MORNING > 2 * DAY for one in engine.sms.sent) == [False] * 3 + [True] * 3


def test_thanks_over_the_cap_go_out_next_day(engine: EngineFixture) -> None:
    thanks = {"name": "thanks", "after": "participation", "template": "daily"}
    find(engine, ten_day_campaign(once(day=0), thanks))
    engine.run_until_sync(MORNING + HOUR)
    took_part = Participation(campaign="a", person_id=1, at=MORNING, source="x")
    participation.record(engine.ledger, [took_part], now=engine.clock.now())
    engine.run_until_sync(MORNING + 3 * HOUR)
    assert len(engine.sms.sent) == 3
    engine.run_until_sync(MORNING + 2 * DAY)
    assert [one.envelope.body for one in engine.sms.sent[3:]] == ["Nhac Người 0"]
    assert engine.sms.sent[3].at - MORNING >= DAY
