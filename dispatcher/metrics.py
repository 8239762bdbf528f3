"""What is measured while the service works: how long things take, and what gateways answer.

Counting costs less than a microsecond; /metrics reads it. Nothing is kept over a restart.
"""

from __future__ import annotations

from collections import Counter as Counts
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Histogram

REGISTRY = CollectorRegistry()
FAST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
SLOW_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

CLAIM_SECONDS = Histogram(
    "dispatcher_claim_seconds",
    "Time to commit the intent of a batch.",
    registry=REGISTRY,
    buckets=FAST_BUCKETS,
)
SEND_SECONDS = Histogram(
    "dispatcher_send_seconds",
    "Time a gateway takes for a batch.",
    ["gateway"],
    registry=REGISTRY,
    buckets=SLOW_BUCKETS,
)
REFUSALS = Counter(
    "dispatcher_refusals",
    "Requests that were turned away: no right, no signature, too large, guessing.",
    ["kind"],
    registry=REGISTRY,
)
RESULTS = Counter(
    "dispatcher_gateway_results",
    "Answers of gateways.",
    ["gateway", "kind", "error_class"],
    registry=REGISTRY,
)


class CountedResult(Protocol):
    """What is counted of a gateway's answer."""

    @property
    def kind(self) -> str: ...

    @property
    def error_class(self) -> str: ...


def observe_send(gateway: str, results: Sequence[CountedResult], *, seconds: float) -> None:
    """Count what a gateway made of a batch."""
    SEND_SECONDS.labels(gateway).observe(seconds)
    for (kind, error_class), count in Counts((one.kind, one.error_class) for one in results).items():
        RESULTS.labels(gateway, kind, error_class).inc(count)


_heartbeats: dict[str, datetime] = {}


def record_heartbeat(name: str, now: datetime) -> None:
    """Record that something periodic has just happened."""
    _heartbeats[name] = now


def last_heartbeat(name: str) -> datetime | None:
    """Return when it last happened in this process; None when it never has."""
    return _heartbeats.get(name)
