"""Two processes on one database by mistake; one told to stop in mid-batch; commands that die half-way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

from dispatcher.ledger import traffic
from dispatcher.ledger.fates import fates
from dispatcher.simulation.drill.life import free_port
from dispatcher.simulation.drill.scene import HOLD
from dispatcher.simulation.drill.torture import Torture
from tests.crash.conftest import Stage
from tests.crash.looking import assert_kept, at_rest, tail, taken, wait_until

COMMAND = (sys.executable, "-c", "from dispatcher.cli import main; main()")


def call(torture: Torture, *words: str, fault: str = "") -> int:
    """Call the command beside the service; gives the exit code, negative for a signal."""
    environ = {**os.environ, **torture.environ, "DISPATCHER_FAULT": fault}
    return subprocess.run([*COMMAND, *words], env=environ, capture_output=True, check=False).returncode


def elsewhere() -> dict[str, str]:
    return {"DISPATCHER_BIND": f"127.0.0.1:{free_port()}"}


def test_a_second_process_on_a_sqlite_file_is_turned_away(stage_on: Stage, sqlite_url: str) -> None:
    torture = stage_on(sqlite_url, texts=40, mails=40, rate=40.0)
    with torture.start() as first:
        wait_until(lambda: taken(torture) > 10, what="messages on their way")
        with torture.start(**elsewhere()) as second:
            assert second.wait(30) == 2, tail(torture)
        assert "already serves" in torture.log.read_text()
        rest = torture.wait_for_rest(first)
    assert assert_kept(torture, rest).accepted == 80


def test_two_processes_on_postgresql_share_the_work_and_one_dies(stage_on: Stage, postgres_url: str) -> None:
    torture = stage_on(postgres_url, texts=150, mails=150, rate=60.0, policies=("resend",))
    with torture.start() as first, torture.start(**elsewhere()) as second:
        wait_until(lambda: taken(torture) > 120, what="messages on their way")
        first.kill()
        torture.note_doubts()  # those of the one that lives among them
        rest = torture.wait_for_rest(second)
        second.ask_to_stop()
        assert second.wait(30) == 0, tail(torture)
    assert assert_kept(torture, rest).accepted == 300


def test_told_to_stop_in_mid_batch_it_hears_out_what_is_on_the_wire(stage: Stage) -> None:
    torture = stage(texts=100, mails=100, rate=50.0)
    with torture.start() as life:
        wait_until(lambda: taken(torture) > 40, what="messages on their way")
        life.ask_to_stop()
        assert life.wait(20) == 0, tail(torture)
    with torture.ledger() as ledger:
        stands = torture.counts(ledger)
    assert stands["submitting"] == stands["in-doubt"] == 0
    assert taken(torture) < 200  # it did not hurry through
    proof = at_rest(torture)
    assert (proof.accepted, proof.asked, proof.held, proof.repeated) == (200, 0, (), ())


@pytest.mark.torture
@pytest.mark.parametrize(("point", "there"), [("loading", 0), ("loaded", 40)])
def test_a_list_is_loaded_wholly_or_not_at_all(stage: Stage, point: str, there: int) -> None:
    torture = stage(texts=20, mails=20, loaded=False)
    assert call(torture, "contacts", "load", "--yes", fault=point) == -9
    with torture.ledger() as ledger:
        assert traffic.standing(ledger).people == there
    assert call(torture, "contacts", "load", "--yes") == 0
    assert at_rest(torture).accepted == 40


@pytest.mark.torture
@pytest.mark.parametrize("point", ["ended", "ending"])
def test_a_campaign_is_called_off_though_the_command_dies(stage: Stage, point: str) -> None:
    torture = stage(texts=100, rate=30.0)
    with torture.start() as life:
        wait_until(lambda: taken(torture) > 20, what="messages on their way")
        life.ask_to_stop()
        life.wait(20)
    sent = taken(torture)
    assert call(torture, "cancel", HOLD, "--yes", fault=point) == -9
    torture.come_to_rest()
    proof = torture.prove()
    assert (proof.twice, proof.imagined, proof.unknown, proof.flaws) == ((), (), (), ())
    assert proof.accepted == sent
    with torture.ledger() as ledger:
        became = Counter((fate.status, fate.reason) for fate in fates(ledger))
    assert became["cancelled", "campaign-cancelled"] == 100 - sent
