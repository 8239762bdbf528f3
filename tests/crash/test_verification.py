"""The verification can fail: whoever takes a line out of the provider's log, or adds one, is found out."""

from __future__ import annotations

from pathlib import Path

from dispatcher.sandbox import provider_log
from tests.crash.assertions import run_and_verify
from tests.crash.conftest import MakeCrashTest


def test_what_is_lost_or_twice_is_named(make_crash_test: MakeCrashTest) -> None:
    crash_test = make_crash_test(texts=5, mails=5, policies=("resend",))
    assert run_and_verify(crash_test).accepted == 10
    texts, mails = (
        Path(crash_test.sandbox.folder, name) for name in (provider_log.SMS_FILE, provider_log.MAIL_FILE)
    )
    whole = texts.read_text(), mails.read_text()

    texts.write_text(whole[0].partition("\n")[2])
    verification = crash_test.verify()
    assert (verification.is_sound, len(verification.imagined), verification.accepted) == (False, 1, 9)

    texts.write_text(whole[0] + whole[0].partition("\n")[0] + "\n")
    verification = crash_test.verify()
    assert (verification.is_sound, len(verification.twice), verification.accepted) == (False, 1, 10)

    texts.write_text(whole[0])
    mails.write_text(whole[1] + whole[1].partition("\n")[0] + "\n")
    verification = crash_test.verify()
    assert (verification.is_sound, len(verification.twice), verification.repeated) == (
        False,
        1,
        (),
    )  # it was never in doubt

    mails.write_text(whole[1])
    assert crash_test.verify().is_sound
