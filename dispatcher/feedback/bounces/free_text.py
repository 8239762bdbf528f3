"""Parses bounces in free text, as old and odd mail servers write them.

flufl.bounce, which Mailman lives by, recognises some forty forms; what it leaves us to find is the code.
"""

from __future__ import annotations

import logging
import re
from email.message import Message

from flufl.bounce import all_failures

from dispatcher.feedback.bounces.bounce_report import BounceFinding
from dispatcher.feedback.bounces.classification import ENHANCED_CODE, REPLY_CODE, classify_failure
from dispatcher.feedback.bounces.parsed_mail import ParsedMail
from dispatcher.vietnamese.text import fold_words

LINES_MAX = 200
LINE_LENGTH_MAX = 300  # its patterns take a square of this long
REPORTERS = frozenset({"mailer-daemon", "mailerdaemon", "postmaster", "mail-daemon", "mmdf", "mdaemon"})
SUBJECTS = tuple(
    fold_words(words)
    for words in (
        "undeliver", "returned mail", "mail delivery", "delivery status", "delivery failure",
        "delivery failed", "delivery notification", "failure notice", "failure delivery",
        "message not delivered", "mail could not be delivered", "nondeliverable", "non delivery",
        "mail system error", "warning could not send",
        "không gửi được", "không chuyển được", "không thể gửi", "không thể chuyển", "thư bị trả lại",
        "thông báo lỗi gửi thư",
    )
)  # fmt: skip
# Where the report ends and our own mail begins again.
_RETURNED = re.compile(
    r"^(?:>?\s*(?:received|return-path|message-id|mime-version):"
    r"|[\s>]*-+[^\n]{0,40}(?:copy|original|returned|message)[^\n]{0,60}$"
    r"|[^\n]{0,60}(?:copy of (?:your|the) (?:message|mail)|original message)[^\n]{0,60}$)",
    re.IGNORECASE | re.MULTILINE,
)
_STILL_TRYING = re.compile(
    r"will (?:be retried|continue|keep) |still (?:being )?(?:trying|retrying)|warning message only"
    r"|no action is required|delivery (?:has been|is) delayed|has not yet been delivered|sẽ tiếp tục thử",
    re.IGNORECASE,
)

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it tells at length of every form it tries


def parse_free_text(mail: ParsedMail) -> BounceFinding | None:
    """Return what a report says; None when it does not look like one."""
    named = looks_like_report(mail)
    if not named and mail.header("Return-Path") != "<>":
        return None
    words = _without_returned_mail(mail.body_text())
    delayed, failed = _recognised(mail, words)
    if failed or mail.header("X-Failed-Recipients"):
        return _failed(words, next(iter(failed), ""))
    if delayed or _STILL_TRYING.search(words):
        return BounceFinding(kind="delayed", recipient=next(iter(delayed), ""))
    # Holiday notices have an empty return path too, and dates that look like codes.
    if named and (ENHANCED_CODE.search(words) or REPLY_CODE.search(words)):
        return _failed(words, "")
    return None


def looks_like_report(mail: ParsedMail) -> bool:
    """Return whether a mail system signs for this, or its subject says so."""
    return is_from_mail_system(mail) or fold_words(mail.subject()).startswith(SUBJECTS)


def is_from_mail_system(mail: ParsedMail) -> bool:
    """Return whether a mail system signs for this."""
    reporter = any(
        address.partition("@")[0].lower() in REPORTERS for address in mail.addresses("From", "Sender")
    )
    return reporter or bool(mail.header("X-Failed-Recipients"))


def _failed(words: str, recipient: str) -> BounceFinding:
    code, error_class = classify_failure("", "", words)
    return BounceFinding(
        kind="failed",
        code=code,
        error_class=error_class,
        diagnostic=" ".join(words.split())[:500],
        recipient=recipient,
    )


def _recognised(mail: ParsedMail, words: str) -> tuple[list[str], list[str]]:
    """Ask flufl.bounce on a decoded and shortened copy: it reads bodies as they stand, however long."""
    copy = Message()
    copy["Content-Type"] = "text/plain"
    for name in ("From", "Subject", "X-Failed-Recipients"):
        if value := mail.header(name):
            copy[name] = value
    lines = [line[:LINE_LENGTH_MAX] for line in mail.body_text().splitlines()[:LINES_MAX]]
    copy.set_payload("\n".join(lines) or words)
    try:
        delayed, failed = all_failures(copy)
    except Exception:  # noqa: BLE001 - forty parsers of other people's mail: what breaks one recognises nothing
        return [], []
    return _as_text(delayed), _as_text(failed)


def _as_text(addresses: frozenset[bytes]) -> list[str]:
    return sorted(address.decode("ascii", "replace") for address in addresses if b"@" in address)


def _without_returned_mail(text: str) -> str:
    """Return the report without the mail it returns."""
    start = len(text) - len(text.lstrip())
    match = _RETURNED.search(text, start)
    return text[: match.start()] if match and match.start() > start else text
