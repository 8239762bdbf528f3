"""The words for how a message stands, and the rank that lets them be joined in any order.

A status from outside never overwrites: within one attempt the higher rank wins, so duplicates, delays
and reordering give the same result. A new attempt starts again at `submitting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

CREATED: Final = "created"
SUBMITTING: Final = "submitting"
IN_DOUBT: Final = "in-doubt"
SENDING: Final = "sending"
SENT: Final = "sent"
DELIVERED: Final = "delivered"
TEMPORARY_FAILURE: Final = "temporary-failure"
PERMANENT_FAILURE: Final = "permanent-failure"
TECHNICAL_FAILURE: Final = "technical-failure"
CANCELLED: Final = "cancelled"
EXPIRED: Final = "expired"

RANK: Mapping[str, int] = {
    CREATED: 0,
    SUBMITTING: 1,
    IN_DOUBT: 2,
    # Settled on our side; a callback that proves acceptance still wins over them.
    CANCELLED: 3,
    EXPIRED: 3,
    TECHNICAL_FAILURE: 3,
    SENDING: 4,
    SENT: 5,
    TEMPORARY_FAILURE: 6,
    PERMANENT_FAILURE: 7,
    DELIVERED: 8,
}

# A refusal "for now" before acceptance: settled on our side until the next attempt.
RANK_NOT_ACCEPTED: Final = 3

STATUSES = tuple(RANK)

# What people are told of: each status but in-doubt and delivered is in one of these. A temporary failure that
# nobody tries again is counted as a permanent one (`eligibility.counted_status`).
WAITING = frozenset({CREATED, SUBMITTING, TEMPORARY_FAILURE})
WITH_PROVIDER = frozenset({SENDING, SENT})
FAILED = frozenset({PERMANENT_FAILURE, TECHNICAL_FAILURE})
NOT_NEEDED = frozenset({CANCELLED, EXPIRED})

ACCEPTED_STATUSES = WITH_PROVIDER | {DELIVERED}
NOT_REACHED = FAILED | {TEMPORARY_FAILURE}  # what has a reason that somebody can do something about
REPORTED_FAILURES = frozenset({TEMPORARY_FAILURE, PERMANENT_FAILURE})  # what a provider may report
UNRESOLVED = frozenset({SUBMITTING, IN_DOUBT})  # nobody knows now whether the provider has it

SCHEDULE_CHANGED: Final = "schedule-changed"  # reason of what waited when its step was edited away
PARTICIPATION_UNDONE: Final = "participation-undone"  # of thanks that waited when it was taken back

ANONYMISED: Final = "forgotten"  # stands where an address or a provider's name for a message was

REASONS = (
    "participated",
    "opted-out",
    "suppressed",
    "held",
    "erased",
    "campaign-ended",
    "campaign-cancelled",
    "frequency-cap",
    SCHEDULE_CHANGED,
    PARTICIPATION_UNDONE,
    "expired",
    "content",
    "configuration",
    "number",
    "blocked",
    "retries-used-up",
    "not-found",
    "no-receipt",
    "trial",  # waited when a trial went live
)
