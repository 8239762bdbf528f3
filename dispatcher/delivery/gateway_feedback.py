"""What the results of one batch say about the gateway: unreachable, throttling, or fine; and doing it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.gateways import SENDING_STOPPED, Result
from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import rate_limits
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)

THROTTLE_DEFAULT = timedelta(seconds=1)  # after "too many" without a word about how long
ACCOUNT_BLOCK_DEFAULT = timedelta(hours=1)  # after "enough for now" without one


@dataclass(frozen=True, kw_only=True, slots=True)
class GatewayFeedback:
    """What to do about the gateway. Each wait is None when there is no reason for it."""

    unanswered_calls: int  # calls without an answer, from the last one that had one
    has_answered: bool  # it did answer
    throttle_for: timedelta | None = None  # go slower, and not before so much time has passed
    block_for: timedelta | None = None  # offer nothing at all for so long
    code: str = ""  # the provider's word for it


def summarise(results: Sequence[Result]) -> GatewayFeedback:
    """Summarise the results of a batch, given in the order in which they were sent."""
    tried = [result for result in results if result.code != SENDING_STOPPED]
    unanswered = 0
    for result in reversed(tried):
        if not result.is_unanswered:
            break
        unanswered += 1
    blocked = [result for result in tried if result.kind == "later" and result.error_class == "account"]
    throttled = [result for result in tried if result.kind == "later" and result.error_class == "throttled"]
    return GatewayFeedback(
        unanswered_calls=unanswered,
        has_answered=unanswered < len(tried),
        block_for=_longest(blocked, ACCOUNT_BLOCK_DEFAULT) if blocked else None,
        throttle_for=_longest(throttled, THROTTLE_DEFAULT) if throttled else None,
        code=next((result.code for result in (*blocked, *throttled, *reversed(tried))), ""),
    )


def _longest(results: Sequence[Result], default: timedelta) -> timedelta:
    waits = [timedelta(seconds=result.retry_after_seconds or 0) for result in results]
    return max(waits) or default


async def apply(
    feedback: GatewayFeedback,
    *,
    ledger: Ledger,
    ledger_thread: LedgerThread,
    gateway: str,
    was_failing: bool,
    now: datetime,
) -> None:
    """Do to the gateway what its answers ask for; `was_failing`: nobody had answered there before."""
    if feedback.has_answered and was_failing:
        await ledger_thread.run(rate_limits.record_answer, ledger, gateway, now=now)
    if feedback.unanswered_calls:
        until = await ledger_thread.run(
            rate_limits.record_no_answer,
            ledger,
            gateway,
            feedback.unanswered_calls,
            in_a_row=not feedback.has_answered,
            reason=feedback.code,
            now=now,
        )
        if until is not None:
            logger.error(
                "%s does not answer and is left alone until %s",
                gateway,
                until.isoformat(timespec="seconds"),
                extra={"action": "gateway-away"},
            )
    if feedback.throttle_for:
        until = now + feedback.throttle_for
        await ledger_thread.run(
            rate_limits.throttle, ledger, gateway, until=until, reason=feedback.code, now=now
        )
    if feedback.block_for:
        until = now + feedback.block_for
        await ledger_thread.run(rate_limits.block, ledger, gateway, until=until, reason=feedback.code)
        logger.error("%s wants nothing for now: %s", gateway, feedback.code, extra={"action": "gateway-held"})
