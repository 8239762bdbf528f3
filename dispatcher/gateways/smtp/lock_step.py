"""Speaks SMTP one command at a time with aiosmtplib, where the server offers no pipelining."""

from __future__ import annotations

import asyncio

import aiosmtplib

from dispatcher import failpoints
from dispatcher.gateways import Result
from dispatcher.gateways.smtp.codes import SmtpReply, SmtpStage
from dispatcher.gateways.smtp.pipeline import (
    SERVICE_CLOSING,
    START_MAIL_INPUT,
    ConnectionLost,
    MailSource,
    OutgoingMail,
    connection_closing,
    data_result,
    in_doubt_result,
    refused_result,
)


class LockStep:
    """One aiosmtplib connection, four round trips a mail."""

    def __init__(self, smtp: aiosmtplib.SMTP, *, data_timeout_seconds: float, with_dsn: bool) -> None:
        self._smtp = smtp
        self._answer_patience = data_timeout_seconds
        self._tracked = with_dsn

    @property
    def is_reusable(self) -> bool:
        """Whether a new batch may be started on it."""
        return self._smtp.is_connected

    def close(self) -> None:
        """Say goodbye; nobody waits for the answer."""
        protocol = self._smtp.protocol
        if protocol is not None and protocol.is_connected:
            protocol.write(b"QUIT\r\n")
        self._smtp.close()

    def abort(self) -> None:
        """Close without a word."""
        self._smtp.close()

    async def run(self, source: MailSource) -> None:
        """Send what `queue` has, until it has no more. Raises Lost, with every unsent mail put back."""
        while (mail := await source.take()) is not None:
            try:
                refused = await self._announce(mail)
            except ConnectionLost as lost:
                source.requeue(mail, lost)
                raise
            if refused is None:
                await self._deliver(source, mail)
            else:
                source.set_result(mail, refused)
                await self._say(b"RSET")

    async def _announce(self, mail: OutgoingMail) -> Result | None:
        """Say MAIL, RCPT, DATA; give a refusal. Nothing of the mail itself goes out here."""
        stages: tuple[SmtpStage, SmtpStage, SmtpStage] = ("mail", "rcpt", "data")
        for stage, command in zip(stages, mail.envelope_commands(with_dsn=self._tracked), strict=True):
            reply = await self._say(command)
            if not (reply.code == START_MAIL_INPUT if stage == "data" else reply.is_positive):
                return refused_result(mail.key, reply, stage)
        return None

    async def _say(self, command: bytes) -> SmtpReply:
        try:
            code, text = await self._smtp.execute_command(command)
        except (aiosmtplib.SMTPException, ConnectionError, TimeoutError) as error:
            self._smtp.close()
            raise ConnectionLost(_name(error)) from error
        reply = SmtpReply(code, text)
        if code == SERVICE_CLOSING:
            self._smtp.close()
            raise connection_closing(reply)
        return reply

    async def _deliver(self, source: MailSource, mail: OutgoingMail) -> None:
        """Write the mail and wait for the word about it."""
        protocol = self._smtp.protocol
        failpoints.hit("leave-given")
        if protocol is None or not protocol.is_connected or mail.has_expired:
            self._smtp.close()
            lost = ConnectionLost("leave ran out" if mail.has_expired else "closed by the server")
            source.requeue(mail, lost)
            raise lost
        try:
            protocol.write(mail.message + b".\r\n")
            if failpoints.is_armed("on-the-wire"):
                await asyncio.sleep(0.002)
                failpoints.hit("on-the-wire")
            code, text = await protocol.read_response(timeout=self._answer_patience)
        except (aiosmtplib.SMTPException, ConnectionError, TimeoutError) as error:
            self._smtp.close()
            source.set_result(mail, in_doubt_result(mail.key, _name(error)))
            raise ConnectionLost(_name(error)) from error
        failpoints.hit("answered")
        reply = SmtpReply(code, text)
        source.set_result(mail, data_result(mail, reply))
        if code == SERVICE_CLOSING:
            self._smtp.close()
            raise connection_closing(reply)


def _name(error: Exception) -> str:
    return type(error).__name__
