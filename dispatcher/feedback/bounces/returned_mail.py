"""Reads one mail that came back: what it says has happened, and to which mail of ours."""

from __future__ import annotations

from hashlib import sha256

from dispatcher.feedback.bounces import auto_replies, dsn, free_text, parsed_mail
from dispatcher.feedback.bounces.bounce_report import BounceFinding, BounceReport
from dispatcher.feedback.bounces.parsed_mail import ParsedMail
from dispatcher.signed_links import SignedLinks

# Where a server writes whom it delivered to: the return path that our mail had.
ENVELOPE_HEADERS = (
    "Delivered-To",
    "X-Original-To",
    "Envelope-To",
    "X-Envelope-To",
    "X-Delivered-To",
    "To",
    "Cc",
)


def parse_report(raw: bytes, links: SignedLinks) -> BounceReport:
    """Return what a mail means. Never raises, whatever it is given."""
    mail = parsed_mail.parse_mail(raw)
    return BounceReport(finding=_finding(mail), about=_find_attempt(mail, links), report_id=_report_id(mail))


def _finding(mail: ParsedMail) -> BounceFinding:
    from_mail_system = free_text.is_from_mail_system(mail)
    found = dsn.parse_standard(mail)
    if found is None and not from_mail_system and auto_replies.is_auto_reply(mail):
        return BounceFinding(kind="auto-reply")
    return found or free_text.parse_free_text(mail) or BounceFinding(kind="other")


def _find_attempt(mail: ParsedMail, links: SignedLinks) -> tuple[int, int] | None:
    """Find the mail it is about, by any key of ours in it.

    The return path goes before what the report quotes, and a key that names its attempt (return path,
    ENVID, boundary) before one that does not (Message-ID). Keys are signed: nobody but us and who received
    the mail can write one, so that no report can be forged about somebody else's.
    """
    keys: list[tuple[int, int]] = []
    for text in (mail.headers(*ENVELOPE_HEADERS), mail.raw.decode("latin-1"), *mail.text_parts()):
        keys.extend(links.find_message_keys(text))
        if any(attempt for _message_id, attempt in keys):
            break
    if not keys:
        return None
    message_id = keys[0][0]
    return message_id, next((attempt for about, attempt in keys if about == message_id and attempt), 0)


def _report_id(mail: ParsedMail) -> str:
    """Return an id that is the same for every copy of a report, whichever way it arrived."""
    header = mail.header("Message-ID").strip("<> ")
    if header:
        return header[:200]
    _head, _gap, body = mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    facts = "\n".join(mail.header(name) for name in ("From", "Date", "Subject"))
    return sha256(facts.encode("utf-8", "replace") + b"\0" + body.strip()).hexdigest()[:40]
