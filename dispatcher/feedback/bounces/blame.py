"""Whose fault a failure is that a report tells of: the address's, the moment's, or our message's.

The enhanced status code decides (RFC 3463, the same table as for the gateway's answers); where it says
nothing, the words do. What nobody can tell counts as the moment's: five of those in a row are needed
before an address is given up.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from dispatcher.gateways import Class
from dispatcher.gateways.smtp_codes import Reply, Stage, blame, judge
from dispatcher.vietnamese.text import fold_words

ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
DIGITS = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.]*\d)")
# In free words three digits may be anything: only where a server's answer begins.
ANSWER = re.compile(
    r"(?:^|[:;<>\"'(]|said|error|code|status)\s*([45]\d\d)(?=[ -])", re.IGNORECASE | re.MULTILINE
)
WORDS_LENGTH_MAX = 1500

# The stage at which the other server refused, as reports tell it.
STAGES: tuple[tuple[str, Stage], ...] = (
    ("rcpt to", "rcpt"),
    ("mail from", "mail"),
    ("end of data", "data"),
    ("data command", "data"),
    ("pipelined data", "data"),
)
# What servers say, each from the beginning of a word on; the first class that has a phrase in it is meant.
PHRASES: Mapping[Class, tuple[str, ...]] = {
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
TOO_FAST = ("receiving mail at a rate", "too quickly", "too many messages")


def judged(status: str, diagnostic: str, words: str = "") -> tuple[str, Class]:
    """Give (code, whose fault) of a failure.

    `status` is the report's Status field, `diagnostic` what the other server said, `words` the report's own
    text. The server's own code goes before what a reporter made of it.
    """
    words = "" if ENHANCED.search(diagnostic) else words[:WORDS_LENGTH_MAX]
    told = f"{diagnostic[:WORDS_LENGTH_MAX]} {words}"
    enhanced = _enhanced(status, diagnostic) or _last(ENHANCED, words)
    digits = _last(DIGITS, diagnostic) or _last(DIGITS, status) or _last(ANSWER, words)
    return enhanced or digits, _class(enhanced, digits, told)


def _enhanced(status: str, diagnostic: str) -> str:
    """Choose the code that says most: the innermost of the diagnostic, unless it says nothing."""
    said: list[str] = [code for code in ENHANCED.findall(diagnostic) if code[0] != "2"]
    own: list[str] = [code for code in ENHANCED.findall(status) if code[0] != "2"]
    telling = [code for code in [*own[:1], *said] if not code.endswith(".0.0")]
    return (telling or said or own or [""])[-1]


def _last(pattern: re.Pattern[str], text: str) -> str:
    found: list[str] = pattern.findall(text)
    return found[-1] if found else ""


def _class(enhanced: str, digits: str, told: str) -> Class:
    folded = f" {fold_words(told)}"
    if enhanced.startswith("4") or (not enhanced and digits.startswith("4")):
        return "temporary"
    if any(phrase in folded for phrase in TOO_FAST):
        return "temporary"
    if enhanced == "5.4.1" and "rejected" not in folded and "denied" not in folded:
        return "temporary"  # RFC 3463: no answer from the host; Microsoft 365: no such recipient
    return blame(enhanced) or _by_words(folded) or _by_stage(digits, folded) or "temporary"


def _by_words(folded: str) -> Class:
    return next(
        (kind for kind, phrases in _FOLDED.items() if any(phrase in folded for phrase in phrases)), ""
    )


def _by_stage(digits: str, folded: str) -> Class:
    stage = next((stage for words, stage in STAGES if words in folded), None)
    return judge(Reply(int(digits)), stage).error_class if stage and digits else ""
