"""Leave to send does not keep: what was not written in its time is given back, and others may have it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from dispatcher.gateways import SENDING_STOPPED, Envelope, GatewayOptions, SendingStopped
from dispatcher.gateways.smtp.gateway import open_gateway as open_smtp
from dispatcher.gateways.twilio.gateway import TwilioGateway
from dispatcher.message.mail_parts import MailParts
from tests import scripted_servers

PERMIT_SECONDS = 0.05


async def no_wait() -> None:
    """Let everything go at once."""


def mails(count: int) -> list[Envelope]:
    parts = MailParts(subject="Nhắc", text="Kính mời ông/bà.")
    return [
        Envelope(key=f"k{n}", to=f"dan{n}@hatay.example", mail=parts, message_id=f"k{n}@hatay.example")
        for n in range(count)
    ]


@pytest.mark.parametrize("offers", [(), ("PIPELINING",)], ids=["lock-step", "pipelining"])
def test_a_mail_whose_server_dawdles_is_not_written_after_its_leave(offers: tuple[str, ...]) -> None:
    def script(verb: str, rest: str, _connection: int) -> bytes | None:
        if verb == "RCPT" and "dan2" in rest:
            time.sleep(2 * PERMIT_SECONDS)
        return None

    async def run() -> None:
        async with scripted_servers.serve_smtp(script, offers=offers) as server:
            url = f"{server.url}?connections=1"
            gateway = open_smtp(GatewayOptions(values={"DISPATCHER_SMTP_URL": url}, sender="a@hatay.example"))
            gateway.capabilities = replace(gateway.capabilities, permit_seconds=PERMIT_SECONDS)
            results = await gateway.send(mails(6), acquire_permit=no_wait)
            await gateway.close()
            late = [result for result in results if result.kind == "later"]
            assert {(result.code, result.error_class) for result in late} == {(SENDING_STOPPED, "transport")}
            assert "k2" in {result.key for result in late}
            # What was given back is not there, and what is there was told.
            there = set(server.recipients)
            assert len(there) == len(server.mails) == 6 - len(late)
            assert there.isdisjoint({f"dan{result.key[1:]}@hatay.example" for result in late})

    asyncio.run(run())


def test_a_text_is_not_written_by_a_process_that_slept_away_its_leave() -> None:
    async def run() -> None:
        async with scripted_servers.serve_http(lambda _call: scripted_servers.SILENCE) as server:
            values = {
                "TWILIO_ACCOUNT_SID": "AC1",
                "TWILIO_AUTH_TOKEN": "t",
                "DISPATCHER_TWILIO_BASE_URL": server.url,
            }
            gateway = TwilioGateway(GatewayOptions(values=values, sender="UBND"))
            gateway.capabilities = replace(gateway.capabilities, permit_seconds=-1.0)
            (result,) = await gateway.send(
                [Envelope(key="k", to="+84900000101", body="a")], acquire_permit=no_wait
            )
            await gateway.close()
            assert (result.kind, result.code, result.error_class) == ("later", SENDING_STOPPED, "transport")
            assert server.requests == []

    asyncio.run(run())


async def withdrawn() -> None:
    """Say that a message must not go any more."""
    raise SendingStopped


@pytest.mark.parametrize("offers", [(), ("PIPELINING",)], ids=["lock-step", "pipelining"])
def test_a_mail_that_was_withdrawn_is_not_written_though_its_server_waits_for_it(
    offers: tuple[str, ...],
) -> None:
    async def run() -> None:
        async with scripted_servers.serve_smtp(lambda *_: None, offers=offers) as server:
            url = f"{server.url}?connections=1"
            gateway = open_smtp(GatewayOptions(values={"DISPATCHER_SMTP_URL": url}, sender="a@hatay.example"))
            envelopes = [
                replace(mail, confirm=withdrawn if number % 2 else no_wait)
                for number, mail in enumerate(mails(6))
            ]
            results = await gateway.send(envelopes, acquire_permit=no_wait)
            await gateway.close()
            assert [result.kind for result in results] == ["accepted", "later"] * 3
            assert {result.code for result in results if result.kind == "later"} == {SENDING_STOPPED}
            assert len(server.mails) == 3

    asyncio.run(run())


def test_a_text_that_was_withdrawn_is_not_written() -> None:
    async def run() -> None:
        async with scripted_servers.serve_http(lambda _call: scripted_servers.SILENCE) as server:
            values = {
                "TWILIO_ACCOUNT_SID": "AC1",
                "TWILIO_AUTH_TOKEN": "t",
                "DISPATCHER_TWILIO_BASE_URL": server.url,
            }
            gateway = TwilioGateway(GatewayOptions(values=values, sender="UBND"))
            text = Envelope(key="k", to="+84900000101", body="a", confirm=withdrawn)
            (result,) = await gateway.send([text], acquire_permit=no_wait)
            await gateway.close()
            assert (result.kind, result.code) == ("later", SENDING_STOPPED)
            assert server.requests == []

    asyncio.run(run())
