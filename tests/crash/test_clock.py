"""The clock is set in mid-batch, and the machine sleeps for three days: every message once, or not at all."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from dispatcher.ledger.queries.message_log import PendingWork, pending_work, states
from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES
from dispatcher.simulation.drill.crash_test import CrashTest
from tests.crash.assertions import count_accepted, log_tail, verify_nothing_lost, wait_until
from tests.crash.clocks import Clocks
from tests.crash.conftest import MakeCrashTest

HOUR = timedelta(hours=1)
IN_THE_AIR = 8
LATE = "came too late and is not sent"


@pytest.fixture
def clocks(tmp_path: Path) -> Clocks:
    return Clocks(tmp_path)


def test_the_clock_is_set_back_and_nothing_waits_for_the_hours_to_come_again(
    stage: MakeCrashTest, clocks: Clocks
) -> None:
    torture = stage(texts=60, mails=60, rate=60.0)
    with torture.start(**clocks.environ) as life:
        wait_until(lambda: count_accepted(torture) > 40, what="messages on their way")
        clocks.set_by(-2 * HOUR)
        rest = torture.wait_until_idle(life)
        life.terminate()
        assert life.wait(30) == 0, log_tail(torture)
    assert_all_went_once(torture, rest)


@pytest.mark.torture
def test_the_clock_is_set_forwards_and_put_right_again(stage: MakeCrashTest, clocks: Clocks) -> None:
    torture = stage(texts=100, mails=100, rate=40.0)
    with torture.start(**clocks.environ) as life:
        wait_until(lambda: count_accepted(torture) > 40, what="messages on their way")
        clocks.set_by(3 * HOUR)
        wait_until(lambda: "the clock was set" in torture.log.read_text(), what="a word about it")
        time.sleep(1)
        clocks.set_by(-3 * HOUR)
        rest = torture.wait_until_idle(life)
        life.terminate()
        assert life.wait(30) == 0, log_tail(torture)
    assert_all_went_once(torture, rest)


def assert_all_went_once(torture: CrashTest, rest: PendingWork) -> None:
    proof = verify_nothing_lost(torture, rest)
    assert (proof.accepted, proof.held, proof.repeated) == (torture.fixture.plan.messages, (), ())
    assert "the clock was set" in torture.log.read_text()


def test_a_machine_asleep_for_three_days_sends_nothing_late(stage: MakeCrashTest, clocks: Clocks) -> None:
    # The second wave falls due while it sleeps.
    torture = stage(waves=2, texts=100, mails=100, rate=40.0, every=timedelta(seconds=30))
    with torture.start(**clocks.environ) as life:
        wait_until(lambda: count_accepted(torture) > 40, what="messages on their way")
        life.suspend()
        wait_until(life.is_suspended, what="sleep")
        before = count_accepted(torture)
        clocks.sleep(timedelta(days=3))
        life.resume()
        wait_until(lambda: LATE in torture.log.read_text(), what="the second wave", seconds=10)
        wait_until(lambda: not still_to_come(torture), what="everything to be settled")
        life.terminate()
        assert life.wait(30) == 0, log_tail(torture)
    proof = torture.verify()
    assert (proof.twice, proof.imagined, proof.unknown, proof.flaws) == ((), (), (), ()), log_tail(torture)
    assert before <= proof.accepted <= before + IN_THE_AIR  # what was on the wire when it fell asleep
    with torture.ledger() as ledger:
        became = Counter((fate.status, fate.reason) for fate in states(ledger))
    assert became.pop(("expired", "expired")) == 200 - proof.accepted
    # A receipt that met a sleeper may come again later than we look.
    assert {status for status, _reason in became} <= ACCEPTED_STATUSES


def test_what_comes_too_late_to_go_again_has_expired(stage: MakeCrashTest, clocks: Clocks) -> None:
    torture = stage()
    with torture.start("claimed", **clocks.environ) as life:
        assert life.wait(30) == -9, log_tail(torture)
    torture.record_in_doubt()
    clocks.sleep(timedelta(days=3))
    with torture.start(**clocks.environ) as life:
        wait_until(lambda: not still_to_come(torture), what="an answer")
    with torture.ledger() as ledger:
        became = Counter((fate.status, fate.reason) for fate in states(ledger))
    assert became == {("expired", "expired"): 20}, log_tail(torture)
    assert torture.verify().accepted == 0


def still_to_come(torture: CrashTest) -> int:
    with torture.ledger() as ledger:
        return pending_work(ledger).total
