"""Mail through any SMTP server: a few connections kept open, each taking the next mail as it is free."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from dispatcher.clock import Clock, SystemClock
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.gateways import Envelope, GatewayOptions, Pace, Result, Traits, mime
from dispatcher.gateways.smtp_batch import Batch, Turn, lost_verdict
from dispatcher.gateways.smtp_codes import Verdict
from dispatcher.gateways.smtp_connection import NotConnected, Server, Session, connect, read_url
from dispatcher.gateways.smtp_protocol import Job, Lost
from dispatcher.i18n import _

RATE_PER_SECOND = 20.0
BATCH_MAX = 100  # nobody can be asked about a mail in doubt, so few are on their way at once
MAILS_A_CONNECTION = 8  # fewer than this do not pay for opening another one
LEAVE_SECONDS = 180.0  # a server may dawdle so long over MAIL, RCPT and DATA; then the mail waits
FRUITLESS_MAX = 5  # connections in a row that died before the server said a word about any mail

log = logging.getLogger(__name__)


def open_gateway(options: GatewayOptions) -> SmtpGateway:
    """Make the gateway from `url` and `mail_from`; see `smtp_connection.read_url` for the URL's options.

    Raises ConfigurationBroken.
    """
    try:
        server = read_url(options.values.get("url", ""))
    except ValueError as error:
        what = _("DISPATCHER_SMTP_URL cannot be used: {error}", error=str(error))
        remedy = _("Write it like {example}.", example="smtp://user@host:587?starttls=1")
        problem = Problem(file=_("environment"), where="DISPATCHER_SMTP_URL", what=what, remedy=remedy)
        raise ConfigurationBroken([problem]) from error
    sender = options.values.get("mail_from", "")
    try:
        mime.mailbox(*mime.split(sender))
    except mime.Unsendable as error:
        what = _("DISPATCHER_MAIL_FROM is not a mail address")
        remedy = _("Give the sender's address, for example nhac@hatay.example.")
        problem = Problem(
            file=_("environment"), where="DISPATCHER_MAIL_FROM", value=sender, what=what, remedy=remedy
        )
        raise ConfigurationBroken([problem]) from error
    return SmtpGateway(
        server.shortened(options.patience),
        sender,
        rate_per_second=options.rate_per_second,
        patience=options.patience,
    )


class SmtpGateway:
    """One mail server and one sender."""

    name = "smtp"

    def __init__(
        self,
        server: Server,
        sender: str,
        *,
        rate_per_second: float | None = None,
        clock: Clock | None = None,
        patience: float = 1,
    ) -> None:
        self._server = server
        self._sender = sender
        self._return_path = mime.split(sender)[1]
        self._clock = clock or SystemClock()
        self._places = asyncio.Semaphore(server.connections)
        self._resting: dict[Session, asyncio.TimerHandle] = {}
        self.traits = Traits(
            channel="email",
            rate_per_second=rate_per_second or RATE_PER_SECOND,
            batch_max=BATCH_MAX,
            body_length_max=10_000_000,
            loopback=server.loopback,
            leave_seconds=LEAVE_SECONDS * patience,
            answer_seconds=server.answer_patience_seconds,
        )

    async def send(self, envelopes: Sequence[Envelope], *, pace: Pace | None = None) -> Sequence[Result]:
        """Send all over a few connections; one result an envelope, in the same order."""
        batch = Batch(envelopes, self._job)
        connections = min(self._server.connections, 1 + len(envelopes) // MAILS_A_CONNECTION)
        async with asyncio.TaskGroup() as workers:
            for _number in range(connections if envelopes else 0):
                workers.create_task(self._work(batch, pace))
        return batch.outcome()

    async def _work(self, batch: Batch, pace: Pace | None) -> None:
        turn = Turn(batch, pace, leave_seconds=self.traits.leave_seconds)
        fruitless = 0
        async with self._places:
            while not batch.given_up and await turn.has_more():
                before = turn.settled
                try:
                    await self._run(turn)
                except NotConnected as broken:
                    batch.give_up(broken.verdict)
                except Lost as lost:
                    fruitless = 0 if turn.settled > before else fruitless + 1
                    if fruitless >= FRUITLESS_MAX:
                        batch.give_up(lost_verdict(lost))
                except Exception as error:  # noqa: BLE001 - the other connections bring their mails home
                    why = f"gateway failed: {type(error).__name__}"
                    log.error("mail connection given up: %s", why, extra={"action": "smtp_failed"})
                    batch.give_up(Verdict("later", "temporary", "gateway", why))
            await turn.drain()

    async def _run(self, turn: Turn) -> None:
        session = self._rested() or await connect(self._server)
        try:
            await session.run(turn)
        except BaseException:
            session.break_off()
            raise
        self._rest(session)

    def _rested(self) -> Session | None:
        """Take a connection that was kept open, if one is still good."""
        while self._resting:
            session, timer = self._resting.popitem()
            timer.cancel()
            if session.is_fresh:
                return session
            session.break_off()
        return None

    def _rest(self, session: Session) -> None:
        if session.is_fresh:
            loop = asyncio.get_running_loop()
            self._resting[session] = loop.call_later(self._server.idle_seconds, self._retire, session)

    def _retire(self, session: Session) -> None:
        del self._resting[session]
        session.close()

    def _job(self, at: int, envelope: Envelope) -> Job:
        """Write the mail. Raises Unsendable."""
        if envelope.mail is None:
            raise mime.Unsendable("5.6.0", "no mail in the envelope")
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
        return Job(
            at=at,
            key=mime.key_on_the_wire(envelope.key).decode(),
            sender=mime.on_the_wire(envelope.envelope_from or self._return_path),
            recipient=mime.on_the_wire(envelope.to),
            message=message,
            message_id=message_id,
        )

    async def look_up(
        self, envelope: Envelope, *, since: datetime, provider_id: str = "", known: Collection[str] = ()
    ) -> Result:
        """Say that nobody knows: a mail server cannot be asked about a mail."""
        detail = "a mail server cannot be asked"
        return Result(
            key=envelope.key, kind="unknown", code="look-up", error_class="ambiguous", detail=detail
        )

    async def close(self) -> None:
        """Say goodbye on every open connection."""
        while self._resting:
            session, timer = self._resting.popitem()
            timer.cancel()
            session.close()
