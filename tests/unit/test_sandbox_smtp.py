"""The sandbox's mail server: keeps, refuses, delays, drops and bounces; smtplib and raw sockets ask it."""

import mailbox
import smtplib
import socket
import ssl
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

import pytest

from dispatcher.sandbox import process, provider_log
from dispatcher.sandbox.failures import Failures
from dispatcher.sandbox.process import Sandbox

START = datetime(2025, 10, 11, 1, 0, tzinfo=UTC)
SENDER = "bounce+m1-a1@hatay.example.vn"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("sandbox")
    with process.start(folder, now=START, failures=Failures(slow_seconds=0.2)) as running:
        yield running


@pytest.fixture
def server(sandbox: Sandbox) -> Iterator[smtplib.SMTP]:
    client = smtplib.SMTP("127.0.0.1", sandbox.smtp_port, local_hostname="test", timeout=5)
    client.ehlo()
    yield client
    client.close()


def mail(to: str = "an@example.vn", *, message_id: str = "m1@hatay.example.vn") -> EmailMessage:
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = "UBND xã Hà Tây <ubnd@hatay.example.vn>"
    message["To"] = to
    message["Subject"] = "[UBND xã Hà Tây] Cuộc thi Công dân số Hải Phòng: tiến độ đến hết ngày 08/11/2025"
    message["Message-ID"] = f"<{message_id}>"
    message["List-Unsubscribe"] = "<https://example.vn/u/x>"
    message.set_content("Kính gửi đồng chí,\n\n.một dòng bắt đầu bằng dấu chấm\n", cte="8bit")
    message.add_alternative("<p>Kính gửi đồng chí</p>", subtype="html")
    return message


def send(server: smtplib.SMTP, to: str, sender: str = SENDER, **options: str) -> dict:
    return server.sendmail(sender, [to], mail(to, **options).as_bytes())


def test_it_says_what_it_can(server):
    assert {"pipelining", "8bitmime", "enhancedstatuscodes", "size", "smtputf8"} <= set(server.esmtp_features)
    assert "auth" not in server.esmtp_features
    assert "starttls" not in server.esmtp_features


def test_a_kept_mail_is_one_line_and_its_text(sandbox, server):
    send(server, "binh@example.vn", message_id="kept@example.vn")
    (kept,) = [
        line for line in provider_log.read_mails(sandbox.folder) if line.message_id == "kept@example.vn"
    ]
    assert (kept.at, kept.sender, kept.recipients) == (START, SENDER, ("binh@example.vn",))
    assert kept.subject == "[UBND xã Hà Tây] Cuộc thi Công dân số Hải Phòng: tiến độ đến hết ngày 08/11/2025"
    assert kept.headers["List-Unsubscribe"] == "<https://example.vn/u/x>"
    assert kept.headers["From"] == "UBND xã Hà Tây <ubnd@hatay.example.vn>"
    text = provider_log.read_mail_text(sandbox.folder, kept)
    assert (len(text), sha256(text).hexdigest()) == (kept.size, kept.sha256)
    parsed = message_from_bytes(text, policy=policy.default)
    assert ".một dòng bắt đầu" in parsed.get_body(("plain",)).get_content()


def test_a_mailbox_shows_what_it_received(sandbox, server):
    send(server, "Chi@example.vn")
    (shown,) = sandbox.mails("chi@example.vn")
    assert "Kính gửi đồng chí" in shown["text"]
    assert shown["html"] == "<p>Kính gửi đồng chí</p>\n"
    assert "chi@example.vn" in {row["to"] for row in sandbox._request("GET", "/sandbox/mails")}


def test_the_texts_are_a_mailbox_that_mail_readers_open(sandbox, server):
    send(server, "dung@example.vn")
    texts = mailbox.mbox(sandbox.folder / provider_log.MAIL_TEXTS_FILE)
    assert len(texts) == sandbox.summary()["accepted"]["email"]


@pytest.mark.parametrize(
    ("local", "code", "enhanced"),
    [
        ("refuse-5.1.1", 550, b"5.1.1"),
        ("refuse-5.2.2", 552, b"5.2.2"),
        ("refuse-4.2.2", 452, b"4.2.2"),
        ("greylist", 450, b"4.2.1"),
    ],
)
def test_a_recipient_is_refused_on_demand(server, local, code, enhanced):
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refusal:
        send(server, f"{local}@a{code}.example.vn")
    ((said, words),) = refusal.value.recipients.values()
    assert (said, words[:5]) == (code, enhanced)


def test_greylisting_ends_at_the_second_try(server):
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        send(server, "an+greylist@example.vn")
    assert send(server, "an+greylist@example.vn") == {}


def test_the_text_is_refused_on_demand(sandbox, server):
    before = sandbox.summary()["accepted"]["email"]
    with pytest.raises(smtplib.SMTPDataError) as refusal:
        send(server, "data-5.3.4@example.vn")
    assert refusal.value.smtp_code == 552
    assert sandbox.summary()["accepted"]["email"] == before


@pytest.mark.parametrize("local", ["refuse-4.3.2", "data-4.3.2"])
def test_421_is_followed_by_silence(server, local):
    with pytest.raises(smtplib.SMTPException) as refusal:
        send(server, f"{local}@example.vn")
    assert "421" in str(refusal.value)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        server.docmd("NOOP")


@pytest.mark.parametrize(("local", "kept"), [("drop-before", 0), ("drop-after", 1)])
def test_a_dropped_connection_says_nothing(sandbox, server, local, kept):
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(server, f"{local}@example.vn")
    assert len(sandbox.mails(f"{local}@example.vn")) == kept


def test_a_slow_mailbox_is_slow(server):
    server.sock.settimeout(0.05)
    with pytest.raises((smtplib.SMTPServerDisconnected, TimeoutError)):
        send(server, "slow@example.vn")


def test_a_line_too_long_is_refused(server):
    with pytest.raises(smtplib.SMTPDataError, match="998"):
        server.sendmail(SENDER, ["an@example.vn"], b"Subject: x\r\n\r\n" + b"a" * 999 + b"\r\n")
    assert server.sendmail(SENDER, ["an@example.vn"], b"Subject: x\r\n\r\n" + b"a" * 998 + b"\r\n") == {}


def reports(sandbox: Sandbox, recipient: str) -> list[EmailMessage]:
    """Read the reports about `recipient` from the maildir."""
    box = mailbox.Maildir(sandbox.folder / "bounces", factory=None, create=True)
    parsed = [message_from_bytes(box.get_bytes(key), policy=policy.default) for key in box.keys()]  # noqa: SIM118 - iterating a mailbox gives messages
    return [report for report in parsed if recipient in report.as_string()]


def test_a_bounce_comes_back_as_a_delivery_report(sandbox, server):
    assert send(server, "bounce-5.1.1@example.vn", message_id="b1@example.vn") == {}
    (report,) = reports(sandbox, "bounce-5.1.1@example.vn")
    assert (report["To"], report["Return-Path"]) == (SENDER, "<>")
    assert report.get_content_type() == "multipart/report"
    assert report.get_param("report-type") == "delivery-status"
    _, status, headers = report.iter_parts()
    about_server, about_recipient = status.get_payload()
    assert about_server["Reporting-MTA"].startswith("dns;")
    assert about_recipient["Final-Recipient"] == "rfc822; bounce-5.1.1@example.vn"
    assert (about_recipient["Action"], about_recipient["Status"]) == ("failed", "5.1.1")
    assert about_recipient["Diagnostic-Code"].startswith("smtp; 550 5.1.1")
    assert headers.get_content_type() == "text/rfc822-headers"
    assert "<b1@example.vn>" in headers.get_payload()


def test_a_mail_without_a_return_path_bounces_to_nobody(sandbox, server):
    send(server, "bounce-5.2.1@example.vn", sender="")
    assert reports(sandbox, "bounce-5.2.1@example.vn") == []


def test_a_complaint_is_an_abuse_report(sandbox, server):
    send(server, "complaint@example.vn")
    (report,) = reports(sandbox, "complaint@example.vn")
    assert report.get_param("report-type") == "feedback-report"
    assert "Feedback-Type: abuse" in report.as_string()


def conversation(sandbox: Sandbox, *groups: bytes) -> bytes:
    """Send each group in one write, without waiting for single replies; gives all replies."""
    with socket.create_connection(("127.0.0.1", sandbox.smtp_port), timeout=5) as connection:
        stream = connection.makefile("rwb")
        said = stream.readline()
        for group in groups:
            stream.write(group)
            stream.flush()
        while line := stream.readline():
            said += line
        return said


def test_pipelined_groups_are_answered_in_order(sandbox):
    envelope = b"MAIL FROM:<a@example.vn>\r\nRCPT TO:<%s@example.vn>\r\nDATA\r\n"
    text = b"Subject: x\r\nMessage-ID: <%s@example.vn>\r\n\r\nhi\r\n.\r\n"
    said = conversation(
        sandbox,
        b"EHLO test\r\n",
        envelope % b"p1",
        text % b"p1" + envelope % b"refuse-5.1.1",
        envelope % b"p2",
        text % b"p2" + b"QUIT\r\n",
    )
    codes = [line[:3] for line in said.splitlines() if line[3:4] == b" "]
    # the second mail's recipient is refused, so its DATA is, too; a second MAIL then wants a RSET first
    assert codes[:10] == b"220 250 250 250 354 250 250 550 503 503".split()
    assert "p1@example.vn" in {line.message_id for line in provider_log.read_mails(sandbox.folder)}


def test_many_pipelined_mails_are_all_kept(sandbox):
    before = sandbox.summary()["accepted"]["email"]
    group = b"MAIL FROM:<a@example.vn>\r\nRCPT TO:<many@example.vn>\r\nDATA\r\n"
    text = b"Subject: x\r\nMessage-ID: <many@example.vn>\r\n\r\n" + b"a" * 70 + b"\r\n" + b"." + b"\r\n"
    said = conversation(sandbox, b"EHLO test\r\n", group + (text + group) * 50 + text + b"QUIT\r\n")
    assert said.count(b"354 ") == 51
    assert sandbox.summary()["accepted"]["email"] == before + 51


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of this run."""
    folder = tmp_path_factory.mktemp("certificate")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    return certificate


def test_starttls_and_auth_can_be_required(tmp_path: Path, certificate: Path):
    arguments = [
        f"--tls-certificate={certificate}",
        "--require-tls",
        "--smtp-user=dispatcher",
        "--smtp-password=mật khẩu",
    ]
    with process.start(tmp_path, arguments=arguments) as running:
        with (
            smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=5) as server,
            pytest.raises(smtplib.SMTPException, match="STARTTLS"),
        ):
            send(server, "an@example.vn")
        with smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=5) as server:
            server.starttls(context=ssl.create_default_context(cafile=str(certificate)))
            server.ehlo()
            with pytest.raises(smtplib.SMTPException, match="530"):
                send(server, "an@example.vn")
            with pytest.raises(smtplib.SMTPAuthenticationError):
                server.login("dispatcher", "wrong")
            secret = b64encode("\0dispatcher\0mật khẩu".encode()).decode()
            assert server.docmd("AUTH", f"PLAIN {secret}")[0] == 235
            assert send(server, "an@example.vn") == {}


def test_auth_without_tls(tmp_path: Path):
    with (
        process.start(tmp_path, arguments=["--smtp-user=u", "--smtp-password=p"]) as running,
        smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=5) as server,
    ):
        server.login("u", "p")
        assert send(server, "an@example.vn") == {}


def test_texts_need_not_be_kept(tmp_path: Path):
    with process.start(tmp_path, keep_mail=False) as running:
        with smtplib.SMTP("127.0.0.1", running.smtp_port, timeout=5) as server:
            send(server, "an@example.vn")
        (shown,) = running.mails("an@example.vn")
        assert (shown["offset"], shown["text"]) == (-1, "")
    assert not (tmp_path / provider_log.MAIL_TEXTS_FILE).exists()
