"""Public holidays of a year, from the `holidays` library in a child process.

The library brings 300 modules and 19 MB for the sake of one country's few days; a long-running service
need not carry them. Run as a module it answers the question on standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache


@dataclass(frozen=True, kw_only=True, slots=True)
class HolidayYear:
    """The days of one year: holidays with their names, weekends swapped for work."""

    holidays: Mapping[date, str]
    swapped_workdays: tuple[date, ...]


@cache
def days_of_year(year: int) -> HolidayYear:
    """Return the days of `year`; takes a quarter of a second the first time."""
    answer = subprocess.run(
        [sys.executable, "-m", "dispatcher.vietnamese.holiday_calendar", str(year)],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    days = json.loads(answer.stdout)
    return HolidayYear(
        holidays={date.fromisoformat(day): name for day, name in days["holidays"].items()},
        swapped_workdays=tuple(date.fromisoformat(day) for day in days["working"]),
    )


def _look_up(year: int) -> dict[str, object]:
    from holidays import country_holidays

    # The next year is read too: a working Saturday in December can be swapped for a day in January.
    calendar = country_holidays("VN", years=(year, year + 1), language="vi")
    return {
        "holidays": {day.isoformat(): name for day, name in sorted(calendar.items()) if day.year == year},
        "working": sorted(day.isoformat() for day in calendar.weekend_workdays if day.year == year),
    }


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a text stream in every real process
    json.dump(_look_up(int(sys.argv[1])), sys.stdout)
