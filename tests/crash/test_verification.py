"""The proof can fail: whoever takes a line out of the provider's log, or adds one, is found out."""

from __future__ import annotations

from pathlib import Path

from dispatcher.sandbox import provider_log
from tests.crash.assertions import run_and_verify
from tests.crash.conftest import MakeCrashTest


def test_what_is_lost_or_twice_is_named(stage: MakeCrashTest) -> None:
    torture = stage(texts=5, mails=5, policies=("resend",))
    assert run_and_verify(torture).accepted == 10
    texts, mails = (
        Path(torture.sandbox.folder, name) for name in (provider_log.SMS_FILE, provider_log.MAIL_FILE)
    )
    whole = texts.read_text(), mails.read_text()

    texts.write_text(whole[0].partition("\n")[2])
    proof = torture.verify()
    assert (proof.is_sound, len(proof.imagined), proof.accepted) == (False, 1, 9)

    texts.write_text(whole[0] + whole[0].partition("\n")[0] + "\n")
    proof = torture.verify()
    assert (proof.is_sound, len(proof.twice), proof.accepted) == (False, 1, 10)

    texts.write_text(whole[0])
    mails.write_text(whole[1] + whole[1].partition("\n")[0] + "\n")
    proof = torture.verify()
    assert (proof.is_sound, len(proof.twice), proof.repeated) == (False, 1, ())  # it was never in doubt

    mails.write_text(whole[1])
    assert torture.verify().is_sound
