"""`dispatcher bounces read`: files, folders, the pipe of a mail server, the mailbox; and its exit codes."""

from __future__ import annotations

import json
import mailbox
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatcher.feedback.bounces import mailbox_files
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import event
from dispatcher.signed_links import SignedLinks, verp_address
from tests.command import Command, CommandResult

SECRET = "a secret for the tests"
LINKS = SignedLinks("https://nhac.hatay.example", SECRET)


def bounce(n: int) -> bytes:
    back = verp_address("bounce@hatay.example", LINKS.message_key(n, 1))
    return (
        f"From: MAILER-DAEMON@relay.example\nTo: {back}\nMessage-ID: <{n}@relay.example>\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=xx\n\n"
        "--xx\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; relay.example\n\n"
        "Final-Recipient: rfc822; a@b.example\nAction: failed\nStatus: 5.1.1\n\n--xx--\n"
    ).encode()


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(sqlite_url, upgrade=False)
    yield opened
    opened.close()


@pytest.fixture
def office(sqlite_url: str, tmp_path: Path) -> Command:
    settings = {"DISPATCHER_DATABASE_URL": sqlite_url, "DISPATCHER_SECRET_KEY": SECRET}
    return Command(folder=tmp_path, settings=settings)


def run(office: Command, *words: object, given: bytes = b"", **settings: str) -> CommandResult:
    return office.run("bounces", "read", *map(str, words), stdin=given, **settings)


def codes(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return list(connection.scalars(sa.select(event.c.code)))


def test_a_mail_from_the_pipe_of_a_mail_server(office: Command, ledger: Ledger) -> None:
    command = [Path(sys.executable).with_name("dispatcher"), "bounces", "read", "-"]
    first = subprocess.run(
        command, input=b"From MAILER-DAEMON  Sat Nov  8 12:01:02 2025\n" + bounce(1),
        env=office.environ({}), capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (first.returncode, codes(ledger)) == (0, ["5.1.1"]), first.stderr
    again = run(office, "-", "--json", given=bounce(1))
    assert json.loads(again.stdout) == {"mails": 1, "new": 0, "outcomes": {"dead-address": 1}}


@pytest.mark.parametrize(
    "given", [b"", b"\xff\x00nonsense", b"From: a@b\n\nHello\n", bounce(1) + b"x" * (2 << 20)]
)
def test_whatever_comes_through_the_pipe_is_not_sent_back(office: Command, given: bytes) -> None:
    done = run(office, "-", given=given)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DISPATCHER_DATABASE_URL", "sqlite:////no/such/folder/ledger.sqlite3"),
        ("DISPATCHER_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"),
        ("DISPATCHER_BIND", "nonsense"),
        ("DISPATCHER_SECRET_KEY", "short"),
    ],
)
def test_while_nothing_can_be_written_the_mail_server_keeps_the_report(
    office: Command, name: str, value: str
) -> None:
    done = run(office, "-", given=bounce(1), **{name: value})
    assert done.returncode == 75, done.stderr
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_single_mails_mboxes_and_maildirs(office: Command, ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(bounce(1))
    with closing(mailbox.mbox(tmp_path / "many.mbox")) as box:
        for n in range(2, 5):
            box.add(bounce(n))
    with closing(mailbox.Maildir(tmp_path / "folder")) as folder:
        for n in range(5, 8):
            folder.add(bounce(n))
        folder.add(b"From: a@b.example\nSubject: who are you\n\nHello\n")
    done = run(office, tmp_path / "one.eml", tmp_path / "many.mbox", tmp_path / "folder", "--json")
    assert json.loads(done.stdout) == {"mails": 8, "new": 7, "outcomes": {"dead-address": 7, "other": 1}}
    assert (done.returncode, len(codes(ledger))) == (0, 7)
    again = run(office, tmp_path / "many.mbox", tmp_path / "folder", "--json")
    assert json.loads(again.stdout)["mails"] == 3  # a maildir's mails are marked as seen, an mbox's cannot be


def test_a_table_for_people(office: Command, tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_bytes(bounce(1))
    done = run(office, tmp_path / "one.eml")
    assert "the address is dead: no more mail goes there" in done.stdout
    assert "1 mails read, 1 reports new to the ledger." in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "there is no mailbox to read"),
        (["nowhere.eml"], "nowhere.eml: it does not exist"),
        ([".", "-"], "- stands alone"),
        (["."], "no maildir"),
    ],
)
def test_wrong_use_is_told(office: Command, words: list[str], said: str) -> None:
    done = run(office, *words)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_mailbox_that_is_away_is_a_problem(office: Command) -> None:
    done = run(office, DISPATCHER_BOUNCE_MAILBOX="imap://u:secret@127.0.0.1:1/INBOX")
    assert done.returncode == 1
    assert "cannot be read now" in done.stderr
    assert "secret" not in done.stderr


def test_a_maildir_is_marked_only_when_its_page_was_taken_in(tmp_path: Path) -> None:
    with closing(mailbox.Maildir(tmp_path / "folder")) as folder:
        for n in range(mailbox_files.PAGE_SIZE + 1):
            folder.add(bounce(n))
    pages = mailbox_files.read_mails(tmp_path / "folder")
    assert len(next(pages)) == mailbox_files.PAGE_SIZE
    assert not list((tmp_path / "folder" / "cur").iterdir())
    assert len(next(pages)) == 1
    assert len(list((tmp_path / "folder" / "cur").iterdir())) == mailbox_files.PAGE_SIZE
    del pages  # stopped before the last was taken in
    assert len(list((tmp_path / "folder" / "new").iterdir())) == 1


def test_flags_that_were_there_stay(tmp_path: Path) -> None:
    with closing(mailbox.Maildir(tmp_path / "folder")) as folder:
        mail = mailbox.MaildirMessage(bounce(1))
        mail.set_subdir("cur")
        mail.set_flags("R")
        folder.add(mail)
    assert [len(page) for page in mailbox_files.read_mails(tmp_path / "folder")] == [1]
    (name,) = [file.name for file in (tmp_path / "folder" / "cur").iterdir()]
    assert name.endswith(":2,RS")


def test_a_persons_letter_stays_unread_and_is_flagged(office: Command, tmp_path: Path) -> None:
    with closing(mailbox.Maildir(tmp_path / "folder")) as folder:
        folder.add("From: a@b.example\nSubject: Vắng mặt buổi họp chi bộ\n\nKính gửi\n".encode())
        folder.add(bounce(1))
    for expected in (2, 0):
        done = run(office, str(tmp_path / "folder"), "--json")
        assert json.loads(done.stdout)["mails"] == expected
    flags = sorted(file.name.partition(":2,")[2] for file in (tmp_path / "folder" / "cur").iterdir())
    assert flags == ["F", "S"]
