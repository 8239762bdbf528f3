"""The plan: what falls due when, computed from the schedules and nothing else.

`occurrences` returns all of a campaign, `due` what falls due between two times (aware, UTC). Windows, free
days and the deadline are accounted for: warnings move earlier, reminders later, nothing past the deadline.
"""

from dispatcher.plan.calendar import due, is_missed, next_due, occurrences
from dispatcher.plan.calendar_check import check
from dispatcher.plan.deadline_notice import deadline_notices, with_notices
from dispatcher.plan.occasion import is_same_occasion
from dispatcher.plan.occurrence import NOTES, STANDING_KEY, Occurrence
from dispatcher.plan.windows import SendingWindow, is_no_send_day, next_open, sending_hours, sending_window

__all__ = [
    "NOTES",
    "STANDING_KEY",
    "Occurrence",
    "SendingWindow",
    "check",
    "deadline_notices",
    "due",
    "is_missed",
    "is_no_send_day",
    "is_same_occasion",
    "next_due",
    "next_open",
    "occurrences",
    "sending_hours",
    "sending_window",
    "with_notices",
]
