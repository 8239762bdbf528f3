"""Which step is due when: pure functions of schedules.toml and a stretch of time, nothing else.

`calendar` tells all of a campaign, `due` what falls due between two moments. Windows, free days and the
deadline have been reckoned with: warnings move earlier, reminders later, nothing past the deadline.
"""

from dispatcher.plan.calendar import calendar, due, is_late, next_due
from dispatcher.plan.check import check
from dispatcher.plan.occurrence import NOTES, STANDING, Kind, Occurrence
from dispatcher.plan.windows import Window, hours, next_open, window

__all__ = [
    "NOTES",
    "STANDING",
    "Kind",
    "Occurrence",
    "Window",
    "calendar",
    "check",
    "due",
    "hours",
    "is_late",
    "next_due",
    "next_open",
    "window",
]
