"""Killed at one point of the path: how many are in doubt then, and that each is settled."""

from __future__ import annotations

import pytest

from dispatcher.ledger.queries.message_log import states
from dispatcher.sandbox.failures import Failures
from tests.crash.assertions import log_tail, run_and_verify
from tests.crash.conftest import MakeCrashTest

# Where the process dies, and how many of a batch of 20 have an intent without an answer then.
POINTS = [
    ("firing", 0),
    ("fired", 0),
    ("shard-taking", 0),
    ("shard-taken", 0),
    ("slots-reserved", 0),
    ("claiming", 0),
    ("claimed", 20),
    ("leave-given:7", 20),
    ("on-the-wire:7", 20),
    ("answered:7", 20),
    ("sent", 20),
    ("settling", 20),
    ("settled", 0),
    ("finishing", 0),
    ("finished", 0),
]
AFTERWARDS = ["event-recording", "event-recorded", "folding", "folded"]
IN_DOUBT = ["doubting", "doubted", "doubt-asked:7", "doubt-noted", "resending", "resent"]


def dies_at(torture, fault: str) -> dict[str, int]:
    """Let the service live until it dies at `fault`; gives its messages by status."""
    with torture.start(fault) as life:
        assert life.wait(60) == -9, (fault, log_tail(torture))
    torture.note_doubts()
    with torture.ledger() as ledger:
        return dict(torture.counts(ledger))


@pytest.mark.torture
@pytest.mark.parametrize(("point", "unanswered"), POINTS)
def test_only_a_kill_between_intent_and_result_leaves_doubt(
    stage: MakeCrashTest, point: str, unanswered: int
) -> None:
    # No receipt comes before its answer.
    torture = stage(failures=Failures(sent_after=(1, 1.2), receipt_after=(0, 0.1)))
    assert dies_at(torture, point).get("submitting", 0) == unanswered
    proof = run_and_verify(torture)
    assert (proof.planned, proof.accepted, proof.repeated, proof.held) == (20, 20, (), ())


@pytest.mark.torture
@pytest.mark.parametrize("point", AFTERWARDS)
def test_reports_are_taken_in_whenever_it_dies(stage: MakeCrashTest, point: str) -> None:
    torture = stage()
    dies_at(torture, point)
    assert run_and_verify(torture).accepted == 20
    with torture.ledger() as ledger:
        assert torture.count_by_status(ledger) == {"delivered": 20}


@pytest.mark.torture
@pytest.mark.parametrize("point", IN_DOUBT)
def test_asking_about_doubts_can_die_as_well(stage: MakeCrashTest, point: str) -> None:
    torture = stage()
    # Nothing has left: all have to go again. For `doubt-noted` half of them have.
    dies_at(torture, "answered:10" if point == "doubt-noted" else "claimed")
    dies_at(torture, point)
    proof = run_and_verify(torture)
    assert (proof.accepted, proof.held) == (20, ())


@pytest.mark.torture
@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize(
    ("point", "left"),
    [("claimed", 0), ("leave-given:5", 4), ("answered:5", 5), ("sent", 20), ("settled", 20)],
)
def test_a_mail_in_doubt_goes_again_or_is_held_as_the_campaign_says(
    stage: MakeCrashTest, policy: str, point: str, left: int
) -> None:
    torture = stage(texts=0, mails=20, policies=(policy,))
    died = dies_at(torture, point)
    assert died.get("submitting", 0) == (0 if point == "settled" else 20)
    proof = run_and_verify(torture)
    if point == "settled":
        assert (proof.accepted, proof.held, proof.repeated) == (20, (), ())
    elif policy == "hold":
        assert len(proof.held) == 20
        assert left - 4 <= proof.accepted <= left + 4  # four connections
        assert proof.repeated == ()
    else:
        assert (proof.accepted, proof.held) == (20, ())
        assert left - 4 <= len(proof.repeated) <= left + 4
        with torture.ledger() as ledger:
            assert {fate.attempt for fate in states(ledger)} == {2}
