"""The thôn side by side: shares, ranks, what is new, where it leads."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.ledger.queries.people_counts import AreaPeople, DailyParticipation
from dispatcher.report.ranking import rank_areas

START, LAST = date(2025, 10, 11), date(2025, 11, 11)


def people(area: str, count: int, took: int) -> AreaPeople:
    return AreaPeople(
        area=area, people=count, reached=count, unreachable=0, opted_out=0, took_part=took, took_part_before=0
    )


def test_the_highest_share_is_first_and_equal_shares_share_a_rank() -> None:
    found = rank_areas(
        [people("B", 100, 50), people("A", 10, 5), people("C", 10, 9), people("", 5, 0)],
        [],
        start=START,
        today=date(2025, 11, 8),
        last_day=LAST,
    )
    assert [(row.area, row.rank, row.percent) for row in found.areas] == [
        ("A", 2, 50), ("B", 2, 50), ("C", 1, 90), ("", 4, 0),
    ]  # fmt: skip
    assert (found.total.people, found.total.took_part, found.total.percent) == (125, 64, 51)


@pytest.mark.parametrize(
    ("today", "took", "growth", "expected"),
    [
        (date(2025, 11, 8), 30, 21, 39),  # 3 a day, 3 days left
        (date(2025, 11, 11), 30, 21, 30),  # the last day: nothing is to come
        (date(2025, 11, 8), 99, 70, 100),  # never more than everybody
        (date(2025, 11, 8), 0, 0, None),  # no pace, no forecast
        (date(2025, 11, 12), 30, 0, 30),  # over
    ],
)
def test_the_forecast_goes_on_at_last_weeks_pace(
    today: date, took: int, growth: int, expected: int | None
) -> None:
    days = [today - timedelta(days=n) for n in range(3)]
    grown = [DailyParticipation(area="A", day=day, people=growth // 3) for day in days] if growth else []
    found = rank_areas([people("A", 100, took)], grown, start=START, today=today, last_day=LAST)
    assert found.areas[0].forecast == expected
    assert found.areas[0].since_yesterday == growth // 3


@pytest.mark.parametrize(("days", "forecast"), [(1, None), (2, None), (3, 40)])
def test_a_pace_takes_three_days_of_figures(days: int, forecast: int | None) -> None:
    today = date(2025, 10, 13)
    grown = [DailyParticipation(area="A", day=today - timedelta(days=n), people=2) for n in range(days)]
    found = rank_areas(
        [people("A", 100, 2 * days)], grown, start=START, today=today, last_day=date(2025, 10, 30)
    )
    assert (found.areas[0].forecast, found.total.forecast) == (forecast, forecast)


def test_shares_are_rounded_and_never_say_more_than_is_true() -> None:
    rows = [people("A", 148, 25), people("B", 37, 25), people("C", 1000, 999), people("D", 5000, 1)]
    found = rank_areas(rows, [], start=START, today=LAST, last_day=LAST).areas
    assert [(row.share, row.percent) for row in found] == [(16.9, 17), (67.6, 68), (99.9, 99), (0.1, 1)]


def test_days_without_news_are_days_all_the_same() -> None:
    grown = [
        DailyParticipation(area="A", day=date(2025, 10, 13), people=2),
        DailyParticipation(area="B", day=date(2025, 10, 13), people=1),
    ]
    found = rank_areas([people("A", 9, 2)], grown, start=START, today=date(2025, 10, 14), last_day=LAST)
    assert found.per_day == (
        (date(2025, 10, 11), 0), (date(2025, 10, 12), 0), (date(2025, 10, 13), 3), (date(2025, 10, 14), 0),
    )  # fmt: skip


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), max_size=12))
def test_ranks_follow_shares_whatever_the_figures(sizes: list[tuple[int, int]]) -> None:
    rows = [people(f"Thôn {n}", max(a, b), min(a, b)) for n, (a, b) in enumerate(sizes)]
    found = rank_areas(rows, [], start=START, today=LAST, last_day=LAST).areas
    for one in found:
        for other in found:
            share_one = one.took_part / one.people if one.people else 0
            share_other = other.took_part / other.people if other.people else 0
            assert (share_one > share_other) == (one.rank < other.rank)
    assert sum(row.people for row in found) == sum(row.people for row in rows)
