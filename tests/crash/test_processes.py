"""Two processes on one database by mistake; one told to stop in mid-batch; commands that die half-way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.queries.message_log import states
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.drill_fixture import HOLD_CAMPAIGN
from dispatcher.simulation.drill.service_process import free_port
from tests.crash.assertions import count_accepted, log_tail, run_and_verify, verify_nothing_lost, wait_until
from tests.crash.conftest import MakeCrashTest

COMMAND = (sys.executable, "-c", "from dispatcher.cli import main; main()")


def call(crash_test: CrashTest, *words: str, fault: str = "") -> int:
    """Call the command beside the service; gives the exit code, negative for a signal."""
    environ = {**os.environ, **crash_test.environ, "DISPATCHER_FAULT": fault}
    return subprocess.run([*COMMAND, *words], env=environ, capture_output=True, check=False).returncode


def elsewhere() -> dict[str, str]:
    return {"DISPATCHER_BIND": f"127.0.0.1:{free_port()}"}


def test_a_second_process_on_a_sqlite_file_is_turned_away(
    make_crash_test_on: MakeCrashTest, sqlite_url: str
) -> None:
    crash_test = make_crash_test_on(sqlite_url, texts=40, mails=40, rate=40.0)
    with crash_test.start() as first:
        wait_until(lambda: count_accepted(crash_test) > 10, what="messages on their way")
        with crash_test.start(**elsewhere()) as second:
            assert second.wait(30) == 2, log_tail(crash_test)
        assert "already serves" in crash_test.log.read_text()
        pending = crash_test.wait_until_idle(first)
    assert verify_nothing_lost(crash_test, pending).accepted == 80


def test_two_processes_on_postgresql_share_the_work_and_one_dies(
    make_crash_test_on: MakeCrashTest, postgres_url: str
) -> None:
    crash_test = make_crash_test_on(postgres_url, texts=150, mails=150, rate=60.0, policies=("resend",))
    with crash_test.start() as first, crash_test.start(**elsewhere()) as second:
        wait_until(lambda: count_accepted(crash_test) > 120, what="messages on their way")
        first.kill()
        crash_test.record_in_doubt()  # those of the one that lives among them
        pending = crash_test.wait_until_idle(second)
        second.terminate()
        assert second.wait(30) == 0, log_tail(crash_test)
    assert verify_nothing_lost(crash_test, pending).accepted == 300


def test_told_to_stop_in_mid_batch_it_hears_out_what_is_on_the_wire(make_crash_test: MakeCrashTest) -> None:
    crash_test = make_crash_test(texts=100, mails=100, rate=50.0)
    with crash_test.start() as service:
        wait_until(lambda: count_accepted(crash_test) > 40, what="messages on their way")
        service.terminate()
        assert service.wait(20) == 0, log_tail(crash_test)
    with crash_test.ledger() as ledger:
        stands = crash_test.count_by_status(ledger)
    assert stands["submitting"] == stands["in-doubt"] == 0
    assert count_accepted(crash_test) < 200  # it did not hurry through
    verification = run_and_verify(crash_test)
    assert (verification.accepted, verification.asked, verification.held, verification.repeated) == (
        200,
        0,
        (),
        (),
    )


@pytest.mark.torture
@pytest.mark.parametrize(("point", "there"), [("loading", 0), ("loaded", 40)])
def test_a_list_is_loaded_wholly_or_not_at_all(
    make_crash_test: MakeCrashTest, point: str, there: int
) -> None:
    crash_test = make_crash_test(texts=20, mails=20, loaded=False)
    assert call(crash_test, "contacts", "load", "--yes", fault=point) == -9
    with crash_test.ledger() as ledger:
        assert people_counts.audience_totals(ledger).people == there
    assert call(crash_test, "contacts", "load", "--yes") == 0
    assert run_and_verify(crash_test).accepted == 40


@pytest.mark.torture
@pytest.mark.parametrize("point", ["ended", "ending"])
def test_a_campaign_is_called_off_though_the_command_dies(make_crash_test: MakeCrashTest, point: str) -> None:
    crash_test = make_crash_test(texts=100, rate=30.0)
    with crash_test.start() as service:
        wait_until(lambda: count_accepted(crash_test) > 20, what="messages on their way")
        service.terminate()
        service.wait(20)
    sent = count_accepted(crash_test)
    assert call(crash_test, "cancel", HOLD_CAMPAIGN, "--yes", fault=point) == -9
    crash_test.run_until_idle()
    verification = crash_test.verify()
    assert (verification.twice, verification.imagined, verification.unknown, verification.flaws) == (
        (),
        (),
        (),
        (),
    )
    assert verification.accepted == sent
    with crash_test.ledger() as ledger:
        became = Counter((fate.status, fate.reason) for fate in states(ledger))
    assert became["cancelled", "campaign-cancelled"] == 100 - sent
