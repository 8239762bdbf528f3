"""The plan: what falls due when, computed from the schedules and nothing else.

`occurrences` returns all of a campaign, `due` what falls due between two times (aware, UTC). Windows, free
days and the deadline are accounted for: warnings move earlier, reminders later, nothing past the deadline.
"""

from dispatcher.plan.calendar import due, is_missed, next_due, occurrences
from dispatcher.plan.calendar_check import check
from dispatcher.plan.occurrence import NOTES, STANDING_KEY, Occurrence
from dispatcher.plan.windows import SendingWindow, next_open, sending_hours, sending_window

__all__ = [
    "NOTES",
    "STANDING_KEY",
    "Occurrence",
    "SendingWindow",
    "check",
    "due",
    "is_missed",
    "next_due",
    "next_open",
    "occurrences",
    "sending_hours",
    "sending_window",
]
