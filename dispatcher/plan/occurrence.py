"""One time at which a step falls due, and the words for what became of its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatcher.campaign.step_kinds import STANDING, Kind
from dispatcher.channels import Channel
from dispatcher.i18n import N_, _

STANDING_KEY = "*"  # the key of the one occurrence of a standing step

# Code words in `Occurrence.note`, and what they mean to a reader.
NOTES: Mapping[str, str] = {
    "earlier": N_("moved earlier, into the hours in which texts may go out"),
    "later": N_("moved later, into the hours in which texts may go out"),
    "next-day": N_("moved to the next day, for nothing is sent on the day itself"),
    "no-send-day": N_("a deadline warning: goes out although the day is kept free of reminders"),
    "gives-way": N_("not sent to those who hear of it by another step on the same day"),
    "collapsed": N_("not sent: a warning nearer to the deadline goes out on the same day"),
    "too-late": N_("not sent: there is no time left for it before the deadline"),
    "too-early": N_("not sent: its time lies before the start of the campaign"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """A step at a time.

    `key` is unique within its step and survives a change of windows and no-send days: the moment that was
    asked for in UTC, "2025-10-16T01:00:00Z", or "*" for a standing one. `due_at` is when it really falls due,
    after moving; from `expires_at` on it may go out no more. Both are aware, in UTC. An occurrence without
    `audiences` is not sent; `note` (code words of NOTES, parted by spaces) says why. `yielded_audiences` are
    those that another step of the day speaks to instead. `priority` 0-100, the higher goes first.
    """

    campaign: str
    step: str
    key: str
    kind: Kind
    template: str
    due_at: datetime
    expires_at: datetime
    audiences: tuple[str, ...]
    channels: tuple[Channel, ...] | None = None  # None: those of each audience
    priority: int = 50
    note: str = ""
    leads_only: bool = False
    yielded_audiences: tuple[str, ...] = ()

    @property
    def is_sent(self) -> bool:
        """Return whether anybody is written to."""
        return bool(self.audiences)

    @property
    def is_standing(self) -> bool:
        """Return whether it falls due person by person, not at a time of its own."""
        return self.kind in STANDING

    def note_texts(self) -> tuple[str, ...]:
        """Return the notes in the reader's language."""
        return tuple(_(NOTES[word]) for word in self.note.split())
