"""The months of a campaign as a calendar shows them: the ladder, the clashes, the last day."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dispatcher.campaign.model import Campaign
from dispatcher.report.campaign_outlook import Outlook, Sending

MONTHS_MAX = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class MonthDay:
    """One day of a month. `numbers` are the places of its sendings in the ladder, from 1."""

    day: date
    is_within: bool
    is_last: bool
    numbers: tuple[int, ...]
    sendings: tuple[Sending, ...]

    @property
    def clashes(self) -> bool:
        """Return whether something of it is not sent because of another campaign."""
        return any(one.collisions for one in self.sendings)


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarMonth:
    """A month in weeks from Monday; None for the days of the months beside it."""

    first: date
    weeks: tuple[tuple[MonthDay | None, ...], ...]


def months(campaign: Campaign | None, outlook: Outlook | None) -> tuple[CalendarMonth, ...]:
    """Return the months from the first sending, or the start, to the last day; at most six."""
    if campaign is None or outlook is None:
        return ()
    starts, ends = campaign.to_local(campaign.start).date(), campaign.last_day
    months_there = (ends.year - starts.year) * 12 + ends.month - starts.month + 1
    return tuple(
        _month(
            campaign,
            outlook.reminders,
            starts.year + (starts.month - 1 + n) // 12,
            (starts.month - 1 + n) % 12 + 1,
        )
        for n in range(min(months_there, MONTHS_MAX))
    )


def _month(campaign: Campaign, sendings: Sequence[Sending], year: int, month: int) -> CalendarMonth:
    starts, ends = campaign.to_local(campaign.start).date(), campaign.last_day

    def cell(day: date) -> MonthDay | None:
        if day.month != month:
            return None
        here = [(place, one) for place, one in enumerate(sendings, 1) if one.local.date() == day]
        return MonthDay(
            day=day,
            is_within=starts <= day <= ends,
            is_last=day == ends,
            numbers=tuple(place for place, _one in here),
            sendings=tuple(one for _place, one in here),
        )

    weeks = calendar.Calendar().monthdatescalendar(year, month)
    return CalendarMonth(
        first=date(year, month, 1), weeks=tuple(tuple(cell(day) for day in week) for week in weeks)
    )
