"""Speaks SMTP over a connection that aiosmtplib has opened: with pipelining (RFC 2920) one round trip a mail.

A mail's last byte may be followed in the same write by the next MAIL, RCPT and DATA. What was written in
full and not answered is in doubt; everything before that certainly did not go.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from dispatcher import failpoints
from dispatcher.clock import monotonic
from dispatcher.gateways import SENDING_STOPPED, ConfirmSending, Result, SendingStopped
from dispatcher.gateways.smtp.codes import SmtpReply, SmtpStage, classify, redact

REPLY_BYTES_MAX = 65536  # a server that talks on without a line end is no mail server
SERVICE_CLOSING = 421
START_MAIL_INPUT = 354
NOT_SAID = SmtpReply(503, "not asked after a refusal")


class ConnectionLost(Exception):
    """The connection is gone, or silent past all patience, or no longer speaks SMTP."""

    def __init__(self, reason: str, code: str = "connection") -> None:
        super().__init__(reason)
        self.code = code


def connection_closing(reply: SmtpReply) -> ConnectionLost:
    """Make the loss that a 421 announces."""
    failure = classify(reply, "connect")
    return ConnectionLost(failure.detail, failure.code)


@dataclass(kw_only=True, slots=True)
class OutgoingMail:
    """One mail ready for the wire."""

    index: int  # place in the batch
    key: str
    sender: bytes
    recipient: bytes
    message: bytes
    message_id: str
    attempts: int = 0
    write_deadline: float = float("inf")  # `clock.elapsed` up to which the leave to send it keeps
    confirm: ConfirmSending | None = None

    def envelope_commands(self, *, with_dsn: bool) -> tuple[bytes, bytes, bytes]:
        """Return MAIL, RCPT and DATA; a server that can (RFC 3461) names our key in its delivery reports."""
        options = b" RET=HDRS ENVID=" + self.key.encode("ascii") if with_dsn else b""
        return b"MAIL FROM:<%b>%b" % (self.sender, options), b"RCPT TO:<%b>" % self.recipient, b"DATA"

    def pipelined_envelope(self, *, with_dsn: bool) -> bytes:
        """Return the three in one write."""
        return b"%b\r\n%b\r\n%b\r\n" % self.envelope_commands(with_dsn=with_dsn)

    @property
    def has_expired(self) -> bool:
        """Whether its leave ran out: the server dawdled or this machine slept, and others may have it now."""
        return monotonic() > self.write_deadline


class MailSource(Protocol):
    """Where a connection gets its mails from and tells what became of them."""

    def prefetch(self) -> None:
        """Begin to make the next mail ready, if that takes waiting."""

    def take_ready(self) -> OutgoingMail | None:
        """Return the next mail if it can be had without waiting."""

    async def take(self) -> OutgoingMail | None:
        """Return the next mail; None: there are no more."""

    def requeue(self, mail: OutgoingMail, lost: ConnectionLost) -> None:
        """Return a mail that certainly did not go."""

    def set_result(self, mail: OutgoingMail, result: Result) -> None:
        """Say what became of a mail."""


class SmtpStream(asyncio.Protocol):
    """Bytes in, replies out, in order."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._unread = b""
        self._replies: deque[SmtpReply] = deque()
        self._lines: list[bytes] = []
        self._waiter: asyncio.Future[SmtpReply] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._lost_reason = ""

    @property
    def is_reusable(self) -> bool:
        """Whether a new mail may be started: open, and nothing unexpected was said meanwhile."""
        return (
            not self._lost_reason
            and not self._replies
            and not self._unread
            and not self._transport.is_closing()
        )

    def write(self, data: bytes) -> None:
        """Send; raises Lost when that is no longer possible."""
        if self._lost_reason or self._transport.is_closing():
            raise ConnectionLost(self._lost_reason or "closing")
        self._transport.write(data)

    async def read_reply(self, timeout_seconds: float) -> SmtpReply:
        """Return the next reply; raises Lost."""
        if self._replies:
            return self._replies.popleft()
        if self._lost_reason:
            raise ConnectionLost(self._lost_reason)
        self._deadline = self._loop.time() + timeout_seconds
        self._set_timer()
        self._waiter = self._loop.create_future()
        try:
            return await self._waiter
        finally:
            self._waiter = None

    def _set_timer(self) -> None:
        """Keep one timer for many replies: setting one for each would cost more than the mail."""
        if self._timer is not None:
            if self._timer.when() <= self._deadline:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(self._deadline, self._check_deadline)

    def _check_deadline(self) -> None:
        self._timer = None
        if self._waiter is None:
            return
        if self._loop.time() >= self._deadline:
            self.abort("no answer in time")
        else:
            self._set_timer()

    def abort(self, why: str) -> None:
        """Close at once, without a word."""
        self._mark_lost(why)
        self._transport.abort()

    def send_quit(self) -> None:
        """Close politely; what the server says to it is of no interest."""
        if not self._lost_reason and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Cut into lines, lines into replies."""
        lines = (self._unread + data).split(b"\n")
        self._unread = lines.pop()
        if len(self._unread) > REPLY_BYTES_MAX:
            self.abort("endless line")
            return
        for line in lines:
            self._lines.append(line)
            if line[3:4] == b"-" and len(self._lines) < REPLY_BYTES_MAX // 80:
                continue
            self._parse_reply(self._lines)
            self._lines = []

    def _parse_reply(self, lines: list[bytes]) -> None:
        digits = lines[-1][:3]
        if not digits.isdigit() or len(digits) < 3:
            self.abort("not an SMTP reply")
            return
        words = b"\n".join([line[4:].strip() for line in lines])
        reply = SmtpReply(int(digits), words.decode("utf-8", "replace"))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(reply)
        else:
            self._replies.append(reply)

    def eof_received(self) -> bool:
        """Let the transport close."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake who waits."""
        self._mark_lost(type(exc).__name__ if exc else "closed by the server")

    def _mark_lost(self, why: str) -> None:
        self._lost_reason = self._lost_reason or why
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(ConnectionLost(self._lost_reason))


class SmtpPipeline:
    """Sends mails over one wire, each announced in the write that ends the one before."""

    def __init__(
        self,
        stream: SmtpStream,
        *,
        command_timeout_seconds: float,
        data_timeout_seconds: float,
        with_dsn: bool,
        pipelining: bool = True,
    ) -> None:
        self._stream = stream
        self._pipelining = pipelining  # else one command at a time, four round trips a mail
        self._command_timeout = command_timeout_seconds
        self._data_timeout = data_timeout_seconds
        self._with_dsn = with_dsn

    @property
    def is_reusable(self) -> bool:
        """Whether a new batch may be started on it."""
        return self._stream.is_reusable

    def close(self) -> None:
        """Say goodbye."""
        self._stream.send_quit()

    def abort(self) -> None:
        """Close without a word: the conversation is in a state nobody can continue from."""
        self._stream.abort("given up")

    async def run(self, source: MailSource) -> None:
        """Send what `queue` has, until it has no more. Raises Lost, with every unsent mail put back."""
        mail = await source.take()
        announced = False
        while mail is not None:
            if self._pipelining and not announced:
                self._write_envelope(source, mail)
            source.prefetch()
            replies = await self._read_envelope_replies(source, mail)
            following = source.take_ready() if self._pipelining else None
            await self._finish_mail(source, mail, replies, following)
            announced = following is not None
            mail = following if announced else await source.take()

    def _write_envelope(self, source: MailSource, mail: OutgoingMail) -> None:
        try:
            self._stream.write(mail.pipelined_envelope(with_dsn=self._with_dsn))
        except ConnectionLost as lost:
            source.requeue(mail, lost)
            raise

    async def _read_envelope_replies(
        self, source: MailSource, mail: OutgoingMail
    ) -> tuple[SmtpReply, SmtpReply, SmtpReply]:
        """Return the answers to MAIL, RCPT and DATA; nothing of the mail itself has been written yet."""
        replies: list[SmtpReply] = []
        try:
            for command in mail.envelope_commands(with_dsn=self._with_dsn):
                replies.append(await self._read_envelope_reply(command, replies))
        except ConnectionLost as lost:
            source.requeue(mail, lost)
            raise
        return replies[0], replies[1], replies[2]

    async def _read_envelope_reply(self, command: bytes, before: list[SmtpReply]) -> SmtpReply:
        """Return the next answer; one command at a time, nothing is said after a refusal."""
        if not self._pipelining:
            if before and not before[-1].is_positive:
                return NOT_SAID
            self._stream.write(command + b"\r\n")
        reply = await self._stream.read_reply(self._command_timeout)
        if reply.code == SERVICE_CLOSING:
            self._stream.abort("421")
            raise connection_closing(reply)
        return reply

    async def _finish_mail(
        self,
        source: MailSource,
        mail: OutgoingMail,
        replies: tuple[SmtpReply, SmtpReply, SmtpReply],
        following: OutgoingMail | None,
    ) -> None:
        """End this mail, with the next one's announcement in the same write, and settle it."""
        refused = first_refusal(replies)
        if refused is not None:
            source.set_result(mail, refused_result(mail.key, *refused))
        written = False
        try:
            ending = await self._message_data(mail) if refused is None else self._reset_command(replies)
            opening = b"" if following is None else following.pipelined_envelope(with_dsn=self._with_dsn)
            self._stream.write(ending + opening)
            written = True
            answer = await self._read_data_reply()
        except ConnectionLost as lost:
            if following is not None:
                source.requeue(following, lost)
            if refused is None and written:
                source.set_result(mail, in_doubt_result(mail.key, str(lost)))
            elif refused is None:
                source.requeue(mail, lost)
            raise
        if refused is None:
            source.set_result(mail, data_result(mail, answer))
        if answer.code == SERVICE_CLOSING:
            self._stream.abort("421")
            if following is not None:
                source.requeue(following, connection_closing(answer))
            raise connection_closing(answer)

    async def _message_data(self, mail: OutgoingMail) -> bytes:
        """Return the mail itself. Raises ConnectionLost when its leave ran out, or it was withdrawn.

        Only breaking off tells a server that waits for a mail not to take one.
        """
        failpoints.hit("leave-given")
        if mail.confirm is not None:
            try:
                await mail.confirm()
            except SendingStopped:
                mail.write_deadline = float("-inf")
        if mail.has_expired:
            self._stream.abort("leave ran out")
            raise ConnectionLost("leave ran out")
        return mail.message + b".\r\n"

    def _reset_command(self, replies: tuple[SmtpReply, SmtpReply, SmtpReply]) -> bytes:
        """Return what brings the server back to the start after a refusal; raises Lost.

        DATA may have been answered 354 although nobody was accepted: an empty mail to nobody ends it (554).
        Otherwise a MAIL that stood alone must be taken back, or the next is "nested". And a server that
        refused the sender and took the rest must not get an empty mail for a real reader.
        """
        _mail, rcpt, data = replies
        if data.code == START_MAIL_INPUT and rcpt.is_positive:
            self._stream.abort("DATA accepted after a refused MAIL")
            raise ConnectionLost("out of step")
        return b".\r\n" if data.code == START_MAIL_INPUT else b"RSET\r\n"

    async def _read_data_reply(self) -> SmtpReply:
        if failpoints.is_armed("on-the-wire"):
            await asyncio.sleep(0.002)  # the loop hands over what was written
            failpoints.hit("on-the-wire")
        answer = await self._stream.read_reply(self._data_timeout)
        failpoints.hit("answered")
        return answer


def first_refusal(replies: tuple[SmtpReply, SmtpReply, SmtpReply]) -> tuple[SmtpReply, SmtpStage] | None:
    """Find what stands in the way: the first bad answer of MAIL, RCPT, DATA."""
    mail, rcpt, data = replies
    if not mail.is_positive:
        return mail, "mail"
    if not rcpt.is_positive:
        return rcpt, "rcpt"
    if data.code != START_MAIL_INPUT:
        return data, "data"
    return None


def data_result(mail: OutgoingMail, answer: SmtpReply) -> Result:
    """Return what the answer to the whole mail means; the id it is known by outside is our Message-ID."""
    if not answer.is_positive:
        return refused_result(mail.key, answer, "data")
    words = redact(answer.text)  # often "queued as …": what to look for in the server's own log
    return Result(key=mail.key, kind="accepted", status="sent", provider_id=mail.message_id, detail=words)


def refused_result(key: str, reply: SmtpReply, stage: SmtpStage) -> Result:
    """Return what a refusal means."""
    failure = classify(reply, stage)
    return Result(
        key=key,
        kind=failure.kind,
        code=failure.code,
        error_class=failure.error_class,
        detail=failure.detail,
    )


def expired_result(key: str) -> Result:
    """Its leave ran out before a byte of it was written."""
    detail = "the leave to send ran out"
    return Result(key=key, kind="later", code=SENDING_STOPPED, error_class="transport", detail=detail)


def in_doubt_result(key: str, reason: str) -> Result:
    """The mail was written in full and nobody said yes or no."""
    detail = f"written, not answered: {reason}"
    return Result(key=key, kind="unknown", code="no-answer", error_class="ambiguous", detail=detail)
