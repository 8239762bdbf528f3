"""A run that goes wrong stops itself: configuration errors from the start, or failures that jump."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.gateways import Result

CONFIG_ONLY = 5  # that many answers since the start, all of them our own fault
HARD_COUNT = 10  # more hard failures than this …
HARD_SHARE = 0.10  # … and a larger share than this, within the last window
WINDOW = 500

OUR_FAULT = frozenset({"config", "content"})


@dataclass(slots=True)
class Run:
    """What a campaign's answers on one channel looked like since it was started or resumed."""

    answers: int = 0
    config: int = 0
    window_answers: int = 0
    window_hard: int = 0

    def add(self, results: Sequence[Result]) -> str:
        """Take in the answers of a batch; gives the reason to stop, empty when all is well."""
        for result in results:
            if result.kind in {"accepted", "refused"} or result.error_class == "config":
                self._count(result)
        if self.answers >= CONFIG_ONLY and self.config == self.answers:
            return "configuration-errors"
        if self.window_hard > HARD_COUNT and self.window_hard > HARD_SHARE * self.window_answers:
            return "failures-jumped"
        return ""

    def _count(self, result: Result) -> None:
        if self.window_answers >= WINDOW:
            self.window_answers //= 2
            self.window_hard //= 2
        self.answers += 1
        self.window_answers += 1
        if result.kind != "accepted":
            self.config += result.error_class in OUR_FAULT
            # A person's own refusal is no sign that the run is broken.
            self.window_hard += result.error_class != "opt-out"
