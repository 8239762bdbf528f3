"""What a mail server's answer means, by enhanced status code (RFC 3463), else by its three digits.

Sources: RFC 3463, RFC 5321, RFC 7505 (null MX), RFC 7372 (authentication results); the 5.4.1 and 5.1.10
of Microsoft 365 from its published list of non-delivery reports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from dispatcher.gateways import ErrorClass, ResultKind

SmtpStage = Literal["connect", "mail", "rcpt", "data"]

_ENHANCED = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
_ADDRESS = re.compile(r"[^\s<>@]+@([\w.-]+)")
_RELAY_DENIED = re.compile(r"relay", re.IGNORECASE)
_BLOCK_LISTED = re.compile(r"spam|black ?list|block ?list|blocked|dnsbl|\brbl\b|reputation", re.IGNORECASE)
DETAIL_LENGTH_MAX = 200

# subject.detail of a permanent code -> whose fault. "temporary": permanent for them, not for the address.
PERMANENT: Mapping[str, ErrorClass] = {
    "1.0": "number",
    "1.1": "number",
    "1.2": "number",
    "1.3": "number",
    "1.4": "number",  # ambiguous address
    "1.6": "number",  # moved, no forwarding
    "1.7": "config",  # our sender's address
    "1.8": "config",
    "1.9": "config",
    "1.10": "number",  # null MX
    "2.1": "number",  # disabled
    "2.2": "temporary",  # full
    "2.3": "content",  # longer than this mailbox takes
    "2.4": "number",
    "3.0": "temporary",
    "3.1": "temporary",  # disk full
    "3.2": "temporary",
    "3.3": "config",
    "3.4": "content",  # too big
    "3.5": "config",
    "4.0": "temporary",
    "4.1": "number",  # Microsoft 365: no such recipient
    "4.3": "temporary",  # their directory
    "4.4": "number",  # no route to this domain
    "4.5": "temporary",
    "4.6": "temporary",  # a loop is somebody's mistake and is mended; RFC 3463 calls it transient too
    "4.7": "temporary",
    "4.14": "temporary",  # Microsoft 365: a loop
    "6.7": "number",  # needs SMTPUTF8, which we do not use
    "7.0": "content",
    "7.1": "content",
    "7.3": "config",
    "7.4": "config",  # a security feature we did not use
    "7.8": "config",  # authentication
    "7.9": "config",
    "7.10": "config",  # encryption needed
    "7.11": "config",
    "7.12": "config",
    "7.13": "config",  # our account is disabled
    "7.17": "number",  # mailbox has a new owner
    "7.18": "number",  # domain has a new owner
    "7.20": "config",  # no DKIM signature
    "7.21": "config",
    "7.22": "config",
    "7.23": "config",  # SPF
    "7.24": "config",
    "7.25": "config",  # no reverse name
    "7.26": "config",  # several authentication checks
    "7.27": "config",
    "7.29": "config",  # ARC
}
# Codes that say no more than their subject, given where a plainer word was due: Outlook.com says 5.5.0 of a
# mailbox that does not exist, Exchange 5.2.0 of almost anything. The three digits tell more.
UNSPECIFIC = frozenset({"0.0", "2.0", "5.0"})
PERMANENT_BY_SUBJECT: Mapping[str, ErrorClass] = {
    "1": "number",
    "2": "number",
    "3": "temporary",
    "4": "temporary",
    "5": "config",  # we spoke the protocol wrongly
    "6": "content",
    "7": "content",
}
BY_BASIC_CODE: Mapping[tuple[SmtpStage, int], ErrorClass] = {
    ("rcpt", 550): "number",
    ("rcpt", 551): "number",
    ("rcpt", 552): "temporary",  # RFC 5321: too many recipients, treat as 452
    ("rcpt", 553): "number",
    ("rcpt", 554): "content",
    ("rcpt", 556): "number",
    ("rcpt", 521): "number",
    ("data", 550): "content",
    ("data", 552): "content",
    ("data", 554): "content",
    ("mail", 550): "config",
    ("mail", 552): "content",
    ("mail", 553): "config",
    ("mail", 554): "config",
}
SYNTAX_ERROR_CODES = frozenset({500, 501, 502, 503, 504, 555})  # we spoke the protocol wrongly


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """One answer of the server."""

    code: int
    text: str = ""

    @property
    def is_positive(self) -> bool:
        return 200 <= self.code < 400


@dataclass(frozen=True, slots=True)
class SmtpFailure:
    """What a refusal means for the message."""

    kind: ResultKind
    error_class: ErrorClass
    code: str
    detail: str


def classify(reply: SmtpReply, stage: SmtpStage) -> SmtpFailure:
    """Return what a refusing `reply` means: for now or for good, and whose fault it is."""
    match = _ENHANCED.match(reply.text)
    enhanced = match.group(1) if match else ""
    code = enhanced or str(reply.code)
    detail = f"{reply.code} {redact(reply.text)}".strip()
    if reply.code < 500:
        error_class: ErrorClass = "config" if enhanced.startswith("4.7.8") else "temporary"
        return SmtpFailure("later", error_class, code, detail)
    error_class = _permanent_class(reply, enhanced, stage)
    # A broken setting or a full mailbox is not the message's fault, a code nobody knows is nobody's yet.
    kind: ResultKind = "later" if error_class in {"", "config", "temporary"} else "refused"
    return SmtpFailure(kind, error_class, code, detail)


def _permanent_class(reply: SmtpReply, enhanced: str, stage: SmtpStage) -> ErrorClass:
    if reply.code in {530, 534, 535, 538} or stage == "connect":
        return "config"
    if stage != "data" and _RELAY_DENIED.search(reply.text):
        return "config"  # "relaying denied": this server is not ours to send through
    error_class = error_class_of(enhanced)
    if not error_class and _BLOCK_LISTED.search(reply.text):
        return "content"  # a block list speaks of us: no reader's address may be given up for it
    return (
        error_class
        or BY_BASIC_CODE.get((stage, reply.code))
        or ("config" if reply.code in SYNTAX_ERROR_CODES else "")
    )


def error_class_of(enhanced: str) -> ErrorClass:
    """Return whose fault a permanent failure with this enhanced status is; empty when it does not tell."""
    detail = enhanced[2:]
    if detail in UNSPECIFIC:
        return ""
    return PERMANENT.get(detail) or PERMANENT_BY_SUBJECT.get(detail.partition(".")[0]) or ""


def explain(code: str) -> ErrorClass:
    """Return whose fault an enhanced status is, for now or for good; empty for what is none."""
    if not _ENHANCED.fullmatch(code):
        return ""
    return error_class_of(code) if code.startswith("5") else "temporary"


def redact(text: str) -> str:
    """Take addresses out of a server's words and keep them short: they end up in logs."""
    redacted = " ".join(text.split())
    return (_ADDRESS.sub(r"…@\1", redacted) if "@" in redacted else redacted)[:DETAIL_LENGTH_MAX]
