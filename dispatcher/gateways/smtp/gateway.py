"""Mail through any SMTP server: a few connections kept open, each taking the next mail as it is free."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from dispatcher.clock import Clock, SystemClock
from dispatcher.errors import ConfigurationError
from dispatcher.gateways import Capabilities, Envelope, GatewayOptions, Result, SendPermit
from dispatcher.gateways.smtp import mime
from dispatcher.gateways.smtp.batch import ConnectionQueue, MailBatch, connection_failure
from dispatcher.gateways.smtp.codes import SmtpFailure
from dispatcher.gateways.smtp.connection import NotConnected, SmtpConfig, connect, parse_url
from dispatcher.gateways.smtp.pipeline import ConnectionLost, OutgoingMail, SmtpPipeline
from dispatcher.i18n import _
from dispatcher.settings import problem

RATE_PER_SECOND = 20.0
BATCH_MAX = 100  # nobody can be asked about a mail in doubt, so few are on their way at once
MAILS_PER_CONNECTION = 8  # fewer than this do not pay for opening another one
PERMIT_SECONDS = 180.0  # a server may dawdle so long over MAIL, RCPT and DATA; then the mail waits
FAILED_CONNECTIONS_MAX = 5  # connections in a row that died before the server said a word about any mail

log = logging.getLogger(__name__)


def open_gateway(options: GatewayOptions) -> SmtpGateway:
    """Make the gateway from DISPATCHER_SMTP_URL (options: `connection.parse_url`) and the sender.

    Raises ConfigurationError.
    """
    try:
        config = parse_url(options.values.get("DISPATCHER_SMTP_URL", ""))
    except ValueError as error:
        what = _("DISPATCHER_SMTP_URL cannot be used: {error}", error=str(error))
        remedy = _("Write it like {example}.", example="smtp://user@host:587?starttls=1")
        raise ConfigurationError([problem("DISPATCHER_SMTP_URL", what, remedy)]) from error
    try:
        mime.format_mailbox(*mime.parse_sender(options.sender))
    except mime.InvalidMail as error:
        what = _("DISPATCHER_MAIL_FROM is not a mail address")
        remedy = _("Give the sender's address, for example nhac@hatay.example.")
        raise ConfigurationError([problem("DISPATCHER_MAIL_FROM", what, remedy, options.sender)]) from error
    return SmtpGateway(
        config.scaled(options.timeout_scale),
        options.sender,
        rate_per_second=options.rate_per_second,
        timeout_scale=options.timeout_scale,
    )


class SmtpGateway:
    """One mail server and one sender."""

    name = "smtp"

    def __init__(
        self,
        config: SmtpConfig,
        sender: str,
        *,
        rate_per_second: float | None = None,
        clock: Clock | None = None,
        timeout_scale: float = 1,
    ) -> None:
        self._config = config
        self._sender = sender
        self._return_path = mime.parse_sender(sender)[1]
        self._clock = clock or SystemClock()
        self._connection_slots = asyncio.Semaphore(config.connections)
        self._idle_sessions: dict[SmtpPipeline, asyncio.TimerHandle] = {}
        self.capabilities = Capabilities(
            channel="email",
            rate_per_second=rate_per_second or RATE_PER_SECOND,
            batch_max=BATCH_MAX,
            loopback=config.loopback,
            confirms=True,
            permit_seconds=PERMIT_SECONDS * timeout_scale,
            response_timeout_seconds=config.data_timeout_seconds,
        )

    async def send(
        self, envelopes: Sequence[Envelope], *, acquire_permit: SendPermit | None = None
    ) -> Sequence[Result]:
        """Send all over a few connections; one result an envelope, in the same order."""
        batch = MailBatch(envelopes, self._build_mail)
        connections = min(self._config.connections, 1 + len(envelopes) // MAILS_PER_CONNECTION)
        async with asyncio.TaskGroup() as workers:
            for _number in range(connections if envelopes else 0):
                workers.create_task(self._work(batch, acquire_permit))
        return batch.results()

    async def _work(self, batch: MailBatch, acquire_permit: SendPermit | None) -> None:
        queue = ConnectionQueue(batch, acquire_permit, permit_seconds=self.capabilities.permit_seconds)
        failed_connections = 0
        async with self._connection_slots:
            while not batch.abort_reason and await queue.has_more():
                before = queue.settled_count
                try:
                    await self._run_session(queue)
                except NotConnected as broken:
                    batch.abort(broken.failure)
                except ConnectionLost as lost:
                    failed_connections = 0 if queue.settled_count > before else failed_connections + 1
                    if failed_connections >= FAILED_CONNECTIONS_MAX:
                        batch.abort(connection_failure(lost))
                except Exception as error:  # noqa: BLE001 - the other connections bring their mails home
                    why = f"gateway failed: {type(error).__name__}"
                    log.error("mail connection given up: %s", why, extra={"action": "smtp_failed"})
                    batch.abort(SmtpFailure("later", "temporary", "gateway", why))
            await queue.fail_rest()

    async def _run_session(self, queue: ConnectionQueue) -> None:
        session = self._take_idle_session() or await connect(self._config)
        try:
            await session.run(queue)
        except BaseException:
            session.abort()
            raise
        self._keep_idle(session)

    def _take_idle_session(self) -> SmtpPipeline | None:
        """Take a connection that was kept open, if one is still good."""
        while self._idle_sessions:
            session, timer = self._idle_sessions.popitem()
            timer.cancel()
            if session.is_reusable:
                return session
            session.abort()
        return None

    def _keep_idle(self, session: SmtpPipeline) -> None:
        if session.is_reusable:
            loop = asyncio.get_running_loop()
            self._idle_sessions[session] = loop.call_later(
                self._config.idle_seconds, self._close_idle, session
            )

    def _close_idle(self, session: SmtpPipeline) -> None:
        del self._idle_sessions[session]
        session.close()

    def _build_mail(self, index: int, envelope: Envelope) -> OutgoingMail:
        """Write the mail. Raises Unsendable."""
        if envelope.mail is None:
            raise mime.InvalidMail("5.6.0", "no mail in the envelope")
        message_id = envelope.message_id or f"{envelope.key}@{self._return_path.rpartition('@')[2]}"
        message = mime.compose(
            envelope.mail,
            key=envelope.key,
            sender=self._sender,
            to=envelope.to,
            to_name=envelope.to_name,
            message_id=message_id,
            date=envelope.date or self._clock.now(),
        )
        return OutgoingMail(
            index=index,
            key=mime.encode_key(envelope.key).decode(),
            sender=mime.encode_address(envelope.envelope_from or self._return_path),
            recipient=mime.encode_address(envelope.to),
            message=message,
            message_id=message_id,
            confirm=envelope.confirm,
        )

    async def look_up(
        self, envelope: Envelope, *, since: datetime, provider_id: str = "", exclude: Collection[str] = ()
    ) -> Result:
        """Say that nobody knows: a mail server cannot be asked about a mail."""
        detail = "a mail server cannot be asked"
        return Result(
            key=envelope.key, kind="unknown", code="look-up", error_class="ambiguous", detail=detail
        )

    async def close(self) -> None:
        """Say goodbye on every open connection."""
        while self._idle_sessions:
            session, timer = self._idle_sessions.popitem()
            timer.cancel()
            session.close()
