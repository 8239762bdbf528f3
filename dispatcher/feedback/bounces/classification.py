"""Classifies a bounce: the address's fault, a temporary one, or our message's.

The enhanced status code decides (RFC 3463, the same table as for the gateway's answers); where it says
nothing, the words do. What nobody can tell counts as the moment's: five of those in a row are needed
before an address is given up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dispatcher.gateways import ErrorClass
from dispatcher.gateways.smtp.codes import SmtpReply, SmtpStage, classify, error_class_of
from dispatcher.vietnamese.text import fold_words

ENHANCED_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
BASIC_CODE = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.]*\d)")
# In free words three digits may be anything: only where a server's answer begins.
REPLY_CODE = re.compile(
    r"(?:^|[:;<>\"'(]|said|error|code|status)\s*([45]\d\d)(?=[ -])", re.IGNORECASE | re.MULTILINE
)
TEXT_LENGTH_MAX = 1500

# The stage at which the other server refused, as reports tell it.
STAGES: tuple[tuple[str, SmtpStage], ...] = (
    ("rcpt to", "rcpt"),
    ("mail from", "mail"),
    ("end of data", "data"),
    ("data command", "data"),
    ("pipelined data", "data"),
)
# What servers say, each from the beginning of a word on; the first class that has a phrase in it is meant.
PHRASES: Mapping[ErrorClass, tuple[str, ...]] = {
    "temporary": (
        "mailbox full", "mailbox is full", "quota", "insufficient storage", "out of storage", "over limit",
        "exceeded storage", "receiving mail at a rate", "too quickly", "timed out", "timeout",
        "try again later", "temporar", "retry time", "connection refused", "đầy hộp thư", "hộp thư đầy",
        "hộp thư đã đầy", "hết dung lượng", "vượt quá dung lượng",
    ),
    "content": (
        "spam", "blacklist", "black list", "blocklist", "block list", "blocked", "reputation", "policy",
        "virus", "dmarc", "dkim", "spf", "unsolicited", "too large", "size limit", "content rejected",
        "attachment", "listed at", "rbl", "dnsbl", "thư rác", "bị chặn",
    ),
    "number": (
        "user unknown", "unknown user", "no such user", "unknown recipient", "no such recipient",
        "recipient not found", "user not found", "does not exist", "doesn't exist", "no mailbox", "not found",
        "mailbox unavailable", "mailbox not available", "invalid recipient", "invalid mailbox",
        "unknown address", "unknown local", "unrouteable", "unroutable", "disabled", "inactive",
        "deactivated", "suspended", "no longer", "no account", "doesn't have a", "not a valid",
        "domain not found", "unknown host", "nxdomain", "user doesn't", "bad destination",
        "recipient unknown", "address rejected", "không tồn tại", "không tìm thấy", "không còn",
        "địa chỉ sai",
    ),
}  # fmt: skip
_FOLDED = {kind: [f" {fold_words(phrase)}" for phrase in phrases] for kind, phrases in PHRASES.items()}
# Gmail says 5.2.1 of a full day's mail as well as of a closed account.
RATE_LIMIT_PHRASES = ("receiving mail at a rate", "too quickly", "too many messages")


def classify_failure(status: str, diagnostic: str, text: str = "") -> tuple[str, ErrorClass]:
    """Return (code, whose fault) of a failure.

    `status` is the report's Status field, `diagnostic` what the other server said, `words` the report's own
    text. The server's own code goes before what a reporter made of it.
    """
    text = "" if ENHANCED_CODE.search(diagnostic) else text[:TEXT_LENGTH_MAX]
    searched = f"{diagnostic[:TEXT_LENGTH_MAX]} {text}"
    enhanced = _enhanced(status, diagnostic) or _last(ENHANCED_CODE, text)
    digits = _last(BASIC_CODE, diagnostic) or _last(BASIC_CODE, status) or _last(REPLY_CODE, text)
    return enhanced or digits, _error_class(enhanced, digits, searched)


def _enhanced(status: str, diagnostic: str) -> str:
    """Choose the code that says most: the innermost of the diagnostic, unless it says nothing."""
    diagnostic_codes: list[str] = [code for code in ENHANCED_CODE.findall(diagnostic) if code[0] != "2"]
    status_codes: list[str] = [code for code in ENHANCED_CODE.findall(status) if code[0] != "2"]
    specific = [code for code in [*status_codes[:1], *diagnostic_codes] if not code.endswith(".0.0")]
    return (specific or diagnostic_codes or status_codes or [""])[-1]


def _last(pattern: re.Pattern[str], text: str) -> str:
    matches: list[str] = pattern.findall(text)
    return matches[-1] if matches else ""


def _error_class(enhanced: str, digits: str, text: str) -> ErrorClass:
    folded = f" {fold_words(text)}"
    if enhanced.startswith("4") or (not enhanced and digits.startswith("4")):
        return "temporary"
    if any(phrase in folded for phrase in RATE_LIMIT_PHRASES):
        return "temporary"
    if enhanced == "5.4.1" and "rejected" not in folded and "denied" not in folded:
        return "temporary"  # RFC 3463: no answer from the host; Microsoft 365: no such recipient
    return error_class_of(enhanced) or _by_phrase(folded) or _by_stage(digits, folded) or "temporary"


def _by_phrase(folded: str) -> ErrorClass:
    return next(
        (kind for kind, phrases in _FOLDED.items() if any(phrase in folded for phrase in phrases)), ""
    )


def _by_stage(digits: str, folded: str) -> ErrorClass:
    stage = next((stage for words, stage in STAGES if words in folded), None)
    return classify(SmtpReply(int(digits)), stage).error_class if stage and digits else ""
