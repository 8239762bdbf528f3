"""Whether a campaign has the approval it wants: what was frozen beside what there is now; the freezing."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dispatcher.configuration import Configuration
from dispatcher.i18n import N_, _
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import audience_hash
from dispatcher.ledger.sending import campaign_states
from dispatcher.ledger.sending.campaign_states import CampaignState

PART_LABELS: Mapping[str, str] = {"plan": N_("the plan"), "texts": N_("the texts"), "lists": N_("the lists")}


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """An approval: `differs` are the parts (words of PARTS) that are not as approved."""

    required: bool
    approved: bool
    changed_parts: tuple[str, ...] = ()
    approved_hash: str = ""  # the hash that was approved

    @property
    def is_valid(self) -> bool:
        """Return whether nothing is missing."""
        return not self.required or (self.approved and not self.changed_parts)

    @property
    def changed_labels(self) -> tuple[str, ...]:
        """Return what is not as it was approved, in the reader's language."""
        return tuple(_(PART_LABELS[part]) for part in self.changed_parts)


def approval_of(ledger: Ledger, config: Configuration, campaign_name: str) -> Approval:
    """Return how the approval of a campaign stands."""
    needed = config.schedules.campaigns[campaign_name].requires_approval
    campaign_state = campaign_states.state_of(ledger, campaign_name)
    if campaign_state is None or not campaign_state.approved_hash:
        return Approval(required=needed, approved=False)
    now = part_hashes(ledger, config, campaign_name)
    differs = tuple(
        part for part in PART_LABELS if (campaign_state.approved_hashes or {}).get(part) != now[part]
    )
    return Approval(
        required=needed, approved=True, changed_parts=differs, approved_hash=campaign_state.approved_hash
    )


def awaits(campaign_state: CampaignState | None, approval: Approval) -> bool:
    """Return whether an approval is all that a campaign waits for: nobody has paused or ended it."""
    return not approval.is_valid and (
        campaign_state is None
        or campaign_state.state == "active"
        or (campaign_state.state == "paused" and campaign_state.reason == campaign_states.AWAITING_APPROVAL)
    )


def total_hash(hashes: Mapping[str, str]) -> str:
    """Return one hash over all parts: what somebody was shown, and approves."""
    return hashlib.sha256("".join(hashes[part] for part in PART_LABELS).encode()).hexdigest()


def approve(ledger: Ledger, config: Configuration, campaign_name: str, *, who: str, now: datetime) -> str:
    """Freeze plan, texts and lists as they are, and let a campaign that waited for it go on; gives the hash.

    For `dispatcher approve CAMPAIGN` and the button of the page: whoever calls it has shown them to `who`.
    """
    hashes = part_hashes(ledger, config, campaign_name)
    total = total_hash(hashes)
    campaign_states.ensure(ledger, campaign_name, now=now)
    campaign_states.approve(ledger, campaign_name, hashes=hashes, total_hash=total, who=who, now=now)
    return total


def part_hashes(ledger: Ledger, config: Configuration, campaign_name: str) -> dict[str, str]:
    """Return a hash a part: of the plan, of the texts, and of everybody in the lists it is sent to."""
    campaign = config.schedules.campaigns[campaign_name]
    audiences = {*campaign.audiences, *(to for digest in campaign.digests for to in digest.to)}
    return {**config.approval_hashes(campaign_name), "lists": audience_hash.compute(ledger, audiences)}
