"""Detects jumps of the system clock; for a while after one no decision relies on it.

A process that was frozen, and a machine that slept, have really lost the time; a clock that was set has not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dispatcher.clock import Clock, monotonic

logger = logging.getLogger(__name__)


class ClockJumpDetector:
    """Compares the clock with the time that really passes. Differences below `threshold` are drift."""

    def __init__(
        self, clock: Clock, *, threshold: timedelta, monotonic: Callable[[], float] = monotonic
    ) -> None:
        self._clock = clock
        self._threshold = threshold
        self._monotonic = monotonic
        self._last_origin = self._origin()
        self._jumped_at: float | None = None
        self._unreported = timedelta(0)

    def take_jump(self) -> timedelta:
        """Return how far the clock has leapt since this was last called: 0, forwards or (below 0) back."""
        self._check()
        jump, self._unreported = self._unreported, timedelta(0)
        return jump

    def stable_for(self, span: timedelta) -> bool:
        """Return whether the clock has been left alone for `span`."""
        self._check()
        return self._jumped_at is None or self._monotonic() - self._jumped_at >= span.total_seconds()

    def _check(self) -> None:
        jump = self._origin() - self._last_origin
        self._last_origin += jump
        if abs(jump) >= self._threshold:
            self._jumped_at = self._monotonic()
            self._unreported += jump
            logger.error("the clock was set by %s", jump, extra={"action": "clock-set"})

    def _origin(self) -> datetime:
        return self._clock.now() - timedelta(seconds=self._monotonic())
