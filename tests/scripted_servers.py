"""Small real servers that misbehave on purpose, HTTP and SMTP, each scripted by its test."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from dispatcher.sandbox.http_server import HttpServer, Request, ResponseSlot

HANG_UP = b""  # close the connection instead of an answer
TAKE_AND_HANG_UP = b"!"  # keep the mail, then hang up instead of an answer
SILENCE = b"..."  # never answer, nor anything after
DEFAULT_REPLIES = {"AUTH": b"235 2.7.0 welcome", "QUIT": b"221 2.0.0 bye", "STARTTLS": b"220 2.0.0 go"}


@dataclass(kw_only=True)
class RecordedRequest:
    """One HTTP request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    headers: dict[str, str]


@dataclass(kw_only=True)
class ScriptedHttpServer:
    """Where it listens and what it was asked."""

    url: str = ""
    requests: list[RecordedRequest] = field(default_factory=list)
    connections: int = 0
    open_at_once: int = 0


def http_response(status: int, body: str = "", **headers: str) -> bytes:
    """Write an HTTP answer; `retry_after="3"` becomes the header."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body.encode())}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", body]).encode()


@asynccontextmanager
async def serve_http(
    script: Callable[[RecordedRequest], bytes | Awaitable[bytes]],
) -> AsyncIterator[ScriptedHttpServer]:
    """Serve HTTP over the sandbox's server; `script` gives the bytes of each answer, HANG_UP or SILENCE."""
    server = ScriptedHttpServer()
    connections: set[int] = set()
    waiting: set[asyncio.Task[None]] = set()

    def handle(request: Request, slot: ResponseSlot) -> None:
        connections.add(slot.connection_id)
        server.connections = len(connections)
        call = _recorded(request)
        server.requests.append(call)
        server.open_at_once += 1
        task = asyncio.get_running_loop().create_task(answer(call, slot))
        waiting.add(task)
        task.add_done_callback(waiting.discard)

    async def answer(call: RecordedRequest, slot: ResponseSlot) -> None:
        given = script(call)
        said = given if isinstance(given, bytes) else await given
        server.open_at_once -= 1
        if said == HANG_UP:
            slot.hang_up()
        elif said != SILENCE:
            slot.write(said)

    http = HttpServer(handle, lambda: None)
    server.url = f"http://127.0.0.1:{await http.open('127.0.0.1', 0)}"
    try:
        yield server
    finally:
        for task in waiting:
            task.cancel()
        await http.close()


def _recorded(request: Request) -> RecordedRequest:
    return RecordedRequest(
        method=request.method,
        path=request.path,
        query=dict(parse_qsl(request.query, keep_blank_values=True)),
        form=dict(parse_qsl(request.body.decode(), keep_blank_values=True)),
        headers={name.decode(): value.decode() for name, value in request.headers.items()},
    )


@dataclass(kw_only=True)
class ScriptedSmtpServer:
    """Where it listens, what was said to it, and which mails it kept."""

    port: int = 0
    commands: list[str] = field(default_factory=list)
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def recipients(self) -> list[str]:
        return [recipient for _sender, recipient, _text in self.mails]


# Gives the reply to a command, one of the three above, or None for what a good server says.
# Called with the verb (EHLO, MAIL, RCPT, DATA, BODY for the end of the text, RSET, QUIT), the rest of the
# line, and the number of the connection.
SmtpScript = Callable[[str, str, int], bytes | None]


@asynccontextmanager
async def serve_smtp(
    script: SmtpScript = lambda *_said: None,
    *,
    offers: Sequence[str] = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"),
    tls: ssl.SSLContext | None = None,
    implicit_tls: bool = False,
) -> AsyncIterator[ScriptedSmtpServer]:
    """Serve SMTP as strictly as Postfix: a MAIL inside a transaction is "nested", DATA needs a recipient."""
    server = ScriptedSmtpServer()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        try:
            await _SmtpConversation(server, script, offers, tls, reader, writer).run()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    context = tls if implicit_tls else None
    listening = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=context)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


class _SmtpConversation:
    """One SMTP connection."""

    def __init__(
        self,
        server: ScriptedSmtpServer,
        script: SmtpScript,
        offers: Sequence[str],
        tls: ssl.SSLContext | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self.server, self.script, self.offers, self.tls = server, script, offers, tls
        self.reader, self.writer = reader, writer
        self.number = server.connections
        self.sender: str | None = None
        self.recipient: str | None = None

    async def run(self) -> None:
        if not await self.reply(self.script("CONNECT", "", self.number) or b"220 ready"):
            return
        while line := (await self.reader.readline()).decode():
            verb, _, rest = line.rstrip("\r\n").partition(" ")
            self.server.commands.append(line.rstrip("\r\n"))
            if not await self.handle(verb.upper(), rest):
                return
            await self.writer.drain()

    async def reply(self, reply: bytes) -> bool:
        if reply == SILENCE:
            await asyncio.sleep(3600)
        if reply == TAKE_AND_HANG_UP:
            return False
        if reply != HANG_UP:
            self.writer.write(reply + b"\r\n")
        return reply != HANG_UP and not reply.startswith((b"421", b"221"))

    async def handle(self, verb: str, rest: str) -> bool:
        reply = self.script(verb, rest, self.number)
        usual = self.default_reply(verb, rest, refused=reply is not None)
        if not await self.reply(usual if reply is None else reply):
            return False
        if verb == "STARTTLS" and reply is None and self.tls is not None:
            await self.writer.start_tls(self.tls)
        if verb == "DATA" and (reply or usual).startswith(b"354"):
            return await self.read_mail()
        return True

    def default_reply(self, verb: str, rest: str, *, refused: bool) -> bytes:
        """Do and say what a good server would; a refused command changes nothing."""
        if verb == "EHLO":
            lines = ["localhost", *self.offers]
            marks = ["-"] * (len(lines) - 1) + [" "]
            return "\r\n".join(f"250{m}{line}" for m, line in zip(marks, lines, strict=True)).encode()
        if verb in {"MAIL", "RCPT", "DATA"}:
            return self.step(verb, rest, refused=refused)
        if verb == "RSET":
            self.sender = self.recipient = None
        return DEFAULT_REPLIES.get(verb, b"250 2.0.0 ok")

    def step(self, verb: str, rest: str, *, refused: bool) -> bytes:
        """Go one step on in a transaction, in the right order only."""
        address = rest.partition("<")[2].partition(">")[0]
        if verb == "MAIL" and self.sender is not None:
            return b"503 5.5.1 nested MAIL command"
        if verb == "RCPT" and self.sender is None:
            return b"503 5.5.1 need MAIL command"
        if verb == "DATA" and self.recipient is None:
            return b"554 5.5.1 no valid recipients"
        if verb == "MAIL" and not refused:
            self.sender = address
        if verb == "RCPT" and not refused:
            self.recipient = address
        return b"354 go ahead" if verb == "DATA" else b"250 2.1.0 ok"

    async def read_mail(self) -> bool:
        lines = []
        while (line := await self.reader.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b"..") else line)
        sender, recipient = self.sender, self.recipient
        self.sender = self.recipient = None
        reply = self.script("BODY", recipient or "", self.number)
        if recipient is None:
            return await self.reply(reply or b"554 5.5.1 no valid recipients")
        if reply is None or reply.startswith(b"2") or reply == TAKE_AND_HANG_UP:
            self.server.mails.append((sender or "", recipient, b"".join(lines)))
        return await self.reply(b"250 2.0.0 queued" if reply is None else reply)
