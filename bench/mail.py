"""How fast mails are written and sent: ours beside the obvious Python, in one run on one machine.

    python bench/mail.py

Ratios count, absolute rates do not: sender and sink share the cores.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

import aiosmtplib
import uvloop

from dispatcher.gateways import Envelope, GatewayOptions
from dispatcher.gateways.smtp import mime
from dispatcher.gateways.smtp.gateway import open_gateway
from dispatcher.message.mail_parts import MailParts

SINKS = Path(__file__).with_name("sinks.py")
NOW = datetime(2025, 10, 11, 1, 2, 3, tzinfo=UTC)
TEXT = "Kính gửi ông/bà {}!\n\n" + "UBND xã Hà Tây trân trọng kính mời ông/bà tham gia cuộc thi. " * 7
HTML = "<p>Kính gửi ông/bà <b>{}</b></p>" + "<p>UBND xã Hà Tây trân trọng kính mời ông/bà.</p>" * 18
SENDER = "UBND xã Hà Tây <nhac@hatay.example>"
ROUNDS = 3


def envelope(number: int) -> Envelope:
    name = f"Nguyễn Thị Đào {number % 500}"
    parts = MailParts(
        subject="Cuộc thi Công dân số Hải Phòng: còn 3 ngày",
        text=TEXT.format(name),
        html=HTML.format(name),
        unsubscribe_url=f"https://nhac.hatay.example/u/{number:040d}",
    )
    return Envelope(
        key=f"k{number}",
        to=f"dan{number}@example.com",
        to_name=name,
        mail=parts,
        message_id=f"k{number}@hatay.example",
        date=NOW,
    )


def ours(one: Envelope) -> bytes:
    assert one.mail is not None
    return mime.compose(
        one.mail,
        key=one.key,
        sender=SENDER,
        to=one.to,
        to_name=one.to_name,
        message_id=one.message_id,
        date=NOW,
    )


def standard(one: Envelope) -> bytes:
    """Write the same mail with `EmailMessage`."""
    assert one.mail is not None
    message = EmailMessage()
    message["From"] = SENDER
    message["To"] = f'"{one.to_name}" <{one.to}>'
    message["Subject"] = one.mail.subject
    message["Date"] = format_datetime(NOW)
    message["Message-ID"] = f"<{one.message_id}>"
    message["List-Unsubscribe"] = f"<{one.mail.unsubscribe_url}>"
    message.set_content(one.mail.text)
    message.add_alternative(one.mail.html, subtype="html")
    return message.as_bytes()


def microseconds(write: Callable[[Envelope], bytes], count: int) -> float:
    """Time one mail, the median of some rounds."""
    rounds = []
    for at in range(ROUNDS):
        mails = [envelope(number) for number in range(at * count, (at + 1) * count)]
        begun = time.process_time()
        for one in mails:
            write(one)
        rounds.append((time.process_time() - begun) / count)
    return statistics.median(rounds) * 1e6


@asynccontextmanager
async def sink(*arguments: str) -> AsyncIterator[int]:
    """Run a sink in a process of its own; give its port."""
    command = (sys.executable, str(SINKS), *arguments)
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert process.stdout is not None
    try:
        yield int(await process.stdout.readline())
    finally:
        process.terminate()
        await process.wait()


async def through_gateway(port: int, count: int, options: str) -> None:
    values = {"DISPATCHER_SMTP_URL": f"smtp://127.0.0.1:{port}?{options}"}
    gateway = open_gateway(GatewayOptions(values=values, sender=SENDER))
    for start in range(0, count, 500):
        batch = [envelope(number) for number in range(start, min(count, start + 500))]
        results = await gateway.send(batch)
        assert all(result.kind == "accepted" for result in results)
    await gateway.close()


async def obvious(port: int, count: int, connections: int) -> None:
    """Send as one would: aiosmtplib and EmailMessage, some connections at once."""
    numbers = iter(range(count))

    async def work() -> None:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) as smtp:
            for number in numbers:
                one = envelope(number)
                await smtp.sendmail("nhac@hatay.example", [one.to], standard(one))

    await asyncio.gather(*(work() for _number in range(connections)))


async def rate(send: Callable[[int, int], Awaitable[None]], count: int, *delay: str) -> tuple[float, float]:
    """Return mails a second and processor microseconds a mail, the medians of some rounds."""
    rates, costs = [], []
    for _round in range(ROUNDS):
        async with sink("smtp", *delay) as port:
            begun, burnt = time.perf_counter(), time.process_time()
            await send(port, count)
            rates.append(count / (time.perf_counter() - begun))
            costs.append((time.process_time() - burnt) / count * 1e6)
    return statistics.median(rates), statistics.median(costs)


async def main() -> None:
    fast, slow = microseconds(ours, 5000), microseconds(standard, 200)
    print(f"writing a mail       ours {fast:8.1f} us   EmailMessage {slow:8.1f} us   {slow / fast:5.0f}x")
    rows = {
        "pipelined, 16 connections": (lambda p, n: through_gateway(p, n, "connections=16"), 20_000),
        "pipelined, 4 connections": (lambda p, n: through_gateway(p, n, "connections=4"), 20_000),
        "lock-step, 16 connections": (
            lambda p, n: through_gateway(p, n, "connections=16&pipelining=0"),
            4_000,
        ),
        "aiosmtplib + EmailMessage, 16": (lambda p, n: obvious(p, n, 16), 600),
    }
    for name, (send, count) in rows.items():
        per_second, cost = await rate(send, count)
        print(f"{name:32} {per_second:8.0f} a second   {cost:7.1f} us of processor a mail")
    far = {
        "20 ms away, pipelined, 10": lambda p, n: through_gateway(p, n, "connections=10"),
        "20 ms away, lock-step, 10": lambda p, n: through_gateway(p, n, "connections=10&pipelining=0"),
    }
    for name, send in far.items():
        per_second, _cost = await rate(send, 500, "0.02")
        print(f"{name:32} {per_second:8.0f} a second")


if __name__ == "__main__":
    uvloop.run(main())
