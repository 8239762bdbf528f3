"""What every gateway keeps to, played against the sandbox's servers and compared with their own log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvloop

from dispatcher.gateways import SENDING_STOPPED, Envelope, Gateway, GatewayOptions, SendingStopped, registry
from dispatcher.message.mail_parts import MailParts
from dispatcher.sandbox import provider_log
from dispatcher.sandbox.failures import MAGIC_NUMBERS_START, Failures
from dispatcher.sandbox.server import RunningSandbox, SandboxOptions, serve
from dispatcher.sandbox.twilio_server import ACCOUNT_SID

NOW = datetime(2025, 10, 11, 1, 0, tzinfo=UTC)
WAYS = {  # what the sandbox does with an address of this kind
    "sms": {
        "refused": MAGIC_NUMBERS_START + "211",
        "later": MAGIC_NUMBERS_START + "611",
        "taken, answer lost": MAGIC_NUMBERS_START + "011",
        "not taken, answer lost": MAGIC_NUMBERS_START + "010",
    },
    "email": {
        "refused": "refuse-5.1.1@hatay.example",
        "later": "greylist@hatay.example",
        "taken, answer lost": "drop-after@hatay.example",
        "not taken, answer lost": "drop-before@hatay.example",
    },
}


@dataclass(frozen=True, kw_only=True)
class GatewayFixture:
    """A gateway, and the world it sends to."""

    gateway: Gateway
    folder: Path

    def envelope(self, number: int, way: str = "") -> Envelope:
        if self.gateway.capabilities.channel == "sms":
            to = WAYS["sms"].get(way, f"+84900000{number:03d}")
            return Envelope(key=f"k{number}", to=to, body=f"Kính mời ông/bà {number}", date=NOW)
        to = WAYS["email"].get(way, f"dan{number}@hatay.example")
        parts = MailParts(subject="Nhắc", text=f"Kính mời ông/bà {number}")
        return Envelope(key=f"k{number}", to=to, mail=parts, message_id=f"k{number}@hatay.example", date=NOW)

    def log(self) -> dict[str, str]:
        """Give address by provider id, as the other side wrote it down before answering."""
        if self.gateway.capabilities.channel == "sms":
            return {
                text.sid: text.to for text in provider_log.read_texts(self.folder / provider_log.SMS_FILE)
            }
        return {
            mail.message_id: mail.recipients[0]
            for mail in provider_log.read_mails(self.folder / provider_log.MAIL_FILE)
        }


TOKEN = "a-token"
Play = Callable[[Coroutine[None, None, None]], None]


def values(name: str, box: RunningSandbox) -> GatewayOptions:
    if name == "twilio":
        url = f"http://127.0.0.1:{box.http_port}"
        given = {
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "DISPATCHER_TWILIO_BASE_URL": url,
        }
        return GatewayOptions(values=given, sender="UBND HA TAY")
    options = "pipelining=0" if name == "smtp in lock-step" else "pipelining=1"
    url = f"smtp://127.0.0.1:{box.smtp_port}?{options}"
    return GatewayOptions(values={"DISPATCHER_SMTP_URL": url}, sender="UBND xã Hà Tây <nhac@hatay.example>")


@pytest.fixture(params=[asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])
def play(request: pytest.FixtureRequest) -> Play:
    """The service runs on uvloop, a plugin of somebody else perhaps not."""
    return request.param  # type: ignore[no-any-return]  # one of the two above


@pytest.fixture(params=["twilio", "smtp", "smtp in lock-step"])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def open_fixture(name: str, folder: Path) -> AsyncIterator[GatewayFixture]:
    async with serve(
        SandboxOptions(auth_token=TOKEN, folder=folder, now=NOW, failures=Failures(slow_seconds=0.1))
    ) as box:
        plugin = name.partition(" ")[0]
        gateway = registry.open_gateways({plugin: values(name, box)})[plugin]
        yield GatewayFixture(gateway=gateway, folder=folder)
        await gateway.close()


def test_all_arrive_once_under_the_id_we_are_told(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            envelopes = [at.envelope(number) for number in range(120)]
            results = await at.gateway.send(envelopes)
            assert {result.kind for result in results} == {"accepted"}
            assert [result.key for result in results] == [envelope.key for envelope in envelopes]
            told = {
                result.provider_id: envelope.to for result, envelope in zip(results, envelopes, strict=True)
            }
            assert told == at.log()

    play(run())


def test_each_way_of_failing_is_told_apart(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            ways = ["", "refused", "", "later", "taken, answer lost", "", "not taken, answer lost", ""]
            envelopes = [at.envelope(number, way) for number, way in enumerate(ways)]
            results = await at.gateway.send(envelopes)
            kinds = [result.kind for result in results]
            assert kinds == [
                "accepted", "refused", "accepted", "later", "unknown", "accepted", "unknown", "accepted",
            ]  # fmt: skip
            assert results[1].error_class == "number"
            assert results[3].error_class in {"temporary", "account"}
            # The books balance: what they have is what we were told, and some of what is in doubt.
            accepted = {result.provider_id for result in results if result.kind == "accepted"}
            in_doubt = {envelopes[4].to}
            assert {to for sid, to in at.log().items() if sid not in accepted} == in_doubt
            assert accepted <= set(at.log())
            again = await at.gateway.send([envelopes[3]])
            assert again[0].kind == "accepted"

    play(run())


def test_who_can_be_asked_knows(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            taken, lost = at.envelope(1, "taken, answer lost"), at.envelope(2, "not taken, answer lost")
            await at.gateway.send([taken, lost])
            found = await at.gateway.look_up(taken, since=NOW)
            missing = await at.gateway.look_up(lost, since=NOW)
            if at.gateway.capabilities.supports_lookup:
                assert (found.kind, found.provider_id) == ("accepted", next(iter(at.log())))
                assert (missing.kind, missing.code) == ("refused", "not-found")
                known = await at.gateway.look_up(taken, since=NOW, provider_id=found.provider_id)
                assert known.kind == "accepted"
            else:
                assert {found.kind, missing.kind} == {"unknown"}

    play(run())


def test_nothing_to_send_is_no_trouble(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            assert list(await at.gateway.send([])) == []

    play(run())


def test_batches_side_by_side_do_not_mix(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            batches = [[at.envelope(number) for number in range(start, start + 40)] for start in (0, 40, 80)]
            answers = await asyncio.gather(*(at.gateway.send(batch) for batch in batches))
            for batch, results in zip(batches, answers, strict=True):
                assert [(result.key, result.kind) for result in results] == [
                    (e.key, "accepted") for e in batch
                ]
            assert len(at.log()) == 120

    play(run())


def test_a_batch_called_off_leaves_the_gateway_usable(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            sending = asyncio.create_task(at.gateway.send([at.envelope(number) for number in range(200)]))
            await asyncio.sleep(0.02)
            sending.cancel()
            with pytest.raises(asyncio.CancelledError):
                await sending
            before = set(at.log().values())
            (result,) = await at.gateway.send([at.envelope(500)])
            assert result.kind == "accepted"
            assert at.envelope(500).to in set(at.log().values()) - before

    play(run())


def test_it_may_be_closed_twice_and_says_what_it_is(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            assert at.gateway.name == name.partition(" ")[0]
            assert at.gateway.capabilities.loopback
            assert at.gateway.capabilities.rate_per_second > 0
            await at.gateway.send([at.envelope(1)])
            await at.gateway.close()
            await at.gateway.close()

    play(run())


def test_what_may_not_go_any_more_comes_back_untouched(play: Play, name: str, tmp_path: Path) -> None:
    """A closed window is told apart from a limiter that fails: nobody tried, and no attempt is used up."""

    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            let_go = 0

            async def pace() -> None:
                nonlocal let_go
                let_go += 1
                if let_go > 7:
                    raise SendingStopped

            results = await at.gateway.send(
                [at.envelope(number) for number in range(40)], acquire_permit=pace
            )
            kinds = [result.kind for result in results]
            assert (kinds.count("accepted"), kinds.count("later")) == (7, 33)
            assert {result.code for result in results if result.kind == "later"} == {SENDING_STOPPED}
            assert len(at.log()) == 7

    play(run())


def test_a_server_that_is_gone_is_no_fault_of_the_messages(play: Play, name: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with open_fixture(name, tmp_path) as at:
            gone = at
        results = await gone.gateway.send([gone.envelope(number) for number in range(20)])
        assert {(result.kind, result.error_class) for result in results} == {("later", "transport")}
        await gone.gateway.close()

    play(run())
