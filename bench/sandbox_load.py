"""How fast the sandbox itself is: creates with callbacks over HTTP, and mails over SMTP, on loopback.

    python bench/sandbox_load.py [messages] [mails]

The sandbox is one process, this load (client and webhook receiver) the other. CPU is the sandbox's own.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import uvloop

from dispatcher.sandbox import process
from dispatcher.sandbox.process import Sandbox

CONNECTIONS = 16
START = datetime(2025, 10, 11, 1, 0, tzinfo=UTC)
BODY = (
    'UBND xã Hà Tây: còn 3 ngày là hết hạn thi "Công dân số Hải Phòng" (hết 11/11/2025). Mời bà con '
    "tham gia. Cần giúp, xin gặp tổ công nghệ số của thôn."
)
MAIL = (
    "From: UBND <ubnd@example.vn>\r\nTo: {to}\r\nSubject: =?utf-8?b?Q8O0bmcgZMOibiBz4buR?=\r\n"
    "Message-ID: <{n}@example.vn>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n" + ("QUJD" * 19 + "\r\n") * 36
)


class Receiver(asyncio.Protocol):
    """Answers 204 to every webhook; counts by the request line."""

    seen = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        requests = data.count(b"POST /twilio/status/")
        Receiver.seen += requests
        self.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n" * requests)  # type: ignore[attr-defined]  # a TCP transport can


class Creator(asyncio.Protocol):
    """Keeps one create under way until its share is done."""

    def __init__(self, requests: list[bytes]) -> None:
        self.requests = requests
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.data_received(b"")

    def data_received(self, data: bytes) -> None:
        assert not data or data.startswith(b"HTTP/1.1 201"), data
        if self.requests:
            self.transport.write(self.requests.pop())  # type: ignore[attr-defined]  # as above
        else:
            self.done.set_result(None)


def creates(sandbox: Sandbox, port: int, messages: int) -> list[bytes]:
    authorization = b64encode(f"{sandbox.account_sid}:{sandbox.auth_token}".encode()).decode()
    made = []
    for n in range(messages):
        form = urlencode(
            {
                "To": f"+849{n % 10_000:08}",
                "MessagingServiceSid": sandbox.messaging_service_sid,
                "Body": BODY,
                "StatusCallback": f"http://127.0.0.1:{port}/twilio/status/{n:08}-1-0123456789abcdef",
                "ValidityPeriod": "3600",
                "SmartEncoded": "false",
            }
        )
        made.append(
            f"POST /2010-04-01/Accounts/{sandbox.account_sid}/Messages.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Basic {authorization}\r\nUser-Agent: twilio-python/9\r\n"
            "Accept: application/json\r\n"
            "Accept-Charset: utf-8\r\nX-Twilio-Client: python-9\r\nAccept-Encoding: gzip\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n"
            f"\r\n{form}".encode()
        )
    return made


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def said(sandbox: Sandbox, what: str, count: int, seconds: float, cpu: float) -> None:
    peak = next(
        line for line in Path(f"/proc/{sandbox.pid}/status").read_text().splitlines() if "VmHWM" in line
    )
    print(
        f"{what:>24}: {count:7} in {seconds:6.2f} s = {count / seconds:8.0f}/s; sandbox CPU "
        f"{cpu / count * 1e6:5.1f} us each; {peak}"
    )


async def texts(sandbox: Sandbox, messages: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Receiver, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    requests = creates(sandbox, port, messages)
    for what, with_receipts in (("creates", False), ("creates and callbacks", True)):
        start, cpu = time.perf_counter(), cpu_seconds(sandbox.pid)
        seen = Receiver.seen
        share = [requests[i::CONNECTIONS] for i in range(CONNECTIONS)]
        protocols = [
            (await loop.create_connection(lambda part=part: Creator(part), "127.0.0.1", sandbox.http_port))[1]
            for part in share
        ]
        await asyncio.gather(*(protocol.done for protocol in protocols))
        said(sandbox, "creates", messages, time.perf_counter() - start, cpu_seconds(sandbox.pid) - cpu)
        start, cpu = time.perf_counter(), cpu_seconds(sandbox.pid)
        later = START + timedelta(hours=2 if with_receipts else 1)
        await asyncio.to_thread(sandbox.move_clock, later)
        count = Receiver.seen - seen
        said(sandbox, "callbacks", count, time.perf_counter() - start, cpu_seconds(sandbox.pid) - cpu)
        assert count == 2 * messages, (count, messages, what)


async def mails(sandbox: Sandbox, count: int, *, pipelined: bool) -> None:
    start, cpu = time.perf_counter(), cpu_seconds(sandbox.pid)

    async def session(part: range) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", sandbox.smtp_port)
        await reader.readline()
        writer.write(b"EHLO load\r\n")
        while not (await reader.readline()).startswith(b"250 "):
            pass
        for n in part:
            to = f"p{n}@example.vn"
            lines = [b"MAIL FROM:<a@example.vn>\r\n", f"RCPT TO:<{to}>\r\n".encode(), b"DATA\r\n"]
            for group in [b"".join(lines)] if pipelined else lines:
                writer.write(group)
                for _ in range(group.count(b"\n")):
                    reply = await reader.readline()
                    assert reply[:1] in b"23", reply
            writer.write(MAIL.format(to=to, n=n).encode() + b".\r\n")
            reply = await reader.readline()
            assert reply.startswith(b"250"), reply
        writer.close()

    await asyncio.gather(*(session(range(i, count, CONNECTIONS)) for i in range(CONNECTIONS)))
    what = "mails, pipelined" if pipelined else "mails, one by one"
    said(sandbox, what, count, time.perf_counter() - start, cpu_seconds(sandbox.pid) - cpu)


def main() -> None:
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 5_000
    for keep in (True, False):
        with (
            tempfile.TemporaryDirectory() as folder,
            process.start(Path(folder), now=START, keep_mail=keep) as sandbox,
        ):
            if keep:
                uvloop.run(texts(sandbox, messages))
            print("mail texts kept:", keep)
            uvloop.run(mails(sandbox, count, pipelined=True))
            uvloop.run(mails(sandbox, count, pipelined=False))


if __name__ == "__main__":
    main()
