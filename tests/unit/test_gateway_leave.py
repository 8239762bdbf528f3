"""Leave to send does not keep: what was not written in its time is given back, and others may have it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from dispatcher.gateways import NOT_NOW, Envelope, GatewayOptions, smtp, twilio
from dispatcher.message.mail import MailParts
from tests import servers

LEAVE_SECONDS = 0.05


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
            time.sleep(2 * LEAVE_SECONDS)
        return None

    async def run() -> None:
        async with servers.smtp(script, offers=offers) as server:
            url = f"{server.url}?connections=1"
            gateway = smtp.open_gateway(GatewayOptions(values={"url": url, "mail_from": "a@hatay.example"}))
            gateway.traits = replace(gateway.traits, leave_seconds=LEAVE_SECONDS)
            results = await gateway.send(mails(6), pace=no_wait)
            await gateway.close()
            late = [result for result in results if result.kind == "later"]
            assert {(result.code, result.error_class) for result in late} == {(NOT_NOW, "transport")}
            assert "k2" in {result.key for result in late}
            # What was given back is not there, and what is there was told.
            there = set(server.recipients)
            assert len(there) == len(server.mails) == 6 - len(late)
            assert there.isdisjoint({f"dan{result.key[1:]}@hatay.example" for result in late})

    asyncio.run(run())


def test_a_text_is_not_written_by_a_process_that_slept_away_its_leave() -> None:
    async def run() -> None:
        async with servers.http(lambda _call: servers.SILENCE) as server:
            values = {"account_sid": "AC1", "auth_token": "t", "from": "UBND", "base_url": server.url}
            gateway = twilio.open_gateway(GatewayOptions(values=values))
            gateway.traits = replace(gateway.traits, leave_seconds=-1.0)
            (result,) = await gateway.send([Envelope(key="k", to="+84900000101", body="a")], pace=no_wait)
            await gateway.close()
            assert (result.kind, result.code, result.error_class) == ("later", NOT_NOW, "transport")
            assert server.calls == []

    asyncio.run(run())
