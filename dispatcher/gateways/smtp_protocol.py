"""Speaks SMTP with pipelining (RFC 2920) over a connection that aiosmtplib has opened: one round trip a mail.

A mail's last byte may be followed in the same write by the next MAIL, RCPT and DATA. What was written in
full and not answered is in doubt; everything before that certainly did not go.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Protocol

from dispatcher import faults
from dispatcher.clock import elapsed
from dispatcher.gateways import NOT_NOW, Result
from dispatcher.gateways.smtp_codes import Reply, Stage, judge, scrub

UNREAD_BYTES_MAX = 65536  # a server that talks on without a line end is no mail server
CLOSING = 421
GO_AHEAD = 354


class Lost(Exception):
    """The connection is gone, or silent past all patience, or no longer speaks SMTP."""

    def __init__(self, why: str, code: str = "connection") -> None:
        super().__init__(why)
        self.code = code


def closing(reply: Reply) -> Lost:
    """Make the loss that a 421 announces."""
    verdict = judge(reply, "connect")
    return Lost(verdict.detail, verdict.code)


@dataclass(kw_only=True, slots=True)
class Job:
    """One mail ready for the wire."""

    at: int  # place in the batch
    key: str
    sender: bytes
    recipient: bytes
    message: bytes
    message_id: str
    tries: int = 0
    write_until: float = float("inf")  # `clock.elapsed` up to which the leave to send it keeps

    def commands(self, *, tracked: bool) -> tuple[bytes, bytes, bytes]:
        """Give MAIL, RCPT and DATA; a server that can (RFC 3461) names our key in its delivery reports."""
        options = b" RET=HDRS ENVID=" + self.key.encode("ascii") if tracked else b""
        return b"MAIL FROM:<%b>%b" % (self.sender, options), b"RCPT TO:<%b>" % self.recipient, b"DATA"

    def opening(self, *, tracked: bool) -> bytes:
        """Give the three in one write."""
        return b"%b\r\n%b\r\n%b\r\n" % self.commands(tracked=tracked)

    @property
    def is_too_late(self) -> bool:
        """Whether its leave ran out: the server dawdled or this machine slept, and others may have it now."""
        return elapsed() > self.write_until


class Feed(Protocol):
    """Where a connection gets its mails from and tells what became of them."""

    def start(self) -> None:
        """Begin to make the next mail ready, if that takes waiting."""

    def ready(self) -> Job | None:
        """Give the next mail if it can be had without waiting."""

    async def take(self) -> Job | None:
        """Give the next mail; None: there are no more."""

    def put_back(self, job: Job, lost: Lost) -> None:
        """Return a mail that certainly did not go."""

    def settle(self, job: Job, result: Result) -> None:
        """Say what became of a mail."""


class Wire(asyncio.Protocol):
    """Bytes in, replies out, in order."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._loop = asyncio.get_running_loop()
        self._transport = transport
        self._unread = b""
        self._replies: deque[Reply] = deque()
        self._lines: list[bytes] = []
        self._waiter: asyncio.Future[Reply] | None = None
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._lost = ""

    @property
    def is_fresh(self) -> bool:
        """Whether a new mail may be started: open, and nothing unexpected was said meanwhile."""
        return not self._lost and not self._replies and not self._unread and not self._transport.is_closing()

    def write(self, data: bytes) -> None:
        """Send; raises Lost when that is no longer possible."""
        if self._lost or self._transport.is_closing():
            raise Lost(self._lost or "closing")
        self._transport.write(data)

    async def reply(self, patience_seconds: float) -> Reply:
        """Give the next reply; raises Lost."""
        if self._replies:
            return self._replies.popleft()
        if self._lost:
            raise Lost(self._lost)
        self._deadline = self._loop.time() + patience_seconds
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
        self._timer = self._loop.call_at(self._deadline, self._watch)

    def _watch(self) -> None:
        self._timer = None
        if self._waiter is None:
            return
        if self._loop.time() >= self._deadline:
            self.break_off("no answer in time")
        else:
            self._set_timer()

    def break_off(self, why: str) -> None:
        """Close at once, without a word."""
        self._lose(why)
        self._transport.abort()

    def say_goodbye(self) -> None:
        """Close politely; what the server says to it is of no interest."""
        if not self._lost and not self._transport.is_closing():
            self._transport.write(b"QUIT\r\n")
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        """Cut into lines, lines into replies."""
        lines = (self._unread + data).split(b"\n")
        self._unread = lines.pop()
        if len(self._unread) > UNREAD_BYTES_MAX:
            self.break_off("endless line")
            return
        for line in lines:
            self._lines.append(line)
            if line[3:4] == b"-" and len(self._lines) < UNREAD_BYTES_MAX // 80:
                continue
            self._receive(self._lines)
            self._lines = []

    def _receive(self, lines: list[bytes]) -> None:
        digits = lines[-1][:3]
        if not digits.isdigit() or len(digits) < 3:
            self.break_off("not an SMTP reply")
            return
        words = b"\n".join([line[4:].strip() for line in lines])
        reply = Reply(int(digits), words.decode("utf-8", "replace"))
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(reply)
        else:
            self._replies.append(reply)

    def eof_received(self) -> bool:
        """Let the transport close."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake who waits."""
        self._lose(type(exc).__name__ if exc else "closed by the server")

    def _lose(self, why: str) -> None:
        self._lost = self._lost or why
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_exception(Lost(self._lost))


class Pipeline:
    """Sends mails over one wire, each announced in the write that ends the one before."""

    def __init__(
        self, wire: Wire, *, patience_seconds: float, answer_patience_seconds: float, tracked: bool
    ) -> None:
        self._wire = wire
        self._patience = patience_seconds
        self._answer_patience = answer_patience_seconds
        self._tracked = tracked

    @property
    def is_fresh(self) -> bool:
        """Whether a new batch may be started on it."""
        return self._wire.is_fresh

    def close(self) -> None:
        """Say goodbye."""
        self._wire.say_goodbye()

    def break_off(self) -> None:
        """Close without a word: the conversation is in a state nobody can continue from."""
        self._wire.break_off("given up")

    async def run(self, feed: Feed) -> None:
        """Send what `feed` has, until it has no more. Raises Lost, with every unsent mail put back."""
        job = await feed.take()
        announced = False
        while job is not None:
            if not announced:
                self._announce(feed, job)
            feed.start()
            replies = await self._hear_out(feed, job)
            following = feed.ready()
            await self._finish(feed, job, replies, following)
            announced = following is not None
            job = following if announced else await feed.take()

    def _announce(self, feed: Feed, job: Job) -> None:
        try:
            self._wire.write(job.opening(tracked=self._tracked))
        except Lost as lost:
            feed.put_back(job, lost)
            raise

    async def _hear_out(self, feed: Feed, job: Job) -> tuple[Reply, Reply, Reply]:
        """Read the answers to MAIL, RCPT and DATA; nothing of the mail itself has been written yet."""
        replies: list[Reply] = []
        try:
            while len(replies) < 3:
                reply = await self._wire.reply(self._patience)
                if reply.code == CLOSING:
                    self._wire.break_off("421")
                    raise closing(reply)
                replies.append(reply)
        except Lost as lost:
            feed.put_back(job, lost)
            raise
        return replies[0], replies[1], replies[2]

    async def _finish(
        self, feed: Feed, job: Job, replies: tuple[Reply, Reply, Reply], following: Job | None
    ) -> None:
        """End this mail, with the next one's announcement in the same write, and settle it."""
        refused = refusal(replies)
        if refused is not None:
            feed.settle(job, refused_result(job.key, *refused))
        written = False
        try:
            ending = self._last_words(job) if refused is None else self._way_out(replies)
            opening = b"" if following is None else following.opening(tracked=self._tracked)
            self._wire.write(ending + opening)
            written = True
            answer = await self._answer()
        except Lost as lost:
            if following is not None:
                feed.put_back(following, lost)
            if refused is None and written:
                feed.settle(job, in_doubt(job.key, str(lost)))
            elif refused is None:
                feed.put_back(job, lost)
            raise
        if refused is None:
            feed.settle(job, answer_result(job, answer))
        if answer.code == CLOSING:
            self._wire.break_off("421")
            if following is not None:
                feed.put_back(following, closing(answer))
            raise closing(answer)

    def _last_words(self, job: Job) -> bytes:
        """Give the mail itself. Raises Lost when its leave ran out: somebody else may have it by now."""
        faults.point("leave-given")
        if job.is_too_late:
            self._wire.break_off("leave ran out")
            raise Lost("leave ran out")
        return job.message + b".\r\n"

    def _way_out(self, replies: tuple[Reply, Reply, Reply]) -> bytes:
        """Give what brings the server back to the start after a refusal; raises Lost.

        DATA may have been answered 354 although nobody was accepted: an empty mail to nobody ends it (554).
        Otherwise a MAIL that stood alone must be taken back, or the next is "nested". And a server that
        refused the sender and took the rest must not get an empty mail for a real reader.
        """
        _mail, rcpt, data = replies
        if data.code == GO_AHEAD and rcpt.is_good:
            self._wire.break_off("DATA accepted after a refused MAIL")
            raise Lost("out of step")
        return b".\r\n" if data.code == GO_AHEAD else b"RSET\r\n"

    async def _answer(self) -> Reply:
        if faults.is_armed("on-the-wire"):
            await asyncio.sleep(0.002)  # the loop hands over what was written
            faults.point("on-the-wire")
        answer = await self._wire.reply(self._answer_patience)
        faults.point("answered")
        return answer


def refusal(replies: tuple[Reply, Reply, Reply]) -> tuple[Reply, Stage] | None:
    """Find what stands in the way: the first bad answer of MAIL, RCPT, DATA."""
    mail, rcpt, data = replies
    if not mail.is_good:
        return mail, "mail"
    if not rcpt.is_good:
        return rcpt, "rcpt"
    if data.code != GO_AHEAD:
        return data, "data"
    return None


def answer_result(job: Job, answer: Reply) -> Result:
    """Say what the answer to the whole mail means; the id it is known by outside is our Message-ID."""
    if not answer.is_good:
        return refused_result(job.key, answer, "data")
    words = scrub(answer.text)  # often "queued as …": what to look for in the server's own log
    return Result(key=job.key, kind="accepted", status="sent", provider_id=job.message_id, detail=words)


def refused_result(key: str, reply: Reply, stage: Stage) -> Result:
    """Say what a refusal means."""
    verdict = judge(reply, stage)
    return Result(
        key=key,
        kind=verdict.kind,
        code=verdict.code,
        error_class=verdict.error_class,
        detail=verdict.detail,
    )


def too_late(key: str) -> Result:
    """Its leave ran out before a byte of it was written."""
    detail = "the leave to send ran out"
    return Result(key=key, kind="later", code=NOT_NOW, error_class="transport", detail=detail)


def in_doubt(key: str, why: str) -> Result:
    """The mail was written in full and nobody said yes or no."""
    detail = f"written, not answered: {why}"
    return Result(key=key, kind="unknown", code="no-answer", error_class="ambiguous", detail=detail)
