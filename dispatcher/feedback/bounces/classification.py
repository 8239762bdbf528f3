"""Classifies a bounce: the address's fault, a temporary one, or our message's.

The enhanced status code decides (RFC 3463, the same table as for the gateway's answers); where it says
nothing, the words do. What nobody can tell counts as the moment's: five of those in a row are needed
before an address is given up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

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
# What servers say where no code tells, each from the beginning of a word on; the first class that has a
# phrase in it is meant.
PHRASES: Mapping[ErrorClass, tuple[str, ...]] = {
    "temporary": (
        "mailbox full", "mailbox is full", "quota", "insufficient storage", "out of storage", "over limit",
        "exceeded storage", "receiving mail at a rate", "too quickly", "timed out", "timeout",
        "try again later", "temporar",
        "not delivered within", "retry time", "connection refused", "đầy hộp thư", "hộp thư đầy",
        "hộp thư đã đầy", "đã đầy", "bị đầy", "hết dung lượng", "vượt quá dung lượng", "hết bộ nhớ",
        "exceeds allowed size", "mailbox exceeds", "not enough disk space", "host not found try again",
    ),
    "content": (
        "spam", "blacklist", "black list", "blocklist", "block list", "blocked", "reputation", "policy",
        "virus", "dmarc", "dkim", "spf", "unsolicited", "too large", "size limit", "content rejected",
        "attachment type", "attachment blocked", "attachment rejected", "attachment not", "listed at", "rbl",
        "dnsbl", "thư rác", "bị chặn", "danh sách đen",
    ),
    "number": (
        "user unknown", "unknown user", "no such user", "unknown recipient", "no such recipient",
        "recipient not found", "user not found", "does not exist", "doesn't exist", "no mailbox", "not found",
        "mailbox unavailable", "mailbox not available", "invalid recipient", "invalid mailbox",
        "unknown address", "unknown local", "unrouteable", "unroutable", "disabled", "inactive",
        "deactivated", "suspended", "no longer", "no account", "doesn't have a", "not a valid",
        "domain not found", "unknown host", "nxdomain", "user doesn't", "bad destination",
        "recipient unknown", "address rejected", "user not exist", "user not listed", "not listed in",
        "no such domain", "host unknown", "domain is not reachable", "is not recognized", "no such address",
        "invalid final delivery userid", "no valid recipients", "rejected recipient", "no such person",
        "no smtp service", "account is closed", "không tồn tại", "không tìm thấy", "không còn", "địa chỉ sai",
        "không có người dùng", "không có hộp thư", "đã bị khóa", "đã nghỉ việc",
    ),
}  # fmt: skip
# Servers give 5.1.1 for anything: words that take the blame from the address, whatever the code says.
NOT_THE_ADDRESS: Mapping[ErrorClass, tuple[str, ...]] = {
    "temporary": (
        "mailbox full", "mailbox is full", "over quota", "quota exceeded", "not enough disk space",
        "insufficient storage", "exceeded storage", "too many recipients", "this hour", "name server reply",
        "host not found try again", "server failure", "connection reset", "đã đầy", "hết dung lượng",
    ),
    "config": (
        "sender rejected", "sender address rejected", "sender denied", "sender verify failed",
        "invalid sender", "after mail from", "reply to mail from", "authentication checks failed",
        "reverse dns", "ptr record",
        "not allowed to send", "spf record", "spf check", "relaying denied", "người gửi bị từ chối",
    ),
    "content": (
        "spamhaus", "spamcop", "sorbs", "blacklist", "blocklist", "black list", "block list", "dnsbl", "rbl",
        "open relay", "no access from mail server", "reputation", "danh sách đen",
    ),
}  # fmt: skip
# Words that blame it, where the code speaks of policy (5.7.1) or of the system (5.3.0).
SURELY_THE_ADDRESS: Mapping[ErrorClass, tuple[str, ...]] = {
    "number": (
        "user unknown", "unknown user", "no such user", "user not found", "recipient not found",
        "unknown recipient", "recipient unknown", "invalid recipient", "không tồn tại",
    ),
}  # fmt: skip
OVERRULED_CODES = frozenset({"5.7.1", "5.7.0", "5.3.0", "5.2.2"})
# Gmail says 5.2.1 of a full day's mail as well as of a closed account.
RATE_LIMIT_PHRASES = ("receiving mail at a rate", "too quickly", "too many messages")


def classify_failure(status: str, diagnostic: str, text: str = "") -> tuple[str, ErrorClass]:
    """Return (code, whose fault) of a failure.

    `status` is the report's Status field, `diagnostic` what the other server said, `words` the report's own
    text. The server's own code goes before what a reporter made of it.
    """
    text = "" if ENHANCED_CODE.search(diagnostic) else text[:TEXT_LENGTH_MAX]
    searched = f"{diagnostic[:TEXT_LENGTH_MAX]} {text}"
    enhanced = _enhanced(status, diagnostic, text)
    digits = _last(BASIC_CODE, diagnostic) or _last(BASIC_CODE, status) or _last(REPLY_CODE, text)
    return enhanced or digits, _error_class(enhanced, digits, searched)


def _enhanced(status: str, diagnostic: str, text: str) -> str:
    """Choose the code that says most: the innermost of the diagnostic, unless it says nothing."""
    diagnostic_codes: list[str] = [code for code in ENHANCED_CODE.findall(diagnostic) if code[0] != "2"]
    status_codes: list[str] = [code for code in ENHANCED_CODE.findall(status) if code[0] != "2"]
    text_codes = [] if diagnostic_codes else [_last(ENHANCED_CODE, text)]
    known = [*status_codes[:1], *diagnostic_codes]
    specific = [code for code in known if not code.endswith(".0.0")] or [code for code in text_codes if code]
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
    by_code = error_class_of(enhanced)
    if by_code in {"number", ""} and (another := _by_phrase(NOT_THE_ADDRESS, folded)):
        return another
    if enhanced in OVERRULED_CODES and _by_phrase(SURELY_THE_ADDRESS, folded):
        return "number"
    return by_code or _by_phrase(PHRASES, folded) or _by_stage(digits, folded) or "temporary"


def _by_phrase(table: Mapping[ErrorClass, tuple[str, ...]], folded: str) -> ErrorClass:
    """Return the first class of a table that has a phrase in the text, from the beginning of a word on."""
    return next((kind for kind, phrases in table.items() if any(_key(one) in folded for one in phrases)), "")


@cache
def _key(phrase: str) -> str:
    return f" {fold_words(phrase)}"


def _by_stage(digits: str, folded: str) -> ErrorClass:
    stage = next((stage for words, stage in STAGES if words in folded), None)
    return classify(SmtpReply(int(digits)), stage).error_class if stage and digits else ""
