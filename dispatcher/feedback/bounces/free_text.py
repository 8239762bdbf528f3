"""Parses bounces in free text, as old and odd mail servers write them.

flufl.bounce, which Mailman lives by, recognises some forty forms; what it leaves us to find is the code.
"""

from __future__ import annotations

import logging
import re
from email.message import Message

from flufl.bounce import all_failures

from dispatcher.feedback.bounces import recipients
from dispatcher.feedback.bounces.bounce_report import BounceFinding
from dispatcher.feedback.bounces.classification import ENHANCED_CODE, REPLY_CODE, classify_failure
from dispatcher.feedback.bounces.parsed_mail import ParsedMail
from dispatcher.vietnamese.text import fold_words

LINES_MAX = 200
LINE_LENGTH_MAX = 300  # its patterns take a square of this long
RETURNED_MAX = 20_000
SUBJECTS = tuple(
    fold_words(words)
    for words in (
        "undeliver", "returned mail", "mail delivery", "delivery status", "delivery failure",
        "delivery failed", "delivery notification", "failure notice", "failure delivery",
        "message not delivered", "mail could not be delivered", "nondeliverable", "non delivery",
        "mail system error", "warning could not send", "permanent delivery failure", "mail failure",
        "there was an error sending your mail", "returned to sender", "undelivered",
        "không gửi được", "gửi không thành công", "thư không gửi được", "lỗi gửi thư", "không chuyển được",
        "không thể gửi", "không thể chuyển", "thư bị trả lại",
        "thông báo lỗi gửi thư",
    )
)  # fmt: skip
# Where the report ends and our own mail begins again.
_RETURNED = re.compile(
    r"^(?:>?\s*(?:received|return-path|message-id|mime-version):"
    r"|[\s>]*-+[^\n]{0,40}(?:copy|original|returned|(?<!server )message)[^\n]{0,60}$"
    r"|[^\n]{0,60}(?:copy of (?:your|the) (?:message|mail)|original message)[^\n]{0,60}$)",
    re.IGNORECASE | re.MULTILINE,
)
_STILL_TRYING = re.compile(
    r"will (?:be retried|continue|keep) |still (?:being )?(?:trying|retrying)|warning message only"
    r"|no action is required|delivery (?:has been|is) delayed|has not yet been delivered|sẽ tiếp tục thử",
    re.IGNORECASE,
)

_GIVEN_UP = re.compile(
    r"giv(?:ing|en) up|could not be delivered for|expired|after \d+ attempts", re.IGNORECASE
)
# That it failed, said in words alone.
_FAILURE = re.compile(
    r"(?:could|can) ?not be (?:sent|delivered)|(?:not|un)(?: been)? ?deliver|fail|error|reject|returned"
    r"|unable to|not reach|unknown|not listed|full|disabled|không thể|không gửi được|không tồn tại"
    r"|thất bại|bị trả lại|エラー|できません|失敗",
    re.IGNORECASE,
)
_NOT_DELIVERED = re.compile(
    r"could not be delivered to|was not delivered to|không gửi được (?:tới|đến)", re.IGNORECASE
)
_SIGNED = re.compile(r"\W*(?:mailer[-_]?daemon|post_?master|mail deliver\w* (?:sub)?system)\b", re.IGNORECASE)

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it tells at length of every form it tries


def parse_free_text(mail: ParsedMail) -> BounceFinding | None:
    """Return what a report says; None when it does not look like one."""
    named = looks_like_report(mail)
    if not named and mail.header("Return-Path") != "<>":
        return None
    words, returned = _parted(mail.body_text())
    delayed, failed = _recognised(mail, words)
    found = recipients.find(mail, words, returned)
    if failed or mail.header("X-Failed-Recipients"):
        return _failed(words, found or failed)
    if delayed or (_STILL_TRYING.search(words) and not _GIVEN_UP.search(words)):
        return BounceFinding(kind="delayed", recipients=found or delayed)
    # Holiday notices have an empty return path too, and dates that look like codes.
    if not is_from_mail_system(mail):
        # Anybody may write "Không gửi được bài thi": more is asked of whoever does not sign as a mail system.
        coded = named and (ENHANCED_CODE.search(words) or REPLY_CODE.search(words))
        return _failed(words, found) if found and (coded or _NOT_DELIVERED.search(words)) else None
    if (
        ENHANCED_CODE.search(words)
        or REPLY_CODE.search(words)
        or _FAILURE.search(f"{mail.subject()}\n{words}")
    ):
        return _failed(words, found)
    return None


def looks_like_report(mail: ParsedMail) -> bool:
    """Return whether a mail system signs for this, or its subject says so."""
    return is_from_mail_system(mail) or fold_words(mail.subject()).startswith(SUBJECTS)


def is_from_mail_system(mail: ParsedMail) -> bool:
    """Return whether a mail system signs for this."""
    signed = any(
        address.partition("@")[0].lower() in recipients.REPORTERS
        for address in mail.addresses("From", "Sender")
    )
    return signed or bool(mail.header("X-Failed-Recipients") or _SIGNED.match(mail.header("From")))


def _failed(words: str, found: tuple[str, ...]) -> BounceFinding:
    code, error_class = classify_failure("", "", words)
    return BounceFinding(
        kind="failed",
        code=code,
        error_class=error_class,
        diagnostic=" ".join(words.split())[:500],
        recipients=found,
    )


def _recognised(mail: ParsedMail, words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
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
    except Exception:  # noqa: BLE001 - forty parsers of other people's mail: what breaks one finds nothing
        return (), ()
    return _as_text(delayed), _as_text(failed)


def _as_text(addresses: frozenset[bytes]) -> tuple[str, ...]:
    return tuple(sorted(address.decode("ascii", "replace") for address in addresses if b"@" in address))


def _parted(text: str) -> tuple[str, str]:
    """Return the report, and the mail it returns."""
    start = len(text) - len(text.lstrip())
    found = _RETURNED.search(text, start)
    cut = found.start() if found and found.start() > start else len(text)
    return "\n".join(line[:LINE_LENGTH_MAX] for line in text[:cut].splitlines()[:LINES_MAX]), text[
        cut:RETURNED_MAX
    ]
