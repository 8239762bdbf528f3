"""How fast texts go through twilio's own client over our HTTP client, beside twilio's own two.

    python bench/sms.py

Ratios count, absolute rates do not: sender and sink share the cores.
"""

from __future__ import annotations

import asyncio
import logging
import statistics
import time
from collections.abc import Awaitable, Callable

import uvloop
from mail import sink
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.rest import Client

from dispatcher.gateways import Envelope, GatewayOptions
from dispatcher.gateways.twilio.gateway import TwilioGateway

BODY = "Kính gửi bà {}: " + "còn 3 ngày là hết hạn tham gia cuộc thi Công dân số Hải Phòng. " * 4
ACCOUNT = "AC" + "0" * 32
ROUNDS = 3


def envelope(number: int) -> Envelope:
    return Envelope(
        key=f"k{number}",
        to=f"+8490{number:07d}",
        body=BODY.format(number),
        callback_url=f"https://nhac.hatay.example/twilio/status/k{number}",
    )


async def through_gateway(port: int, count: int, concurrency: int) -> None:
    values = {
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": "t",
        "TWILIO_FROM": "UBND HA TAY",
        "DISPATCHER_TWILIO_BASE_URL": f"http://127.0.0.1:{port}",
        "concurrency": str(concurrency),
    }
    gateway = TwilioGateway(GatewayOptions(values=values))
    for start in range(0, count, 500):
        batch = [envelope(number) for number in range(start, min(count, start + 500))]
        results = await gateway.send(batch)
        assert all(result.kind == "accepted" for result in results)
    await gateway.close()


async def twilios_async(port: int, count: int, concurrency: int) -> None:
    http = AsyncTwilioHttpClient()
    client = Client(ACCOUNT, "t", http_client=http)
    client.api.base_url = f"http://127.0.0.1:{port}"
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            one = envelope(number)
            await client.messages.create_async(
                to=one.to, from_="UBND HA TAY", body=one.body, status_callback=one.callback_url
            )

    await asyncio.gather(*(work() for _number in range(concurrency)))
    await http.close()


async def twilios_sync(port: int, count: int, _concurrency: int) -> None:
    client = Client(ACCOUNT, "t")
    client.api.base_url = f"http://127.0.0.1:{port}"
    for number in range(count):
        one = envelope(number)
        client.messages.create(
            to=one.to, from_="UBND HA TAY", body=one.body, status_callback=one.callback_url
        )


async def rate(
    send: Callable[[int, int, int], Awaitable[None]], count: int, concurrency: int
) -> tuple[float, float]:
    """Return texts a second and processor microseconds a text, the medians of some rounds."""
    rates, costs = [], []
    for _round in range(ROUNDS):
        async with sink("http") as port:
            begun, burnt = time.perf_counter(), time.process_time()
            await send(port, count, concurrency)
            rates.append(count / (time.perf_counter() - begun))
            costs.append((time.process_time() - burnt) / count * 1e6)
    return statistics.median(rates), statistics.median(costs)


async def main() -> None:
    logging.getLogger("twilio").setLevel(logging.WARNING)
    rows: dict[str, tuple[Callable[[int, int, int], Awaitable[None]], int, int]] = {
        "our gateway, 16 at once": (through_gateway, 8_000, 16),
        "our gateway, 64 at once": (through_gateway, 8_000, 64),
        "twilio's async client, 16": (twilios_async, 3_000, 16),
        "twilio's sync client, 1 thread": (twilios_sync, 1_000, 1),
    }
    for name, (send, count, concurrency) in rows.items():
        per_second, cost = await rate(send, count, concurrency)
        print(f"{name:32} {per_second:8.0f} a second   {cost:7.1f} us of processor a text")


if __name__ == "__main__":
    uvloop.run(main())
