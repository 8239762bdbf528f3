"""The machine is lost, and the ledger restored from a backup: nobody hears anything twice, or nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from dispatcher.ledger import sqlite_file
from dispatcher.ledger.schema.message_status import IN_DOUBT
from dispatcher.ledger.schema.tables import message
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.drill_fixture import HOLD_CAMPAIGN
from tests import postgres
from tests.crash.assertions import count_accepted, log_tail, wait_until
from tests.crash.conftest import MakeCrashTest
from tests.witness import arrivals

COMMAND = (sys.executable, "-c", "from dispatcher.cli import main; main()")
TEXTS, MAILS = 120, 60


def call(crash_test: CrashTest, *words: str) -> Any:
    path = f"{postgres.installed_programs()}{os.pathsep}{os.environ['PATH']}"
    environ = {**os.environ, **crash_test.environ, "PATH": path}
    done = subprocess.run([*COMMAND, *words], env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if "--json" in words else done.stdout


def lose(crash_test: CrashTest) -> None:
    """Lose the disk with the ledger; the file with its secret was kept elsewhere."""
    file = sqlite_file(crash_test.settings.database_url)
    if file is not None:
        for name in ("", "-wal", "-shm"):
            Path(f"{file}{name}").unlink(missing_ok=True)


def times_heard(crash_test: CrashTest) -> Counter[str]:
    return Counter(one.to for one in arrivals.arrivals(crash_test.sandbox.folder))


@pytest.mark.timeout(180)
@pytest.mark.parametrize("fired", [True, False], ids=["fired before the backup", "fired after it"])
def test_backup_send_on_lose_the_machine_restore_and_resume(
    make_crash_test: MakeCrashTest, tmp_path: Path, *, fired: bool
) -> None:
    crash_test = make_crash_test(texts=TEXTS, mails=MAILS, rate=10.0)
    backup = tmp_path / "backup"
    if not fired:
        call(crash_test, "backup", str(backup))
    with crash_test.start() as service:
        if fired:
            wait_until(lambda: count_accepted(crash_test) > 20, what="messages on their way")
            call(crash_test, "backup", str(backup))
        before = count_accepted(crash_test) if fired else 0
        wait_until(lambda: count_accepted(crash_test) > before + 25, what="more of them")
        service.kill()
    heard_before = times_heard(crash_test)
    lose(crash_test)
    done = call(crash_test, "restore", str(backup), "--yes", "--json")
    assert (HOLD_CAMPAIGN in done["paused"]) or not fired
    with crash_test.start() as service:
        service.wait_until_listening()
        if fired:
            wait_until(lambda: not _texts_in_doubt(crash_test), what="answers", seconds=60)
            assert times_heard(crash_test) == heard_before, "something left while it was paused"
            call(crash_test, "resume", HOLD_CAMPAIGN)
        wait_until(lambda: _texts_heard(crash_test) == TEXTS, what="the rest of the texts", seconds=90)
        service.terminate()
        assert service.wait(30) == 0, log_tail(crash_test)
    heard = times_heard(crash_test)
    assert max(heard.values()) == 1
    assert sum(to.startswith("+") for to in heard) == TEXTS
    assert {to for to in heard if "@" in to} == {to for to in heard_before if "@" in to} or fired


def _texts_in_doubt(crash_test: CrashTest) -> int:
    waits = sa.select(sa.func.count()).where(message.c.status == IN_DOUBT, message.c.channel == "sms")
    with crash_test.ledger() as ledger, ledger.read() as connection:
        return connection.scalar(waits) or 0


def _texts_heard(crash_test: CrashTest) -> int:
    return sum(to.startswith("+") for to in times_heard(crash_test))
