"""What the results of one batch say about the gateway: unreachable, throttling, or fine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dispatcher.gateways import SENDING_STOPPED, Result

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
