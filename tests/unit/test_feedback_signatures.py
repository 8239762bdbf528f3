"""Standard Webhooks signatures, held against the example of the specification."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.feedback import webhook_signatures

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime.fromtimestamp(1614265330, UTC)
BODY = b'{"test": 2432232314}'


def test_the_example_of_the_specification() -> None:
    signed = webhook_signatures.sign(SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize(
    ("seconds", "good"), [(0, True), (299, True), (301, False), (-299, True), (-301, False)]
)
def test_an_old_message_is_none(seconds: int, good: bool) -> None:
    headers = webhook_signatures.signed_headers(SECRET, "msg_1", BODY, now=NOW)
    assert webhook_signatures.verify(SECRET, headers, BODY, now=NOW + timedelta(seconds=seconds)) is good


def test_one_good_signature_among_several_is_enough() -> None:
    headers = webhook_signatures.signed_headers(SECRET, "msg_1", BODY, now=NOW)
    headers["webhook-signature"] = "v1,old v2,unknown " + headers["webhook-signature"]
    assert webhook_signatures.verify(SECRET, headers, BODY, now=NOW)


@given(st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]), st.text()))
def test_whatever_comes_is_answered_never_raised(headers: dict[str, str]) -> None:
    assert not webhook_signatures.verify(SECRET, headers, BODY, now=NOW)
