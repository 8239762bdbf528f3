"""Decides when a batch should stop, because going on would only add to the damage."""

from __future__ import annotations

from dispatcher.gateways import ErrorClass, Result
from dispatcher.gateways.twilio import codes

UNANSWERED_MAX = 8  # calls in a row without a definite answer
REFUSED_MAX = 5  # calls in a row refused because of the account or the sender


class BatchCircuitBreaker:
    """Watches the answers of one batch; once pulled, what was not offered comes back as "later".

    A refusal that concerns the account or the sender, again and again, will meet every message. And while
    no answers come, every further call puts one more message in doubt.
    """

    def __init__(self) -> None:
        self.open_result: Result | None = None  # its key is replaced by each message's own
        self._unanswered = 0
        self._refused = 0
        self._has_accepted = False

    def trip(
        self, code: str, error_class: ErrorClass, reason: str, *, retry_after: float | None = None
    ) -> None:
        """Let nothing more of this batch go, for this reason."""
        self.open_result = Result(
            key="",
            kind="later",
            code=code,
            error_class=error_class,
            detail=f"not offered: {reason}",
            retry_after_seconds=retry_after,
        )

    def record(self, result: Result) -> None:
        """Look at one answer."""
        code = codes.lookup_code(result.code)
        self._has_accepted = self._has_accepted or result.kind == "accepted"
        is_unanswered = result.kind == "unknown" or result.code == "connect"
        is_config_error = result.kind == "later" and (
            code.action in {"stop", "pause"}
            or result.error_class == "config"
            # What no table knows, and nothing taken yet: it will be the account or the sender.
            or (not result.error_class and not self._has_accepted)
        )
        self._unanswered = self._unanswered + 1 if is_unanswered else 0
        self._refused = self._refused + 1 if is_config_error else 0
        if self._unanswered >= UNANSWERED_MAX:
            self.trip(result.code, "transport", f"no answers: {result.detail}")
        elif self._refused >= REFUSED_MAX:
            wait = result.retry_after_seconds
            self.trip(result.code, result.error_class, code.name, retry_after=wait)
