"""An outside witness: reads what the provider wrote down, and nothing of ours.

A line of the provider's log is written when a message arrives, before it is answered, on the machine's clock.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

PROMISED = timedelta(seconds=2)
LOGS = ("sms.jsonl", "mail.jsonl")


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """One message at the provider: to whom, and when."""

    at: datetime
    to: str
    body: str = ""  # of a text


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What somebody was told is so, from when on, and what may not arrive since."""

    what: str
    confirmed_at: datetime
    contradicts: Callable[[Arrival], bool]
    until: datetime | None = None  # it was taken back


def arrivals(folder: Path) -> list[Arrival]:
    """Read both logs of a provider; a line that is being written does not count yet."""
    found = []
    for name in LOGS:
        file = folder / name
        for line in file.read_text(encoding="utf-8").split("\n")[:-1] if file.exists() else ():
            entry = json.loads(line)
            people = [entry["to"]] if "to" in entry else entry["recipients"]
            at, body = datetime.fromisoformat(entry["at"]), entry.get("body", "")
            found += [Arrival(at=at, to=to, body=body) for to in people]
    return sorted(found, key=lambda one: one.at)


def count(folder: Path) -> int:
    """Count what a provider has, without reading it."""
    files = [folder / name for name in LOGS]
    return sum(file.read_bytes().count(b"\n") for file in files if file.exists())


def too_late(folder: Path, decisions: Sequence[Decision]) -> list[str]:
    """Return what reached the provider more than the promised time after a decision against it."""
    return [
        f"{arrival.to} {(arrival.at - decision.confirmed_at).total_seconds():.2f} s after {decision.what}"
        for decision in decisions
        for arrival in arrivals(folder)
        if arrival.at > decision.confirmed_at + PROMISED
        and (decision.until is None or arrival.at < decision.until)
        and decision.contradicts(arrival)
    ]


def most_within(moments: Sequence[datetime], span: timedelta) -> int:
    """Return the largest number of moments in any stretch [t, t + span)."""
    first = most = 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def longest_silence(moments: Sequence[datetime]) -> timedelta:
    """Return the longest time between two moments that follow each other."""
    return max((after - before for before, after in pairwise(moments)), default=timedelta(0))
