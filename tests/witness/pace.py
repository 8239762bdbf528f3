"""Whether the rate asked is the rate kept, as the provider's log has it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from tests.witness import arrivals
from tests.witness.office import wait_for
from tests.witness.services import AT_ONCE, a_crowd, services

KEPT_MIN, WORST_MAX = 0.97, 1.02
TEN_SECONDS = timedelta(seconds=10)


class Pace(NamedTuple):
    """What was asked and what came; rates are texts a second."""

    asked: float
    kept: float
    worst_of_ten_seconds: float  # the most in any ten seconds, a second
    texts: int
    expected: int

    @property
    def is_kept(self) -> bool:
        """Whether it is what is promised."""
        is_all = self.texts == self.expected
        return is_all and self.kept >= KEPT_MIN * self.asked and not self.is_exceeded

    @property
    def is_exceeded(self) -> bool:
        """Whether more went out than was asked."""
        return self.worst_of_ten_seconds > WORST_MAX * self.asked


def measure(
    folder: Path, database_url: str, *, workers: int, rate: float, seconds: float, commit_seconds: float = 0
) -> Pace:
    """Send for about so many seconds, and read what the provider wrote down."""
    waves = max(3, workers)
    texts = max(2, round(rate * seconds / waves))
    with a_crowd(folder, database_url, failures=AT_ONCE, rate=rate, waves=waves, texts=texts) as office:
        with services(office, workers, commit_seconds=commit_seconds):
            wait_for(lambda: arrivals.count(office.sandbox.folder) >= waves * texts, seconds * 4 + 60)
        moments = [one.at for one in arrivals.arrivals(office.sandbox.folder)]
    took = (moments[-1] - moments[0]).total_seconds() if moments[1:] else 0.0
    return Pace(
        asked=rate,
        kept=(len(moments) - 1) / took if took else 0.0,
        worst_of_ten_seconds=arrivals.most_within(moments, TEN_SECONDS) / TEN_SECONDS.total_seconds(),
        texts=len(moments),
        expected=waves * texts,
    )
