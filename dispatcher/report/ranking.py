"""The thôn side by side: how many have taken part, who is ahead, what changed, where it leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dispatcher.ledger.queries.people_counts import AreaPeople, DailyParticipation
from dispatcher.vietnamese.names import sort_key

LOOKBACK_DAYS = 7  # days behind a forecast: a week holds one of each weekday


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedArea:
    """One area. `rank` is 1 for the highest share; equal shares share a rank. Shares are whole percents.

    `forecast` is the share at the deadline if the last week's pace goes on; None when there is no pace yet.
    """

    area: str
    people: int
    reached: int
    unreachable: int
    opted_out: int
    took_part: int
    since_yesterday: int
    percent: int
    rank: int
    forecast: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranking:
    """All areas by name, and all of them together."""

    areas: tuple[RankedArea, ...]
    total: RankedArea
    per_day: tuple[tuple[date, int], ...]  # how many became known on each day, gaps filled


def rank_areas(
    people: Sequence[AreaPeople],
    growth: Sequence[DailyParticipation],
    *,
    start: date,
    today: date,
    last_day: date,
) -> Ranking:
    """Return the areas of a campaign in order, as of `today`."""
    fresh: defaultdict[str, int] = defaultdict(int)
    recent: defaultdict[str, int] = defaultdict(int)
    days = max(1, min(LOOKBACK_DAYS, (today - start).days + 1))
    for item in growth:
        if item.day >= today:
            fresh[item.area] += item.people
        if item.day > today - timedelta(days=days):
            recent[item.area] += item.people
    left = max(0, (last_day - today).days)
    rows = [
        _ranked_area(
            item,
            fresh=fresh[item.area],
            forecast=_forecast(item.took_part, item.people, recent[item.area] / days, left),
        )
        for item in people
    ]
    total = _total(people, sum(fresh.values()), sum(recent.values()) / days, left)
    return Ranking(areas=_ranked(rows), total=total, per_day=_per_day(growth, start, min(today, last_day)))


def _forecast(took: int, people: int, pace: float, left: int) -> int | None:
    if not people or (pace == 0 and left > 0):
        return None
    return int(min(people, took + pace * left) * 100 / people)


def _ranked_area(item: AreaPeople, *, fresh: int, forecast: int | None) -> RankedArea:
    return RankedArea(
        area=item.area,
        people=item.people,
        reached=item.reached,
        unreachable=item.unreachable,
        opted_out=item.opted_out,
        took_part=item.took_part,
        since_yesterday=fresh,
        percent=item.took_part * 100 // item.people if item.people else 0,
        rank=0,
        forecast=forecast,
    )


def _total(people: Sequence[AreaPeople], fresh: int, pace: float, left: int) -> RankedArea:
    whole = AreaPeople(
        area="",
        people=sum(item.people for item in people),
        reached=sum(item.reached for item in people),
        unreachable=sum(item.unreachable for item in people),
        opted_out=sum(item.opted_out for item in people),
        took_part=sum(item.took_part for item in people),
        took_part_before=sum(item.took_part_before for item in people),
    )
    return _ranked_area(whole, fresh=fresh, forecast=_forecast(whole.took_part, whole.people, pace, left))


def _ranked(rows: Sequence[RankedArea]) -> tuple[RankedArea, ...]:
    shares = sorted((row.took_part / row.people if row.people else 0.0 for row in rows), reverse=True)
    ranked = [
        replace(row, rank=shares.index(row.took_part / row.people if row.people else 0.0) + 1) for row in rows
    ]
    return tuple(sorted(ranked, key=lambda row: (not row.area, sort_key(row.area))))


def _per_day(growth: Iterable[DailyParticipation], start: date, until: date) -> tuple[tuple[date, int], ...]:
    counts: defaultdict[date, int] = defaultdict(int)
    for item in growth:
        counts[item.day] += item.people
    first = min([start, *counts])
    days = [first + timedelta(days=n) for n in range(max(0, (until - first).days) + 1)]
    return tuple((day, counts[day]) for day in days)
