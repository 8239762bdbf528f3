"""Looks at both sides after a test, and says on failure what stands where."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

from dispatcher.clock import elapsed
from dispatcher.ledger.fates import Unrest, fates
from dispatcher.sandbox import log
from dispatcher.simulation.drill.proof import Proof
from dispatcher.simulation.drill.torture import Torture


def at_rest(torture: Torture, **environ: str) -> Proof:
    """Let everything come to rest and compare; nothing may be lost or sent twice."""
    return assert_kept(torture, torture.come_to_rest(**environ))


def standing(torture: Torture) -> dict[tuple[str, ...], int]:
    """Count messages by channel, status, reason and attempt."""
    with torture.ledger() as ledger:
        return dict(
            Counter((f.channel, f.status, f.reason, str(f.attempt), str(f.doubts)) for f in fates(ledger))
        )


def tail(torture: Torture, lines: int = 60) -> str:
    """Give the end of what the service said."""
    return "\n".join(torture.log.read_text(errors="replace").splitlines()[-lines:])


def taken(torture: Torture) -> int:
    """Count what the provider has."""
    folder = torture.sandbox.folder
    files = [folder / name for name in (log.SMS_FILE, log.MAIL_FILE)]
    return sum(file.read_bytes().count(b"\n") for file in files if file.exists())


def wait_until(condition: Callable[[], object], *, what: str, seconds: float = 30) -> None:
    """Wait until something is so."""
    ends_at = elapsed() + seconds
    while not condition():
        assert elapsed() < ends_at, f"waited in vain for {what}"
        time.sleep(0.01)


def assert_kept(torture: Torture, rest: Unrest) -> Proof:
    """Compare both sides; nothing may be lost or sent twice."""
    proof = torture.prove()
    if rest.total or not proof.is_sound:
        raise AssertionError(f"{rest}\n{proof}\n{standing(torture)}\n{tail(torture)}")
    return proof
