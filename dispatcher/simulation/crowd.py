"""The people of a simulation: after a message some answer, some say no, some take part.

What they do goes the way it goes in life: a text back through the provider, a click on the mail's link,
a name on the list that the contest's platform hands over.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from dispatcher.ledger import Ledger, books
from dispatcher.ledger.books import Went
from dispatcher.sandbox.behaviour import Behaviour

Deed = Literal["answer", "click", "take-part"]


@dataclass(frozen=True, order=True, slots=True)
class Act:
    """One thing one person does at one moment."""

    at: datetime
    deed: Deed
    channel: str
    address: str
    campaign: str
    person_id: int
    words: str = ""


@dataclass(slots=True)
class Crowd:
    """Watches what goes out and decides, by its seed, who does what when."""

    behaviour: Behaviour
    seen_until: datetime
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
        reaction = self.behaviour.decide(item.address, item.channel, item.campaign, item.step, item.due_at)
        return [
            Act(
                item.submitted_at + delay,
                deed,
                item.channel,
                item.address,
                item.campaign,
                item.person_id,
                words,
            )
            for deed, delay, words in reaction
        ]


Watch = Callable[[Act], None]
