"""Notices when somebody sets the clock, or it sets itself: for a while nothing is judged by it.

A process that was frozen, and a machine that slept, have really lost the time; a clock that was set has not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from dispatcher.clock import Clock, elapsed

logger = logging.getLogger(__name__)


class Steady:
    """Compares the clock with the time that really passes. Differences below `leap` are drift."""

    def __init__(self, clock: Clock, *, leap: timedelta, elapsed: Callable[[], float] = elapsed) -> None:
        self._clock = clock
        self._leap = leap
        self._elapsed = elapsed
        self._zero = self._start()
        self._leapt_at: float | None = None
        self._untold = timedelta(0)

    def take_leap(self) -> timedelta:
        """Tell how far the clock has leapt since this was last asked: nought, forwards or (below 0) back."""
        self._look()
        leapt, self._untold = self._untold, timedelta(0)
        return leapt

    def since(self, span: timedelta) -> bool:
        """Tell whether the clock has been left alone for `span`."""
        self._look()
        return self._leapt_at is None or self._elapsed() - self._leapt_at >= span.total_seconds()

    def _look(self) -> None:
        leapt = self._start() - self._zero
        self._zero += leapt
        if abs(leapt) >= self._leap:
            self._leapt_at = self._elapsed()
            self._untold += leapt
            logger.error("the clock was set by %s", leapt, extra={"action": "clock-set"})

    def _start(self) -> datetime:
        return self._clock.now() - timedelta(seconds=self._elapsed())
