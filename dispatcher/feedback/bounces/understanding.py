"""Reads one mail that came back: what it says has happened, and to which mail of ours."""

from __future__ import annotations

from hashlib import sha256

from dispatcher.feedback.bounces import automatic, parts, standard, unstandardised
from dispatcher.feedback.bounces.parts import Mail
from dispatcher.feedback.bounces.report import Finding, Report
from dispatcher.links import Links

# Where a server writes whom it delivered to: the return path that our mail had.
ENVELOPE = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc")


def understand(raw: bytes, links: Links) -> Report:
    """Say what a mail means. Never raises, whatever it is given."""
    mail = parts.read(raw)
    return Report(finding=_finding(mail), message=_message(mail, links), report_id=_identity(mail))


def _finding(mail: Mail) -> Finding:
    found = standard.read(mail)
    if found is None and automatic.is_answer(mail) and not unstandardised.is_from_a_system(mail):
        return Finding(kind="auto-reply")
    found = found or unstandardised.read(mail)
    return found or Finding(kind="auto-reply" if automatic.is_answer(mail) else "other")


def _message(mail: Mail, links: Links) -> tuple[int, int] | None:
    """Find the mail it is about, by any key of ours in it.

    The return path goes before what the report quotes, and a key that names its attempt (return path,
    ENVID, boundary) before one that does not (Message-ID). Keys are signed: nobody but us and who received
    the mail can write one, so that no report can be forged about somebody else's.
    """
    found: list[tuple[int, int]] = []
    for text in (mail.fields(*ENVELOPE), mail.raw.decode("latin-1"), *mail.texts()):
        found.extend(links.message_keys_in(text))
        if any(attempt for _message_id, attempt in found):
            break
    if not found:
        return None
    message_id = found[0][0]
    return message_id, next((attempt for about, attempt in found if about == message_id and attempt), 0)


def _identity(mail: Mail) -> str:
    """Name a report so that its copies, through whatever door they come, are the same."""
    given = mail.field("Message-ID").strip("<> ")
    if given:
        return given[:200]
    _head, _gap, body = mail.raw.replace(b"\r\n", b"\n").partition(b"\n\n")
    facts = "\n".join(mail.field(name) for name in ("From", "Date", "Subject"))
    return sha256(facts.encode("utf-8", "replace") + b"\0" + body.strip()).hexdigest()[:40]
