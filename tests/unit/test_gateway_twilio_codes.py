"""Twilio's codes and status words: the tables hold together."""

from __future__ import annotations

import pytest

from dispatcher.gateways.twilio import codes
from dispatcher.ledger.schema import message_status

ALL_WORDS = [*codes.STATUSES, *sorted(codes.FAILURE_STATUSES)]


def test_no_code_is_listed_twice() -> None:
    assert len(codes.BY_CODE) == len(codes.ERROR_CODES)


@pytest.mark.parametrize("row", codes.ERROR_CODES, ids=lambda row: row.code)
def test_class_and_action_agree(row: codes.ErrorCode) -> None:
    actions = {
        "number": {"mark-number"},
        "opt-out": {"opt-out"},
        "blocked": {"hold"},
        "content": {"fail"},
        "config": {"stop"},
        "temporary": {"retry"},
        "throttled": {"retry"},
        "ambiguous": {"leave"},
        "account": {"pause"},
    }
    assert row.action in actions[row.error_class]
    for_good = {"number", "opt-out", "blocked", "content", "ambiguous"}
    assert not (row.is_retryable and row.error_class in for_good)
    assert row.is_retryable or row.error_class not in {"temporary", "throttled", "account"}
    assert row.retry_after_seconds is None or row.is_retryable


def test_an_unknown_code_has_no_class_and_may_be_tried_again() -> None:
    unknown = codes.lookup_code("31337")
    assert (unknown.error_class, unknown.is_retryable) == ("", True)


@pytest.mark.parametrize("word", ALL_WORDS)
@pytest.mark.parametrize("code", ["", "30003", "30005", "21610", "31337"])
def test_every_word_becomes_one_of_the_ledgers(word: str, code: str) -> None:
    assert codes.ledger_status(word, code) in message_status.STATUSES


@pytest.mark.parametrize(
    ("word", "code", "expected"),
    [
        ("failed", "30003", "temporary-failure"),
        ("failed", "30008", "temporary-failure"),
        ("failed", "30410", "temporary-failure"),
        ("failed", "31337", "temporary-failure"),
        ("failed", "", "temporary-failure"),
        ("undelivered", "30005", "permanent-failure"),
        ("undelivered", "30004", "permanent-failure"),
        ("undelivered", "30007", "permanent-failure"),
        ("failed", "30002", "permanent-failure"),
        ("read", "", "delivered"),
        ("dreaming", "", ""),
        ("received", "", ""),
    ],
)
def test_a_failure_is_for_good_or_for_now_by_its_code(word: str, code: str, expected: str) -> None:
    assert codes.ledger_status(word, code) == expected


def test_the_ledgers_rank_follows_twilios_order() -> None:
    order = ["accepted", "queued", "sending", "sent", "delivered"]
    ranks = [message_status.RANK[codes.ledger_status(word)] for word in order]
    assert ranks == sorted(ranks)


def test_whatever_ends_a_message_outranks_its_being_sent() -> None:
    """A failure that the ledger ranks below `sent` would never be seen."""
    for word in ("failed", "undelivered", "canceled", "partially_delivered"):
        assert message_status.RANK[codes.ledger_status(word)] > message_status.RANK[message_status.SENT]
