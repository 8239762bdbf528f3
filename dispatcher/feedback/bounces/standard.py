"""Reads reports that keep to the standards: delivery reports (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

import re
from email.message import Message

from dispatcher.feedback.bounces.blame import ENHANCED, judged
from dispatcher.feedback.bounces.parts import Mail, field
from dispatcher.feedback.bounces.report import Finding, Kind

# Beginnings of the Action field; some reporters add a remark, OpenSMTPD says "error".
ACTIONS: tuple[tuple[str, Kind], ...] = (
    ("fail", "failed"),
    ("error", "failed"),
    ("delay", "delayed"),
    ("deliver", "delivered"),
    ("relay", "delayed"),  # handed on to where no reports are made: no news
    ("expand", "delayed"),  # handed on to a list
)
BY_CLASS: dict[str, Kind] = {"2": "delivered", "4": "delayed", "5": "failed"}
# What a reader's button means; "not-spam" and reports about our settings are no complaints.
COMPLAINTS = frozenset({"abuse", "fraud", "opt-out", "opt-out-list"})
# An alias may stand for several boxes: one that was reached proves that the address is alive.
MILDEST_FIRST = ("delivered", "delayed", "temporary", "config", "content", "number")
_ADDRESS = re.compile(r"[^\s<>;,\"]+@[^\s<>;,\"]+")


def read(mail: Mail) -> Finding | None:
    """Say what a report says; None when it is none of these two."""
    return _complaint(mail) or _delivery(mail)


def _complaint(mail: Mail) -> Finding | None:
    part = mail.of_type("message/feedback-report")
    if part is None:
        return None
    block = _inner(part)
    if field(block, "Feedback-Type").lower() not in COMPLAINTS:
        return Finding(kind="other")
    return Finding(
        kind="complaint",
        code=field(block, "Feedback-Type").lower(),
        recipient=_address(field(block, "Original-Rcpt-To")),
        words=field(block, "User-Agent"),
    )


def _delivery(mail: Mail) -> Finding | None:
    part = mail.of_type("message/delivery-status") or mail.of_type("message/global-delivery-status")
    if part is None:
        return None
    payload = part.get_payload()
    blocks = [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []
    words = mail.words()
    findings = [found for block in blocks if (found := _recipient(block, words)) is not None]
    return min(findings, key=_mildness, default=None)


def _recipient(block: Message, words: str) -> Finding | None:
    """Read one group of fields; None: the group about the message as a whole, or an empty one."""
    action, status = field(block, "Action").lower(), field(block, "Status")
    kind = next((kind for start, kind in ACTIONS if action.startswith(start)), None)
    diagnostic = field(block, "Diagnostic-Code")
    if kind is None:
        found = ENHANCED.search(status)
        kind = BY_CLASS[found[1][0]] if found else None
    if kind is None:
        return None
    recipient = _address(field(block, "Original-Recipient")) or _address(field(block, "Final-Recipient"))
    code, fault = judged(status, diagnostic, words)
    if kind != "failed":
        fault = ""
        code = status.partition(" ")[0]
    return Finding(kind=kind, code=code, fault=fault, words=diagnostic, recipient=recipient)


def _mildness(finding: Finding) -> int:
    return MILDEST_FIRST.index(finding.fault or finding.kind)


def _inner(part: Message) -> Message:
    """Give the fields of a report: the parser takes them for a message inside the part."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return payload[0]
    return part


def _address(value: str) -> str:
    """Give the address of `rfc822; someone@x`, with or without brackets."""
    found = _ADDRESS.search(value.partition(";")[2] or value)
    return found[0] if found else ""
