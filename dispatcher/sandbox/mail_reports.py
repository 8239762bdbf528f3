"""Reports that come back about a mail: delivery reports (RFC 3464) and complaints (RFC 5965)."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

HOSTNAME = "sandbox.invalid"


def delivery_report(*, to: str, recipient: str, reply: str, text: bytes, date: str) -> bytes:
    """Make a delivery report to `to`: `reply` (550 5.1.1 why) is what `recipient`'s server said."""
    status = reply.split(" ")[1]
    return _report(
        to=to,
        date=date,
        subject="Undelivered Mail Returned to Sender",
        kind="delivery-status",
        explanation=f"This is the mail system at host {HOSTNAME}.\r\n\r\n<{recipient}>: {reply}",
        report_fields=(
            f"Reporting-MTA: dns; {HOSTNAME}\r\nArrival-Date: {date}\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\nOriginal-Recipient: rfc822; {recipient}\r\n"
            f"Action: failed\r\nStatus: {status}\r\nRemote-MTA: dns; {HOSTNAME}\r\n"
            f"Diagnostic-Code: smtp; {reply}"
        ),
        text=text,
    )


def abuse_report(*, to: str, recipient: str, text: bytes, date: str) -> bytes:
    """Make an abuse report: `recipient` pressed "this is spam"."""
    return _report(
        to=to,
        date=date,
        subject="Abuse report",
        kind="feedback-report",
        explanation=f"This is an abuse report for a mail received by <{recipient}>.",
        report_fields=(
            "Feedback-Type: abuse\r\nUser-Agent: sandbox/1.0\r\nVersion: 1\r\n"
            f"Original-Mail-From: <{to}>\r\nOriginal-Rcpt-To: <{recipient}>\r\nArrival-Date: {date}"
        ),
        text=text,
    )


def _report(
    *, to: str, date: str, subject: str, kind: str, explanation: str, report_fields: str, text: bytes
) -> bytes:
    boundary = token_hex(12)
    headers = text.partition(b"\r\n\r\n")[0]
    return (
        f"Return-Path: <>\r\nFrom: MAILER-DAEMON@{HOSTNAME}\r\nTo: {to}\r\nDate: {date}\r\n"
        f"Subject: {subject}\r\nMessage-ID: <{token_hex(12)}@{HOSTNAME}>\r\nAuto-Submitted: auto-replied\r\n"
        f"MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type={kind};\r\n"
        f'\tboundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{explanation}\r\n"
        f"--{boundary}\r\nContent-Type: message/{kind}\r\n\r\n{report_fields}\r\n\r\n"
        f"--{boundary}\r\nContent-Type: text/rfc822-headers\r\n\r\n"
    ).encode() + b"%s\r\n\r\n--%s--\r\n" % (headers, boundary.encode())


def deliver_to_maildir(report: bytes, maildir: Path) -> Path:
    """Write `report` into `maildir`: aside first, then moved in whole."""
    for part in ("tmp", "new", "cur"):
        (maildir / part).mkdir(parents=True, exist_ok=True)
    name = f"{token_hex(8)}.{os.getpid()}.{HOSTNAME}"
    aside = maildir / "tmp" / name
    aside.write_bytes(report.replace(b"\r\n", b"\n"))
    return aside.rename(maildir / "new" / name)
