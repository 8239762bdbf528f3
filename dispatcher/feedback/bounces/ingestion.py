"""Takes reports in: each becomes one event in the ledger's inbox, folded with all that is reported.

A report that carries a key of ours is about that mail for certain. One that names only an address may have
been written by anybody: it never fails a mail nor stops anybody, it counts as one of the five in a row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dispatcher import failpoints
from dispatcher.feedback.bounces.bounce_report import BounceFinding, BounceReport
from dispatcher.feedback.bounces.mail_process import MailReader
from dispatcher.feedback.bounces.mailbox_files import MailPage
from dispatcher.feedback.bounces.returned_mail import attribute
from dispatcher.gateways import ErrorClass
from dispatcher.gateways.smtp.codes import redact
from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts import bounce_history, event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.schema.message_status import DELIVERED, PERMANENT_FAILURE, TEMPORARY_FAILURE
from dispatcher.signed_links import SignedLinks

ATTRIBUTION_PERIOD = timedelta(days=14)  # a mail older than this is not what a report without a key speaks of

BounceOutcome = Literal[
    "dead-address",
    "for-now",
    "our-mail",  # refused for what it is or how it was sent
    "complaint",
    "delayed",
    "delivered",
    "auto-reply",
    "unmatched",  # about no mail of ours
    "other",  # not understood: for a person
]
FAILURE_OUTCOMES: Mapping[ErrorClass, BounceOutcome] = {"number": "dead-address", "temporary": "for-now"}


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestedReports:
    """What became of some reports: how many of each outcome, and how many the ledger did not know yet."""

    outcomes: Mapping[BounceOutcome, int]
    new: int

    @property
    def mails(self) -> int:
        """How many mails were read."""
        return sum(self.outcomes.values())


def ingest(
    ledger: Ledger,
    links: SignedLinks,
    pages: Iterable[Sequence[bytes]],
    *,
    reader: MailReader,
    now: datetime,
) -> IngestedReports:
    """Read mails and write down what they say, a page a transaction; what was known before is no news."""

    def taken_in() -> Iterator[tuple[Sequence[BounceOutcome], int]]:
        for page in pages:
            outcomes, new = ingest_page(ledger, links, page, reader=reader, now=now)
            if isinstance(page, MailPage):
                page.unread = [place for place, outcome in enumerate(outcomes) if outcome == "other"]
            yield outcomes, new

    return sum_pages(taken_in())


def sum_pages(pages: Iterable[tuple[Sequence[BounceOutcome], int]]) -> IngestedReports:
    """Sum up what pages of mails brought."""
    outcomes: Counter[BounceOutcome] = Counter()
    new = 0
    for counts, news in pages:
        outcomes.update(counts)
        new += news
    return IngestedReports(outcomes=dict(outcomes), new=new)


def ingest_page(
    ledger: Ledger, links: SignedLinks, mails: Sequence[bytes], *, reader: MailReader, now: datetime
) -> tuple[list[BounceOutcome], int]:
    """Take in some mails at once; gives the outcome of each and how many reports were new."""
    reports = [attribute(reader.read(raw), links) for raw in mails]
    events_read = [_event(ledger, report, now=now) for report in reports]
    new = event_inbox.record(ledger, [event for _outcome, event in events_read if event is not None], now=now)
    failpoints.hit("event-recorded")
    return [outcome for outcome, _event in events_read], new


def outcome_of(report: BounceReport) -> BounceOutcome:
    """Return what a report means, before the ledger is asked."""
    finding = report.finding
    if finding.kind == "failed":
        return FAILURE_OUTCOMES.get(finding.error_class, "our-mail")
    return finding.kind


def _event(ledger: Ledger, report: BounceReport, *, now: datetime) -> tuple[BounceOutcome, Event | None]:
    finding, outcome = report.finding, outcome_of(report)
    if finding.kind in {"auto-reply", "other"}:
        return outcome, None
    if finding.code == "opt-out" and report.about is None:
        return "other", None  # a no from we do not know whom: a person finds out
    if report.about is not None:
        return outcome, _event_for_attempt(report, *report.about)
    message_id = (
        bounce_history.last_mail_to(ledger, finding.recipient, since=now - ATTRIBUTION_PERIOD)
        if finding.recipient
        else None
    )
    if finding.kind != "failed" or message_id is None:
        return "unmatched", _new_event(report, kind=_event_kind(finding), message_id=None)
    return "for-now", _new_event(report, kind="bounce", message_id=message_id, error_class="temporary")


def _event_for_attempt(report: BounceReport, message_id: int, attempt: int) -> Event:
    finding = report.finding
    if finding.kind == "delivered":
        return _new_event(report, kind="status", message_id=message_id, attempt=attempt, status=DELIVERED)
    if finding.kind != "failed":
        return _new_event(report, kind=_event_kind(finding), message_id=message_id, attempt=attempt)
    for_now = finding.error_class == "temporary"
    return _new_event(
        report,
        kind="bounce",
        message_id=message_id,
        # A report that does not name its attempt is never the reason to send again after a later one.
        attempt=attempt or (1 if for_now else 0),
        status=TEMPORARY_FAILURE if for_now else PERMANENT_FAILURE,
        error_class=finding.error_class,
    )


def _new_event(
    report: BounceReport,
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
        raw={"report": report.report_id, "finding": finding.kind, "words": redact(finding.diagnostic)},
    )


def _event_kind(finding: BounceFinding) -> str:
    return "complaint" if finding.kind == "complaint" else "bounce"
