"""The proof that the books add up: sums by campaign, step, audience and area, and what does not fit them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher.i18n import N_
from dispatcher.ledger import Ledger, audit, books, doubts
from dispatcher.ledger.books import AreaSum, Sum

FLAWS: dict[str, str] = {
    "stranded": N_("messages wait, and no shard will ever bring them"),
    "unasked": N_("intents without an answer that nobody will ask about"),
    "unnamed": N_("messages were accepted, and by whom is not known"),
    "late": N_("messages left after their step had expired"),
    "budget": N_("campaigns whose used budget is not what their messages cost"),
    "doubled": N_("addresses have two messages of one step"),
    "areas": N_("sums by area that differ from the sums by step"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Proof:
    """What the books say of themselves. `flaws` are words of FLAWS with how often."""

    sums: tuple[Sum, ...]
    areas: dict[str, tuple[AreaSum, ...]]
    questions: dict[str, int]
    flaws: dict[str, int]

    @property
    def planned(self) -> int:
        """Count every message ever promised."""
        return sum(one.messages for one in self.sums)

    @property
    def adds_up(self) -> bool:
        """Whether nothing is wrong; what is in doubt is known to be so, and no fault of the books."""
        return not self.flaws


def prove(ledger: Ledger, *, now: datetime, campaign: str = "") -> Proof:
    """Look at everything."""
    sums = books.sums(ledger, campaign_name=campaign)
    areas = {name: books.by_area(ledger, name) for name in dict.fromkeys(one.campaign for one in sums)}
    flaws = {flaw.what: flaw.count for flaw in audit.flaws(ledger, now=now)}
    if doubled := audit.doubled(ledger):
        flaws["doubled"] = len(doubled)
    if differing := sum(_differs(name, sums, found) for name, found in areas.items()):
        flaws["areas"] = differing
    return Proof(sums=sums, areas=areas, questions=doubts.open_questions(ledger, campaign), flaws=flaws)


def _differs(name: str, sums: Sequence[Sum], areas: Sequence[AreaSum]) -> bool:
    """Tell whether a campaign's messages are another number counted by area than counted by step."""
    by_step, by_area = Counter[str](), Counter[str]()
    for one in sums:
        if one.campaign == name and one.kind != "digest":
            by_step[one.status] += one.messages
    for found in areas:
        by_area[found.status] += found.messages
    return by_step != by_area
