"""The one text to those who were told a deadline that was moved since: it is later now, or sooner."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.step_kinds import DEADLINE_NOTICES, NOTICE, REMINDER
from dispatcher.plan.calendar import expiry, occurrences
from dispatcher.plan.occurrence import Occurrence
from dispatcher.plan.placement import place_reminder
from dispatcher.plan.requested_times import RequestedTime
from dispatcher.plan.windows import sending_hours

SETTLED_AFTER = timedelta(minutes=10)  # a slip of the finger is put right before anybody hears of it


def deadline_notices(
    schedules: Schedules, campaign: Campaign, changed_at: datetime
) -> tuple[Occurrence, ...]:
    """Return what is said of the present deadline, in force since `changed_at`: `extended` and `shortened`.

    Empty when the campaign tells nobody. To whom each goes is for the ledger to find out.
    """
    if campaign.moved != "tell":
        return ()
    hours = sending_hours(schedules, campaign, campaign.audiences)
    requested = RequestedTime(at=max(changed_at + SETTLED_AFTER, campaign.start))
    placed = place_reminder(campaign, hours, requested)
    return tuple(
        Occurrence(
            campaign=campaign.name,
            step=name,
            key=f"moved {changed_at:%Y-%m-%dT%H:%M:%SZ}",
            kind=NOTICE.name,
            template=name,
            due_at=placed.at,
            expires_at=expiry(campaign, REMINDER, hours.closes, placed),
            audiences=() if placed.dropped else campaign.audiences,
            priority=NOTICE.priority,
            note=" ".join(placed.notes),
        )
        for name in DEADLINE_NOTICES
    )


def with_notices(schedules: Schedules, campaign: Campaign) -> tuple[Occurrence, ...]:
    """Return everything of a campaign that has words: its plan, and what a moved deadline would have said."""
    notices = deadline_notices(schedules, campaign, campaign.start)
    return (*occurrences(schedules, campaign), *notices)
