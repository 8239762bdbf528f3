"""What mails that come back mean: reports in the manner of many servers, and whatever else may be sent."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dispatcher.feedback.bounces import parsed_mail
from dispatcher.feedback.bounces.classification import classify_failure
from dispatcher.feedback.bounces.returned_mail import parse_report
from dispatcher.gateways.smtp import mime
from dispatcher.message.mail_parts import MailParts
from dispatcher.sandbox import mail_reports
from dispatcher.signed_links import SignedLinks, verp_address

CORPUS = Path(__file__).parent.parent / "corpus" / "bounces"
LINKS = SignedLinks("https://nhac.hatay.example", "a secret for the tests")
MESSAGE, ATTEMPT = 4711, 2


def mail(name: str, links: SignedLinks = LINKS) -> bytes:
    """A mail of the corpus, about our mail."""
    return filled((CORPUS / f"{name}.eml").read_text(encoding="utf-8"), links)


def filled(text: str, links: SignedLinks = LINKS) -> bytes:
    """Put the names that our mail had into a report."""
    values = {
        "verp": verp_address("bounce@hatay.example", links.message_key(MESSAGE, ATTEMPT)),
        "message_id": links.message_id_header(MESSAGE, "hatay.example"),
        "envid": links.message_key(MESSAGE, ATTEMPT),
    }
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text.encode()


TABLE = [
    # the address is dead
    ("postfix-unknown", "failed", "number", "5.1.1"),
    ("postfix-no-host", "failed", "number", "5.4.4"),
    ("postfix-no-enhanced-code-rcpt", "failed", "number", "5.0.0"),
    ("exim-standard", "failed", "number", "5.1.1"),
    ("exim-old", "failed", "number", ""),
    ("exchange-online", "failed", "number", "5.1.10"),
    ("exchange-access-denied", "failed", "number", "5.4.1"),
    ("exchange-2003", "failed", "number", ""),
    ("outlook-unavailable", "failed", "number", "5.5.0"),
    ("gmail-inactive", "failed", "number", "5.2.1"),
    ("sendmail", "failed", "number", "5.1.1"),
    ("sendmail-old", "failed", "number", "550"),
    ("qmail", "failed", "number", "5.1.1"),
    ("office-in-vietnamese", "failed", "number", "550"),
    ("base64-words", "failed", "number", "5.1.1"),
    # the moment was wrong
    ("postfix-expired", "failed", "temporary", "4.4.1"),
    ("postfix-full", "failed", "temporary", "5.2.2"),
    ("exim-old-full", "failed", "temporary", ""),
    ("exchange-loop", "failed", "temporary", "5.4.14"),
    ("gmail-full", "failed", "temporary", "5.2.2"),
    ("gmail-rate", "failed", "temporary", "5.2.1"),
    ("qmail-full", "failed", "temporary", ""),
    # our mail was at fault
    ("postfix-spam", "failed", "content", "5.7.1"),
    ("postfix-too-big", "failed", "content", "5.3.4"),
    ("postfix-no-enhanced-code-blocked", "failed", "content", "5.0.0"),
    ("gmail-unauthenticated", "failed", "config", "5.7.26"),
    # no news, or good news
    ("postfix-delayed", "delayed", "", "4.2.0"),
    ("postfix-handed-on", "delayed", "", "2.0.0"),
    ("delayed-in-words", "delayed", "", ""),
    ("postfix-delivered", "delivered", "", "2.0.0"),
    ("alias-reached-one-of-two", "delivered", "", "2.1.5"),
    # its reader does not want it
    ("complaint", "complaint", "", "abuse"),
    # nothing about delivery
    ("not-spam", "other", "", ""),
    ("authentication-report", "other", "", ""),
    ("vacation", "auto-reply", "", ""),
    ("vacation-in-vietnamese", "auto-reply", "", ""),
    ("vacation-encoded-subject", "auto-reply", "", ""),
    ("vacation-exchange", "auto-reply", "", ""),
    ("vacation-old", "auto-reply", "", ""),
    ("read-receipt", "auto-reply", "", ""),
    ("person", "other", "", ""),
    ("person-quoting-a-report", "other", "", ""),
]


def test_every_mail_of_the_corpus_is_in_the_table() -> None:
    assert {file.stem for file in CORPUS.glob("*.eml")} == {name for name, *_rest in TABLE}


@pytest.mark.parametrize(("name", "kind", "fault", "code"), TABLE, ids=[row[0] for row in TABLE])
def test_what_a_mail_means(name: str, kind: str, fault: str, code: str) -> None:
    finding = parse_report(mail(name), LINKS).finding
    assert (finding.kind, finding.error_class, finding.code) == (kind, fault, code)


@pytest.mark.parametrize(
    "name", [name for name, kind, *_rest in TABLE if kind not in {"other", "auto-reply"}]
)
def test_it_is_about_our_mail(name: str) -> None:
    found = parse_report(mail(name), LINKS).about
    # A complaint quotes the mail without its return path: the Message-ID does not name the attempt.
    assert found == ((MESSAGE, 0) if name == "complaint" else (MESSAGE, ATTEMPT))


@pytest.mark.parametrize("name", [row[0] for row in TABLE])
def test_copies_through_other_doors_are_the_same_report(name: str) -> None:
    raw = mail(name)
    piped = b"From MAILER-DAEMON Sat Nov  8 12:01:02 2025\n" + raw
    fetched = b"X-Original-To: x@hatay.example\r\nReceived: by y\r\n" + raw.replace(b"\n", b"\r\n")
    first = parse_report(raw, LINKS)
    for other in (piped, fetched):
        found = parse_report(other, LINKS)
        assert (found.report_id, found.finding.kind, found.finding.error_class) == (
            first.report_id,
            first.finding.kind,
            first.finding.error_class,
        )


def test_reports_without_an_id_are_told_apart_by_what_they_say() -> None:
    one, other = mail("qmail"), mail("qmail-full")
    assert parse_report(one, LINKS).report_id == parse_report(one.replace(b"\n", b"\r\n"), LINKS).report_id
    assert parse_report(one, LINKS).report_id != parse_report(other, LINKS).report_id


@pytest.mark.parametrize(
    ("code", "kind", "fault"),
    [("5.1.1", "failed", "number"), ("5.2.2", "failed", "temporary"), ("5.7.1", "failed", "content")],
)
def test_what_the_sandbox_sends_back(code: str, kind: str, fault: str) -> None:
    """Its reports quote the headers of a mail as our gateway writes it, key in the boundary and all."""
    key, when = LINKS.message_key(MESSAGE, ATTEMPT), format_datetime(datetime(2025, 11, 8, tzinfo=UTC))
    ours = mime.compose(
        MailParts(subject="Nhắc việc", text="x", html="<p>x</p>"),
        key=key,
        sender="nhac@hatay.example",
        to="hoa@nowhere.example",
        message_id=LINKS.message_id_header(MESSAGE, "hatay.example"),
        date=datetime(2025, 11, 8, tzinfo=UTC),
    )
    facts = {"recipient": "hoa@nowhere.example", "text": ours, "date": when}
    for back in (
        verp_address("bounce@hatay.example", LINKS.message_key(MESSAGE, ATTEMPT)),
        "nhac@hatay.example",
    ):
        report = parse_report(mail_reports.delivery_report(to=back, reply=f"550 {code} no", **facts), LINKS)
        assert (report.finding.kind, report.finding.error_class) == (kind, fault)
        assert report.about == (MESSAGE, ATTEMPT)
    complaint = parse_report(mail_reports.abuse_report(to="nhac@hatay.example", **facts), LINKS)
    assert (complaint.finding.kind, complaint.about) == ("complaint", (MESSAGE, ATTEMPT))


def test_a_report_with_somebody_elses_keys_is_about_nothing() -> None:
    forged = SignedLinks("https://nhac.hatay.example", "a guess at the secret, wrong")
    report = parse_report(mail("postfix-unknown", forged), LINKS)
    assert report.about is None
    assert report.finding.recipient == "tran.thi.hoa@nowhere.example"


def test_whom_the_return_path_names_goes_before_what_the_report_quotes() -> None:
    quoted = verp_address("bounce@hatay.example", LINKS.message_key(99, 1))
    raw = mail("postfix-unknown").replace(b"This is a MIME", f"<{quoted}> This is a MIME".encode())
    assert parse_report(raw, LINKS).about == (MESSAGE, ATTEMPT)


@pytest.mark.parametrize(
    ("status", "diagnostic", "words", "code", "fault"),
    [
        ("5.1.1", "smtp; 550 5.1.1 unknown", "", "5.1.1", "number"),
        # the reporter knows only that it failed; the server said why
        ("5.0.0", "smtp; 550 5.2.2 full", "", "5.2.2", "temporary"),
        ("5.0.0", "smtp; 451 4.7.1 greylisted, given up", "", "4.7.1", "temporary"),
        (
            "5.1.0",
            "smtp; 5.1.0 - Unknown address error 550-'5.7.1 blocked by policy'",
            "",
            "5.7.1",
            "content",
        ),
        # a code that is used for two things
        ("5.4.1", "smtp; 550 5.4.1 Recipient address rejected: Access denied", "", "5.4.1", "number"),
        ("5.4.1", "X-Postfix; no answer from host", "", "5.4.1", "temporary"),
        # no code: words
        ("", "", "No such user here", "", "number"),
        ("", "", "Hộp thư đã đầy", "", "temporary"),
        ("", "", "Địa chỉ này không tồn tại", "", "number"),
        ("", "", "Thư bị chặn vì là thư rác", "", "content"),
        ("", "", "it went wrong", "", "temporary"),
        ("5.0.0", "smtp; 550 no (in reply to end of DATA command)", "", "5.0.0", "content"),
        ("5.0.0", "smtp; 550 no (in reply to MAIL FROM command)", "", "5.0.0", "config"),
        ("5.0.0", "smtp; 550 no", "", "5.0.0", "temporary"),
        # numbers that are no codes
        ("", "", "see 192.0.2.5.1.1 or call 550 123", "", "temporary"),
        ("5.1.1 (bad address)", "", "", "5.1.1", "number"),
        ("2.0.0", "", "", "", "temporary"),
    ],
)
def test_whose_fault_a_failure_is(status: str, diagnostic: str, words: str, code: str, fault: str) -> None:
    assert classify_failure(status, diagnostic, words) == (code, fault)


# Pieces that parsers trip over, thrown together.
PIECES = st.sampled_from(
    [raw for file in sorted(CORPUS.glob("*.eml")) for raw in file.read_bytes().split(b"\n\n")]
    + [
        b"Content-Type: multipart/report; boundary=x", b"--x", b"--x--",
        b"Content-Type: message/delivery-status",
        b"Content-Type: message/feedback-report", b"Status: \xff5.1.1", b"Action: failed", b"\x00", b"\r",
        b"Content-Transfer-Encoding: base64", b"Content-Transfer-Encoding: x-uuencode", b"begin 666 x",
        b"Content-Type: text/plain; charset=utf-16", b"Content-Type: text/plain; charset*=x'y'%ff",
        b'Content-Type: text/plain; charset="', b"Subject: =?utf-8?B?!!!?=", b'To: "', b"From: (((((",
        b"Return-Path: <>", b"X-Failed-Recipients: a@b, \xe1\xbb\x85@c",
        b"Diagnostic-Code: smtp; 550 " + b"5" * 400,
    ]
)  # fmt: skip


@given(st.binary(max_size=2000))
def test_no_bytes_are_too_strange(raw: bytes) -> None:
    parse_report(raw, LINKS)


@given(
    st.lists(PIECES | st.binary(max_size=60), max_size=12), st.sampled_from([b"\n", b"\n\n", b"\r\n", b""])
)
def test_no_mixture_of_reports_is_too_strange(pieces: list[bytes], between: bytes) -> None:
    parse_report(between.join(pieces), LINKS)


@given(st.data())
def test_no_damage_to_a_report_makes_it_about_anything_else(data: st.DataObject) -> None:
    raw = bytearray(
        mail(data.draw(st.sampled_from(["postfix-unknown", "sendmail", "complaint", "qmail", "exim-old"])))
    )
    for _count in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert parse_report(bytes(raw), LINKS).about in {None, (MESSAGE, 0), (MESSAGE, ATTEMPT)}


@given(st.text(), st.text(), st.text())
@example("5.1.1", "\x00", "٥٥٠ 5.1.1")
def test_any_words_have_a_fault(status: str, diagnostic: str, words: str) -> None:
    assert classify_failure(status, diagnostic, words)[1] in {"number", "temporary", "content", "config"}


NASTY = {
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (n, n) for n in range(5000)),
    "messages in messages": b"Content-Type: message/rfc822\n\n" * 20000,
    "many parts": b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhi\n" * 30000,
    "one long line": b"From: mailer-daemon@x\n\n" + b"a@b " * 200_000,
    "spaces": b"From: mailer-daemon@x\nSubject: failure\n\nHi. This is the\n\n" + b" " * 300_000 + b"x",
    "at signs": b"From: mailer-daemon@x\n\nYour message\n" + b"@" * 300_000,
    "words and dashes": b"From: mailer-daemon@x\n\n" + b"- copy -" * 30_000,
    "many lines": b"From: postmaster@x\n\nA message could not be delivered to:\n" + b"a b@c d\n" * 40_000,
    "many headers": b"To: a@b\n" * 40_000,
    "a long header": b"To: " + b"a <b@c>, " * 30_000,
    "brackets": b"To: " + b"(" * 200_000,
    "encoded words": b"Subject: " + b"=?utf-8?q?a?= " * 20_000,
    "almost keys": b"To: x\n\n" + b"a-b-ccccccccccccc " * 20_000,
    "digits": b"From: mailer-daemon@x\n\n" + b"5.5.5." * 50_000,
    "tags": b"Content-Type: text/html\nFrom: mailer-daemon@x\n\n" + b"<" * 250_000,
}  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_a_mail_made_to_be_slow_is_read_in_a_moment(name: str) -> None:
    started = time.perf_counter()
    parse_report(NASTY[name], LINKS)
    assert time.perf_counter() - started < 5  # a busy machine; alone each takes well under a second


def test_only_the_beginning_of_a_huge_mail_is_read() -> None:
    assert len(parsed_mail.parse_mail(b"To: x\n\n" + b"x" * (8 << 20)).raw) == parsed_mail.BYTES_MAX
