"""Speaks SMTP one command at a time with aiosmtplib, where the server offers no pipelining."""

from __future__ import annotations

import asyncio

import aiosmtplib

from dispatcher import faults
from dispatcher.gateways import Result
from dispatcher.gateways.smtp_codes import Reply, Stage
from dispatcher.gateways.smtp_protocol import (
    CLOSING,
    GO_AHEAD,
    Feed,
    Job,
    Lost,
    answer_result,
    closing,
    in_doubt,
    refused_result,
)


class LockStep:
    """One aiosmtplib connection, four round trips a mail."""

    def __init__(self, smtp: aiosmtplib.SMTP, *, answer_patience_seconds: float, tracked: bool) -> None:
        self._smtp = smtp
        self._answer_patience = answer_patience_seconds
        self._tracked = tracked

    @property
    def is_fresh(self) -> bool:
        """Whether a new batch may be started on it."""
        return self._smtp.is_connected

    def close(self) -> None:
        """Say goodbye; nobody waits for the answer."""
        protocol = self._smtp.protocol
        if protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        self._smtp.close()

    def break_off(self) -> None:
        """Close without a word."""
        self._smtp.close()

    async def run(self, feed: Feed) -> None:
        """Send what `feed` has, until it has no more. Raises Lost, with every unsent mail put back."""
        while (job := await feed.take()) is not None:
            try:
                refused = await self._announce(job)
            except Lost as lost:
                feed.put_back(job, lost)
                raise
            if refused is None:
                await self._deliver(feed, job)
            else:
                feed.settle(job, refused)
                await self._say(b"RSET")

    async def _announce(self, job: Job) -> Result | None:
        """Say MAIL, RCPT, DATA; give a refusal. Nothing of the mail itself goes out here."""
        stages: tuple[Stage, Stage, Stage] = ("mail", "rcpt", "data")
        for stage, command in zip(stages, job.commands(tracked=self._tracked), strict=True):
            reply = await self._say(command)
            if not (reply.code == GO_AHEAD if stage == "data" else reply.is_good):
                return refused_result(job.key, reply, stage)
        return None

    async def _say(self, command: bytes) -> Reply:
        try:
            code, text = await self._smtp.execute_command(command)
        except (aiosmtplib.SMTPException, ConnectionError, TimeoutError) as error:
            self._smtp.close()
            raise Lost(_name(error)) from error
        reply = Reply(code, text)
        if code == CLOSING:
            self._smtp.close()
            raise closing(reply)
        return reply

    async def _deliver(self, feed: Feed, job: Job) -> None:
        """Write the mail and wait for the word about it."""
        protocol = self._smtp.protocol
        faults.point("leave-given")
        if protocol is None or not protocol.is_connected or job.is_too_late:
            self._smtp.close()
            lost = Lost("leave ran out" if job.is_too_late else "closed by the server")
            feed.put_back(job, lost)
            raise lost
        try:
            protocol.write(job.message + b".\r\n")
            if faults.is_armed("on-the-wire"):
                await asyncio.sleep(0.002)
                faults.point("on-the-wire")
            code, text = await protocol.read_response(timeout=self._answer_patience)
        except (aiosmtplib.SMTPException, ConnectionError, TimeoutError) as error:
            self._smtp.close()
            feed.settle(job, in_doubt(job.key, _name(error)))
            raise Lost(_name(error)) from error
        faults.point("answered")
        reply = Reply(code, text)
        feed.settle(job, answer_result(job, reply))
        if code == CLOSING:
            self._smtp.close()
            raise closing(reply)


def _name(error: Exception) -> str:
    return type(error).__name__
