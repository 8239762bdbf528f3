"""What the caps leave of all texts planned to one number: the very arithmetic of claiming, beforehand."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.plan.occurrence import Occurrence
from dispatcher.plan.windows import next_open

DAY, WEEK = timedelta(hours=24), timedelta(days=7)
# Yesterday's text went out a few minutes later than its hour: today's waits those minutes. A longer wait
# would be another occasion, so it is cancelled instead, unless its campaign says otherwise or it is a thanks.
CAP_WAIT = timedelta(hours=2)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class CappedText:
    """An occurrence that a number is not sent, and those whose texts took its place."""

    occurrence: Occurrence
    taken_by: tuple[Occurrence, ...]


def capped(
    schedules: Schedules, sent: Iterable[Occurrence], planned: Sequence[Occurrence]
) -> tuple[CappedText, ...]:
    """Return which of the texts planned to one number its caps do not let through.

    `sent` are those it has had; of two at one moment the more urgent goes first, then the one named first.
    """
    had = sorted(((item.due_at, item) for item in sent), key=lambda one: one[0])
    waiting = [(item.due_at, -item.priority, place, item) for place, item in enumerate(planned)]
    heapq.heapify(waiting)
    lost = []
    while waiting:
        at, urgency, place, item = heapq.heappop(waiting)
        campaign = schedules.campaigns[item.campaign]
        blocking = _blocking(campaign, [one for one in had if one[0] <= at], at)
        if not blocking:
            had.append((at, item))
            continue
        free_at = max(again for again, _taken in blocking)
        latest = item.expires_at if campaign.over_cap == "wait" else min(at + CAP_WAIT, item.expires_at)
        again = next_open(schedules, campaign, item.audiences[0], free_at)
        if free_at <= latest and again < item.expires_at:
            heapq.heappush(waiting, (again, urgency, place, item))
        else:
            taken = {id(one): one for _again, texts in blocking for one in texts}
            lost.append(CappedText(occurrence=item, taken_by=tuple(taken.values())))
    return tuple(lost)


def _blocking(
    campaign: Campaign, had: Sequence[tuple[datetime, Occurrence]], at: datetime
) -> list[tuple[datetime, list[Occurrence]]]:
    """Return for each cap that is reached when it frees, and the texts that fill it."""
    found = []
    for span, cap in ((DAY, campaign.cap_per_day), (WEEK, campaign.cap_per_week)):
        recent = [one for one in had if one[0] > at - span][-cap:]
        if len(recent) == cap:
            found.append((recent[0][0] + span + SECOND, [item for _at, item in recent]))
    return found
