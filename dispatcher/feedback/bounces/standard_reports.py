"""Reads reports that keep to the standards: delivery reports (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

import re
from email.message import Message

from dispatcher.feedback.bounces.bounce_report import BounceFinding, ReportKind
from dispatcher.feedback.bounces.classification import ENHANCED_CODE, classify_failure
from dispatcher.feedback.bounces.parsed_mail import ParsedMail, header_of

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
# An alias may stand for several boxes: one that was reached proves that the address is alive.
MILDEST_FIRST = ("delivered", "delayed", "temporary", "config", "content", "number")
_ADDRESS = re.compile(r"[^\s<>;,\"]+@[^\s<>;,\"]+")


def parse_standard(mail: ParsedMail) -> BounceFinding | None:
    """Return what a report says; None when it is none of these two."""
    return _complaint(mail) or _delivery(mail)


def _complaint(mail: ParsedMail) -> BounceFinding | None:
    part = mail.first_part("message/feedback-report")
    if part is None:
        return None
    block = _report_fields(part)
    if header_of(block, "Feedback-Type").lower() not in COMPLAINT_TYPES:
        return BounceFinding(kind="other")
    return BounceFinding(
        kind="complaint",
        code=header_of(block, "Feedback-Type").lower(),
        recipient=_address(header_of(block, "Original-Rcpt-To")),
        diagnostic=header_of(block, "User-Agent"),
    )


def _delivery(mail: ParsedMail) -> BounceFinding | None:
    part = mail.first_part("message/delivery-status") or mail.first_part("message/global-delivery-status")
    if part is None:
        return None
    payload = part.get_payload()
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    words = mail.body_text()
    findings = [found for block in blocks if (found := _recipient(block, words)) is not None]
    return min(findings, key=_mildness, default=None)


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
    recipient = _address(header_of(block, "Original-Recipient")) or _address(
        header_of(block, "Final-Recipient")
    )
    code, error_class = classify_failure(status, diagnostic, words)
    if kind != "failed":
        error_class = ""
        code = status.partition(" ")[0]
    return BounceFinding(
        kind=kind, code=code, error_class=error_class, diagnostic=diagnostic, recipient=recipient
    )


def _mildness(finding: BounceFinding) -> int:
    return MILDEST_FIRST.index(finding.error_class or finding.kind)


def _report_fields(part: Message) -> Message:
    """Return the fields of a report: the parser takes them for a message inside the part."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    return part


def _address(value: str) -> str:
    """Return the address of `rfc822; someone@x`, with or without brackets."""
    match = _ADDRESS.search(value.partition(";")[2] or value)
    return match[0] if match else ""
