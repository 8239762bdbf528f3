"""A run that goes wrong stops itself: configuration errors from the start, or failures that jump."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from dispatcher.gateways import Result
from dispatcher.ledger.runs import Answers, Run

CONFIG_ONLY = 5  # that many answers since the start, all of them our own fault
HARD_COUNT = 10  # more hard failures than this …
HARD_SHARE = 0.10  # … and a larger share than this, of the recent answers


def count(results: Sequence[Result], *, campaign: str, channel: str) -> Answers | None:
    """Count what says something about the run; what was put off and what is unknown says nothing."""
    failed: Counter[str] = Counter(result.error_class for result in results if _has_failed(result))
    answers = failed.total() + sum(result.kind == "accepted" for result in results)
    if not answers:
        return None
    return Answers(campaign=campaign, channel=channel, answers=answers, failed=failed)


def _has_failed(result: Result) -> bool:
    """Tell whether a message was refused; a broken setting refuses it as long as it is broken."""
    return result.kind == "refused" or (result.kind == "later" and result.error_class == "config")


def judge(run: Run) -> str:
    """Give the reason to stop a run; empty when all is well."""
    if run.answers >= CONFIG_ONLY and run.config >= run.answers:
        return "configuration-errors"
    if run.recent_hard > HARD_COUNT and run.recent_hard > HARD_SHARE * run.recent:
        return "failures-jumped"
    return ""
