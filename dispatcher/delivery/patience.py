"""How long everything waits for everything else.

The figures hang together: nobody may take a message for in doubt while it can still leave or its answer can
still come. So they stand in one value, and tests and drills shorten all of them by one factor.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from dispatcher.gateways import Traits


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Spans of the sending path; `shortened` makes all of them shorter."""

    block: timedelta = timedelta(seconds=10)  # slots reserved at a time: how long a batch leaves for
    late: timedelta = timedelta(seconds=45)  # a message may leave so long after its slot, not later
    lease: timedelta = timedelta(seconds=90)  # a shard stays so long with a worker that is not heard of
    unanswered: timedelta = timedelta(seconds=60)  # on top of the slowest answer, before it is in doubt
    settling: timedelta = timedelta(seconds=90)  # until a provider's "not there" is the truth
    first_poll: timedelta = timedelta(hours=1)  # accepted and no news since: ask
    trouble: timedelta = timedelta(seconds=2)  # between two tries while the ledger is away
    goodbye: timedelta = timedelta(seconds=20)  # tries go on so long after being told to stop
    sweep: timedelta = timedelta(seconds=15)  # what an alarm missed, a sweep finds
    listen: timedelta = timedelta(seconds=1)  # how often the inbox is read
    idle: timedelta = timedelta(seconds=1)  # a worker without work looks again
    leap: timedelta = timedelta(minutes=2)  # after the clock was set, nothing new begins

    def shortened(self, factor: float) -> Patience:
        """Give the same with every span `factor` times as long."""
        return Patience(**{field.name: getattr(self, field.name) * factor for field in fields(self)})

    def doubt_after(self, traits: Traits) -> timedelta:
        """Tell how long after its slot an intent without an answer may be taken for in doubt."""
        slowest = timedelta(seconds=traits.leave_seconds + traits.answer_seconds)
        return self.late + slowest + self.unanswered
