"""The whole month of the real campaign, through the real command, looked at from outside."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from dispatcher.sandbox import process
from tests.command import COMMAND, ROOT, Command


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("month")


@pytest.fixture(scope="module")
def month(folder: Path) -> dict[str, object]:
    done = subprocess.run(
        [*COMMAND, "simulate", "--json", "--keep", str(folder)], cwd=ROOT,
        env={**os.environ, "DISPATCHER_LANG": "en"}, capture_output=True, text=True, check=False, timeout=110,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_rule_is_broken_and_the_books_balance(month: dict[str, object]) -> None:
    assert month["rules_broken"] == []
    compared = month["reconciliation"]
    assert (compared["lost"], compared["twice"], compared["in_doubt"]) == (0, 0, 0)


def test_the_provider_lists_what_the_ledger_holds_and_nothing_else(
    month: dict[str, object], folder: Path
) -> None:
    """Calls failed, answers were lost, receipts came twice: nothing of that is left as a difference."""
    with process.start(folder / "sandbox") as sandbox:
        settings = {"DISPATCHER_DATABASE_URL": f"sqlite:///{folder / 'ledger.sqlite3'}", **sandbox.environ()}
        office = Command(folder=ROOT, settings={**settings, "DISPATCHER_MAIL_FROM": "nhac@hatay.example"})
        found = office.json("reconcile", "--ask", "0")
    provider = found["provider"]
    assert found["sound"], provider
    assert provider["there"] == provider["asked"] > 1000 < provider["listed"]
    assert (provider["unclear"], provider["uncompared"], provider["unread"]) == (0, 0, {})


def test_what_was_kept_can_be_looked_at_with_the_other_verbs(folder: Path, month: dict[str, object]) -> None:
    url = f"sqlite:///{folder / 'ledger.sqlite3'}"
    office = Command(folder=ROOT, settings={"DISPATCHER_DATABASE_URL": url})
    beside = office.json("reconcile", "--log", str(folder / "sandbox"))
    assert (beside["sound"], beside["log"]["balanced"]) == (True, True)
    report = office.json("report", "cong-dan-so")
    assert report["total"]["contacts"] > 300
    assert office.json("status")["campaigns"][0]["vnd"] == report["vnd"] > 0


def test_every_message_has_one_status_and_every_skip_its_reason(month: dict[str, object]) -> None:
    assert sum(month["statuses"].values()) == month["planned"] > 2000
    assert sum(one["planned"] for one in month["calendar"]) == month["planned"]
    assert month["most_texts_in_a_day"] <= 2
    assert month["statuses"]["delivered"] > 1000
    assert month["reasons"]["participated"] > 0
    assert month["reasons"]["opted-out"] > 0


def test_it_says_what_it_cost_and_what_it_took(month: dict[str, object]) -> None:
    assert month["parts"] > 0
    assert month["vnd"] > 0
    assert month["seconds"] > 0
    assert month["peak_rss_mb"] > 0
    assert month["people"] > 300
