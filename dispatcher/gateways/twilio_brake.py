"""Decides when a batch should stop, because going on would only add to the damage."""

from __future__ import annotations

from dispatcher.gateways import Class, Result, twilio_codes

SILENT_MAX = 8  # calls in a row without a definite answer
REFUSED_MAX = 5  # calls in a row refused because of the account or the sender


class Brake:
    """Watches the answers of one batch; once pulled, what was not offered comes back as "later".

    A refusal that concerns the account or the sender, again and again, will meet every message. And while
    no answers come, every further call puts one more message in doubt.
    """

    def __init__(self) -> None:
        self.pulled: Result | None = None  # its key is replaced by each message's own
        self._silent = 0
        self._refused = 0

    def pull(self, code: str, error_class: Class, why: str, *, retry_after: float | None = None) -> None:
        """Let nothing more of this batch go, for this reason."""
        self.pulled = Result(
            key="",
            kind="later",
            code=code,
            error_class=error_class,
            detail=f"not offered: {why}",
            retry_after_seconds=retry_after,
        )

    def learn(self, result: Result) -> None:
        """Look at one answer."""
        code = twilio_codes.read(result.code)
        silent = result.kind == "unknown" or result.code == "connect"
        ours_to_fix = result.kind == "later" and (
            code.action in {"stop", "pause"} or result.error_class == "config"
        )
        self._silent = self._silent + 1 if silent else 0
        self._refused = self._refused + 1 if ours_to_fix else 0
        if self._silent >= SILENT_MAX:
            self.pull(result.code, "transport", f"no answers: {result.detail}")
        elif self._refused >= REFUSED_MAX:
            wait = result.retry_after_seconds
            self.pull(result.code, result.error_class, code.name, retry_after=wait)
