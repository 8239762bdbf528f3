"""Pauses a campaign that goes wrong: configuration errors from the start, or failures that jump."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dispatcher.gateways import SENDING_STOPPED, Result
from dispatcher.ledger.sending.failure_counts import FailureWindow, ResultCounts

CONFIG_ERRORS_MIN = 5  # that many answers since the start, all of them our own fault
UNPLACED_MIN = 2  # so many messages of a batch, none of them taken, turned down for a reason nobody knows
HARD_FAILURES_MAX = 10  # more hard failures than this …
HARD_FAILURE_RATE_MAX = 0.10  # … and a larger share than this, of the recent answers


def blame_settings(results: Sequence[Result]) -> list[Result]:
    """Return the results, with refusals that nobody can place laid on our settings where nothing was taken.

    An error of the account or the sender that no table knows meets every message alike: taken for each
    message's own, it would use up the whole list. Beside messages that were taken, or alone, it is what it
    seems.
    """
    unplaced = [result for result in results if _is_unplaced(result)]
    if len(unplaced) < UNPLACED_MIN or any(result.kind == "accepted" for result in results):
        return list(results)
    return [replace(result, error_class="config") if _is_unplaced(result) else result for result in results]


def count_results(results: Sequence[Result], *, campaign: str, channel: str) -> ResultCounts | None:
    """Count what says something about the run; what was put off and what is unknown says nothing."""
    accepted = sum(result.kind == "accepted" for result in results)
    failed = Counter[str]()
    for result in results:
        if result.kind == "refused" or (result.kind == "later" and result.error_class == "config"):
            failed[result.error_class] += 1
        elif _is_unplaced(result) and not accepted:
            failed["config"] += 1
    answers = failed.total() + accepted
    if not answers:
        return None
    return ResultCounts(campaign=campaign, channel=channel, results=answers, failed=failed)


def _is_unplaced(result: Result) -> bool:
    """Return whether a message was turned down for a reason that no table knows."""
    return result.kind == "later" and not result.error_class and result.code != SENDING_STOPPED


def pause_reason(window: FailureWindow) -> str:
    """Return the reason code to pause a campaign for; empty when all is well."""
    if window.results >= CONFIG_ERRORS_MIN and window.config_failures >= window.results:
        return "configuration-errors"
    if (
        window.recent_hard_failures > HARD_FAILURES_MAX
        and window.recent_hard_failures > HARD_FAILURE_RATE_MAX * window.recent
    ):
        return "failures-jumped"
    return ""
