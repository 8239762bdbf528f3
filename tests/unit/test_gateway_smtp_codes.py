"""What a mail server's answers mean, as a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.gateways.smtp.codes import PERMANENT, SmtpReply, SmtpStage, classify, redact


@pytest.mark.parametrize(
    ("code", "text", "stage", "kind", "error_class", "shown"),
    [
        # the address
        (550, "5.1.1 no such user", "rcpt", "refused", "number", "5.1.1"),
        (550, "5.1.10 null MX", "rcpt", "refused", "number", "5.1.10"),
        (550, "5.1.1 no such user", "data", "refused", "number", "5.1.1"),
        (550, "No such user here", "rcpt", "refused", "number", "550"),
        (550, "5.2.1 mailbox disabled", "rcpt", "refused", "number", "5.2.1"),
        (550, "5.4.1 Recipient address rejected: access denied", "rcpt", "refused", "number", "5.4.1"),
        (550, "5.5.0 Requested action not taken: mailbox unavailable", "rcpt", "refused", "number", "5.5.0"),
        (550, "5.2.0 mailbox unavailable", "rcpt", "refused", "number", "5.2.0"),
        (550, "5.0.0 unknown user", "rcpt", "refused", "number", "5.0.0"),
        (550, "5.4.4 unable to route", "rcpt", "refused", "number", "5.4.4"),
        (551, "5.1.6 moved, no forwarding address", "rcpt", "refused", "number", "5.1.6"),
        # the address is sound, its box is not
        (552, "5.2.2 mailbox full", "rcpt", "later", "temporary", "5.2.2"),
        (552, "mailbox full", "rcpt", "later", "temporary", "552"),
        (550, "5.3.2 not accepting", "rcpt", "later", "temporary", "5.3.2"),
        (554, "5.4.6 too many hops", "rcpt", "later", "temporary", "5.4.6"),
        (554, "5.4.14 hop count exceeded", "data", "later", "temporary", "5.4.14"),
        (550, "5.4.7 delivery time expired", "rcpt", "later", "temporary", "5.4.7"),
        # the words
        (554, "5.7.1 looks like spam", "data", "refused", "content", "5.7.1"),
        (552, "5.3.4 too big", "data", "refused", "content", "5.3.4"),
        (550, "rejected because 192.0.2.1 is in a black list", "rcpt", "refused", "content", "550"),
        (554, "5.7.1 Client host blocked using a list", "rcpt", "refused", "content", "5.7.1"),
        (550, "5.1.1 spam@here.example: no such user", "rcpt", "refused", "number", "5.1.1"),
        (552, "too much mail data", "data", "refused", "content", "552"),
        (554, "rejected", "data", "refused", "content", "554"),
        (550, "5.6.0 malformed", "data", "refused", "content", "5.6.0"),
        (550, "5.2.0 storage failure", "data", "refused", "content", "5.2.0"),
        (554, "5.2.3 longer than this mailbox takes", "data", "refused", "content", "5.2.3"),
        # our settings
        (535, "5.7.8 bad credentials", "connect", "later", "config", "5.7.8"),
        (535, "bad credentials", "connect", "later", "config", "535"),
        (530, "5.7.0 must issue STARTTLS first", "mail", "later", "config", "5.7.0"),
        (554, "5.7.1 <a@b.example>: Relay access denied", "rcpt", "later", "config", "5.7.1"),
        (550, "5.7.26 unauthenticated mail", "data", "later", "config", "5.7.26"),
        (530, "5.7.10 encryption needed", "mail", "later", "config", "5.7.10"),
        (553, "5.1.8 sender's domain does not exist", "mail", "later", "config", "5.1.8"),
        (550, "sender rejected", "mail", "later", "config", "550"),
        (503, "5.5.1 bad sequence", "mail", "later", "config", "5.5.1"),
        (500, "what?", "mail", "later", "config", "500"),
        # for now
        (450, "4.2.1 greylisted", "rcpt", "later", "temporary", "4.2.1"),
        (451, "local error", "data", "later", "temporary", "451"),
        (452, "4.3.1 disk full", "mail", "later", "temporary", "4.3.1"),
        (454, "4.7.0 temporary authentication failure", "connect", "later", "temporary", "4.7.0"),
        # what a broken server says
        (550, "5.999.999 nonsense", "rcpt", "refused", "number", "5.999.999"),
        (599, "5.9.9 nonsense", "rcpt", "later", "", "5.9.9"),
        (999, "", "data", "later", "", "999"),
    ],
)
def test_what_an_answer_means(
    code: int, text: str, stage: SmtpStage, kind: str, error_class: str, shown: str
) -> None:
    verdict = classify(SmtpReply(code, text), stage)
    assert (verdict.kind, verdict.error_class, verdict.code) == (kind, error_class, shown)


def test_the_address_stays_out_of_the_words() -> None:
    assert redact("550 <nguyen.van.a@hatay.example>: no\n such user") == "550 <…@hatay.example>: no such user"


@given(st.integers(400, 599), st.text(max_size=80), st.sampled_from(["connect", "mail", "rcpt", "data"]))
def test_any_answer_means_something(code: int, text: str, stage: SmtpStage) -> None:
    verdict = classify(SmtpReply(code, text), stage)
    assert verdict.kind in ({"later"} if code < 500 else {"later", "refused"})
    assert len(verdict.detail) < 220


def test_only_our_own_faults_and_their_full_boxes_are_offered_again() -> None:
    for detail, error_class in PERMANENT.items():
        verdict = classify(SmtpReply(550, f"5.{detail} x"), "rcpt")
        assert verdict.kind == ("later" if error_class in {"config", "temporary"} else "refused")
