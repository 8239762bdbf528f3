"""Speaks SMTP one command at a time with aiosmtplib, where the server offers no pipelining."""

from __future__ import annotations

import aiosmtplib

from dispatcher.gateways.smtp_codes import Reply, Stage
from dispatcher.gateways.smtp_protocol import (
    CLOSING,
    GO_AHEAD,
    Feed,
    Job,
    Lost,
    answer_result,
    in_doubt,
    refused_result,
)


class LockStep:
    """One aiosmtplib connection, four round trips a mail."""

    def __init__(self, smtp: aiosmtplib.SMTP, *, answer_patience_seconds: float) -> None:
        self._smtp = smtp
        self._answer_patience = answer_patience_seconds

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
                announced = await self._announce(feed, job)
            except (aiosmtplib.SMTPException, ConnectionError, TimeoutError) as error:
                self._smtp.close()
                feed.put_back(job, _name(error))
                raise Lost(_name(error)) from error
            if announced:
                await self._deliver(feed, job)

    async def _announce(self, feed: Feed, job: Job) -> bool:
        """Say MAIL, RCPT, DATA; settle a refusal. Nothing of the mail itself goes out here."""
        commands: tuple[tuple[Stage, bytes], ...] = (
            ("mail", b"MAIL FROM:<%b>" % job.sender),
            ("rcpt", b"RCPT TO:<%b>" % job.recipient),
            ("data", b"DATA"),
        )
        for stage, command in commands:
            code, text = await self._smtp.execute_command(command)
            reply = Reply(code, text)
            if code == CLOSING:
                raise aiosmtplib.SMTPServerDisconnected("421")
            if not (code == GO_AHEAD if stage == "data" else reply.is_good):
                feed.settle(job, refused_result(job.key, reply, stage))
                await self._smtp.execute_command(b"RSET")
                return False
        return True

    async def _deliver(self, feed: Feed, job: Job) -> None:
        """Write the mail and wait for the word about it."""
        protocol = self._smtp.protocol
        if protocol is None or not protocol.is_connected:
            feed.put_back(job, "closed by the server")
            raise Lost("closed by the server")
        try:
            protocol.write(job.message + b".\r\n")
            code, text = await protocol.read_response(timeout=self._answer_patience)
        except (aiosmtplib.SMTPException, ConnectionError, TimeoutError) as error:
            self._smtp.close()
            feed.settle(job, in_doubt(job.key, _name(error)))
            raise Lost(_name(error)) from error
        feed.settle(job, answer_result(job, Reply(code, text)))
        if code == CLOSING:
            self._smtp.close()
            raise Lost("421")


def _name(error: Exception) -> str:
    return type(error).__name__
