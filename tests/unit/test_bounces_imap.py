"""The mailbox of reports, read from a real IMAP server: nothing is lost, nothing is read twice."""

from __future__ import annotations

import imaplib
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dispatcher import settings
from dispatcher.errors import ConfigurationError
from dispatcher.feedback.bounces import imap
from dispatcher.feedback.bounces.imap import MailboxUnavailable, parse_url, poll
from dispatcher.feedback.bounces.ingestion import IngestedReports
from dispatcher.ledger import Ledger, LedgerError
from dispatcher.ledger.schema.tables import event
from dispatcher.signed_links import SignedLinks, verp_address
from tests import mail_daemons
from tests.ledger_fixture import NOON

needs_dovecot = pytest.mark.skipif(
    mail_daemons.dovecot_version() != "2.3", reason="needs Dovecot 2.3: make mta installs it"
)
SECRET = "a secret for the tests"
LINKS = SignedLinks("https://nhac.hatay.example", SECRET)
PERSON = b"From: a@b.example\nSubject: a question\nMessage-ID: <q@b>\n\nWho are you?\n"


@pytest.fixture(scope="module")
def server() -> Iterator[mail_daemons.Dovecot]:
    if mail_daemons.dovecot_version() != "2.3":
        pytest.skip("needs Dovecot 2.3: make mta installs it")
    with mail_daemons.world_readable_folder() as folder:
        running = mail_daemons.Dovecot(folder)
        yield running
        running.stop()


@pytest.fixture
def box(server: mail_daemons.Dovecot) -> Iterator[imaplib.IMAP4]:
    """A look into the mailbox, empty at the start."""
    with imaplib.IMAP4("127.0.0.1", server.port, timeout=10) as opened:
        opened.login("bounce@hatay.example", server.password)
        opened.select()
        if opened.uid("SEARCH", "ALL")[1][0]:
            opened.uid("STORE", "1:*", "+FLAGS", r"(\Deleted)")
            opened.expunge()
        yield opened


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(sqlite_url, upgrade=False)
    yield opened
    opened.close()


def bounce(n: int) -> bytes:
    back = verp_address("bounce@hatay.example", LINKS.message_key(n, 1))
    return (
        f"From: MAILER-DAEMON@relay.example\nTo: {back}\nMessage-ID: <{n}@relay.example>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=xx\n\n"
        "--xx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--xx--\n"
    ).encode()


def read(url: str, ledger: Ledger) -> IngestedReports:
    return poll(settings.from_environment({"DISPATCHER_BOUNCE_MAILBOX": url}), ledger, LINKS, now=NOON)


def known(ledger: Ledger) -> int:
    with ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(event)) or 0


def found(box: imaplib.IMAP4, what: str) -> int:
    box.noop()
    return len(box.uid("SEARCH", what)[1][0].split())


def test_what_is_unseen_is_taken_in_and_then_seen(
    server: mail_daemons.Dovecot, box: imaplib.IMAP4, ledger: Ledger
) -> None:
    for n in range(1, 121):  # more than two pages
        server.deliver(bounce(n))
    server.deliver(PERSON)
    taken = read(server.url(), ledger)
    assert (taken.outcomes, taken.new, known(ledger)) == ({"dead-address": 120, "other": 1}, 120, 120)
    assert (found(box, "UNSEEN"), found(box, "FLAGGED")) == (1, 1)  # a person has to read that one
    assert read(server.url(), ledger).mails == 0
    server.deliver(bounce(7))  # the same report once more
    again = read(server.url(), ledger)
    assert (again.mails, again.new) == (1, 0)


def test_without_a_mailbox_there_is_nothing_to_do(ledger: Ledger) -> None:
    assert poll(settings.from_environment({}), ledger, LINKS, now=NOON).mails == 0


def test_while_the_ledger_is_away_nothing_is_marked(
    server: mail_daemons.Dovecot, box: imaplib.IMAP4, ledger: Ledger
) -> None:
    server.deliver(bounce(1))
    with ledger.begin() as connection:
        connection.execute(sa.text("ALTER TABLE event RENAME TO elsewhere"))
    with pytest.raises(LedgerError):
        read(server.url(), ledger)
    assert found(box, "UNSEEN") == 1
    with ledger.begin() as connection:
        connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO event"))
    assert read(server.url(), ledger).new == 1


def test_killed_between_ledger_and_mailbox_it_is_read_again(
    server: mail_daemons.Dovecot, box: imaplib.IMAP4, ledger: Ledger, sqlite_url: str
) -> None:
    for n in range(1, 4):
        server.deliver(bounce(n))
    script = (
        "import sys; from datetime import datetime, UTC; from dispatcher import settings\n"
        "from dispatcher.feedback.bounces.imap import poll; from dispatcher.ledger import Ledger\n"
        "from dispatcher.signed_links import SignedLinks\n"
        "read = settings.from_environment({'DISPATCHER_BOUNCE_MAILBOX': sys.argv[1]})\n"
        "ledger, links = Ledger.open(sys.argv[2]), SignedLinks('http://x', sys.argv[3])\n"
        "poll(read, ledger, links, now=datetime(2025, 11, 8, tzinfo=UTC))\n"
    )
    environ = {**os.environ, "DISPATCHER_FAULT": "event-recorded:1"}
    command = [sys.executable, "-c", script, server.url(), sqlite_url, SECRET]
    killed = subprocess.run(command, env=environ, capture_output=True, check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert (found(box, "UNSEEN"), known(ledger)) == (3, 3)
    again = read(server.url(), ledger)
    assert (again.mails, again.new, known(ledger), found(box, "UNSEEN")) == (3, 0, 3, 0)


def test_a_huge_mail_is_read_from_its_beginning_only(
    server: mail_daemons.Dovecot, box: imaplib.IMAP4, ledger: Ledger
) -> None:
    server.deliver(bounce(1) + b"x" * (3 << 20))
    assert read(server.url(), ledger).outcomes == {"dead-address": 1}


def test_a_wrong_password_is_told_without_it(server: mail_daemons.Dovecot, ledger: Ledger) -> None:
    with pytest.raises(MailboxUnavailable, match="cannot be read now") as caught:
        read(server.url(password="open sesame"), ledger)
    assert "sesame" not in str(caught.value)


def test_a_folder_that_is_not_there(server: mail_daemons.Dovecot, ledger: Ledger) -> None:
    with pytest.raises(MailboxUnavailable):
        read(server.url().replace("INBOX", "no%20such%22folder"), ledger)


def test_a_password_beyond_ascii(server: mail_daemons.Dovecot, ledger: Ledger) -> None:
    with pytest.raises(MailboxUnavailable, match="not ASCII"):
        read(server.url(password="mậtkhẩu"), ledger)


def test_nobody_there(ledger: Ledger) -> None:
    with pytest.raises(MailboxUnavailable, match="cannot be read now"):
        read(f"imap://u:p@127.0.0.1:{mail_daemons.free_port()}/INBOX", ledger)


@pytest.mark.parametrize(
    "said", [b"", b"220 smtp.example ESMTP\r\n", b"* OK hello\r\n* BYE\r\n", b"\xff" * 50]
)
def test_somebody_else_there(said: bytes, ledger: Ledger) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            connection, _address = listening.accept()
            connection.sendall(said)
            connection.close()

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(MailboxUnavailable):
            read(f"imap://u:p@127.0.0.1:{listening.getsockname()[1]}/INBOX", ledger)
        thread.join()


def test_a_server_that_says_nothing_is_not_waited_for_for_ever(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "TIMEOUT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(MailboxUnavailable):
        read(f"imap://u:p@127.0.0.1:{listening.getsockname()[1]}/INBOX", ledger)


@needs_dovecot
def test_tls_is_checked(ledger: Ledger) -> None:
    with mail_daemons.world_readable_folder() as folder:
        certificate = mail_daemons.make_certificate(folder)
        server = mail_daemons.Dovecot(folder, tls=certificate)
        try:
            server.deliver(bounce(1))
            with pytest.raises(MailboxUnavailable, match="certificate"):
                read(server.url(scheme="imaps"), ledger)
            taken = read(server.url(scheme="imaps", options=f"?ca_file={certificate}"), ledger)
            assert taken.outcomes == {"dead-address": 1}
        finally:
            server.stop()


def test_what_a_url_says() -> None:
    place = parse_url("imaps://bounce%40hatay.example:p%2Fw@mail.hatay.example/B%C3%A1o%20l%E1%BB%97i")
    assert (place.port, place.user, place.password, place.folder) == (
        993,
        "bounce@hatay.example",
        "p/w",
        "Báo lỗi",
    )
    assert place.tls
    assert "p/w" not in repr(place)
    plain = parse_url("imap://u:p@mail.hatay.example")
    assert (plain.port, plain.folder, plain.starttls) == (143, "INBOX", True)
    assert not parse_url("imap://u:p@127.0.0.1").starttls


@pytest.mark.parametrize(
    "url",
    ["http://u:p@x/", "imaps://x/INBOX", "imaps://u:p@/INBOX", "imaps://u:p@x/?y=1", "imaps://u:p@x:99999/"],
)
def test_a_url_that_cannot_be_used(url: str) -> None:
    with pytest.raises(ConfigurationError):
        parse_url(url)
