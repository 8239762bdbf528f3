"""What the answers of one batch say about the gateway: is it there, are we too fast, has it had enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from dispatcher.gateways import NOT_NOW, Result

REST = timedelta(seconds=1)  # after "too many" without a word about how long
ACCOUNT_REST = timedelta(hours=1)  # after "enough for now" without one


@dataclass(frozen=True, kw_only=True, slots=True)
class Lesson:
    """What to do about the gateway. Each wait is None when there is no reason for it."""

    unanswered: int  # calls without an answer, from the last one that had one
    is_heard: bool  # it did answer
    slow_down: timedelta | None = None  # go slower, and not before so much time has passed
    hold: timedelta | None = None  # offer nothing at all for so long
    code: str = ""  # the provider's word for it


def learn(results: Sequence[Result]) -> Lesson:
    """Look at the results of a batch, in the order in which they were sent."""
    tried = [result for result in results if result.code != NOT_NOW]
    unanswered = 0
    for result in reversed(tried):
        if not is_silence(result):
            break
        unanswered += 1
    held = [result for result in tried if result.kind == "later" and result.error_class == "account"]
    throttled = [result for result in tried if result.kind == "later" and result.error_class == "throttled"]
    return Lesson(
        unanswered=unanswered,
        is_heard=unanswered < len(tried),
        hold=_longest(held, ACCOUNT_REST) if held else None,
        slow_down=_longest(throttled, REST) if throttled else None,
        code=next((result.code for result in (*held, *throttled, *reversed(tried))), ""),
    )


def is_silence(result: Result) -> bool:
    """Tell whether a call brought no answer: nobody there, or nothing that can be relied on."""
    return result.kind == "unknown" or (result.kind == "later" and result.error_class == "transport")


def _longest(results: Sequence[Result], otherwise: timedelta) -> timedelta:
    waits = [timedelta(seconds=result.retry_after_seconds or 0) for result in results]
    return max(waits) or otherwise
