"""A real mail server takes our mail, refuses it, puts it off, and sends it back later: Debian's Postfix."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatcher.app import App, build
from dispatcher.clock import SimulatedClock
from dispatcher.feedback import inbox_processor
from dispatcher.feedback.bounces import imap, mailbox_files
from dispatcher.feedback.bounces.ingestion import IngestedReports, ingest
from dispatcher.feedback.bounces.mail_process import MailReader
from dispatcher.gateways import Envelope, GatewayOptions, Result, registry
from dispatcher.gateways.smtp.gateway import SmtpGateway, open_gateway
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema.tables import attempt, message
from dispatcher.message.mail_parts import MailParts
from dispatcher.settings import Settings
from dispatcher.signed_links import SignedLinks, verp_address
from tests import ledger_fixture, mail_daemons, postfix
from tests.postfix import Postfix

pytestmark = [
    pytest.mark.mta,
    pytest.mark.skipif(not postfix.is_installed(), reason="needs root and Postfix: make mta"),
]
ROOT = Path(__file__).parent.parent.parent
BEFORE = datetime(2025, 11, 8, 0, 50, tzinfo=UTC)  # ten minutes before a step falls due
SECRET = "a secret for the tests"
LATER = (
    "smtpd_sender_restrictions = check_recipient_access"
    " inline:{ {dung@town.example = 450 4.2.1 come back later} }"
)
MAIL = MailParts(subject="Nhắc việc", text="Còn 3 ngày nữa.", html="<p>Còn 3 ngày nữa.</p>")


@pytest.fixture(scope="module")
def server() -> Iterator[Postfix]:
    with mail_daemons.world_readable_folder() as folder:
        running = Postfix(folder)
        yield running
        running.stop()


@pytest.fixture
def mark(server: Postfix) -> Callable[[], str]:
    """What the server logs from here on."""
    start = len(server.log_text())
    return lambda: server.log_text()[start:]


# --- the gateway alone -----------------------------------------------------------------------------------


def envelopes(*recipients: str) -> list[Envelope]:
    links = SignedLinks("https://nhac.hatay.example", SECRET)
    return [
        Envelope(
            key=links.message_key(n + 1, 1),
            to=to,
            mail=MAIL,
            date=BEFORE,
            envelope_from=verp_address(postfix.BOUNCE, links.message_key(n + 1, 1)),
        )
        for n, to in enumerate(recipients)
    ]


def send(url: str, mails: Sequence[Envelope]) -> Sequence[Result]:
    async def all_of_them() -> Sequence[Result]:
        gateway: SmtpGateway = open_gateway(
            GatewayOptions(values={"DISPATCHER_SMTP_URL": url}, sender="UBND xã Hà Tây <nhac@hatay.example>")
        )
        try:
            return await gateway.send(mails)
        finally:
            await gateway.close()

    return asyncio.run(all_of_them())


def test_good_and_bad_recipients_in_one_connection(server: Postfix, mark: Callable[[], str]) -> None:
    before = len(server.mails("an"))
    good, unknown, gone = "an@town.example", "nobody@town.example", "x@gone.example"
    recipients = [good, unknown, good, gone, unknown, good, good, gone, good]
    results = send(server.url(options=["connections=1"]), envelopes(*recipients))
    assert [(result.kind, result.error_class, result.code) for result in results] == [
        ("accepted", "", "") if to == good else ("refused", "number", "5.1.1") for to in recipients
    ]
    assert len(server.wait_for_mails("an", before + 5)) == before + 5
    server.wait_for_log("quit=1", since=mark)
    talks = re.findall(r"disconnect from .* ehlo=1 .*", mark())
    assert len(talks) == 1, talks
    assert (
        "mail=9 rcpt=5/9 data=5/9" in talks[0]
    )  # refused ones were announced whole, DATA and all: pipelined


def test_a_server_that_hangs_up_after_too_many_errors_gets_nothing_twice(server: Postfix) -> None:
    """Postfix closes after twenty errors: what was good must go, once, over the connections after it."""
    before = len(server.mails("binh"))
    recipients = ["binh@town.example" if n % 15 == 0 else "nobody@town.example" for n in range(90)]
    server.reconfigure("smtpd_error_sleep_time = 0")
    results = send(server.url(options=["connections=2"]), envelopes(*recipients))
    outcomes = Counter(
        (to.partition("@")[0], result.kind) for to, result in zip(recipients, results, strict=True)
    )
    assert (
        outcomes["binh", "accepted"]
        == len(server.wait_for_mails("binh", before + outcomes["binh", "accepted"])) - before
    )
    assert {kind for _name, kind in outcomes} <= {"accepted", "refused", "later"}  # nothing in doubt
    assert outcomes["binh", "refused"] == 0
    assert outcomes["nobody", "accepted"] == 0
    assert "too many errors" in server.log_text()
    ids = [
        line
        for raw in server.mails("binh")
        for line in raw.split(b"\n")
        if line.lower().startswith(b"message-id")
    ]
    assert len(ids) == len(set(ids))
    server.reconfigure("")


def test_a_mail_put_off_is_offered_again(server: Postfix) -> None:
    server.reconfigure(LATER)
    (result,) = send(server.url(), envelopes("dung@town.example"))
    assert (result.kind, result.error_class, result.code) == ("later", "temporary", "4.2.1")
    server.reconfigure("")


def test_starttls_with_a_certificate_of_its_own(server: Postfix, mark: Callable[[], str]) -> None:
    before = len(server.mails("chi"))
    (result,) = send(server.url(tls=True), envelopes("chi@town.example"))
    assert result.kind == "accepted"
    server.wait_for_mails("chi", before + 1)
    assert "starttls=1" in mark()
    (unknown,) = send(f"smtp://localhost:{server.tls_port}?starttls=1", envelopes("chi@town.example"))
    assert (unknown.kind, unknown.error_class, unknown.code) == ("later", "config", "tls")
    (open_line,) = send(f"smtp://localhost:{server.tls_port}", envelopes("chi@town.example"))
    assert (open_line.kind, open_line.error_class) == ("later", "config")  # "must issue STARTTLS first"


def test_many_mails_at_a_time_arrive_once_each(server: Postfix, mark: Callable[[], str]) -> None:
    count = 500
    results = send(server.url(), envelopes(*(f"reader{n}@bulk.example" for n in range(count))))
    assert Counter(result.kind for result in results) == {"accepted": count}
    queued = re.findall(r"queued as (\w+)", " ".join(result.detail for result in results))
    assert len(set(queued)) == count


# --- the whole service -----------------------------------------------------------------------------------

FATES = {
    # reader -> how it stands when all has come back, and why nobody writes there any more
    "an@town.example": ("sent", "", []),
    "binh@town.example": ("sent", "", []),
    "dung@town.example": ("sent", "", []),  # put off first
    "nobody@town.example": ("permanent-failure", "number", ["dead-address"]),
    "hoa@gone.example": ("permanent-failure", "number", ["dead-address"]),
    "lan@far.example": ("permanent-failure", "5.1.1", ["dead-address"]),
    "spam@far.example": ("permanent-failure", "5.7.1", []),
    "big@far.example": ("permanent-failure", "5.3.4", []),
    "odd@far.example": ("permanent-failure", "5.7.1", []),
    "full@far.example": ("temporary-failure", "5.2.2", []),
    "mai@late.example": ("temporary-failure", "4.4.1", []),
}
LATE_REPORTS = 6


class ServiceFixture:
    """A service whose clock stands just before a step falls due."""

    def __init__(self, app: App, clock: SimulatedClock, loop: asyncio.Runner) -> None:
        self.app, self.clock, self._loop = app, clock, loop

    def play(self, minutes: float) -> None:
        """Let time pass: what is due goes out."""
        self._loop.run(self._play(minutes))

    async def _play(self, minutes: float) -> None:
        self.clock.advance(timedelta(minutes=minutes))
        await self.app.ledger_thread.run(self.app.step_runner.tick, self.clock.now())
        while await self.app.delivery.serve_next_shard("email"):
            pass

    def fold(self) -> None:
        """Let the service read its inbox."""
        inbox_processor.process(self.app.ledger, self.app.config, now=self.clock.now())


@contextmanager
def opened(settings: Settings) -> Iterator[ServiceFixture]:
    clock = SimulatedClock(BEFORE)
    with asyncio.Runner() as loop:
        app = build(settings, clock=clock)
        yield ServiceFixture(app, clock, loop)
        loop.run(app.close())


@pytest.fixture
def service(server: Postfix, sqlite_url: str) -> Iterator[ServiceFixture]:
    """The service over the server, eleven people of staff in it."""
    for file in server.maildir("bounce").glob("*/*"):
        file.unlink()
    with opened(settings_for(server, sqlite_url)) as made:
        people = [("staff", f"Nguyễn Văn Mẫu {n}", "", to) for n, to in enumerate(FATES)]
        ledger_fixture.add_people(made.app.ledger, *people, area="Thôn Đông")
        yield made


def settings_for(server: Postfix, database_url: str, **changes: object) -> Settings:
    read = registry.read_settings(
        {
            "DISPATCHER_SMTP_URL": server.url(),
            "DISPATCHER_MAIL_FROM": "UBND xã Hà Tây <nhac@hatay.example>",
            "DISPATCHER_BOUNCE_ADDRESS": postfix.BOUNCE,
            "DISPATCHER_SECRET_KEY": SECRET,
            "DISPATCHER_DATABASE_URL": database_url,
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "none",
            "TWILIO_FROM": "+84900000000",
            "DISPATCHER_TWILIO_BASE_URL": "http://127.0.0.1:1",
        }
    )
    places = {name: ROOT / name for name in ("templates", "contacts")}
    return replace(read, schedules=ROOT / "schedules.toml", **places, **changes)  # type: ignore[arg-type]  # paths and texts, each by its field


def stands(ledger: Ledger) -> dict[str, tuple[str, str]]:
    with ledger.read() as connection:
        return {row.address: (row.status, row.reason) for row in connection.execute(sa.select(message))}


def stopped(ledger: Ledger) -> dict[str, list[str]]:
    return {to: [item.reason for item in suppressions.find(ledger, address=to)] for to in FATES}


def take_mailbox(app: App, server: Postfix) -> IngestedReports:
    """Read what came back: through a real IMAP server where there is one, else from the maildir."""
    if mail_daemons.dovecot_version() != "2.3":
        with MailReader() as reader:
            mails = mailbox_files.read_mails(server.maildir("bounce"))
            return ingest(app.ledger, app.links, mails, reader=reader, now=app.clock.now())
    with mail_daemons.world_readable_folder() as folder:
        dovecot = mail_daemons.Dovecot(folder, mail=server.maildir("bounce"))
        try:
            mailbox = replace(app.settings, bounce_mailbox=dovecot.url())
            return imap.poll(mailbox, app.ledger, app.links, now=app.clock.now())
        finally:
            dovecot.stop()


def test_the_service_understands_what_becomes_of_its_mail(server: Postfix, service: ServiceFixture) -> None:
    app, ledger = service.app, service.app.ledger
    server.reconfigure(LATER)
    service.play(15)
    at_once = stands(ledger)
    assert at_once["an@town.example"] == ("sent", "")
    assert at_once["nobody@town.example"] == ("permanent-failure", "number")
    assert at_once["hoa@gone.example"] == ("permanent-failure", "number")
    assert at_once["dung@town.example"] == ("temporary-failure", "4.2.1")
    assert at_once["lan@far.example"] == ("sent", "")  # nobody knows yet
    server.wait_for_mails("bounce", LATE_REPORTS)

    server.reconfigure("")
    service.play(2)
    assert stands(ledger)["dung@town.example"] == ("sent", "")
    assert tries(ledger, "dung@town.example") == [(1, "later", "4.2.1"), (2, "accepted", "")]

    taken = take_mailbox(app, server)
    assert taken.outcomes == {"dead-address": 1, "our-mail": 3, "for-now": 2}
    service.fold()
    assert stands(ledger) == {to: (status, reason) for to, (status, reason, _why) in FATES.items()}
    assert stopped(ledger) == {to: why for to, (_status, _reason, why) in FATES.items()}
    assert take_mailbox(app, server).mails == 0  # all of them are seen


def tries(ledger: Ledger, address: str) -> list[tuple[int, str, str]]:
    with ledger.read() as connection:
        rows = connection.execute(
            sa.select(attempt.c.no, attempt.c.outcome, attempt.c.code)
            .join(message, message.c.id == attempt.c.message_id)
            .where(message.c.address == address)
            .order_by(attempt.c.no)
        )
        return [(row.no, row.outcome, row.code) for row in rows]


def test_without_an_address_for_bounces_the_message_id_tells(server: Postfix, sqlite_url: str) -> None:
    """Mails return to the sender then; Postfix encloses ours, with its Message-ID."""
    server.reconfigure("virtual_alias_maps = inline:{ {nhac@hatay.example = bounce@hatay.example} }")
    before = len(server.mails("bounce"))
    with opened(settings_for(server, sqlite_url, bounce_address="")) as service:
        ledger = service.app.ledger
        ledger_fixture.add_people(
            ledger, ("staff", "Nguyễn Văn Mẫu", "", "lan@far.example"), area="Thôn Đông"
        )
        service.play(15)
        assert stands(ledger) == {"lan@far.example": ("sent", "")}
        server.wait_for_mails("bounce", before + 1)
        with MailReader() as reader:
            mails = mailbox_files.read_mails(server.maildir("bounce"))
            ingest(ledger, service.app.links, mails, reader=reader, now=service.clock.now())
        service.fold()
        assert stands(ledger) == {"lan@far.example": ("permanent-failure", "5.1.1")}
    server.reconfigure("")


def test_reports_through_a_pipe_wait_while_the_ledger_is_away(sqlite_url: str) -> None:
    """`dispatcher bounces read -` as a mail server's own delivery, under its own user."""
    python = _python_for_anybody()
    with mail_daemons.world_readable_folder() as folder:
        database, away = folder / "data base" / "ledger.sqlite3", folder / "away.sqlite3"
        database.parent.mkdir(mode=0o777)
        database.parent.chmod(0o777)
        Path(sqlite_url.removeprefix("sqlite:///")).rename(away)
        away.chmod(0o666)
        script = folder / "take-in.sh"
        script.write_text(
            f"#!/bin/sh\nPYTHONPATH='{':'.join(_places())}' PYTHONDONTWRITEBYTECODE=1 \\\n"
            f"DISPATCHER_DATABASE_URL='sqlite:///{database}' DISPATCHER_SECRET_KEY='{SECRET}' \\\n"
            f"exec {python} -c 'from dispatcher.cli import main; main()' bounces read -\n"
        )
        script.chmod(0o755)
        server = Postfix(folder, pipe=script, lifetime="1d")
        try:
            link = verp_address(
                postfix.PIPED, SignedLinks("https://nhac.hatay.example", SECRET).message_key(4711, 1)
            )
            sent = [replace(one, envelope_from=link) for one in envelopes("lan@far.example")]
            database.parent.chmod(0o555)  # no ledger there, and no place for one
            assert [result.kind for result in send(server.url(), sent)] == ["accepted"]
            server.wait_for_log("status=deferred (temporary failure")
            database.parent.chmod(0o777)
            away.rename(database)
            server.wait_for_log("status=sent (delivered via piped service")
            ledger = Ledger.open(f"sqlite:///{database}", upgrade=False)
            with closing(ledger), ledger.read() as connection:
                rows = connection.execute(sa.text("SELECT kind, message_id, attempt, code FROM event")).all()
            assert [tuple(row) for row in rows] == [("bounce", 4711, 1, "5.1.1")]
        finally:
            server.stop()


def _places() -> list[str]:
    """Where Python finds us and what we need."""
    return [str(ROOT), *(place for place in sys.path if place.endswith("site-packages"))]


def _python_for_anybody() -> str:
    """Find an interpreter that the mail server's user may run: one in root's home is closed to it."""
    for candidate in (sys.executable, "/usr/bin/python3"):
        try:
            tried = subprocess.run(
                [candidate, "-c", "import dispatcher.cli.application, dispatcher.app"],
                env={"PYTHONPATH": ":".join(_places()), "PYTHONDONTWRITEBYTECODE": "1"},
                cwd="/",
                user="nobody",
                group="nogroup",
                extra_groups=[],
                capture_output=True,
                check=False,
                timeout=60,
            )
        except OSError:
            continue
        if tried.returncode == 0:
            return candidate
    pytest.skip(
        "no Python that the mail server's user may run: the checkout or its environment is closed to it"
    )
