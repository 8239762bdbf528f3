"""What one mail that came back says, in our words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dispatcher.gateways import ErrorClass

ReportKind = Literal["failed", "delayed", "delivered", "complaint", "auto-reply", "other"]


@dataclass(frozen=True, kw_only=True, slots=True)
class BounceFinding:
    """What a mail says has happened.

    failed: given up; `error_class` says whose it is. delayed: still being tried, nothing to do. delivered: it
    arrived. complaint: its reader called it spam. auto-reply: a machine thanks, or is on holiday. other: a
    person has to read it.
    """

    kind: ReportKind
    code: str = ""  # enhanced status, else three digits
    error_class: ErrorClass = (
        ""  # number: the address's; temporary: the moment's; content, config: our mail's
    )
    diagnostic: str = ""  # what the other server said, as it said it
    recipients: tuple[str, ...] = ()  # whom it is about, as the mail says: anybody can write that

    @property
    def recipient(self) -> str:
        """Return whom it is about most likely; empty when it names nobody."""
        return next(iter(self.recipients), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class UnattributedReport:
    """A finding, and what may be keys of ours in the mail: nobody has looked yet whether we signed them.

    `keys` come in groups, from those that count most to those that count least.
    """

    finding: BounceFinding
    keys: tuple[tuple[str, ...], ...]
    report_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BounceReport:
    """A finding, and the mail of ours it is about."""

    finding: BounceFinding
    about: tuple[int, int] | None  # (message id, attempt) by a key of ours; attempt 0: it does not tell
    report_id: str  # the same for every copy of the report
