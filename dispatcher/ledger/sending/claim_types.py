"""What claiming takes and gives: leases, limits, and the messages that may go out now."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from dispatcher.message import Draft, Recipient


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """A shard held by one worker; a newer holder always has a higher token."""

    shard_id: int
    token: int
    until: datetime
    occurrence_id: int
    campaign: str
    step: str
    kind: str
    template: str
    due_at: datetime
    expires_at: datetime
    audience: str
    channel: str
    revision: int = 0  # of what decides about sending, when it was leased
    due: int = 0  # messages of it that wait now
    put_back: int = 0  # of a holder who died: intents that had not left, and wait again


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What the claim enforces, besides the facts in the ledger."""

    batch_size: int
    cap_per_day: int | None = None  # texts to one number in any 24 h, over all campaigns
    cap_per_week: int | None = None
    waits_for_cap: bool = False  # a reminder over its cap waits as long as its time lasts
    budget_vnd: int | None = None
    canary: int = 0  # so many messages to people first, then somebody has to look; 0: no canary
    approved_hashes: Mapping[str, str] | None = (
        None  # hashes that the approval has to hold; None: it needs none
    )
    # Scopes of stops that are about something else (`campaign.stop_scopes`); every other stop counts.
    other_scopes: Collection[str] = ()
    vnd_per_part: Callable[[str], int] = field(default=lambda _address: 0)


class ClaimedMessage(NamedTuple):
    """One message whose intent is committed: it may go out now, and only by the one who holds this."""

    message_id: int
    attempt: int
    recipient: Recipient
    draft: Draft
    vnd: int  # reserved for this attempt
    counted_attempts: int = 1  # this one included, without those that the provider never looked at


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimResult:
    """What one claim found."""

    claimed: tuple[ClaimedMessage, ...] = ()
    revision: int = 0  # of what decided: what goes out later is decided about anew when it has moved
    skipped: int = 0  # skipped with a reason
    deferred: int = 0  # put off: the cap frees later
    is_last: bool = False  # nothing else in this shard is due now
    stop_reason: str = ""  # the campaign may not send: paused, cancelled, approval, budget, canary
    render_error: str = ""  # why a message could not be written, if one could not


# (recipient, whether it is their first message of the campaign) -> words; raises MessageUnfit
Compose = Callable[[Recipient, bool], Draft]
