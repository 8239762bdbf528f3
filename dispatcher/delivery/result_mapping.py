"""Maps a gateway's result to what the ledger records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dispatcher.delivery.timeouts import Timeouts
from dispatcher.gateways import GATEWAY_ERRORS, SENDING_STOPPED, ErrorClass, Result
from dispatcher.ledger.recipients.suppressions import SUPPRESSION_REASONS, OptOut
from dispatcher.ledger.schema.message_status import (
    EXPIRED,
    IN_DOUBT,
    PERMANENT_FAILURE,
    RANK,
    RANK_NOT_ACCEPTED,
    SENDING,
    TECHNICAL_FAILURE,
    TEMPORARY_FAILURE,
)
from dispatcher.ledger.sending.attempt_results import AttemptResult
from dispatcher.ledger.sending.claim_types import ClaimedMessage

# Whose fault a refusal is decides what it is called; the first two say something about the address.
REFUSAL_STATUSES: Mapping[ErrorClass, tuple[str, str]] = {
    "number": (PERMANENT_FAILURE, "number"),
    "opt-out": (PERMANENT_FAILURE, "opted-out"),
    "blocked": (PERMANENT_FAILURE, "blocked"),
    "content": (TECHNICAL_FAILURE, "content"),
    "config": (TECHNICAL_FAILURE, "configuration"),
    "": (PERMANENT_FAILURE, "blocked"),
}
UNKNOWN_CODE_ATTEMPTS_MAX = 2  # a code nobody knows is tried once more and then reported, not hammered

HELD_RETRY_DELAY = timedelta(minutes=5)  # somebody has to mend the settings first

DEFAULT_TIMEOUTS = Timeouts()

NextRetryAt = Callable[[int, timedelta], datetime | None]  # (tries so far, at least) -> the next try


class MappedResult(NamedTuple):
    """What to write for one attempt, and whether its address is to be left alone."""

    attempt_result: AttemptResult
    opt_out: OptOut | None = None
    unknown_code: str = ""  # given up for a code that nobody knows


def map_result(
    claimed: ClaimedMessage,
    result: Result,
    *,
    gateway: str,
    started_at: datetime,
    left_by: datetime | None = None,
    now: datetime,
    next_retry_at: NextRetryAt,
    timeouts: Timeouts = DEFAULT_TIMEOUTS,
    is_held: bool = False,
) -> MappedResult:
    """Return what to record for one result; times in UTC.

    `left_by`: when it left at the latest, if known. `is_held`: wrong settings hold it up.
    """
    status, rank, reason = _status(result)
    counts = counts_as_attempt(result) and not is_held
    counted_attempts = claimed.counted_attempts if counts else claimed.counted_attempts - 1
    next_at = lookup_at = None
    vnd = result.vnd
    is_unknown = result.kind == "later" and counts and not result.error_class
    if result.kind == "later":
        vnd = 0
        if not is_unknown or counted_attempts < UNKNOWN_CODE_ATTEMPTS_MAX:
            next_at = next_retry_at(counted_attempts, _min_delay(result, is_held=is_held))
        if next_at is None:
            status, reason = _final_status(result, counts=counts, is_unknown=is_unknown)
    elif result.kind == "refused":
        vnd = 0
    elif result.kind == "unknown":
        lookup_at = now + timeouts.lookup_delay
    elif status == SENDING:
        lookup_at = now + timeouts.first_status_lookup
    attempt_result = AttemptResult(
        message_id=claimed.message_id,
        attempt=claimed.attempt,
        counted_attempts=counted_attempts,
        status=status,
        rank=rank,
        reason=reason,
        next_at=next_at,
        lookup_at=lookup_at,
        started_at=started_at,
        left_by=left_by,
        gateway=gateway,
        outcome=result.kind,
        provider_id=result.provider_id or None,
        code=result.code,
        detail=result.detail,
        parts=result.parts or None,  # a messaging service answers 0 at creation
        vnd=vnd if vnd != claimed.vnd else None,
    )
    return MappedResult(
        attempt_result=attempt_result,
        opt_out=_opt_out(claimed, result, gateway),
        unknown_code=result.code if is_unknown and next_at is None else "",
    )


def _min_delay(result: Result, *, is_held: bool) -> timedelta:
    """Return how long to wait at least: as asked, and a while where somebody has to mend our settings."""
    asked = timedelta(seconds=result.retry_after_seconds or 0)
    return max(asked, HELD_RETRY_DELAY) if is_held else asked


def counts_as_attempt(result: Result) -> bool:
    """Return whether the provider said anything about this message, instead of about all of them."""
    return result.kind != "later" or (
        result.code != SENDING_STOPPED and result.error_class not in GATEWAY_ERRORS
    )


def _final_status(result: Result, *, counts: bool, is_unknown: bool) -> tuple[str, str]:
    if is_unknown:
        return TECHNICAL_FAILURE, result.code
    if not counts:
        return EXPIRED, "expired"  # there was time for no further try
    return TECHNICAL_FAILURE, "retries-used-up"


def _status(result: Result) -> tuple[str, int, str]:
    if result.kind == "accepted":
        status = result.status if result.status in RANK else SENDING
        return status, RANK[status], ""
    if result.kind == "unknown":
        return IN_DOUBT, RANK[IN_DOUBT], ""
    if result.kind == "later":
        return TEMPORARY_FAILURE, RANK_NOT_ACCEPTED, result.code
    status, reason = REFUSAL_STATUSES.get(result.error_class, REFUSAL_STATUSES[""])
    return status, RANK[status], reason


def _opt_out(claimed: ClaimedMessage, result: Result, gateway: str) -> OptOut | None:
    if result.kind != "refused" or result.error_class not in SUPPRESSION_REASONS:
        return None
    return OptOut(
        channel=claimed.recipient.channel,
        address=claimed.recipient.address,
        reason=SUPPRESSION_REASONS[result.error_class],
        who=gateway,
        how="provider",
        words=result.code,
    )
