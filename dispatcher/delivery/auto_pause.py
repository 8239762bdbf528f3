"""Pauses a campaign that goes wrong: nothing but configuration errors any more, or failures that jump."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from dispatcher.gateways import SENDING_STOPPED, Result
from dispatcher.ledger.sending.failure_counts import OWN_FAULTS, FailureWindow, ResultCounts

CONFIG_ERRORS_MIN = 5  # that many answers since anything was last taken, all of them our own fault
UNPLACED_MIN = 2  # so many messages in a row, none taken between, turned down for a reason nobody knows
REMEMBERED_MAX = 10_000
HARD_FAILURES_MAX = 10  # more hard failures than this …
HARD_FAILURE_RATE_MAX = 0.10  # … and a larger share than this, of the recent answers


class Judgement(NamedTuple):
    """The results of a batch, and the messages that wrong settings hold up: none of their tries is used."""

    results: list[Result]
    held: frozenset[int] = frozenset()


class SettingsSuspicion:
    """Tells wrong settings, which meet every message alike, from what is one message's own trouble.

    An error of the account or the sender that no table knows, taken for each message's own, would use up the
    whole list. Batches may be of one message each, so what was turned down since a gateway last took anything
    is remembered over them. What was turned down while others were taken has its own trouble from then on.
    """

    def __init__(self) -> None:
        self._in_a_row: defaultdict[str, set[int]] = defaultdict(set)  # gateway → messages
        self._own: set[int] = set()  # messages

    def judge(self, gateway: str, message_ids: Sequence[int], results: Sequence[Result]) -> Judgement:
        """Return the results of a batch with what meets every message laid on our settings."""
        in_a_row = self._in_a_row[gateway]
        pairs = list(zip(message_ids, results, strict=True))
        turned_down = {message_id for message_id, result in pairs if _may_be_settings(result)}
        if any(result.kind == "accepted" for result in results):
            self._remember_own(in_a_row | turned_down)
            in_a_row.clear()
            return Judgement(list(results))
        suspects = turned_down - self._own
        in_a_row |= suspects
        blamed = suspects if len(in_a_row) >= UNPLACED_MIN else set()
        judged = [replace(one, error_class="config") if at in blamed else one for at, one in pairs]
        held = (at for at, one in zip(message_ids, judged, strict=True) if one.error_class == "config")
        return Judgement(judged, frozenset(held) & suspects)

    def _remember_own(self, messages: set[int]) -> None:
        if len(self._own) > REMEMBERED_MAX:
            self._own.clear()
        self._own |= messages


def _may_be_settings(result: Result) -> bool:
    return _is_unplaced(result) or (result.kind == "later" and result.error_class == "config")


def count_results(
    results: Sequence[Result], *, own: Sequence[bool], campaign: str, channel: str
) -> ResultCounts | None:
    """Count what says something about the run; what was put off and what is unknown says nothing.

    `own`: which messages were turned down while others were taken. A setting may stand in the way of one
    number ("region not enabled"); that says nothing about all of them.
    """
    accepted = sum(result.kind == "accepted" for result in results)
    failed = Counter[str]()
    for result, is_own in zip(results, own, strict=True):
        is_config = result.kind == "later" and result.error_class == "config" and not is_own
        if result.kind == "refused" or is_config:
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


def describe_config_errors(results: Sequence[Result]) -> str:
    """Return what the provider says against our settings: its codes, each with its words."""
    told = {one.code: one.detail for one in results if one.error_class in OWN_FAULTS}
    return ", ".join(f"{code} ({detail})" if detail else code for code, detail in sorted(told.items()))
