"""The thôn side by side: how many have taken part, who is ahead, what changed, where it leads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dispatcher.ledger.queries.people_counts import AreaPeople, DailyParticipation
from dispatcher.vietnamese.names import sort_key
from dispatcher.vietnamese.shares import share_of, whole_percent_of

LOOKBACK_DAYS = 7  # days behind a forecast: a week holds one of each weekday
FORECAST_DAYS_MIN = 3  # days on which somebody became known: one list is no pace


@dataclass(frozen=True, kw_only=True, slots=True)
class RankedArea:
    """One area. `rank` is 1 for the highest share; equal shares share a rank.

    `share` is in percent with one decimal, `percent` the same in whole percents. `forecast` is the share at
    the deadline, in whole percents, if the last week's pace goes on; None when there is no pace yet.
    `people` are all of the area, those `without_address` among them.
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
    share: float = 0.0
    without_address: int = 0


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
    is_pace_known = len({item.day for item in growth if item.people}) >= FORECAST_DAYS_MIN or not left
    rows = [
        _ranked_area(
            item,
            fresh=fresh[item.area],
            forecast=_forecast(item, recent[item.area] / days, left) if is_pace_known else None,
        )
        for item in people
    ]
    whole = _sum(people)
    forecast = _forecast(whole, sum(recent.values()) / days, left) if is_pace_known else None
    total = _ranked_area(whole, fresh=sum(fresh.values()), forecast=forecast)
    return Ranking(areas=_ranked(rows), total=total, per_day=_per_day(growth, start, min(today, last_day)))


def _forecast(item: AreaPeople, pace: float, left: int) -> int | None:
    if not item.people or (pace == 0 and left > 0):
        return None
    return whole_percent_of(min(item.people, int(item.took_part + pace * left)), item.people)


def _ranked_area(item: AreaPeople, *, fresh: int, forecast: int | None) -> RankedArea:
    return RankedArea(
        area=item.area,
        people=item.people,
        reached=item.reached,
        unreachable=item.unreachable,
        opted_out=item.opted_out,
        took_part=item.took_part,
        since_yesterday=fresh,
        percent=whole_percent_of(item.took_part, item.people),
        rank=0,
        forecast=forecast,
        share=share_of(item.took_part, item.people),
        without_address=item.without_address,
    )


def _sum(people: Sequence[AreaPeople]) -> AreaPeople:
    return AreaPeople(
        area="",
        people=sum(item.people for item in people),
        reached=sum(item.reached for item in people),
        unreachable=sum(item.unreachable for item in people),
        opted_out=sum(item.opted_out for item in people),
        took_part=sum(item.took_part for item in people),
        took_part_before=sum(item.took_part_before for item in people),
        without_address=sum(item.without_address for item in people),
    )


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
