"""`dispatcher drill`, as an operator calls it: the answer, the exit code, and no real provider in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.command import command_in

# What an operator's environment may hold. None of it may be seen, let alone used.
REAL = {
    "TWILIO_ACCOUNT_SID": "ACreal",
    "TWILIO_AUTH_TOKEN": "real",
    "TWILIO_FROM": "+84900000000",
    "DISPATCHER_PUBLIC_URL": "https://nhac.hatay.example",
    "DISPATCHER_SMTP_URL": "smtps://real:real@mail.hatay.example",
    "DISPATCHER_DATABASE_URL": "postgresql://real@db.hatay.example/dispatcher",
    "DISPATCHER_BOUNCE_ADDRESS": "bounce@hatay.example",
    "DISPATCHER_BOUNCE_MAILBOX": "imaps://real:real@mail.hatay.example/INBOX",
}


def test_it_says_that_nothing_was_lost_or_sent_twice(tmp_path: Path) -> None:
    done = command_in(tmp_path).run_in_process(
        "drill", "--minutes", "0.1", "--keep", "kept", "--json", **REAL
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answer = json.loads(done.stdout)
    assert answer["sound"]
    assert (answer["lost"], answer["twice"], answer["wrong"]) == (0, 0, {})
    assert answer["kills"] == sum(answer["points"].values()) > 0
    assert answer["messages"] > 0
    said = (tmp_path / "kept" / "service.log").read_text(encoding="utf-8")
    assert "hatay.example" not in said
    assert "serving on http://127.0.0.1:" in said


@pytest.mark.parametrize("minutes", ["0", "-1", "1e9", "viele"])
def test_a_time_that_is_none_is_refused(tmp_path: Path, minutes: str) -> None:
    assert command_in(tmp_path).run("drill", "--minutes", minutes).returncode == 2
