"""Dates by Decree 30, days left, numbers, holidays and swapped working days."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.vietnamese import dates


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2025, 2, 5), "ngày 05 tháng 02 năm 2025"),
        (date(2025, 1, 10), "ngày 10 tháng 01 năm 2025"),
        (date(2025, 3, 9), "ngày 09 tháng 3 năm 2025"),
        (date(2025, 7, 12), "ngày 12 tháng 7 năm 2025"),
        (date(2025, 11, 11), "ngày 11 tháng 11 năm 2025"),
    ],
)
def test_long_date_has_a_zero_before_small_days_and_months_one_and_two_only(day, words):
    assert dates.long_date(day) == words


def test_short_date():
    assert dates.short_date(date(2025, 2, 5)) == "05/02/2025"
    assert dates.short_date(date(2025, 11, 11), year=False) == "11/11"


def test_weekdays_of_the_contest():
    assert dates.weekday(date(2025, 10, 11)) == "thứ Bảy"
    assert dates.weekday(date(2025, 11, 11)) == "thứ Ba"
    assert dates.weekday(date(2025, 11, 9)) == "Chủ nhật"
    assert dates.weekday(date(2025, 11, 10)) == "thứ Hai"


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (time(23, 59), "23h59"),
        (time(7, 30), "7h30"),
        (time(8), "8h00"),
        (datetime(2025, 11, 11, 1, 5, tzinfo=UTC), "8h05"),
    ],
)
def test_hours(moment, words):
    assert dates.clock_time(moment) == words


@pytest.mark.parametrize(
    ("today", "left", "words"),
    [
        (date(2025, 11, 8), 3, "còn 3 ngày"),
        (date(2025, 11, 10), 1, "còn 1 ngày"),
        (date(2025, 11, 11), 0, "hôm nay là ngày cuối cùng"),
        (date(2025, 11, 12), -1, "đã hết hạn"),
    ],
)
def test_the_last_day_is_included(today, left, words):
    assert dates.days_left(today, date(2025, 11, 11)) == left
    assert dates.days_left_words(left) == words


def test_a_moment_in_utc_is_taken_as_its_day_in_vietnam():
    evening = datetime(2025, 11, 10, 17, 30, tzinfo=UTC)  # 00:30 on the 11th
    assert dates.short_date(evening) == "11/11/2025"
    assert dates.days_left(evening, date(2025, 11, 11)) == 0
    assert dates.short_date(datetime(2025, 11, 10, 23, 30)) == "10/11/2025"  # noqa: DTZ001 - a naive one is local


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (999, "999"),
        (70949, "70.949"),
        (1240.5, "1.240,5"),
        (-1234567, "-1.234.567"),
        (Decimal("0.5"), "0,5"),
    ],
)
def test_numbers(number, words):
    assert dates.format_number(number) == words


def test_decimals_can_be_fixed():
    assert dates.format_number(66.666, places=1) == "66,7"
    assert dates.format_number(5, places=2) == "5,00"


@given(st.integers())
def test_grouped_numbers_read_back(number):
    assert int(dates.format_number(number).replace(".", "")) == number


def test_holidays_carry_their_names():
    year = dates.public_holidays(2026)
    assert year[date(2026, 2, 17)] == "Tết Nguyên Đán"
    assert date(2026, 2, 16) in year
    assert date(2026, 2, 20) in year
    assert date(2026, 2, 21) not in year
    assert date(2026, 4, 27) in year  # in lieu of Sunday 26/4
    assert date(2026, 11, 24) in year
    assert all(day.year == 2026 for day in year)
    assert not any(date(2025, 10, 11) <= day <= date(2025, 11, 11) for day in dates.public_holidays(2025))


def test_swapped_days():
    assert dates.swapped_workdays(2026) == (date(2026, 8, 22),)
    assert dates.swapped_workdays(2025) == (date(2025, 4, 26),)
    assert dates.swapped_workdays(2014) == (date(2014, 4, 26), date(2014, 9, 6), date(2014, 12, 27))
    assert dates.swapped_workdays(2023) == ()


@pytest.mark.parametrize(
    ("day", "off", "holiday"),
    [
        (date(2026, 8, 22), False, False),  # a Saturday on which offices work ...
        (date(2026, 8, 31), True, True),  # ... for this Monday
        (date(2026, 8, 23), True, False),
        (date(2026, 8, 24), False, False),
        (date(2027, 2, 6), True, True),
        (date(2014, 12, 27), False, False),  # swapped for a day of the next year
        (date(2025, 11, 8), True, False),
    ],
)
def test_days_off(day, off, holiday):
    assert dates.is_day_off(day) is off
    assert dates.is_public_holiday(day) is holiday


@given(st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31)))
def test_a_day_is_off_for_a_reason(day):
    weekend = day.weekday() >= 5
    swapped = day in dates.swapped_workdays(day.year)
    assert dates.is_day_off(day) == (dates.is_public_holiday(day) or (weekend and not swapped))
    assert not (swapped and not weekend)
    assert dates.days_left(day, day + timedelta(days=7)) == 7
