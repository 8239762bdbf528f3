"""Looks at both sides after a test, and says on failure what stands where."""

from __future__ import annotations

from collections import Counter

from dispatcher.ledger.fates import fates
from dispatcher.simulation.drill.proof import Proof
from dispatcher.simulation.drill.torture import Torture


def at_rest(torture: Torture, **environ: str) -> Proof:
    """Let everything come to rest and compare; nothing may be lost or sent twice."""
    rest = torture.come_to_rest(**environ)
    proof = torture.prove()
    if rest.total or not proof.is_sound:
        raise AssertionError(f"{rest}\n{proof}\n{standing(torture)}\n{tail(torture)}")
    return proof


def standing(torture: Torture) -> dict[tuple[str, ...], int]:
    """Count messages by channel, status, reason and attempt."""
    with torture.ledger() as ledger:
        return dict(
            Counter((f.channel, f.status, f.reason, str(f.attempt), str(f.doubts)) for f in fates(ledger))
        )


def tail(torture: Torture, lines: int = 60) -> str:
    """Give the end of what the service said."""
    return "\n".join(torture.log.read_text(errors="replace").splitlines()[-lines:])
