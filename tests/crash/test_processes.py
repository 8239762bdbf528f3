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


def call(torture: CrashTest, *words: str, fault: str = "") -> int:
    """Call the command beside the service; gives the exit code, negative for a signal."""
    environ = {**os.environ, **torture.environ, "DISPATCHER_FAULT": fault}
    return subprocess.run([*COMMAND, *words], env=environ, capture_output=True, check=False).returncode


def elsewhere() -> dict[str, str]:
    return {"DISPATCHER_BIND": f"127.0.0.1:{free_port()}"}


def test_a_second_process_on_a_sqlite_file_is_turned_away(stage_on: MakeCrashTest, sqlite_url: str) -> None:
    torture = stage_on(sqlite_url, texts=40, mails=40, rate=40.0)
    with torture.start() as first:
        wait_until(lambda: count_accepted(torture) > 10, what="messages on their way")
        with torture.start(**elsewhere()) as second:
            assert second.wait(30) == 2, log_tail(torture)
        assert "already serves" in torture.log.read_text()
        rest = torture.wait_until_idle(first)
    assert verify_nothing_lost(torture, rest).accepted == 80


def test_two_processes_on_postgresql_share_the_work_and_one_dies(
    stage_on: MakeCrashTest, postgres_url: str
) -> None:
    torture = stage_on(postgres_url, texts=150, mails=150, rate=60.0, policies=("resend",))
    with torture.start() as first, torture.start(**elsewhere()) as second:
        wait_until(lambda: count_accepted(torture) > 120, what="messages on their way")
        first.kill()
        torture.record_in_doubt()  # those of the one that lives among them
        rest = torture.wait_until_idle(second)
        second.terminate()
        assert second.wait(30) == 0, log_tail(torture)
    assert verify_nothing_lost(torture, rest).accepted == 300


def test_told_to_stop_in_mid_batch_it_hears_out_what_is_on_the_wire(stage: MakeCrashTest) -> None:
    torture = stage(texts=100, mails=100, rate=50.0)
    with torture.start() as life:
        wait_until(lambda: count_accepted(torture) > 40, what="messages on their way")
        life.terminate()
        assert life.wait(20) == 0, log_tail(torture)
    with torture.ledger() as ledger:
        stands = torture.count_by_status(ledger)
    assert stands["submitting"] == stands["in-doubt"] == 0
    assert count_accepted(torture) < 200  # it did not hurry through
    proof = run_and_verify(torture)
    assert (proof.accepted, proof.asked, proof.held, proof.repeated) == (200, 0, (), ())


@pytest.mark.torture
@pytest.mark.parametrize(("point", "there"), [("loading", 0), ("loaded", 40)])
def test_a_list_is_loaded_wholly_or_not_at_all(stage: MakeCrashTest, point: str, there: int) -> None:
    torture = stage(texts=20, mails=20, loaded=False)
    assert call(torture, "contacts", "load", "--yes", fault=point) == -9
    with torture.ledger() as ledger:
        assert people_counts.audience_totals(ledger).people == there
    assert call(torture, "contacts", "load", "--yes") == 0
    assert run_and_verify(torture).accepted == 40


@pytest.mark.torture
@pytest.mark.parametrize("point", ["ended", "ending"])
def test_a_campaign_is_called_off_though_the_command_dies(stage: MakeCrashTest, point: str) -> None:
    torture = stage(texts=100, rate=30.0)
    with torture.start() as life:
        wait_until(lambda: count_accepted(torture) > 20, what="messages on their way")
        life.terminate()
        life.wait(20)
    sent = count_accepted(torture)
    assert call(torture, "cancel", HOLD_CAMPAIGN, "--yes", fault=point) == -9
    torture.run_until_idle()
    proof = torture.verify()
    assert (proof.twice, proof.imagined, proof.unknown, proof.flaws) == ((), (), (), ())
    assert proof.accepted == sent
    with torture.ledger() as ledger:
        became = Counter((fate.status, fate.reason) for fate in states(ledger))
    assert became["cancelled", "campaign-cancelled"] == 100 - sent
