"""Dates, hours and numbers as Vietnamese offices write them, and the days on which offices are closed.

A moment in UTC given where a day is asked for is taken as its day in Vietnam.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from dispatcher.vietnamese import holiday_calendar

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
_SATURDAY = 5
_SWAP = str.maketrans(",.", ".,")


def local_day(day: date) -> date:
    """Return the plain date: of an aware datetime its day in Vietnam, of a naive one its day as it stands."""
    if not isinstance(day, datetime):
        return day
    return (day.astimezone(VIETNAM) if day.tzinfo else day).date()


def long_date(day: date) -> str:
    """Write a date by Decree 30: a zero before days under 10 and before months 1 and 2, no other.

    "ngày 05 tháng 02 năm 2025", "ngày 12 tháng 7 năm 2025".
    """
    day = local_day(day)
    month = f"{day.month:02}" if day.month <= 2 else f"{day.month}"
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def short_date(day: date, *, year: bool = True) -> str:
    """Write dd/mm/yyyy, or dd/mm."""
    day = local_day(day)
    return f"{day.day:02}/{day.month:02}/{day.year:04}" if year else f"{day.day:02}/{day.month:02}"


def weekday(day: date) -> str:
    """Return the day of the week: "thứ Bảy", "Chủ nhật"."""
    return WEEKDAYS[local_day(day).weekday()]


def clock_time(at: time | datetime) -> str:
    """Write the hour, 24 hours to the day: "7h30", "8h00", "23h59"."""
    if isinstance(at, datetime) and at.tzinfo:
        at = at.astimezone(VIETNAM)
    return f"{at.hour}h{at.minute:02}"


def days_left(today: date, last_day: date) -> int:
    """Count the days left to a deadline that includes its last day: 0 on that day, negative after it."""
    return (local_day(last_day) - local_day(today)).days


def days_left_words(days: int) -> str:
    """Return the days left in words that fit inside a sentence."""
    if days < 0:
        return "đã hết hạn"
    return f"còn {days} ngày" if days else "hôm nay là ngày cuối cùng"


def format_number(number: float | Decimal, *, places: int | None = None) -> str:
    """Write a number the Vietnamese way: 70.949 and 1.240,5; `places` fixes the decimals."""
    text = f"{number:,}" if places is None else f"{number:,.{places}f}"
    return text.translate(_SWAP)


def public_holidays(year: int) -> Mapping[date, str]:
    """The public holidays of `year`, days off in lieu and swapped days among them, with their names."""
    return MappingProxyType(holiday_calendar.days_of_year(year).holidays)


def swapped_workdays(year: int) -> tuple[date, ...]:
    """List the weekend days of `year` on which offices work because a weekday was given off for them."""
    return holiday_calendar.days_of_year(year).swapped_workdays


@cache
def _holidays_and_workdays(year: int) -> tuple[frozenset[date], frozenset[date]]:
    return frozenset(public_holidays(year)), frozenset(swapped_workdays(year))


def is_public_holiday(day: date) -> bool:
    """Return whether `day` is a public holiday or a day off in its place; plain weekends are not."""
    day = local_day(day)
    return day in _holidays_and_workdays(day.year)[0]


def is_day_off(day: date) -> bool:
    """Return whether offices are closed: a public holiday, or a weekend that was not swapped for work."""
    day = local_day(day)
    off, working = _holidays_and_workdays(day.year)
    return day in off or (day.weekday() >= _SATURDAY and day not in working)
