"""The people of a simulation: after a message some reply, some opt out, some take part.

What they do goes the way it goes in life: a text back through the provider, a click on the mail's link,
a name on the list that the contest's platform hands over.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import message_log
from dispatcher.ledger.queries.message_log import MessageState
from dispatcher.sandbox.behaviour import ActionKind, Behaviour

# The contest's platform hands its list over twice a day, as such platforms do.
LIST_TIMES = (time(11, 15), time(17, 15))


@dataclass(frozen=True, order=True, slots=True)
class SimulatedAction:
    """One thing one person does at one moment."""

    at: datetime  # when we hear of it
    kind: ActionKind
    channel: str
    address: str
    campaign: str
    person_id: int
    done_at: datetime
    text: str = ""


@dataclass(slots=True)
class SimulatedPeople:
    """Watches what goes out and decides, by its seed, who does what when."""

    behaviour: Behaviour
    observed_until: datetime
    timezone: ZoneInfo
    _queue: list[SimulatedAction] = field(default_factory=list)
    _decided: set[tuple[str, str]] = field(default_factory=set)

    def observe(self, ledger: Ledger, *, until: datetime) -> None:
        """Let everybody who received something since the last look decide."""
        for item in message_log.accepted_between(ledger, since=self.observed_until, until=until):
            for act in self._decide(item):
                heapq.heappush(self._queue, act)
        self.observed_until = max(self.observed_until, until)

    def take_due(self, now: datetime) -> list[SimulatedAction]:
        """Take what is done until `now`, in order."""
        actions = []
        while self._queue and self._queue[0].at <= now:
            actions.append(heapq.heappop(self._queue))
        return actions

    def next_at(self) -> datetime | None:
        """Return when the next one does something."""
        return self._queue[0].at if self._queue else None

    def _decide(self, item: MessageState) -> list[SimulatedAction]:
        reactions = self.behaviour.decide(item.address, item.channel, item.campaign, item.step, item.due_at)
        actions = []
        for deed, delay, words in reactions:
            done_at = item.sent_at + delay
            actions.append(
                SimulatedAction(
                    at=self._next_list_at(done_at) if deed == "take-part" else done_at,
                    kind=deed,
                    channel=item.channel,
                    address=item.address,
                    campaign=item.campaign,
                    person_id=item.person_id,
                    done_at=done_at,
                    text=words,
                )
            )
        return actions

    def _next_list_at(self, done_at: datetime) -> datetime:
        """Return the moment at which the next list after `done_at` reaches us."""
        local = done_at.astimezone(self.timezone)
        days = (local.date(), local.date() + timedelta(days=1))
        candidates = [datetime.combine(day, at, self.timezone) for day in days for at in LIST_TIMES]
        return min(moment for moment in candidates if moment >= local)
