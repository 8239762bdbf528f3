"""The people of a simulation: after a message some answer, some say no, some take part.

What they do goes the way it goes in life: a text back through the provider, a click on the mail's link,
a name on the list that the contest's platform hands over.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatcher.ledger import Ledger, books
from dispatcher.ledger.books import Went
from dispatcher.sandbox.behaviour import Behaviour, Deed

# The contest's platform hands its list over twice a day, as such platforms do.
LISTS_AT = (time(11, 15), time(17, 15))


@dataclass(frozen=True, order=True, slots=True)
class Act:
    """One thing one person does at one moment."""

    at: datetime  # when we hear of it
    deed: Deed
    channel: str
    address: str
    campaign: str
    person_id: int
    done_at: datetime
    words: str = ""


@dataclass(slots=True)
class Crowd:
    """Watches what goes out and decides, by its seed, who does what when."""

    behaviour: Behaviour
    seen_until: datetime
    timezone: ZoneInfo
    _acts: list[Act] = field(default_factory=list)
    _decided: set[tuple[str, str]] = field(default_factory=set)

    def watch(self, ledger: Ledger, *, until: datetime) -> None:
        """Let everybody who received something since the last look decide."""
        for item in books.went(ledger, since=self.seen_until, until=until):
            for act in self._decide(item):
                heapq.heappush(self._acts, act)
        self.seen_until = max(self.seen_until, until)

    def due(self, now: datetime) -> list[Act]:
        """Take what is done until `now`, in order."""
        acts = []
        while self._acts and self._acts[0].at <= now:
            acts.append(heapq.heappop(self._acts))
        return acts

    def next_at(self) -> datetime | None:
        """Tell when the next one does something."""
        return self._acts[0].at if self._acts else None

    def _decide(self, item: Went) -> list[Act]:
        reactions = self.behaviour.decide(item.address, item.channel, item.campaign, item.step, item.due_at)
        acts = []
        for deed, delay, words in reactions:
            done_at = item.submitted_at + delay
            acts.append(
                Act(
                    at=self._on_the_list(done_at) if deed == "take-part" else done_at,
                    deed=deed,
                    channel=item.channel,
                    address=item.address,
                    campaign=item.campaign,
                    person_id=item.person_id,
                    done_at=done_at,
                    words=words,
                )
            )
        return acts

    def _on_the_list(self, done_at: datetime) -> datetime:
        """Give the moment at which the next list after `done_at` reaches us."""
        local = done_at.astimezone(self.timezone)
        days = (local.date(), local.date() + timedelta(days=1))
        moments = [datetime.combine(day, at, self.timezone) for day in days for at in LISTS_AT]
        return min(moment for moment in moments if moment >= local)
