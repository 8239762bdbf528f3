"""Looks at both sides after a test, and says on failure what stands where."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from dispatcher.clock import monotonic
from dispatcher.ledger.queries.message_log import PendingWork, states
from dispatcher.sandbox import provider_log
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.verification import DrillVerification


def run_and_verify(crash_test: CrashTest, **environ: str) -> DrillVerification:
    """Let everything come to rest and compare; nothing may be lost or sent twice."""
    return verify_nothing_lost(crash_test, crash_test.run_until_idle(**environ))


def message_counts(crash_test: CrashTest) -> dict[tuple[str, ...], int]:
    """Count messages by channel, status, reason and attempt."""
    with crash_test.ledger() as ledger:
        return dict(
            Counter(
                (f.channel, f.status, f.reason, str(f.attempt), str(f.unknown_attempts))
                for f in states(ledger)
            )
        )


def log_tail(crash_test: CrashTest, lines: int = 60) -> str:
    """Give the end of what the service said."""
    return "\n".join(crash_test.log.read_text(errors="replace").splitlines()[-lines:])


def count_accepted(crash_test: CrashTest) -> int:
    """Count what the provider has."""
    folder = crash_test.sandbox.folder
    files = [folder / name for name in (provider_log.SMS_FILE, provider_log.MAIL_FILE)]
    return sum(file.read_bytes().count(b"\n") for file in files if file.exists())


def wait_until(condition: Callable[[], object], *, what: str, seconds: float = 30) -> None:
    """Wait until something is so."""
    ends_at = monotonic() + seconds
    while not condition():
        assert monotonic() < ends_at, f"waited in vain for {what}"
        time.sleep(0.01)


def verify_nothing_lost(crash_test: CrashTest, pending: PendingWork) -> DrillVerification:
    """Compare both sides; nothing may be lost or sent twice."""
    verification = crash_test.verify()
    if pending.total or not verification.is_sound:
        raise AssertionError(
            f"{pending}\n{verification}\n{message_counts(crash_test)}\n{log_tail(crash_test)}"
        )
    return verification
