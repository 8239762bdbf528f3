"""What the calendar shows that the file alone does not."""

# ruff: noqa: DTZ001 - organisers write local times, without a zone

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from dispatcher import plan
from dispatcher.campaign.load import LoadedSchedules
from dispatcher.errors import Problem
from tests.schedules_factory import one_campaign


def check(*steps: dict[str, Any], **keys: Any) -> list[Problem]:
    made = one_campaign(*steps, **keys)
    return list(plan.check(LoadedSchedules(file="schedules.toml", schedules=made, problems=())))


def test_a_file_that_could_not_be_read_has_no_calendar() -> None:
    assert plan.check(LoadedSchedules(file="schedules.toml", schedules=None, problems=())) == ()


def test_a_quiet_calendar_has_nothing_to_say() -> None:
    assert check({"name": "launch", "at": date(2025, 10, 16)}, {"name": "d", "before": ["7d", "3d"]}) == []


@pytest.mark.parametrize(
    ("step", "keys", "why"),
    [
        ({"at": datetime(2025, 11, 11, 21)}, {}, "no time left"),
        (
            {"at": date(2025, 11, 10)},
            {"no_send_days": [date(2025, 11, 10), date(2025, 11, 11)]},
            "no time left",
        ),
        ({"every": "mon 08:00", "since": date(2025, 11, 11)}, {}, "No such day"),
        ({"before": ["40d 08:00"]}, {}, "before the start"),
    ],
)
def test_a_step_that_never_goes_out_is_an_error(step: dict[str, Any], keys: dict[str, Any], why: str) -> None:
    (problem,) = check({"name": "launch", **step}, **keys)
    assert (problem.severity, problem.where) == ("error", "campaign.c.step[1].name")
    assert "never goes out" in problem.what
    assert why in problem.remedy


def test_a_dated_step_that_a_warning_displaced_is_an_error() -> None:
    (problem,) = check(
        {"name": "launch", "at": date(2025, 11, 7)},
        {"name": "deadline", "before": ["3d 08:00"]},
        no_send_days=[date(2025, 11, 7)],
    )
    assert (problem.severity, problem.where) == ("error", "campaign.c.step[1].name")


@pytest.mark.parametrize(
    ("step", "keys", "said"),
    [
        ({"before": ["3d 21:00"]}, {}, "3-days on 08/11/2025 19:30: moved earlier"),
        ({"at": datetime(2025, 10, 16, 6)}, {}, "s on 16/10/2025 07:30: moved later"),
        (
            {"before": ["3d 08:00"]},
            {"no_send_days": ["weekends"]},
            "3-days on 08/11/2025 08:00: a deadline warning",
        ),
        (
            {"at": date(2025, 10, 16)},
            {"no_send_days": [date(2025, 10, 16)]},
            "s on 17/10/2025 08:00: moved to the next",
        ),
        ({"before": ["0d 08:00", "6h"]}, {}, "last-day on 11/11/2025 08:00: not sent: a warning nearer"),
    ],
)
def test_what_became_of_a_warning_or_a_dated_step_is_told(
    step: dict[str, Any], keys: dict[str, Any], said: str
) -> None:
    (problem,) = check({"name": "s", **step}, **keys)
    assert problem.severity == "advice"
    assert problem.what.startswith(said)


def test_a_plan_over_its_caps_is_told_before_people_miss_their_warning() -> None:
    ladder = {"name": "d", "before": ["4d 08:00", "3d 08:00", "2d 08:00", "1d 08:00"]}
    (problem,) = check(ladder, cap_per_week=3)
    assert (problem.where, problem.severity, problem.value) == ("campaign.c.cap_per_week", "advice", "3")
    assert "4 texts are planned for residents up to 10/11/2025 08:00" in problem.what
    twice = {"name": "a", "at": datetime(2025, 10, 16, 8)}, {"name": "b", "at": datetime(2025, 10, 16, 17)}
    assert [problem.where for problem in check(*twice)] == ["campaign.c.cap_per_day"]
    assert check(*twice, cap_per_day=2) == []


def test_the_same_hour_next_day_or_next_week_is_within_the_cap() -> None:
    assert check({"name": "w", "every": "daily 08:00", "until": date(2025, 10, 17)}, cap_per_week=7) == []


def test_reminding_before_the_launch_is_advised_against() -> None:
    steps = {"name": "launch", "at": date(2025, 10, 16)}, {"name": "weekly", "every": "mon 08:00"}
    (problem,) = check(*steps, cap_per_week=9)
    assert problem.where == "campaign.c.step[2].name"
    assert "begins on 13/10/2025 08:00" in problem.what
    assert "since = 2025-10-16" in problem.remedy


def test_a_digest_that_never_goes_out_is_told_as_well() -> None:
    digest = {"name": "digest", "every": "mon 08:00", "to": ["residents"], "until": date(2025, 10, 12)}
    (problem,) = check(digest=[digest])
    assert problem.where == "campaign.c.digest[1].name"
