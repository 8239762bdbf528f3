"""Every timeout of the sending path, in one place.

The figures hang together: nobody may take a message for in doubt while it can still leave or its answer can
still come. So they stand in one value, and tests and drills shorten all of them by one factor.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta

from dispatcher.gateways import Capabilities


@dataclass(frozen=True, kw_only=True, slots=True)
class Timeouts:
    """Spans of the sending path; `scaled` makes all of them shorter."""

    max_slot_delay: timedelta = timedelta(seconds=45)  # a message may leave so long after its slot, not later
    lease: timedelta = timedelta(seconds=20)  # a shard stays so long with a worker that is not heard of
    result_grace: timedelta = timedelta(seconds=60)  # on top of the slowest answer, before it is in doubt
    lookup_delay: timedelta = timedelta(seconds=90)  # until a provider's "not there" is the truth
    first_status_lookup: timedelta = timedelta(hours=1)  # accepted and no news since: ask
    db_retry_interval: timedelta = timedelta(seconds=2)  # between two tries while the ledger is away
    shutdown_grace: timedelta = timedelta(seconds=20)  # tries go on so long after being told to stop
    sweep_interval: timedelta = timedelta(seconds=15)  # what an alarm missed, a sweep finds
    inbox_interval: timedelta = timedelta(seconds=1)  # how often the inbox is read
    idle_interval: timedelta = timedelta(seconds=1)  # a worker without work looks again
    inbound_read: timedelta = timedelta(seconds=15)  # at the start, sending waits so long for answers missed
    clock_jump_quarantine: timedelta = timedelta(minutes=2)  # after the clock was set, nothing new begins

    def scaled(self, factor: float) -> Timeouts:
        """Return the same with every span `factor` times as long."""
        return Timeouts(**{field.name: getattr(self, field.name) * factor for field in fields(self)})

    def in_doubt_after(self, capabilities: Capabilities) -> timedelta:
        """Return how long after its slot an intent without an answer may be taken for in doubt."""
        slowest = timedelta(seconds=capabilities.permit_seconds + capabilities.response_timeout_seconds)
        return self.max_slot_delay + slowest + self.result_grace
