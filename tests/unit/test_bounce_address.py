"""The address that a mail returns to: one an attempt, ours to recognise, nobody else's to make."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher import settings
from dispatcher.errors import ConfigurationError
from dispatcher.gateways.smtp import mime
from dispatcher.signed_links import SignedLinks, verp_address

LINKS = SignedLinks("https://nhac.hatay.example", "a secret for the tests")
OTHERS = SignedLinks("https://nhac.hatay.example", "somebody else's secret")
IDS = st.integers(1, 36**13 - 1)
ATTEMPTS = st.integers(0, 36**6 - 1)


@given(IDS, ATTEMPTS)
def test_it_names_the_message_and_the_attempt_and_fits_into_an_envelope(
    message_id: int, attempt: int
) -> None:
    address = verp_address(
        "bounce-to-the-people-of.hatay@hatay.example", LINKS.message_key(message_id, attempt)
    )
    assert LINKS.find_message_keys(address) == ((message_id, attempt),)
    assert mime.encode_address(address) == address.encode()


@given(
    IDS,
    ATTEMPTS,
    st.sampled_from(["{}", "To: <{}>\n", "x {} y", "Delivered-To:\t{}", "=_{}", "RCPT TO:<{}>"]),
)
def test_it_is_found_in_whatever_stands_around_it(message_id: int, attempt: int, around: str) -> None:
    address = verp_address("bounce@hatay.example", LINKS.message_key(message_id, attempt))
    assert LINKS.find_message_keys(around.format(address)) == ((message_id, attempt),)
    assert LINKS.find_message_keys(around.format(address.upper())) == ((message_id, attempt),)


@given(IDS, ATTEMPTS)
def test_nobody_else_can_make_one(message_id: int, attempt: int) -> None:
    assert (
        LINKS.find_message_keys(verp_address("bounce@hatay.example", OTHERS.message_key(message_id, attempt)))
        == ()
    )


@given(st.text())
def test_no_text_is_too_strange_to_look_into(text: str) -> None:
    assert LINKS.find_message_keys(text) == ()


@pytest.mark.parametrize(
    "address", ["bounce", "a@b@c", "bounce+x@hatay.example", "b@", "@b", "x" * 29 + "@b", "b@a..c"]
)
def test_an_address_that_could_not_carry_a_key_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be sent to this address"):
        settings.from_environment({"DISPATCHER_BOUNCE_ADDRESS": address})


def test_settings_that_are_right_are_taken_and_no_password_is_shown() -> None:
    read = settings.from_environment(
        {
            "DISPATCHER_BOUNCE_ADDRESS": "bounce@hatay.example",
            "DISPATCHER_BOUNCE_MAILBOX": "imaps://u:pw@mail/INBOX",
        }
    )
    assert (read.bounce_address, read.bounce_mailbox) == ("bounce@hatay.example", "imaps://u:pw@mail/INBOX")
    assert "pw" not in repr(read)


def test_a_mailbox_that_is_no_imap_address_is_refused_without_its_password() -> None:
    with pytest.raises(ConfigurationError) as caught:
        settings.from_environment({"DISPATCHER_BOUNCE_MAILBOX": "https://u:pw@mail/INBOX"})
    assert "pw" not in str(caught.value.problems)


def test_what_the_old_key_signed_is_read_while_it_is_valid() -> None:
    new = SignedLinks(
        "https://nhac.hatay.example", "another secret for tests", old_secret="a secret for the tests"
    )
    key = LINKS.message_key(4711, 2)
    assert new.parse_message_key(key) == (4711, 2)
    assert new.message_key(4711, 2) != key
    assert new.parse_message_key(new.message_key(4711, 2)) == (4711, 2)
    assert new.is_mark_of(LINKS.sign_text("x"), "x")
    link = LINKS.unsubscribe_url(channel="sms", address="+84900000001", campaign="c", person_id=1)
    assert new.verify_token(link.rpartition("/")[2], "u") is not None
    alone = SignedLinks("https://nhac.hatay.example", "another secret for tests")
    assert alone.parse_message_key(key) is None
    assert alone.verify_token(link.rpartition("/")[2], "u") is None
    assert not alone.is_mark_of(LINKS.sign_text("x"), "x")
