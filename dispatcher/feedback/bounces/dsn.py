"""Reads reports that keep to the standards: delivery reports (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_string
from email.message import Message

from dispatcher.feedback.bounces import free_text, recipients
from dispatcher.feedback.bounces.bounce_report import BounceFinding, ReportKind
from dispatcher.feedback.bounces.classification import ENHANCED_CODE, classify_failure
from dispatcher.feedback.bounces.parsed_mail import ParsedMail, header_of, headers_of
from dispatcher.feedback.replies import classify_reply
from dispatcher.vietnamese.text import fold_words

# Beginnings of the Action field; some reporters add a remark, OpenSMTPD says "error".
ACTIONS: tuple[tuple[str, ReportKind], ...] = (
    ("fail", "failed"),
    ("error", "failed"),
    ("delay", "delayed"),
    ("deliver", "delivered"),
    ("relay", "delayed"),  # handed on to where no reports are made: no news
    ("expand", "delayed"),  # handed on to a list
)
KIND_BY_STATUS_CLASS: dict[str, ReportKind] = {"2": "delivered", "4": "delayed", "5": "failed"}
# What a reader's button means; "not-spam" and reports about our settings are no complaints.
COMPLAINT_TYPES = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
# What a mail's subject says without a report: Outlook.com's complaint, a mail program's unsubscribing.
COMPLAINT_SUBJECTS = (
    ("abuse", "complaint about message from"),
    *(("opt-out", word) for word in ("unsubscribe", "tu choi nhan", "huy dang ky", "huy nhan", "ngung nhan")),
)
# An alias may stand for several boxes: one that was reached proves that the address is alive.
MILDEST_FIRST = ("delivered", "delayed", "temporary", "config", "content", "number")
BLOCKS_MAX = 50
_FIELDS = re.compile(r"(?:^|[\s\S]*\n)(?:Final|Original)-Recipient:", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>;,\"]+@[^\s<>;,\"]+")


def parse_standard(mail: ParsedMail) -> BounceFinding | None:
    """Return what a report says; None when it is none of these two."""
    return _complaint(mail) or _delivery(mail)


def _complaint(mail: ParsedMail) -> BounceFinding | None:
    part = mail.first_part("message/feedback-report")
    if part is None:
        return _complaint_in_words(mail)
    block = _report_fields(part)
    kind = header_of(block, "Feedback-Type").lower()
    if kind not in COMPLAINT_TYPES:
        return BounceFinding(kind="other")
    return BounceFinding(
        kind="complaint",
        code=kind,
        recipients=_recipients(block, "Original-Rcpt-To", "Removal-Recipient")
        or recipients.returned_to(mail),
        diagnostic=header_of(block, "User-Agent"),
    )


def _complaint_in_words(mail: ParsedMail) -> BounceFinding | None:
    """Read what Outlook.com's complaints and mail programs' unsubscribing say without a report."""
    subject = fold_words(mail.subject())
    kind = next((kind for kind, start in COMPLAINT_SUBJECTS if subject.startswith(start)), "")
    if kind == "opt-out" and classify_reply(mail.subject()).meaning != "opt-out":
        return None
    quoted = recipients.returned_to(mail)
    sender = tuple(mail.addresses("From")) if kind == "opt-out" else ()
    return BounceFinding(kind="complaint", code=kind, recipients=sender or quoted) if kind else None


def _delivery(mail: ParsedMail) -> BounceFinding | None:
    words = mail.body_text()
    findings = [found for block in _blocks(mail) if (found := _recipient(block, words)) is not None]
    if not findings:
        return None
    mildest = min(findings, key=_mildness)
    others = [name for found in findings if found.kind == mildest.kind for name in found.recipients]
    return replace(mildest, recipients=tuple(dict.fromkeys([*mildest.recipients, *others])))


def _blocks(mail: ParsedMail) -> list[Message]:
    """Return the groups of fields of a report, also where its parts are damaged and they stand as text."""
    part = mail.first_part("message/delivery-status") or mail.first_part("message/global-delivery-status")
    payload = part.get_payload() if part is not None else None
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    if blocks or not free_text.is_from_mail_system(mail):
        return blocks
    groups = re.split(r"\n\s*\n", mail.body_text().replace("\r\n", "\n"))
    return [message_from_string(group) for group in groups if _FIELDS.match(group)][:BLOCKS_MAX]


def _recipient(block: Message, words: str) -> BounceFinding | None:
    """Read one group of fields; None: the group about the message as a whole, or an empty one."""
    action, status = header_of(block, "Action").lower(), header_of(block, "Status")
    kind = next((kind for start, kind in ACTIONS if action.startswith(start)), None)
    diagnostic = header_of(block, "Diagnostic-Code")
    if kind is None:
        match = ENHANCED_CODE.search(status)
        kind = KIND_BY_STATUS_CLASS[match[1][0]] if match else None
    if kind is None:
        return None
    code, error_class = classify_failure(status, diagnostic, words)
    if kind != "failed":
        error_class = ""
        code = status.partition(" ")[0]
    return BounceFinding(
        kind=kind,
        code=code,
        error_class=error_class,
        diagnostic=diagnostic,
        recipients=_recipients(block, "Original-Recipient", "Final-Recipient"),
    )


def _mildness(finding: BounceFinding) -> int:
    return MILDEST_FIRST.index(finding.error_class or finding.kind)


def _report_fields(part: Message) -> Message:
    """Return the fields of a report: the parser takes them for a message inside the part."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    return part


def _recipients(block: Message, *names: str) -> tuple[str, ...]:
    """Return the addresses of `rfc822; someone@x`, with or without brackets: where we sent goes first."""
    values = (value for name in names for value in headers_of(block, name))
    found = (_ADDRESS.search(value.partition(";")[2] or value) for value in values)
    return tuple(dict.fromkeys(match[0] for match in found if match))
