"""Whether a campaign has the approval it wants: what was frozen beside what there is now; the freezing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatcher.edition import Edition
from dispatcher.i18n import N_, _
from dispatcher.ledger import Ledger, campaigns, lists

PARTS: Mapping[str, str] = {"plan": N_("the plan"), "texts": N_("the texts"), "lists": N_("the lists")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """Whether a campaign may send. `differs` are the parts (words of PARTS) that are not as approved."""

    needed: bool
    given: bool
    differs: tuple[str, ...] = ()
    total: str = ""  # the hash that was approved

    @property
    def stands(self) -> bool:
        """Tell whether nothing is missing."""
        return not self.needed or (self.given and not self.differs)

    @property
    def changed(self) -> tuple[str, ...]:
        """Name what is not as it was approved, in the reader's language."""
        return tuple(_(PARTS[part]) for part in self.differs)


def approval(ledger: Ledger, edition: Edition, name: str) -> Approval:
    """Tell how the approval of a campaign stands."""
    needed = edition.schedules.campaigns[name].requires_approval
    standing = campaigns.standing(ledger, name)
    if standing is None or not standing.approved_hash:
        return Approval(needed=needed, given=False)
    now = parts(ledger, edition, name)
    differs = tuple(part for part in PARTS if standing.approved_parts.get(part) != now[part])
    return Approval(needed=needed, given=True, differs=differs, total=standing.approved_hash)


def approve(ledger: Ledger, edition: Edition, name: str, *, who: str, now: datetime) -> str:
    """Freeze plan, texts and lists as they are, and let a campaign that waited for it go on; gives the hash.

    For `dispatcher approve CAMPAIGN` and the button of the page: whoever calls it has shown them to `who`.
    """
    found = parts(ledger, edition, name)
    total = hashlib.sha256("".join(found[part] for part in PARTS).encode()).hexdigest()
    campaigns.ensure(ledger, name, canary=edition.schedules.campaigns[name].canary, now=now)
    campaigns.approve(ledger, name, parts=found, total=total, who=who, now=now)
    return total


def parts(ledger: Ledger, edition: Edition, name: str) -> dict[str, str]:
    """Give a hash a part: of the plan, of the texts, and of everybody in the lists it is sent to."""
    campaign = edition.schedules.campaigns[name]
    audiences = {*campaign.audiences, *(to for digest in campaign.digests for to in digest.to)}
    return {**edition.frozen(name), "lists": lists.fingerprint(ledger, audiences)}
