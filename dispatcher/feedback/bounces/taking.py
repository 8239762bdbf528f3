"""Takes reports in: each becomes one event in the ledger's inbox, folded with all that is reported.

A report that carries a key of ours is about that mail for certain. One that names only an address may have
been written by anybody: it never fails a mail nor stops anybody, it counts as one of the five in a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher import faults
from dispatcher.feedback.bounces.report import Finding, Report
from dispatcher.feedback.bounces.understanding import understand
from dispatcher.gateways import Class
from dispatcher.gateways.smtp_codes import scrub
from dispatcher.ledger import Ledger, bounces, events
from dispatcher.ledger.events import Event
from dispatcher.ledger.status import DELIVERED, PERMANENT_FAILURE, TEMPORARY_FAILURE
from dispatcher.links import Links

RECENT = timedelta(days=14)  # a mail older than this is not what a report without a key speaks of

Outcome = str  # one of OUTCOMES
FAULTS: Mapping[Class, Outcome] = {"number": "dead-address", "temporary": "for-now"}
OUTCOMES = (
    "dead-address",
    "for-now",
    "our-mail",  # refused for what it is or how it was sent
    "complaint",
    "delayed",
    "delivered",
    "auto-reply",
    "unmatched",  # about no mail of ours
    "other",  # not understood: for a person
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What became of some reports: how many of each outcome, and how many the ledger did not know yet."""

    outcomes: Mapping[Outcome, int]
    new: int

    @property
    def mails(self) -> int:
        """How many mails were read."""
        return sum(self.outcomes.values())


def take_in(ledger: Ledger, links: Links, pages: Iterable[Sequence[bytes]], *, now: datetime) -> Taken:
    """Read mails and write down what they say, a page a transaction; what was known before is no news."""
    return add_up(take_page(ledger, links, page, now=now) for page in pages)


def add_up(pages: Iterable[tuple[Sequence[Outcome], int]]) -> Taken:
    """Sum up what pages of mails brought."""
    outcomes: Counter[Outcome] = Counter()
    new = 0
    for found, news in pages:
        outcomes.update(found)
        new += news
    return Taken(outcomes=dict(outcomes), new=new)


def take_page(
    ledger: Ledger, links: Links, mails: Sequence[bytes], *, now: datetime
) -> tuple[list[Outcome], int]:
    """Take in some mails at once; gives the outcome of each and how many reports were new."""
    told = [_event(ledger, understand(raw, links), now=now) for raw in mails]
    new = events.record(ledger, [event for _outcome, event in told if event is not None], now=now)
    faults.point("event-recorded")
    return [outcome for outcome, _event in told], new


def outcome_of(report: Report) -> Outcome:
    """Name what a report means, before the ledger is asked."""
    finding = report.finding
    if finding.kind == "failed":
        return FAULTS.get(finding.fault, "our-mail")
    return finding.kind


def _event(ledger: Ledger, report: Report, *, now: datetime) -> tuple[Outcome, Event | None]:
    finding, outcome = report.finding, outcome_of(report)
    if finding.kind in {"auto-reply", "other"}:
        return outcome, None
    if report.message is not None:
        return outcome, _proven(report, *report.message)
    message_id = (
        bounces.last_mail(ledger, finding.recipient, since=now - RECENT) if finding.recipient else None
    )
    if finding.kind != "failed" or message_id is None:
        return "unmatched", _made(report, kind=_kind(finding), message_id=None)
    return "for-now", _made(report, kind="bounce", message_id=message_id, error_class="temporary")


def _proven(report: Report, message_id: int, attempt: int) -> Event:
    finding = report.finding
    if finding.kind == "delivered":
        return _made(report, kind="status", message_id=message_id, attempt=attempt, status=DELIVERED)
    if finding.kind != "failed":
        return _made(report, kind=_kind(finding), message_id=message_id, attempt=attempt)
    for_now = finding.fault == "temporary"
    return _made(
        report,
        kind="bounce",
        message_id=message_id,
        # A report that does not name its attempt is never the reason to send again after a later one.
        attempt=attempt or (1 if for_now else 0),
        status=TEMPORARY_FAILURE if for_now else PERMANENT_FAILURE,
        error_class=finding.fault,
    )


def _made(
    report: Report,
    *,
    kind: str,
    message_id: int | None,
    attempt: int = 0,
    status: str = "",
    error_class: str = "",
) -> Event:
    finding = report.finding
    return Event(
        kind=kind,
        dedupe_key=f"mail|{report.report_id}|{message_id or ''}|{attempt}|{status}",
        gateway="smtp",
        source="mailbox",
        message_id=message_id,
        attempt=attempt,
        status=status,
        code=finding.code,
        error_class=error_class,
        raw={"report": report.report_id, "finding": finding.kind, "words": scrub(finding.words)},
    )


def _kind(finding: Finding) -> str:
    return "complaint" if finding.kind == "complaint" else "bounce"
