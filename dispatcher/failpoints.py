"""Failpoints: where a crash test may kill, stop or delay this process, armed by DISPATCHER_FAULT.

`DISPATCHER_FAULT=claimed:3` kills the process with SIGKILL when the point `claimed` is passed for the
third time; `claimed:3:stop` freezes it with SIGSTOP until somebody sends SIGCONT; `claimed:3:wait:2.5` lets
it stand for so many seconds with everything it holds. Unarmed, a point costs one comparison with an empty
name.
"""

from __future__ import annotations

import os
import signal
import time

NAMES = (
    "loading",  # a list is written, not committed
    "loaded",
    "firing",  # messages and shards are written, not committed
    "fired",
    "shard-taking",
    "shard-taken",
    "slots-reserved",
    "claiming",  # intents are written, not committed
    "claimed",
    "clearing",  # the next stretch of slots may be used, not committed
    "cleared",
    "leave-given",  # a message may go now; nothing of it is written
    "on-the-wire",  # all of a message is handed over, nobody has answered
    "answered",  # the answer about one message is here, nothing of it is in the ledger
    "putting-back",  # what may not leave after all waits again, not committed
    "put-back",
    "sent",  # all answers of a batch are here
    "settling",  # results are written, not committed
    "settled",
    "finishing",
    "finished",
    "event-recording",
    "event-recorded",  # committed, and the provider has no answer yet
    "folding",  # statuses are raised, not committed
    "folded",
    "doubting",  # intents without an answer are taken for in doubt, not committed
    "doubted",
    "doubt-asked",  # the provider said what it has; nothing of it is in the ledger
    "doubt-noted",
    "resending",  # what is not there may go again, not committed
    "resent",
    "withdrawing",  # what the schedules have no more is settled, not committed
    "restoring",  # what they have again waits again, not committed
    "retiming",  # what they have at another time has that time, not committed
    "ending",  # a campaign's waiting messages are closed, not committed
    "ended",
)


def _parse(spec: str) -> tuple[str, int, str, float]:
    """Read `name:count:deed:seconds`; everything but the name may be left out. Raises ValueError."""
    name, count, action, seconds = (*spec.split(":"), "", "", "")[:4]
    if name and name not in NAMES:  # a point renamed would let every crash test pass without a crash
        raise ValueError(f"DISPATCHER_FAULT: there is no failpoint {name!r}")
    return name, int(count or 1), action or "kill", float(seconds or 1)


_name, _left, _action, _seconds = _parse(os.environ.get("DISPATCHER_FAULT", ""))


def hit(name: str) -> None:
    """Pass a fault point: nothing happens unless this very one is armed and its count is up."""
    if name == _name:
        _trigger()


def is_armed(name: str) -> bool:
    """Return whether this point is armed, for places that can be reached only by a detour."""
    return name == _name


def _trigger() -> None:
    global _left  # noqa: PLW0603 - one countdown a process, armed before it started
    _left -= 1
    if _left:
        return
    if _action == "wait":
        time.sleep(_seconds)
    else:
        os.kill(os.getpid(), signal.SIGSTOP if _action == "stop" else signal.SIGKILL)
