"""What a gateway's answer means for the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.delivery.patience import Patience
from dispatcher.gateways import NOT_LOOKED_AT, NOT_NOW, Class, Result
from dispatcher.ledger.claims import Claimed
from dispatcher.ledger.consent import OptOut
from dispatcher.ledger.settling import Settlement
from dispatcher.ledger.status import (
    EXPIRED,
    IN_DOUBT,
    PERMANENT_FAILURE,
    RANK,
    RANK_NOT_TAKEN,
    SENDING,
    TECHNICAL_FAILURE,
    TEMPORARY_FAILURE,
)

# Whose fault a refusal is decides what it is called; the first two say something about the address.
REFUSED: Mapping[Class, tuple[str, str]] = {
    "number": (PERMANENT_FAILURE, "number"),
    "opt-out": (PERMANENT_FAILURE, "opted-out"),
    "blocked": (PERMANENT_FAILURE, "blocked"),
    "content": (TECHNICAL_FAILURE, "content"),
    "config": (TECHNICAL_FAILURE, "configuration"),
    "": (PERMANENT_FAILURE, "blocked"),
}
STOPS: Mapping[Class, str] = {"number": "dead-address", "opt-out": "opted-out", "blocked": "blocked"}
UNKNOWN_TRIES_MAX = 2  # a code nobody knows is tried once more and then reported, not hammered

PATIENCE = Patience()

Again = Callable[[int, timedelta], datetime | None]  # (tries so far, at least) -> the next try


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What to write for one attempt, and whether its address is to be left alone."""

    settlement: Settlement
    opt_out: OptOut | None = None
    unknown_code: str = ""  # given up for a code that nobody knows


def judge(
    claimed: Claimed,
    result: Result,
    *,
    gateway: str,
    started_at: datetime,
    now: datetime,
    again: Again,
    patience: Patience = PATIENCE,
) -> Verdict:
    """Put one answer into the ledger's words."""
    status, rank, reason = _status(result)
    tries = claimed.tries if was_looked_at(result) else claimed.tries - 1
    next_at = ask_at = None
    vnd = result.vnd
    is_unknown = result.kind == "later" and was_looked_at(result) and not result.error_class
    if result.kind == "later":
        vnd = 0
        if not is_unknown or tries < UNKNOWN_TRIES_MAX:
            next_at = again(tries, timedelta(seconds=result.retry_after_seconds or 0))
        if next_at is None:
            status, reason = _given_up(result, is_unknown=is_unknown)
    elif result.kind == "refused":
        vnd = 0
    elif result.kind == "unknown":
        ask_at = now + patience.settling
    elif status == SENDING:
        ask_at = now + patience.first_poll
    settlement = Settlement(
        message_id=claimed.message_id,
        attempt=claimed.attempt,
        tries=tries,
        status=status,
        rank=rank,
        reason=reason,
        next_at=next_at,
        ask_at=ask_at,
        started_at=started_at,
        gateway=gateway,
        outcome=result.kind,
        provider_id=result.provider_id or None,
        code=result.code,
        detail=result.detail,
        parts=result.parts or None,  # a messaging service answers 0 at creation
        vnd=vnd if vnd != claimed.vnd else None,
    )
    return Verdict(
        settlement=settlement,
        opt_out=_opt_out(claimed, result, gateway),
        unknown_code=result.code if is_unknown and next_at is None else "",
    )


def was_looked_at(result: Result) -> bool:
    """Tell whether the provider said anything about this message, instead of about all of them."""
    return result.kind != "later" or (result.code != NOT_NOW and result.error_class not in NOT_LOOKED_AT)


def _given_up(result: Result, *, is_unknown: bool) -> tuple[str, str]:
    if is_unknown:
        return TECHNICAL_FAILURE, result.code
    if not was_looked_at(result):
        return EXPIRED, "expired"  # there was time for no further try
    return TECHNICAL_FAILURE, "retries-used-up"


def _status(result: Result) -> tuple[str, int, str]:
    if result.kind == "accepted":
        status = result.status or SENDING
        return status, RANK[status], ""
    if result.kind == "unknown":
        return IN_DOUBT, RANK[IN_DOUBT], ""
    if result.kind == "later":
        return TEMPORARY_FAILURE, RANK_NOT_TAKEN, result.code
    status, reason = REFUSED.get(result.error_class, REFUSED[""])
    return status, RANK[status], reason


def _opt_out(claimed: Claimed, result: Result, gateway: str) -> OptOut | None:
    if result.kind != "refused" or result.error_class not in STOPS:
        return None
    return OptOut(
        channel=claimed.recipient.channel,
        address=claimed.recipient.address,
        reason=STOPS[result.error_class],
        who=gateway,
        how="provider",
        words=result.code,
    )
