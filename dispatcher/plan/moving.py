"""Moves what was asked for into the window: warnings earlier, reminders later, nothing past the deadline."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dispatcher.campaign.model import Campaign
from dispatcher.campaign.moments import Hours
from dispatcher.plan.asked import Asked
from dispatcher.plan.windows import DAY, SENDING_TIME, is_kept_free
from dispatcher.plan.windows import moment as local_moment


@dataclass(frozen=True, kw_only=True, slots=True)
class Placed:
    """Where a moment came to lie; `notes` say how. A lost one is not sent."""

    at: datetime
    notes: tuple[str, ...] = ()
    lost: bool = False


def place_warning(campaign: Campaign, hours: Hours, asked: Asked) -> Placed:
    """Place a deadline warning: on its own day where that can be, else the evening before; never later.

    Only one that is bound to its day may wait for the window to open on that day.
    """
    zone = campaign.timezone
    day = asked.at.astimezone(zone).date()
    opens, latest = _opens(day, hours, zone), _latest(campaign, day, hours)
    at, notes = asked.at, []
    if latest is None or (asked.at < opens and not asked.bound_to_day):
        at, notes = _latest(campaign, day - DAY, hours) or asked.at, ["earlier"]
    elif asked.at < opens:
        at, notes = opens, ["later"]
    elif asked.at >= min(local_moment(day, hours.closes, zone), campaign.deadline):
        at, notes = latest, ["earlier"]
    if at < campaign.start:
        return Placed(at=at, notes=("too-early",), lost=True)
    if is_kept_free(at.astimezone(zone).date(), campaign.no_send_days):
        notes.append("no-send-day")
    return Placed(at=at, notes=tuple(notes))


def place_reminder(campaign: Campaign, hours: Hours, asked: Asked) -> Placed:
    """Place a reminder: when the window opens next, on a day that is not kept free, if there still is one."""
    zone = campaign.timezone
    local = asked.at.astimezone(zone)
    day, clock, notes = local.date(), local.time(), []
    if clock >= hours.closes:
        day, clock, notes = day + DAY, hours.opens, ["later"]
    elif clock < hours.opens:
        clock, notes = hours.opens, ["later"]
    free = _first_free(day, campaign.no_send_days, campaign.last_day)
    if free != day:
        notes.append("next-day")
    at = asked.at if not notes else local_moment(free, clock, zone)
    if asked.at < campaign.start:
        return Placed(at=asked.at, notes=("too-early",), lost=True)
    if at >= campaign.deadline:
        return Placed(at=asked.at, notes=("too-late",), lost=True)
    return Placed(at=at, notes=tuple(notes))


def _first_free(day: date, no_send_days: Collection[date | str], last: date) -> date:
    while no_send_days and day <= last and is_kept_free(day, no_send_days):
        day += DAY
    return day


def _opens(day: date, hours: Hours, zone: ZoneInfo) -> datetime:
    return local_moment(day, hours.opens, zone)


def _latest(campaign: Campaign, day: date, hours: Hours) -> datetime | None:
    """Give the last moment of `day` that leaves time to send; None when the window opens too late."""
    opens = _opens(day, hours, campaign.timezone)
    end = min(local_moment(day, hours.closes, campaign.timezone), campaign.deadline)
    return max(opens, end - SENDING_TIME) if opens < end else None
