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
    make_crash_test: MakeCrashTest, clocks: Clocks
) -> None:
    crash_test = make_crash_test(texts=60, mails=60, rate=60.0)
    with crash_test.start(**clocks.environ) as service:
        wait_until(lambda: count_accepted(crash_test) > 40, what="messages on their way")
        clocks.set_by(-2 * HOUR)
        pending = crash_test.wait_until_idle(service)
        service.terminate()
        assert service.wait(30) == 0, log_tail(crash_test)
    assert_all_went_once(crash_test, pending)


@pytest.mark.torture
def test_the_clock_is_set_forwards_and_put_right_again(
    make_crash_test: MakeCrashTest, clocks: Clocks
) -> None:
    crash_test = make_crash_test(texts=100, mails=100, rate=40.0)
    with crash_test.start(**clocks.environ) as service:
        wait_until(lambda: count_accepted(crash_test) > 40, what="messages on their way")
        clocks.set_by(3 * HOUR)
        wait_until(lambda: "the clock was set" in crash_test.log.read_text(), what="a word about it")
        time.sleep(1)
        clocks.set_by(-3 * HOUR)
        pending = crash_test.wait_until_idle(service)
        service.terminate()
        assert service.wait(30) == 0, log_tail(crash_test)
    assert_all_went_once(crash_test, pending)


def assert_all_went_once(crash_test: CrashTest, pending: PendingWork) -> None:
    verification = verify_nothing_lost(crash_test, pending)
    assert (verification.accepted, verification.held, verification.repeated) == (
        crash_test.fixture.plan.messages,
        (),
        (),
    )
    assert "the clock was set" in crash_test.log.read_text()


def test_a_machine_asleep_for_three_days_sends_nothing_late(
    make_crash_test: MakeCrashTest, clocks: Clocks
) -> None:
    # The second wave falls due while it sleeps.
    crash_test = make_crash_test(waves=2, texts=100, mails=100, rate=40.0, every=timedelta(seconds=30))
    with crash_test.start(**clocks.environ) as service:
        wait_until(lambda: count_accepted(crash_test) > 40, what="messages on their way")
        service.suspend()
        wait_until(service.is_suspended, what="sleep")
        before = count_accepted(crash_test)
        clocks.sleep(timedelta(days=3))
        service.resume()
        wait_until(lambda: LATE in crash_test.log.read_text(), what="the second wave", seconds=10)
        wait_until(lambda: not still_to_come(crash_test), what="everything to be settled")
        service.terminate()
        assert service.wait(30) == 0, log_tail(crash_test)
    verification = crash_test.verify()
    assert (verification.twice, verification.imagined, verification.unknown, verification.flaws) == (
        (),
        (),
        (),
        (),
    ), log_tail(crash_test)
    assert before <= verification.accepted <= before + IN_THE_AIR  # what was on the wire when it fell asleep
    with crash_test.ledger() as ledger:
        became = Counter((fate.status, fate.reason) for fate in states(ledger))
    assert became.pop(("expired", "expired")) == 200 - verification.accepted
    # A receipt that met a sleeper may come again later than we look.
    assert {status for status, _reason in became} <= ACCEPTED_STATUSES


def test_what_comes_too_late_to_go_again_has_expired(make_crash_test: MakeCrashTest, clocks: Clocks) -> None:
    crash_test = make_crash_test()
    with crash_test.start("claimed", **clocks.environ) as service:
        assert service.wait(30) == -9, log_tail(crash_test)
    crash_test.record_in_doubt()
    clocks.sleep(timedelta(days=3))
    with crash_test.start(**clocks.environ) as service:
        wait_until(lambda: not still_to_come(crash_test), what="an answer")
    with crash_test.ledger() as ledger:
        became = Counter((fate.status, fate.reason) for fate in states(ledger))
    assert became == {("expired", "expired"): 20}, log_tail(crash_test)
    assert crash_test.verify().accepted == 0


def still_to_come(crash_test: CrashTest) -> int:
    with crash_test.ledger() as ledger:
        return pending_work(ledger).total
