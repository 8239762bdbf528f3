"""Mail over SMTP: what goes on the wire, and what each way of failing means for each mail."""

from __future__ import annotations

import asyncio
import random
import ssl
import subprocess
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.errors import ConfigurationError
from dispatcher.gateways import Envelope, GatewayOptions, Result, ResultKind
from dispatcher.gateways.smtp.gateway import SmtpGateway, open_gateway
from dispatcher.message.mail_parts import MailParts
from tests import scripted_servers

NOW = datetime(2025, 10, 11, 1, 2, 3, tzinfo=UTC)
PLAIN = ("8BITMIME",)
PIPELINING = ("PIPELINING", "8BITMIME")
BOTH_WAYS = pytest.mark.parametrize("offers", [PLAIN, PIPELINING], ids=["plain", "pipelining"])


def mail(number: int, **changes: object) -> Envelope:
    parts = MailParts(subject=f"Nhắc lần {number}", text=f"Kính gửi ông/bà số {number}.\n.\n..\n")
    given = {
        "key": f"k{number}",
        "to": f"dan{number}@hatay.example",
        "mail": parts,
        "date": NOW,
        "message_id": f"k{number}@hatay.example",
    }
    return Envelope(**{**given, **changes})


def opened(
    server: scripted_servers.ScriptedSmtpServer, options: str = "connections=1", **values: str
) -> SmtpGateway:
    sender = values.pop("sender", "UBND xã Hà Tây <nhac@hatay.example>")
    url = values.pop("url", f"{server.url}?{options}")
    return open_gateway(GatewayOptions(values={"DISPATCHER_SMTP_URL": url}, sender=sender))


async def sent(
    server: scripted_servers.ScriptedSmtpServer,
    count: int,
    options: str = "connections=1",
    pace: Callable[[], Awaitable[None]] | None = None,
) -> list[Result]:
    gateway = opened(server, options)
    results = list(await gateway.send([mail(number) for number in range(count)], acquire_permit=pace))
    await gateway.close()
    return results


def kinds(results: list[Result]) -> str:
    """One letter a result: a(ccepted) r(efused) l(ater) u(nknown)."""
    return "".join(result.kind[0] for result in results)


@BOTH_WAYS
def test_every_mail_arrives_once_and_whole_over_one_connection(offers: tuple[str, ...]) -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp(offers=offers) as server:
            results = await sent(server, 30)
            assert kinds(results) == "a" * 30
            assert [result.key for result in results] == [f"k{n}" for n in range(30)]
            assert results[3].status == "sent"
            assert results[3].provider_id == "k3@hatay.example"
            assert server.connections == 1
            assert server.recipients == [f"dan{n}@hatay.example" for n in range(30)]
            sender, _, raw = server.mails[7]
            assert sender == "nhac@hatay.example"
            read = message_from_bytes(raw, policy=policy.default)
            assert read["Subject"] == "Nhắc lần 7"
            assert read.get_content().replace("\r\n", "\n") == "Kính gửi ông/bà số 7.\n.\n..\n"

    asyncio.run(run())


def test_pipelining_announces_the_next_mail_in_the_same_write() -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            await sent(server, 3)
            assert server.commands[0].startswith("EHLO")
            assert server.commands[1:4] == [
                "MAIL FROM:<nhac@hatay.example>",
                "RCPT TO:<dan0@hatay.example>",
                "DATA",
            ]
            assert server.commands.count("DATA") == 3
            assert "RSET" not in server.commands

    asyncio.run(run())


@BOTH_WAYS
def test_a_server_that_reports_delivery_is_told_our_key(offers: tuple[str, ...]) -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp(offers=(*offers, "DSN")) as server:
            await sent(server, 1)
            assert "MAIL FROM:<nhac@hatay.example> RET=HDRS ENVID=k0" in server.commands

    asyncio.run(run())


def test_the_return_path_of_the_envelope_is_used() -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            gateway = opened(server)
            await gateway.send([mail(1, envelope_from="bounce+k1-abc@hatay.example")])
            await gateway.close()
            assert server.mails[0][0] == "bounce+k1-abc@hatay.example"

    asyncio.run(run())


@BOTH_WAYS
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA", "BODY"])
@pytest.mark.parametrize("reply", ["550 5.1.1 no such user <dan2@hatay.example>", "450 4.2.1 try later"])
def test_a_refusal_at_any_step_concerns_one_mail_only(offers: tuple[str, ...], verb: str, reply: str) -> None:
    counts = Counter[str]()

    def script(said: str, _rest: str, _connection: int) -> bytes | None:
        counts[said] += 1
        return reply.encode() if said == verb and counts[said] == 3 else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            results = await sent(server, 6)
            kind = "r" if reply.startswith("5") else "l"
            assert kinds(results) == f"aa{kind}aaa"
            assert results[2].code == reply.split()[1]
            assert "dan2@" not in results[2].detail
            assert server.connections == 1
            assert len(server.mails) == 5

    asyncio.run(run())


def test_data_answered_354_after_a_refused_recipient_ends_with_an_empty_mail_to_nobody() -> None:
    def script(said: str, rest: str, _connection: int) -> bytes | None:
        if said == "RCPT" and "dan1@" in rest:
            return b"550 5.1.1 unknown"
        return b"354 go ahead" if said == "DATA" else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script) as server:
            results = await sent(server, 3)
            assert kinds(results) == "ara"
            assert results[1].error_class == "number"
            assert server.recipients == ["dan0@hatay.example", "dan2@hatay.example"]
            assert server.connections == 1

    asyncio.run(run())


def test_a_server_that_takes_data_after_refusing_the_sender_gets_no_empty_mail() -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        if said == "MAIL" and connection == 1:
            return b"550 5.7.1 sender refused"
        return {"RCPT": b"250 ok", "DATA": b"354 go ahead"}.get(said)

    async def run() -> None:
        async with scripted_servers.serve_smtp(script) as server:
            results = await sent(server, 2)
            assert kinds(results)[0] == "r"
            assert not [text for _s, _r, text in server.mails if not text]

    asyncio.run(run())


@BOTH_WAYS
@pytest.mark.parametrize(
    "reply", [scripted_servers.HANG_UP, b"421 4.3.2 going down"], ids=["hangs up", "421"]
)
@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_a_connection_that_ends_before_the_text_costs_no_mail(
    offers: tuple[str, ...], reply: bytes, verb: str
) -> None:
    """The mail certainly did not go: it is sent over a fresh connection."""
    counts = Counter[str]()

    def script(said: str, _rest: str, _connection: int) -> bytes | None:
        counts[said] += 1
        return reply if said == verb and counts[said] == 3 else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            results = await sent(server, 6)
            assert kinds(results) == "aaaaaa"
            assert sorted(server.recipients) == [f"dan{n}@hatay.example" for n in range(6)]
            assert server.connections == 2

    asyncio.run(run())


@BOTH_WAYS
def test_a_connection_that_ends_after_the_text_leaves_one_mail_in_doubt(offers: tuple[str, ...]) -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        return scripted_servers.HANG_UP if (said, rest) == ("BODY", "dan2@hatay.example") else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            results = await sent(server, 6)
            assert kinds(results) == "aauaaa"
            assert results[2].error_class == "ambiguous"
            assert server.recipients.count("dan2@hatay.example") == 0
            assert server.connections == 2

    asyncio.run(run())


@BOTH_WAYS
def test_no_answer_to_the_text_in_time_leaves_the_mail_in_doubt(offers: tuple[str, ...]) -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        return scripted_servers.SILENCE if (said, rest) == ("BODY", "dan1@hatay.example") else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            results = await sent(server, 4, "connections=1&answer_patience_seconds=0.2")
            assert kinds(results) == "auaa"

    asyncio.run(run())


@BOTH_WAYS
def test_421_as_the_answer_to_the_text_is_a_clear_no(offers: tuple[str, ...]) -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        return b"421 4.3.2 going down" if (said, rest) == ("BODY", "dan1@hatay.example") else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            results = await sent(server, 4)
            assert kinds(results) == "alaa"
            assert results[1].code == "4.3.2"

    asyncio.run(run())


@BOTH_WAYS
def test_one_recipient_that_always_ends_the_connection_does_not_hold_up_the_rest(
    offers: tuple[str, ...],
) -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        return b"421 4.3.2 bye" if said == "RCPT" and "dan1@" in rest else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            results = await sent(server, 5)
            assert kinds(results) == "alaaa"
            assert results[1].code == "4.3.2"

    asyncio.run(run())


def test_a_server_that_only_hangs_up_is_given_up_soon() -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        return scripted_servers.HANG_UP if said == "MAIL" else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script) as server:
            results = await sent(server, 50)
            assert kinds(results) == "l" * 50
            assert server.connections <= 5

    asyncio.run(run())


@BOTH_WAYS
@given(chance=st.randoms(use_true_random=False), connections=st.integers(1, 3), trouble=st.floats(0, 0.6))
@settings(max_examples=40, deadline=None)
def test_whatever_goes_wrong_the_books_balance(
    offers: tuple[str, ...], chance: random.Random, connections: int, trouble: float
) -> None:
    """Nothing is kept twice, accepted is what was kept, refused and later are what was not."""
    before = [b"450 4.2.1 later", b"550 5.1.1 no", b"421 4.3.2 bye", scripted_servers.HANG_UP]
    wrong = {
        "CONNECT": [b"421 4.3.2 busy", scripted_servers.HANG_UP],
        "MAIL": before,
        "RCPT": before,
        "DATA": [*before, b"354 go on, whoever you are"],
        "BODY": [*before, scripted_servers.TAKE_AND_HANG_UP],
        "RSET": [b"421 4.3.2 bye", scripted_servers.HANG_UP],
    }

    def script(said: str, _rest: str, _connection: int) -> bytes | None:
        return chance.choice(wrong[said]) if said in wrong and chance.random() < trouble / 3 else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            results = await sent(server, 25, f"connections={connections}&answer_patience_seconds=2")
            assert len(results) == 25
            by_kind = {kind: {r.key for r in results if r.kind == kind} for kind in get_args(ResultKind)}
            kept = [recipient.partition("@")[0].replace("dan", "k") for recipient in server.recipients]
            assert len(kept) == len(set(kept)), "a mail arrived twice"
            assert by_kind["accepted"] <= set(kept)
            assert not set(kept) & (by_kind["refused"] | by_kind["later"])

    asyncio.run(run())


def test_nobody_listening_means_later_for_all() -> None:
    async def run() -> None:
        gateway = open_gateway(
            GatewayOptions(values={"DISPATCHER_SMTP_URL": "smtp://127.0.0.1:1"}, sender="a@hatay.example")
        )
        results = list(await gateway.send([mail(n) for n in range(20)]))
        assert kinds(results) == "l" * 20
        assert {result.error_class for result in results} == {"transport"}

    asyncio.run(run())


@pytest.mark.parametrize(
    ("greeting", "code"), [(b"554 5.7.1 we do not know you", "5.7.1"), (b"421 4.3.2 busy", "4.3.2")]
)
def test_an_unfriendly_greeting_means_later_for_all(greeting: bytes, code: str) -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        return greeting if said == "CONNECT" else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script) as server:
            results = await sent(server, 3)
            assert kinds(results) == "lll"
            assert {result.code for result in results} == {code}

    asyncio.run(run())


def test_a_wrong_password_is_a_matter_of_configuration() -> None:
    def script(said: str, rest: str, connection: int) -> bytes | None:
        return b"535 5.7.8 wrong" if said == "AUTH" else None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=("PIPELINING", "AUTH PLAIN")) as server:
            url = f"smtp://nhac:m%40t@127.0.0.1:{server.port}"
            gateway = opened(server, url=url)
            results = list(await gateway.send([mail(n) for n in range(3)]))
            assert kinds(results) == "lll"
            assert {(result.code, result.error_class) for result in results} == {("5.7.8", "config")}
            assert "AUTH PLAIN AG5oYWMAbUB0" in server.commands  # \0nhac\0m@t

    asyncio.run(run())


def test_a_connection_is_kept_for_the_next_batch_and_let_go_when_idle() -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            gateway = opened(server, "connections=1&idle_seconds=0.1")
            for number in range(3):
                await gateway.send([mail(number)])
            assert server.connections == 1
            await asyncio.sleep(0.3)
            assert "QUIT" in server.commands
            await gateway.send([mail(4)])
            assert server.connections == 2
            await gateway.close()

    asyncio.run(run())


def test_a_connection_that_died_while_idle_is_replaced() -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            gateway = opened(server)
            await gateway.send([mail(1)])
            session = next(iter(gateway._idle_sessions))
            session._stream._transport.abort()  # what a firewall does
            assert kinds(list(await gateway.send([mail(2)]))) == "a"
            assert server.connections == 2
            await gateway.close()

    asyncio.run(run())


def test_several_connections_share_a_batch() -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            results = await sent(server, 60, "connections=4")
            assert kinds(results) == "a" * 60
            assert server.connections == 4
            assert sorted(server.recipients) == sorted(f"dan{n}@hatay.example" for n in range(60))

    asyncio.run(run())


@BOTH_WAYS
def test_the_limiter_is_asked_once_a_mail(offers: tuple[str, ...]) -> None:
    async def run() -> None:
        asked = 0

        async def pace() -> None:
            nonlocal asked
            asked += 1
            await asyncio.sleep(0.005)

        async with scripted_servers.serve_smtp(offers=offers) as server:
            assert kinds(await sent(server, 20, "connections=2", pace)) == "a" * 20
            assert asked == 20
            assert len(server.mails) == 20

    asyncio.run(run())


def test_a_limiter_that_fails_stops_what_has_not_gone() -> None:
    async def run() -> None:
        asked = 0

        async def pace() -> None:
            nonlocal asked
            asked += 1
            if asked > 5:
                raise ConnectionError("database gone")

        async with scripted_servers.serve_smtp() as server:
            results = await sent(server, 20, "connections=1", pace)
            assert kinds(results) == "a" * 5 + "l" * 15
            assert len(server.mails) == 5

    asyncio.run(run())


@pytest.mark.parametrize(
    ("changes", "code", "error_class"),
    [
        ({"to": "ai@hatay.example>\r\nRCPT TO:<khac@hatay.example"}, "5.1.3", "number"),
        ({"to": "ông@hatay.example"}, "5.6.7", "number"),
        ({"to_name": "A\r\nBcc: khac@hatay.example"}, "5.6.0", "content"),
        ({"message_id": "ô b@hatay.example"}, "5.6.7", "number"),
        ({"message_id": "a b@hatay.example"}, "5.6.0", "content"),
        ({"mail": None}, "5.6.0", "content"),
        ({"envelope_from": "a\nb@hatay.example"}, "5.1.3", "number"),
        ({"key": "k 1"}, "5.6.0", "content"),
    ],
)
def test_a_mail_that_cannot_be_written_never_reaches_the_wire(
    changes: dict[str, object], code: str, error_class: str
) -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            gateway = opened(server)
            results = list(await gateway.send([mail(1), mail(2, **changes), mail(3)]))
            assert kinds(results) == "ara"
            assert (results[1].code, results[1].error_class) == (code, error_class)
            assert server.recipients == ["dan1@hatay.example", "dan3@hatay.example"]
            await gateway.close()

    asyncio.run(run())


def test_nobody_can_be_asked_about_a_mail() -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            gateway = opened(server)
            assert not gateway.capabilities.supports_lookup
            assert (await gateway.look_up(mail(1), since=NOW)).kind == "unknown"

    asyncio.run(run())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for localhost that only who is given it will trust."""
    folder = tmp_path_factory.mktemp("tls")
    file = folder / "both.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext"
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    key = folder / "key.pem"
    subprocess.run([*command.split(), names, "-keyout", key, "-out", file], check=True, capture_output=True)
    file.write_text(file.read_text() + key.read_text())
    return file


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "not trusted"])
@BOTH_WAYS
def test_tls(certificate: Path, scheme: str, trusted: bool, offers: tuple[str, ...]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def run() -> None:
        implicit = scheme == "smtps"
        async with scripted_servers.serve_smtp(
            offers=(*offers, "STARTTLS"), tls=context, implicit_tls=implicit
        ) as server:
            options = [] if implicit else ["starttls=1"]
            options += [f"ca_file={certificate}"] if trusted else []
            gateway = opened(server, url=f"{scheme}://127.0.0.1:{server.port}?{'&'.join(options)}")
            results = list(await gateway.send([mail(n) for n in range(20)]))
            assert kinds(results) == ("a" if trusted else "l") * 20
            if not trusted:
                assert (results[0].code, results[0].error_class) == ("tls", "config")
            await gateway.close()

    asyncio.run(run())


def test_required_starttls_that_is_not_offered_sends_nothing() -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp() as server:
            results = await sent(server, 2, "starttls=1")
            assert kinds(results) == "ll"
            assert {result.error_class for result in results} == {"config"}
            assert not server.mails

    asyncio.run(run())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example?starttls=yes",
        "smtp://mail.example?connections=0",
        "smtp://mail.example?connections=1.5",
        "smtp://mail.example?conections=4",
        "smtps://mail.example?starttls=1",
    ],
)
def test_a_url_that_cannot_be_used_is_said_at_once(url: str) -> None:
    with pytest.raises(ConfigurationError) as broken:
        open_gateway(GatewayOptions(values={"DISPATCHER_SMTP_URL": url}, sender="a@hatay.example"))
    assert broken.value.problems[0].where == "DISPATCHER_SMTP_URL"


@pytest.mark.parametrize("sender", ["", "UBND", "a@b@c", "A\nB <a@hatay.example>"])
def test_a_sender_that_cannot_be_used_is_said_at_once(sender: str) -> None:
    with pytest.raises(ConfigurationError) as broken:
        open_gateway(GatewayOptions(values={"DISPATCHER_SMTP_URL": "smtp://127.0.0.1"}, sender=sender))
    assert broken.value.problems[0].where == "DISPATCHER_MAIL_FROM"
