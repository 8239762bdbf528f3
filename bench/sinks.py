"""Servers that take everything and keep nothing, for measuring who sends.

`python bench/sinks.py smtp|http [seconds]` prints its port. With seconds, every answer comes that much
later: the distance to a real server.
"""

from __future__ import annotations

import asyncio
import itertools
import sys

import uvloop

END = b"\r\n.\r\n"
numbers = itertools.count(1)


class Sink(asyncio.Protocol):
    """Answers what has arrived, at once or after the delay."""

    delay = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.unread = b""
        self.loop = asyncio.get_running_loop()
        self.greet()

    def greet(self) -> None:
        pass

    def data_received(self, data: bytes) -> None:
        answers = self.take(self.unread + data)
        if answers and self.delay:
            self.loop.call_later(self.delay, self.transport.write, answers)
        elif answers:
            self.transport.write(answers)

    def take(self, data: bytes) -> bytes:
        raise NotImplementedError


class Smtp(Sink):
    """As strict as needed: commands, DATA, text to the lone dot."""

    in_text = False

    def greet(self) -> None:
        self.transport.write(b"220 sink ESMTP\r\n")

    def take(self, data: bytes) -> bytes:
        answers = []
        while data:
            if self.in_text:
                end = data.find(END)
                if end < 0:
                    break
                data = data[end + 5 :]
                self.in_text = False
                answers.append(b"250 2.0.0 ok\r\n")
                continue
            line, found, rest = data.partition(b"\r\n")
            if not found:
                break
            data = rest
            verb = line[:4].upper()
            if verb == b"DATA":
                self.in_text = True
                answers.append(b"354 go\r\n")
            elif verb == b"EHLO":
                answers.append(b"250-sink\r\n250-8BITMIME\r\n250 PIPELINING\r\n")
            else:
                answers.append(b"250 2.0.0 ok\r\n")
        self.unread = data
        return b"".join(answers)


class Http(Sink):
    """Answers each request with a message as Twilio shows it."""

    def take(self, data: bytes) -> bytes:
        answers = []
        while (head_end := data.find(b"\r\n\r\n")) >= 0:
            head = data[:head_end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(data) < head_end + 4 + length:
                break
            data = data[head_end + 4 + length :]
            body = (
                b'{"sid":"SM%032d","status":"queued","to":"+84900000000","num_segments":"1","error_code":null,'
                b'"price":null,"date_created":"Sat, 11 Oct 2025 01:02:03 +0000","direction":"outbound-api"}'
            ) % next(numbers)
            answers.append(b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        self.unread = data
        return b"".join(answers)


async def main(kind: type[Sink]) -> None:
    server = await asyncio.get_running_loop().create_server(kind, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    Sink.delay = float(sys.argv[2]) if len(sys.argv) > 2 else 0.0
    uvloop.run(main({"smtp": Smtp, "http": Http}[sys.argv[1]]))
