"""The crash test: the real service is killed at every point of its path and at any moment, over and over.

The provider's own log is the witness. Every run has texts and mails, and campaigns of both policies for a
mail in doubt.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from dispatcher.sandbox import process
from dispatcher.simulation.drill import crash_test
from dispatcher.simulation.drill.crash_test import KILL_POINTS, DrillResult
from dispatcher.simulation.drill.drill_fixture import DrillPlan
from tests.command import Command

SHORT = 2  # kills: the first with intents, the second while their doubts are noted
LONG = 120


def assert_kept(outcome: DrillResult, plan: DrillPlan) -> None:
    verification = outcome.verification
    assert outcome.is_sound, outcome
    assert verification.planned == plan.messages
    # Nothing but mails of the campaign that wants it so stays in doubt; every other message is there, once.
    assert verification.accepted >= verification.planned - len(verification.held)


def assert_proved(folder: Path, database_url: str) -> None:
    """The provider lists what the ledger holds, and nothing else, whatever was asked, late or lost."""
    with process.start(folder / "sandbox") as sandbox:
        settings = {"DISPATCHER_DATABASE_URL": database_url, **sandbox.environ()}
        office = Command(folder=folder, settings={**settings, "DISPATCHER_MAIL_FROM": "nhac@hatay.example"})
        found = office.json("reconcile", "--ask", "0")
    assert found["sound"], found
    assert found["provider"]["there"] == found["provider"]["listed"] > 0


@pytest.mark.parametrize("database", [pytest.param("sqlite_url", marks=pytest.mark.torture), "postgres_url"])
def test_some_kills(tmp_path: Path, request: pytest.FixtureRequest, database: str) -> None:
    """In short on PostgreSQL only: on SQLite `dispatcher drill` kills as often (`test_drill`)."""
    database_url = request.getfixturevalue(database)
    plan = DrillPlan(waves=2, every=timedelta(seconds=1), texts=20, mails=20)
    outcome = crash_test.run_drill(tmp_path, plan, database_url=database_url, kills=SHORT)
    assert outcome.kills.total == SHORT
    assert_kept(outcome, plan)
    assert_proved(tmp_path, database_url)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_many_kills(
    tmp_path: Path, database_url: str, record_property: Callable[[str, object], None]
) -> None:
    plan = DrillPlan.for_duration(timedelta(seconds=4 * LONG))
    outcome = crash_test.run_drill(tmp_path, plan, database_url=database_url, kills=LONG)
    record_property("figures", json.dumps(outcome.as_json()))
    assert_kept(outcome, plan)
    assert_proved(tmp_path, database_url)
    assert {name for name, _span in KILL_POINTS} <= set(outcome.kills.by_point)
