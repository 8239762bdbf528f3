"""The calendar of the real campaign, line by line: what goes out when, to whom, until when it is tried."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatcher import plan
from dispatcher.campaign.load import load
from dispatcher.campaign.model import Schedules
from dispatcher.plan import Occurrence
from tests.schedules_factory import ROOT

EVERYBODY = "staff party parents residents"

# local time; step; template; kind; to whom; tried until; note
CALENDAR = """
Sat 11/10 00:00 | thanks        | thanks     | thanks   | everybody | 18/11 23:59 |
Thu 16/10 08:00 | launch        | launch     | reminder | everybody | 17/10 20:30 |
Fri 17/10 16:30 | digest-weekly | digest     | digest   | staff     | 18/10 16:30 |
Mon 20/10 08:00 | weekly        | weekly     | reminder | everybody | 21/10 20:30 |
Fri 24/10 16:30 | digest-weekly | digest     | digest   | staff     | 25/10 16:30 |
Mon 27/10 08:00 | weekly        | weekly     | reminder | everybody | 28/10 20:30 |
Fri 31/10 16:30 | digest-weekly | digest     | digest   | staff     | 01/11 16:30 |
Mon 03/11 08:00 | weekly        | weekly     | reminder | everybody | 04/11 08:00 |
Tue 04/11 08:00 | deadline      | 7-days     | warning  | everybody | 05/11 00:00 |
Fri 07/11 16:30 | digest-weekly | digest     | digest   | staff     | 08/11 16:30 |
Sat 08/11 08:00 | deadline      | 3-days     | warning  | everybody | 09/11 00:00 |
Sat 08/11 16:30 | digest-last   | digest     | digest   | staff     | 09/11 16:30 |
Mon 10/11 08:00 | deadline      | 1-day      | warning  | everybody | 11/11 00:00 |
Mon 10/11 08:00 | weekly        | weekly     | reminder | nobody    | 11/11 18:00 | gives-way
Mon 10/11 16:30 | digest-last   | digest     | digest   | staff     | 11/11 16:30 |
Tue 11/11 11:00 | digest-last   | digest     | digest   | staff     | 12/11 11:00 |
Tue 11/11 18:00 | deadline      | last-hours | warning  | everybody | 11/11 23:59 |
"""


@pytest.fixture(name="real")
def _real() -> Schedules:
    return Schedules.model_validate(tomllib.loads((ROOT / "schedules.toml").read_text(encoding="utf-8")))


def _line(schedules: Schedules, item: Occurrence) -> list[str]:
    to = " ".join(item.audiences)
    return [
        f"{schedules.to_local(item.due_at):%a %d/%m %H:%M}",
        item.step,
        item.template,
        item.kind,
        "everybody" if to == EVERYBODY else to or "nobody",
        f"{schedules.to_local(item.expires_at):%d/%m %H:%M}",
        item.note,
    ]


def test_the_calendar_of_the_real_campaign(real: Schedules) -> None:
    golden = [[cell.strip() for cell in line.split("|")] for line in CALENDAR.strip().splitlines()]
    assert [_line(real, item) for item in plan.occurrences(real, "cong-dan-so")] == golden


def test_the_digests_go_to_leads_by_mail_and_nothing_else_does(real: Schedules) -> None:
    for item in plan.occurrences(real, "cong-dan-so"):
        assert (item.leads_only, item.channels) == (
            (True, ("email",)) if item.kind == "digest" else (False, None)
        )


def test_a_service_that_starts_late_finds_what_it_missed_and_does_not_replay_it(real: Schedules) -> None:
    campaign = real.campaigns["cong-dan-so"]
    now = datetime(2025, 10, 27, 4, tzinfo=UTC)  # 11:00 on the third Monday
    overdue = [item for item in plan.occurrences(real, campaign, until=now) if item.is_sent]
    late = {item.key: plan.is_missed(campaign, item, now) for item in overdue}
    assert late == {
        "*": False,  # whoever took part meanwhile is thanked
        "2025-10-16T01:00:00Z": True,
        "2025-10-17T09:30:00Z": True,
        "2025-10-20T01:00:00Z": True,
        "2025-10-24T09:30:00Z": True,
        "2025-10-27T01:00:00Z": False,  # this morning's
    }


def test_the_whole_file_is_right_and_the_calendar_has_no_objection(real: Schedules, tmp_path: Path) -> None:
    for audience in real.audiences:
        (tmp_path / audience).mkdir()
        (tmp_path / audience / "list.csv").touch()
    loaded = load(ROOT / "schedules.toml", templates=ROOT / "templates", contacts=tmp_path)
    assert loaded.problems == ()
    assert plan.check(loaded) == ()


def test_it_fits_on_a_page() -> None:
    assert len((ROOT / "schedules.toml").read_text(encoding="utf-8").splitlines()) <= 60
