"""When a message may be tried again: later each time, only inside its window, never past its end.

Tries count, not attempts: an attempt that the provider never looked at ("too many requests", no
connection, a window that closed) has a number of its own and costs no patience.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

# Pauses before the second attempt, the third, …; when they are used up, so is the message.
NOT_TAKEN = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
)
NOT_LOOKED_AT = timedelta(seconds=5)  # the gateway itself says when it may be tried again
# A phone that is off is not on a minute later.
NOT_REACHED = (timedelta(hours=2), timedelta(hours=6))

NextOpen = Callable[[datetime], datetime | None]


def again_at(
    tries: int,
    *,
    now: datetime,
    pauses: tuple[timedelta, ...],
    next_open: NextOpen,
    expires_at: datetime,
    at_least: timedelta = timedelta(0),
) -> datetime | None:
    """Give the moment of the next attempt after `tries` in vain; None when there is none.

    `next_open` moves a moment into the window (None: no window any more); `at_least` is what the
    provider asked for.
    """
    if tries > len(pauses):
        return None
    wanted = next_open(now + max(pauses[tries - 1] if tries else NOT_LOOKED_AT, at_least))
    return wanted if wanted is not None and wanted < expires_at else None
