"""When a message may be tried again: later each time, only inside its window, never past its end."""

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
# A phone that is off is not on a minute later.
NOT_REACHED = (timedelta(hours=2), timedelta(hours=6))

NextOpen = Callable[[datetime], datetime | None]


def again_at(
    attempt: int,
    *,
    now: datetime,
    pauses: tuple[timedelta, ...],
    next_open: NextOpen,
    expires_at: datetime,
    at_least: timedelta = timedelta(0),
) -> datetime | None:
    """Give the moment of the next attempt after attempt number `attempt`; None when there is none.

    `next_open` moves a moment into the window (None: no window any more); `at_least` is what the
    provider asked for.
    """
    if attempt > len(pauses):
        return None
    wanted = next_open(now + max(pauses[attempt - 1], at_least))
    return wanted if wanted is not None and wanted < expires_at else None
