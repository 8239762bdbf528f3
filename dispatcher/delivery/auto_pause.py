"""Pauses a campaign that goes wrong: configuration errors from the start, or failures that jump."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dispatcher.gateways import Result
from dispatcher.ledger.sending.failure_counts import FailureWindow, ResultCounts

CONFIG_ERRORS_MIN = 5  # that many answers since the start, all of them our own fault
HARD_FAILURES_MAX = 10  # more hard failures than this …
HARD_FAILURE_RATE_MAX = 0.10  # … and a larger share than this, of the recent answers


def count_results(results: Sequence[Result], *, campaign: str, channel: str) -> ResultCounts | None:
    """Count what says something about the run; what was put off and what is unknown says nothing."""
    failed: Counter[str] = Counter(result.error_class for result in results if _has_failed(result))
    answers = failed.total() + sum(result.kind == "accepted" for result in results)
    if not answers:
        return None
    return ResultCounts(campaign=campaign, channel=channel, results=answers, failed=failed)


def _has_failed(result: Result) -> bool:
    """Return whether a message was refused; a broken setting refuses it as long as it is broken."""
    return result.kind == "refused" or (result.kind == "later" and result.error_class == "config")


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
