"""Deals the mails of one batch out to the connections that send them, and collects what became of each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from dispatcher.clock import elapsed
from dispatcher.gateways import NOT_NOW, Class, Envelope, Pace, Result
from dispatcher.gateways.mime import Unsendable
from dispatcher.gateways.smtp_codes import Verdict
from dispatcher.gateways.smtp_protocol import Job, Lost, in_doubt, too_late

TRIES_MAX = 2  # connections that may die on a mail within one batch

WriteJob = Callable[[int, Envelope], Job]


class Batch:
    """The mails of one call, shared by all connections, and their results by place."""

    def __init__(self, envelopes: Sequence[Envelope], write: WriteJob) -> None:
        self._envelopes = envelopes
        self._write = write
        self._next = 0
        self._results: list[Result | None] = [None] * len(envelopes)
        self.given_up: Verdict | None = None  # nothing can be sent now, for this reason

    def next_job(self) -> Job | None:
        """Write the next mail that can be sent; one that cannot gets its result at once."""
        while self._next < len(self._envelopes):
            at = self._next
            self._next += 1
            envelope = self._envelopes[at]
            try:
                return self._write(at, envelope)
            except Unsendable as error:
                self.settle(at, _unsendable(envelope.key, error))
        return None

    def settle(self, at: int, result: Result) -> None:
        """Keep the first word about a mail."""
        if self._results[at] is None:
            self._results[at] = result

    def give_up(self, verdict: Verdict) -> None:
        """Send no more of this batch."""
        self.given_up = self.given_up or verdict

    def drain(self) -> None:
        """Give every mail that was not taken yet its "not now"."""
        verdict = self.given_up
        while verdict is not None and self._next < len(self._envelopes):
            self.settle(self._next, _not_now(self._envelopes[self._next].key, verdict))
            self._next += 1

    def outcome(self) -> list[Result]:
        """Give all results, in order; a mail dealt out and never heard of again is in doubt."""
        return [
            result or in_doubt(envelope.key, "lost from sight")
            for envelope, result in zip(self._envelopes, self._results, strict=True)
        ]


class Turn:
    """One connection's view of a batch: its next mail, made ready while the last is under way."""

    def __init__(self, batch: Batch, pace: Pace | None, *, leave_seconds: float) -> None:
        self._batch = batch
        self._pace = pace
        self._leave_seconds = leave_seconds
        self._returned: deque[Job] = deque()
        self._ahead: asyncio.Task[Job | None] | None = None
        self.settled = 0

    async def has_more(self) -> bool:
        """Tell whether there is anything to open a connection for."""
        job = await self.take()
        if job is not None:
            self._returned.appendleft(job)
        return job is not None

    def start(self) -> None:
        """Begin to wait for the limiter's leave for the next mail, while this one is under way."""
        if self._pace is not None and self._ahead is None and not self._returned:
            self._ahead = asyncio.get_running_loop().create_task(self._paced())

    def ready(self) -> Job | None:
        """Give the next mail if it can be had without waiting."""
        if (job := self._come_back()) is not None:
            return job
        if self._pace is None:
            return self._next()
        if self._ahead is not None and self._ahead.done():
            task, self._ahead = self._ahead, None
            return task.result()
        return None

    async def take(self) -> Job | None:
        """Give the next mail; None: there are no more."""
        if (job := self._come_back()) is not None:
            return job
        if self._ahead is not None:
            task, self._ahead = self._ahead, None
            return await task
        return await self._paced()

    def _come_back(self) -> Job | None:
        """Give a mail that was put back, unless its leave ran out meanwhile."""
        while self._returned:
            job = self._returned.popleft()
            if not job.is_too_late:
                return job
            self.settle(job, too_late(job.key))
        return None

    def _next(self) -> Job | None:
        return None if self._batch.given_up else self._batch.next_job()

    async def _paced(self) -> Job | None:
        """Give the next mail once the limiter lets it go; with a limiter that fails, nothing goes."""
        job = self._next()
        if job is None or self._pace is None:
            return job
        try:
            await self._pace()
        except Exception as error:  # noqa: BLE001 - other mails are under way and must get their answers
            verdict = Verdict("later", "transport", NOT_NOW, f"no leave to send: {type(error).__name__}")
            self._batch.settle(job.at, _not_now(job.key, verdict))
            self._batch.give_up(verdict)
            return None
        job.write_until = elapsed() + self._leave_seconds
        return job

    def put_back(self, job: Job, lost: Lost) -> None:
        """Return a mail that certainly did not go; once more with a fresh connection, then another time."""
        job.tries += 1
        if job.tries >= TRIES_MAX:
            self._batch.settle(job.at, _not_now(job.key, lost_verdict(lost)))
        else:
            self._returned.append(job)

    def settle(self, job: Job, result: Result) -> None:
        """Say what became of a mail."""
        self.settled += 1
        self._batch.settle(job.at, result)

    async def drain(self) -> None:
        """Give what this connection still holds its "not now"."""
        if self._ahead is not None:
            job, self._ahead = await self._ahead, None
            if job is not None:
                self._returned.append(job)
        verdict = self._batch.given_up
        while self._returned and verdict is not None:
            job = self._returned.popleft()
            self._batch.settle(job.at, _not_now(job.key, verdict))
        self._batch.drain()


def lost_verdict(lost: Lost) -> Verdict:
    """Say what a lost connection means for mails that were not written."""
    return Verdict("later", "transport", lost.code, f"connection lost: {lost}")


def _not_now(key: str, verdict: Verdict) -> Result:
    return Result(
        key=key,
        kind="later",
        code=verdict.code,
        error_class=verdict.error_class,
        detail=verdict.detail,
    )


def _unsendable(key: str, error: Unsendable) -> Result:
    error_class: Class = "number" if error.code.startswith("5.1") or error.code == "5.6.7" else "content"
    return Result(key=key, kind="refused", code=error.code, error_class=error_class, detail=str(error))
