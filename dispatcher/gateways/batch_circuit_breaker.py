"""Decides when a batch should stop, because going on would only add to the damage."""

from __future__ import annotations

from dispatcher.gateways import ErrorClass, Result

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
        self._has_accepted = self._has_accepted or result.kind == "accepted"
        self._unanswered = self._unanswered + 1 if result.is_unanswered else 0
        self._refused = self._refused + 1 if self._is_refused_for_all(result) else 0
        if self._unanswered >= UNANSWERED_MAX:
            self.trip(result.code, "transport", f"no answers: {result.detail}")
        elif self._refused >= REFUSED_MAX:
            wait = result.retry_after_seconds
            self.trip(result.code, result.error_class, result.detail, retry_after=wait)

    def _is_refused_for_all(self, result: Result) -> bool:
        """Return whether it is the account's: as told, or as it seems while nothing was taken."""
        if result.kind != "later":
            return False
        return result.error_class in {"config", "account"} or not (result.error_class or self._has_accepted)
