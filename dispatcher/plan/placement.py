"""Moves what was asked for into the window: warnings earlier, reminders later, nothing past the deadline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dispatcher.campaign.model import Campaign
from dispatcher.campaign.time_values import DailyHours
from dispatcher.plan.requested_times import RequestedTime
from dispatcher.plan.windows import DAY, SENDING_TIME, is_no_send_day, local_to_utc


@dataclass(frozen=True, kw_only=True, slots=True)
class Placement:
    """Where an occurrence was placed; `notes` say how. A dropped one is not sent."""

    at: datetime
    notes: tuple[str, ...] = ()
    dropped: bool = False


def place_warning(campaign: Campaign, hours: DailyHours, requested: RequestedTime) -> Placement:
    """Place a deadline warning: on its own day where that can be, else the evening before; never later.

    Only one that is bound to its day may wait for the window to open on that day.
    """
    zone = campaign.timezone
    day = requested.at.astimezone(zone).date()
    opens, latest = _opens(day, hours, zone), _latest(campaign, day, hours)
    at, notes = requested.at, []
    if latest is None or (requested.at < opens and not requested.bound_to_day):
        at, notes = _latest(campaign, day - DAY, hours) or requested.at, ["earlier"]
    elif requested.at < opens:
        at, notes = opens, ["later"]
    elif requested.at >= min(local_to_utc(day, hours.closes, zone), campaign.deadline):
        at, notes = latest, ["earlier"]
    if at < campaign.start:
        return Placement(at=at, notes=("too-early",), dropped=True)
    if is_no_send_day(at.astimezone(zone).date(), campaign.no_send_days):
        notes.append("no-send-day")
    return Placement(at=at, notes=tuple(notes))


def place_reminder(campaign: Campaign, hours: DailyHours, requested: RequestedTime) -> Placement:
    """Place a reminder: when the window opens next, on a day that is not kept free, if there still is one."""
    zone = campaign.timezone
    local = requested.at.astimezone(zone)
    day, clock, notes = local.date(), local.time(), []
    if clock >= hours.closes:
        day, clock, notes = day + DAY, hours.opens, ["later"]
    elif clock < hours.opens:
        clock, notes = hours.opens, ["later"]
    free = _first_free(day, campaign.no_send_days, campaign.last_day)
    if free != day:
        notes.append("next-day")
    at = requested.at if not notes else local_to_utc(free, clock, zone)
    if requested.at < campaign.start:
        return Placement(at=requested.at, notes=("too-early",), dropped=True)
    if at >= campaign.deadline:
        return Placement(at=requested.at, notes=("too-late",), dropped=True)
    return Placement(at=at, notes=tuple(notes))


def _first_free(day: date, no_send_days: Collection[date | str], last: date) -> date:
    while no_send_days and day <= last and is_no_send_day(day, no_send_days):
        day += DAY
    return day


def _opens(day: date, hours: DailyHours, zone: ZoneInfo) -> datetime:
    return local_to_utc(day, hours.opens, zone)


def _latest(campaign: Campaign, day: date, hours: DailyHours) -> datetime | None:
    """Return the last moment of `day` that leaves time to send; None when the window opens too late."""
    opens = _opens(day, hours, campaign.timezone)
    end = min(local_to_utc(day, hours.closes, campaign.timezone), campaign.deadline)
    return max(opens, end - SENDING_TIME) if opens < end else None
