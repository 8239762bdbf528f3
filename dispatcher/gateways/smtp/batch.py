"""Deals the mails of one batch out to the connections that send them, and collects what became of each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from dispatcher.clock import monotonic
from dispatcher.gateways import SENDING_STOPPED, Envelope, ErrorClass, Result, SendPermit
from dispatcher.gateways.smtp.codes import SmtpFailure
from dispatcher.gateways.smtp.mime import InvalidMail
from dispatcher.gateways.smtp.pipeline import ConnectionLost, OutgoingMail, expired_result, in_doubt_result

ATTEMPTS_MAX = 2  # connections that may die on a mail within one batch

BuildMail = Callable[[int, Envelope], OutgoingMail]


class MailBatch:
    """The mails of one call, shared by all connections, and their results by place."""

    def __init__(self, envelopes: Sequence[Envelope], build_mail: BuildMail) -> None:
        self._envelopes = envelopes
        self._build_mail = build_mail
        self._next = 0
        self._results: list[Result | None] = [None] * len(envelopes)
        self.abort_reason: SmtpFailure | None = None  # nothing can be sent now, for this reason

    def next_mail(self) -> OutgoingMail | None:
        """Write the next mail that can be sent; one that cannot gets its result at once."""
        while self._next < len(self._envelopes):
            index = self._next
            self._next += 1
            envelope = self._envelopes[index]
            try:
                return self._build_mail(index, envelope)
            except InvalidMail as error:
                self.set_result(index, _invalid(envelope.key, error))
        return None

    def set_result(self, index: int, result: Result) -> None:
        """Keep the first word about a mail."""
        if self._results[index] is None:
            self._results[index] = result

    def abort(self, failure: SmtpFailure) -> None:
        """Send no more of this batch."""
        self.abort_reason = self.abort_reason or failure

    def fail_rest(self) -> None:
        """Give every mail that was not taken yet its "not now"."""
        failure = self.abort_reason
        while failure is not None and self._next < len(self._envelopes):
            self.set_result(self._next, _not_sent(self._envelopes[self._next].key, failure))
            self._next += 1

    def results(self) -> list[Result]:
        """Return all results, in order; a mail dealt out and never heard of again is in doubt."""
        return [
            result or in_doubt_result(envelope.key, "lost from sight")
            for envelope, result in zip(self._envelopes, self._results, strict=True)
        ]


class ConnectionQueue:
    """One connection's view of a batch: its next mail, made ready while the last is under way."""

    def __init__(self, batch: MailBatch, acquire_permit: SendPermit | None, *, permit_seconds: float) -> None:
        self._batch = batch
        self._acquire_permit = acquire_permit
        self._permit_seconds = permit_seconds
        self._requeued: deque[OutgoingMail] = deque()
        self._prefetched: asyncio.Task[OutgoingMail | None] | None = None
        self.settled_count = 0

    async def has_more(self) -> bool:
        """Return whether there is anything to open a connection for."""
        mail = await self.take()
        if mail is not None:
            self._requeued.appendleft(mail)
        return mail is not None

    def prefetch(self) -> None:
        """Begin to wait for the limiter's leave for the next mail, while this one is under way."""
        if self._acquire_permit is not None and self._prefetched is None and not self._requeued:
            self._prefetched = asyncio.get_running_loop().create_task(self._take_paced())

    def take_ready(self) -> OutgoingMail | None:
        """Return the next mail if it can be had without waiting."""
        if (mail := self._take_requeued()) is not None:
            return mail
        if self._acquire_permit is None:
            return self._take_unpaced()
        if self._prefetched is not None and self._prefetched.done():
            task, self._prefetched = self._prefetched, None
            return task.result()
        return None

    async def take(self) -> OutgoingMail | None:
        """Return the next mail; None: there are no more."""
        if (mail := self._take_requeued()) is not None:
            return mail
        if self._prefetched is not None:
            task, self._prefetched = self._prefetched, None
            return await task
        return await self._take_paced()

    def _take_requeued(self) -> OutgoingMail | None:
        """Return a mail that was put back, unless its leave ran out meanwhile."""
        while self._requeued:
            mail = self._requeued.popleft()
            if not mail.has_expired:
                return mail
            self.set_result(mail, expired_result(mail.key))
        return None

    def _take_unpaced(self) -> OutgoingMail | None:
        return None if self._batch.abort_reason else self._batch.next_mail()

    async def _take_paced(self) -> OutgoingMail | None:
        """Return the next mail once the limiter lets it go; with a limiter that fails, nothing goes."""
        mail = self._take_unpaced()
        if mail is None or self._acquire_permit is None:
            return mail
        try:
            await self._acquire_permit()
        except Exception as error:  # noqa: BLE001 - other mails are under way and must get their answers
            failure = SmtpFailure(
                "later", "transport", SENDING_STOPPED, f"no leave to send: {type(error).__name__}"
            )
            self._batch.set_result(mail.index, _not_sent(mail.key, failure))
            self._batch.abort(failure)
            return None
        mail.write_deadline = monotonic() + self._permit_seconds
        return mail

    def requeue(self, mail: OutgoingMail, lost: ConnectionLost) -> None:
        """Return a mail that certainly did not go; once more with a fresh connection, then another time."""
        mail.attempts += 1
        if mail.attempts >= ATTEMPTS_MAX:
            self._batch.set_result(mail.index, _not_sent(mail.key, connection_failure(lost)))
        else:
            self._requeued.append(mail)

    def set_result(self, mail: OutgoingMail, result: Result) -> None:
        """Say what became of a mail."""
        self.settled_count += 1
        self._batch.set_result(mail.index, result)

    async def fail_rest(self) -> None:
        """Give what this connection still holds its "not now"."""
        if self._prefetched is not None:
            mail, self._prefetched = await self._prefetched, None
            if mail is not None:
                self._requeued.append(mail)
        failure = self._batch.abort_reason
        while self._requeued and failure is not None:
            mail = self._requeued.popleft()
            self._batch.set_result(mail.index, _not_sent(mail.key, failure))
        self._batch.fail_rest()


def connection_failure(lost: ConnectionLost) -> SmtpFailure:
    """Return what a lost connection means for mails that were not written."""
    return SmtpFailure("later", "transport", lost.code, f"connection lost: {lost}")


def _not_sent(key: str, failure: SmtpFailure) -> Result:
    return Result(
        key=key,
        kind="later",
        code=failure.code,
        error_class=failure.error_class,
        detail=failure.detail,
    )


def _invalid(key: str, error: InvalidMail) -> Result:
    error_class: ErrorClass = "number" if error.code.startswith("5.1") or error.code == "5.6.7" else "content"
    return Result(key=key, kind="refused", code=error.code, error_class=error_class, detail=str(error))
