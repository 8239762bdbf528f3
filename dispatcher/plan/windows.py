"""The hours in which texts may go out, and the days on which nobody is reminded."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.time_values import DailyHours
from dispatcher.vietnamese import dates

DAY = timedelta(days=1)
SENDING_TIME = timedelta(hours=1)  # a warning moved to the evening keeps so much of the window to go out in


@dataclass(frozen=True, kw_only=True, slots=True)
class SendingWindow:
    """A stretch of one day in which texts may go out; aware, in UTC; `closes_at` is no longer in it."""

    opens_at: datetime
    closes_at: datetime
    is_open: bool  # the moment asked about lies in it; otherwise it is the next one to come


def resolve_campaign(schedules: Schedules, campaign: str | Campaign) -> Campaign:
    """Return a campaign by its name."""
    return campaign if isinstance(campaign, Campaign) else schedules.campaigns[campaign]


def sending_hours(schedules: Schedules, campaign: str | Campaign, audiences: Iterable[str]) -> DailyHours:
    """Return the hours that suit the campaign and all of `audiences`; falsy when there are none."""
    shared = resolve_campaign(schedules, campaign).window
    for name in audiences:
        own = schedules.audiences[name].window
        shared = shared.intersect(own) if own else shared
    return shared


def sending_window(
    schedules: Schedules, campaign: str | Campaign, audience: str, at: datetime
) -> SendingWindow:
    """Return the window that `at` lies in, or the next one to open."""
    allowed = sending_hours(schedules, campaign, (audience,))
    zone = schedules.timezone
    day = at.astimezone(zone).date()
    opens_at, closes_at = local_to_utc(day, allowed.opens, zone), local_to_utc(day, allowed.closes, zone)
    if at >= closes_at:
        day += DAY
        opens_at, closes_at = local_to_utc(day, allowed.opens, zone), local_to_utc(day, allowed.closes, zone)
    return SendingWindow(opens_at=opens_at, closes_at=closes_at, is_open=opens_at <= at)


def next_open(schedules: Schedules, campaign: str | Campaign, audience: str, at: datetime) -> datetime:
    """Return the first moment from `at` on at which a text may go out."""
    window = sending_window(schedules, campaign, audience, at)
    return at if window.is_open else window.opens_at


def local_to_utc(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Make a local time of a day a moment in UTC."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def is_no_send_day(day: date, no_send_days: Collection[date | str]) -> bool:
    """Return whether nobody is reminded on `day`."""
    if day in no_send_days:
        return True
    holiday = dates.is_public_holiday(day)
    if holiday or not dates.is_day_off(day):
        return holiday and "holidays" in no_send_days
    return "weekends" in no_send_days
