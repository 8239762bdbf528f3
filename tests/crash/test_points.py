"""Killed at one point of the path: how many are in doubt then, and that each is settled."""

from __future__ import annotations

import pytest

from dispatcher import failpoints
from dispatcher.ledger.queries.message_log import states
from dispatcher.sandbox.failures import Failures
from tests.crash.assertions import log_tail, run_and_verify
from tests.crash.conftest import MakeCrashTest

# Where the process dies, how many of a batch of 20 have an intent without an answer then, and how many of
# these are asked about: none before it is written down that they may leave.
POINTS = [
    ("firing", 0, 0),
    ("fired", 0, 0),
    ("shard-taking", 0, 0),
    ("shard-taken", 0, 0),
    ("slots-reserved", 0, 0),
    ("claiming", 0, 0),
    ("claimed", 20, 0),
    ("clearing", 20, 0),
    ("cleared", 20, 20),
    ("leave-given:7", 20, 20),
    ("on-the-wire:7", 20, 20),
    ("answered:7", 20, 20),
    ("sent", 20, 20),
    ("settling", 20, 20),
    ("settled", 0, 0),
    ("finishing", 0, 0),
    ("finished", 0, 0),
]
AFTERWARDS = ["event-recording", "event-recorded", "folding", "folded"]
IN_DOUBT = ["doubting", "doubted", "doubt-asked:7", "doubt-noted", "resending", "resent"]


def dies_at(crash_test, fault: str) -> dict[str, int]:
    """Let the service live until it dies at `fault`; gives its messages by status."""
    with crash_test.start(fault) as service:
        assert service.wait(60) == -9, (fault, log_tail(crash_test))
    crash_test.record_in_doubt()
    with crash_test.ledger() as ledger:
        return dict(crash_test.count_by_status(ledger))


def test_every_point_named_here_is_one_of_the_code() -> None:
    named = {point for point, *_counts in POINTS} | {*AFTERWARDS, *IN_DOUBT}
    assert {point.partition(":")[0] for point in named} <= set(failpoints.NAMES)


@pytest.mark.torture
@pytest.mark.parametrize(("point", "unanswered", "asked"), POINTS)
def test_only_a_kill_between_intent_and_result_leaves_doubt(
    make_crash_test: MakeCrashTest, point: str, unanswered: int, asked: int
) -> None:
    # No receipt comes before its answer.
    crash_test = make_crash_test(failures=Failures(sent_after=(1, 1.2), receipt_after=(0, 0.1)))
    assert dies_at(crash_test, point).get("submitting", 0) == unanswered
    verification = run_and_verify(crash_test)
    assert (verification.planned, verification.accepted, verification.asked) == (20, 20, asked)
    assert (verification.repeated, verification.held) == ((), ())


@pytest.mark.torture
@pytest.mark.parametrize("point", AFTERWARDS)
def test_reports_are_taken_in_whenever_it_dies(make_crash_test: MakeCrashTest, point: str) -> None:
    crash_test = make_crash_test()
    dies_at(crash_test, point)
    assert run_and_verify(crash_test).accepted == 20
    with crash_test.ledger() as ledger:
        assert crash_test.count_by_status(ledger) == {"delivered": 20}


@pytest.mark.torture
@pytest.mark.parametrize("point", IN_DOUBT)
def test_asking_about_doubts_can_die_as_well(make_crash_test: MakeCrashTest, point: str) -> None:
    crash_test = make_crash_test()
    # Nothing has left: all have to go again. For `doubt-noted` half of them have.
    dies_at(crash_test, "answered:10" if point == "doubt-noted" else "cleared")
    dies_at(crash_test, point)
    verification = run_and_verify(crash_test)
    assert (verification.accepted, verification.held) == (20, ())


@pytest.mark.torture
@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize(
    ("point", "left"),
    [("cleared", 0), ("leave-given:5", 4), ("answered:5", 5), ("sent", 20), ("settled", 20)],
)
def test_a_mail_in_doubt_goes_again_or_is_held_as_the_campaign_says(
    make_crash_test: MakeCrashTest, policy: str, point: str, left: int
) -> None:
    crash_test = make_crash_test(texts=0, mails=20, policies=(policy,))
    died = dies_at(crash_test, point)
    assert died.get("submitting", 0) == (0 if point == "settled" else 20)
    verification = run_and_verify(crash_test)
    if point == "settled":
        assert (verification.accepted, verification.held, verification.repeated) == (20, (), ())
    elif policy == "hold":
        assert len(verification.held) == 20
        assert left - 4 <= verification.accepted <= left + 4  # four connections
        assert verification.repeated == ()
    else:
        assert (verification.accepted, verification.held) == (20, ())
        assert left - 4 <= len(verification.repeated) <= left + 4
        with crash_test.ledger() as ledger:
            assert {fate.attempt for fate in states(ledger)} == {2}
