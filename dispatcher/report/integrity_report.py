"""The integrity report: counts by campaign, step, audience and area, and what does not add up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispatcher.i18n import N_
from dispatcher.ledger import Ledger, require_undamaged
from dispatcher.ledger.queries import integrity, message_counts
from dispatcher.ledger.queries.integrity import WrongBudget
from dispatcher.ledger.queries.message_counts import AreaMessageCount, ExactCount
from dispatcher.ledger.sending import lookups

VIOLATION_LABELS: dict[str, str] = {
    "stranded": N_("messages wait, and no shard will ever bring them"),
    "unasked": N_("intents without an answer that nobody will ask about"),
    "unnamed": N_("messages were accepted, and by whom is not known"),
    "late": N_("messages left after their step had expired"),
    "budget": N_("campaigns whose used budget is not what their messages cost"),
    "doubled": N_("addresses have two messages of one step"),
    "repeated": N_("messages had the words of another one, sent to the same address within six hours"),
    "areas": N_("parts of the work whose figures on the pages are not those of their messages"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class IntegrityReport:
    """What the books say of themselves. `violations` are words of VIOLATION_LABELS with how often."""

    sums: tuple[ExactCount, ...]
    areas: dict[str, tuple[AreaMessageCount, ...]]
    unresolved: dict[str, int]
    violations: dict[str, int]
    wrong_budgets: tuple[WrongBudget, ...] = ()

    @property
    def planned(self) -> int:
        """Count every message ever promised."""
        return sum(one.messages for one in self.sums)

    @property
    def is_consistent(self) -> bool:
        """Return whether the books add up; messages known to be in doubt are no fault."""
        return not self.violations


def check_integrity(ledger: Ledger, *, now: datetime, campaign: str = "") -> IntegrityReport:
    """Return every integrity check's result. Raises LedgerDamaged where the database itself is broken."""
    require_undamaged(ledger)
    sums = message_counts.exact_by_step(ledger, campaign_name=campaign)
    areas = {
        name: message_counts.exact_by_area(ledger, name)
        for name in dict.fromkeys(one.campaign for one in sums)
    }
    violations = {flaw.rule: flaw.count for flaw in integrity.violations(ledger, now=now)}
    if duplicates := integrity.duplicate_messages(ledger):
        violations["doubled"] = len(duplicates)
    if repeated := integrity.repeated_words(ledger):
        violations["repeated"] = repeated
    return IntegrityReport(
        sums=sums,
        areas=areas,
        unresolved=lookups.count_unresolved(ledger, campaign),
        violations=violations,
        wrong_budgets=integrity.wrong_budgets(ledger) if "budget" in violations else (),
    )
