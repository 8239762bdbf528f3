"""When a message is retried: with growing delays, inside its sending window, before it expires.

Tries count, not attempts: an attempt that the provider never looked at ("too many requests", no
connection, a window that closed) has a number of its own and costs no patience.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

# Pauses before the second attempt, the third, …; when they are used up, so is the message.
SEND_RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
)
GATEWAY_RETRY_DELAY = timedelta(seconds=5)  # the gateway itself says when it may be tried again
# A phone that is off is not on a minute later.
DELIVERY_RETRY_DELAYS = (timedelta(hours=2), timedelta(hours=6))

NextOpen = Callable[[datetime], datetime | None]


def next_retry_at(
    counted_attempts: int,
    *,
    now: datetime,
    delays: tuple[timedelta, ...],
    next_open: NextOpen,
    expires_at: datetime,
    min_delay: timedelta = timedelta(0),
) -> datetime | None:
    """Return the moment of the next attempt after `counted_attempts` in vain; None when there is none.

    `next_open` moves a moment into the window (None: no window any more); `min_delay` is what the
    provider asked for.
    """
    if counted_attempts > len(delays):
        return None
    retry_at = next_open(
        now + max(delays[counted_attempts - 1] if counted_attempts else GATEWAY_RETRY_DELAY, min_delay)
    )
    return retry_at if retry_at is not None and retry_at < expires_at else None
