"""Reads one mail that came back: what it says has happened, and to which mail of ours."""

from __future__ import annotations

from hashlib import sha256

from dispatcher.feedback.bounces import auto_replies, dsn, free_text, parsed_mail, provider_notices
from dispatcher.feedback.bounces.bounce_report import BounceFinding, BounceReport, UnattributedReport
from dispatcher.feedback.bounces.parsed_mail import ParsedMail
from dispatcher.signed_links import SignedLinks, possible_message_keys

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
    return attribute(read_report(raw), links)


def read_report(raw: bytes) -> UnattributedReport:
    """Return what a mail says, without any secret of ours. Never raises, whatever it is given."""
    mail = parsed_mail.parse_mail(raw)
    texts = (mail.headers(*ENVELOPE_HEADERS), mail.raw.decode("latin-1"), *mail.text_parts())
    return UnattributedReport(
        finding=_finding(mail),
        keys=tuple(possible_message_keys(text) for text in texts),
        report_id=_report_id(mail),
    )


def attribute(report: UnattributedReport, links: SignedLinks) -> BounceReport:
    """Find the mail a report is about, by any key in it that we signed.

    The return path goes before what the report quotes, and a key that names its attempt (return path,
    ENVID, boundary) before one that does not (Message-ID). Nobody but us and who received the mail can write
    one, so that no report can be forged about somebody else's.
    """
    signed: list[tuple[int, int]] = []
    for keys in report.keys:
        signed.extend(facts for facts in map(links.parse_message_key, keys) if facts is not None)
        if any(attempt for _message_id, attempt in signed):
            break
    about = None
    if signed:
        message_id = signed[0][0]
        about = message_id, next((attempt for of, attempt in signed if of == message_id and attempt), 0)
    return BounceReport(finding=report.finding, about=about, report_id=report.report_id)


def _finding(mail: ParsedMail) -> BounceFinding:
    from_mail_system = free_text.is_from_mail_system(mail)
    found = dsn.parse_standard(mail) or provider_notices.parse_notice(mail)
    if found is None and provider_notices.is_statistics(mail):
        return BounceFinding(kind="auto-reply")
    if found is None and not from_mail_system and auto_replies.is_auto_reply(mail):
        return BounceFinding(kind="auto-reply")
    return found or free_text.parse_free_text(mail) or BounceFinding(kind="other")


def _report_id(mail: ParsedMail) -> str:
    """Return an id that is the same for every copy of a report, whichever way it arrived."""
    header = mail.header("Message-ID").strip("<> ")
    if header:
        return header[:200]
    return fallback_report_id(mail.raw, *(mail.header(name) for name in ("From", "Date", "Subject")))


def fallback_report_id(raw: bytes, *header: str) -> str:
    """Return an id made of what a mail holds, for one that brings none."""
    _head, _gap, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    return sha256("\n".join(header).encode("utf-8", "replace") + b"\0" + body.strip()).hexdigest()[:40]
