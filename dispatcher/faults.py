"""Points at which a torture test may kill or stop this process, armed from outside by DISPATCHER_FAULT.

`DISPATCHER_FAULT=claimed:3` kills the process with SIGKILL when the point `claimed` is passed for the
third time. Unarmed, a point costs one comparison with an empty name.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "fired",
    "shard-taken",
    "claimed",
    "on-the-wire",
    "sent",
    "settled",
    "event-recorded",
    "folded",
    "doubt-asked",
)

_name, _, _count = os.environ.get("DISPATCHER_FAULT", "").partition(":")
_left = int(_count or 1) if _name else 0


def point(name: str) -> None:
    """Pass a fault point: nothing happens unless this very one is armed and its count is up."""
    if name == _name:
        _pass()


def _pass() -> None:
    global _left  # noqa: PLW0603 - one countdown a process, armed before it started
    _left -= 1
    if _left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
