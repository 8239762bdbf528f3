"""The service: scheduler, delivery and web server in one process, until it is told to stop.

APScheduler is the alarm clock; what is due is decided by the plan and remembered by the ledger, so an
alarm that is lost, late or doubled changes nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from dispatcher import kept_configuration, memory, metrics
from dispatcher.app import App, build, start_problems
from dispatcher.engine.clock_jump import ClockJumpDetector
from dispatcher.engine.scheduler import Scheduler
from dispatcher.errors import ConfigurationError, DispatcherError, Problem
from dispatcher.feedback import inbound_texts, inbox_processor
from dispatcher.feedback.bounces import imap
from dispatcher.feedback.bounces.imap import MailboxUnavailable
from dispatcher.feedback.bounces.mail_process import MailReaderUnavailable
from dispatcher.i18n import _
from dispatcher.ledger import (
    LedgerDamaged,
    LedgerError,
    backups,
    require_undamaged,
    scrubbing,
    sqlite_file,
    stage,
)
from dispatcher.ledger.backups import BackupFailed
from dispatcher.ledger.privacy import retention_sweep
from dispatcher.ledger.queries import protected
from dispatcher.ledger.sending import recovery, restoration
from dispatcher.report import orphans, schedule_problems
from dispatcher.report.protection import AudienceView
from dispatcher.sandbox.process import Sandbox
from dispatcher.settings import Settings
from dispatcher.web.application import create_app
from dispatcher.web.server import bind, serve

logger = logging.getLogger(__name__)

RELOAD_INTERVAL = timedelta(seconds=5)
INBOUND_INTERVAL = timedelta(hours=1)  # how often the provider's list of what came in is read back
INBOUND_REACH = timedelta(days=3)  # how far back at the start: a long weekend
RETENTION_INTERVAL = timedelta(hours=1)
QUIET_HOURS = range(1, 5)  # local: nobody is written to, and hardly anybody answers
BACKUP_LOOK_INTERVAL = timedelta(minutes=5)  # how often it is looked whether a backup is due, or failed
BOUNCE_POLL_INTERVAL = timedelta(minutes=1)  # how often the mailbox of what comes back by mail is looked into


class Service:
    """A running service: its alarms and what they set off."""

    def __init__(self, app: App, stop: asyncio.Event) -> None:
        self._app = app
        self._stop = stop
        self._scheduler = Scheduler()
        self._inbound_read_at: datetime | None = None
        self._reloading = asyncio.Lock()
        app.delivery.refresh = self._reload
        self._timeouts = app.delivery.timeouts
        self._clock_jumps = ClockJumpDetector(app.clock, threshold=self._timeouts.result_grace / 2)
        # After the clock was set, so long may calls be under way that began before.
        self._in_doubt_after = max(
            self._timeouts.in_doubt_after(item.capabilities) for item in app.gateways.all
        )

    async def run(self) -> None:
        """Serve until the stop event is set, then finish what is in hand."""
        self._scheduler.run_every(self._timeouts.sweep_interval, self._run_due_steps)
        self._scheduler.run_every(self._timeouts.sweep_interval, self._resolve_in_doubt)
        self._scheduler.run_every(self._timeouts.inbox_interval, self._process_inbox)
        self._scheduler.run_every(RELOAD_INTERVAL, self._reload)
        if self._app.settings.bounce_mailbox:
            metrics.record_heartbeat("bounce-mailbox", self._app.clock.now())
            self._scheduler.run_every(BOUNCE_POLL_INTERVAL, self._poll_bounce_mailbox)
        self._scheduler.start()
        self._scheduler.run_every(INBOUND_INTERVAL, self._read_back_inbound)
        self._scheduler.run_every(RETENTION_INTERVAL, self._forget)
        if self._app.settings.backup_at is not None:
            self._scheduler.run_every(BACKUP_LOOK_INTERVAL, self._back_up_when_due)
        watch = asyncio.create_task(self._watch_clock())
        reading = asyncio.create_task(self._read_back_inbound())
        try:
            await self._check_for_damage()
            await self._report_schedule_problems()
            await self._run_due_steps()
            await self._hear_first(reading)
            await self._app.worker_pool.run(self._work, stop=self._stop)
        finally:
            watch.cancel()
            reading.cancel()
            self._scheduler.shutdown()
            await self._process_inbox()

    async def _hear_first(self, reading: asyncio.Task[None]) -> None:
        """Let a no that came while we were away be heard before anything leaves, if the provider answers."""
        await asyncio.wait({reading}, timeout=self._timeouts.inbound_read.total_seconds())
        await self._process_inbox()

    async def _check_for_damage(self) -> None:
        """Let the database check itself before anything is sent from it; a damaged one sends nothing twice.

        What comes in is still taken: a no must be heard. /readyz and the log say so until the next start.
        """
        try:
            await asyncio.to_thread(require_undamaged, self._app.ledger)
        except LedgerDamaged as damaged:
            self._app.damage = str(damaged)
            logger.critical("nothing is sent: %s", damaged, extra={"action": "ledger-damaged"})
        except LedgerError:
            logger.exception("the ledger could not be checked", extra={"action": "check-failed"})

    async def _work(self, channel: str) -> bool:
        return (
            not self._app.damage
            and self._clock_jumps.stable_for(self._timeouts.clock_jump_quarantine)
            and await self._is_of_our_stage()
            and await self._app.delivery.serve_next_shard(channel)
        )

    async def _is_of_our_stage(self) -> bool:
        """Return whether the ledger is what it was at the start; stop when a trial went live meanwhile."""
        found = await self._app.ledger_thread.run(stage.current, self._app.ledger)
        if found != self._app.settings.stage:
            logger.error(
                "the ledger is %s now; stopping", found or "unused", extra={"action": "stage-changed"}
            )
            self._stop.set()
        return not self._stop.is_set()

    async def _watch_clock(self) -> None:
        """Watch for clock jumps on a timer that does not depend on the clock."""
        while True:
            await asyncio.sleep(self._timeouts.inbox_interval.total_seconds())
            jump = self._clock_jumps.take_jump()
            if not jump:
                continue
            self._scheduler.run_all_now()
            if jump < timedelta(0):
                self._app.delivery.clock_set_back()
                with suppress(LedgerError):
                    await self._app.ledger_thread.run(
                        recovery.shift_after_clock_jump,
                        self._app.ledger,
                        back=-jump,
                        now=self._app.clock.now(),
                    )
                self._app.worker_pool.wake()

    async def _resolve_in_doubt(self) -> None:
        """Ask about what is in doubt, unless the clock says so that was just set."""
        if not self._clock_jumps.stable_for(self._in_doubt_after):
            return
        try:
            await self._app.in_doubt_resolver.resolve_due()
        except LedgerError:
            logger.exception("the ledger is away; doubts wait", extra={"action": "ask-failed"})

    async def _run_due_steps(self) -> None:
        """Fire what is due, set the alarm for the next step."""
        if not self._clock_jumps.stable_for(self._timeouts.clock_jump_quarantine):
            return
        app, now = self._app, self._app.clock.now()
        try:
            if not await self._is_of_our_stage():
                return
            tick = await app.ledger_thread.run(app.step_runner.tick, now)
        except LedgerError:
            logger.exception(
                "the ledger is away; the next sweep tries again", extra={"action": "sweep-failed"}
            )
            return
        metrics.record_heartbeat("scheduler", now)
        if tick.messages:
            app.worker_pool.wake()
        following = app.step_runner.next_due_at(now)
        if following is not None:
            self._scheduler.run_at(following, "next-step", self._run_due_steps)

    async def _report_schedule_problems(self) -> None:
        """Say at the start, and after each edit, what the ledger holds against the schedules."""
        app, schedules = self._app, self._app.config.schedules
        try:
            edits = await app.ledger_thread.run(
                schedule_problems.find_edits, app.ledger, schedules, now=app.clock.now()
            )
            gone = await app.ledger_thread.run(orphans.find_problems, app.ledger, schedules)
            known = await app.ledger_thread.run(protected.words_by_audience, app.ledger)
        except LedgerError:
            return  # the sweep says so
        unnamed = AudienceView(
            schedules, may_see=False, known=known
        )  # a log is read by more people than the lists
        for problem in unnamed.problems(edits):
            logger.log(_level(problem), "%s: %s. %s", problem.where, problem.what, problem.remedy,
                       extra={"action": "schedule-problem"})  # fmt: skip
        for problem in unnamed.problems(gone):
            logger.log(_level(problem), "%s. %s", problem.what, problem.remedy, extra={"action": "name-gone"})

    async def _read_back_inbound(self) -> None:
        """Take in the texts that came while we were away: a no is heard, if late."""
        app, now = self._app, self._app.clock.now()
        since = min(self._inbound_read_at or now - INBOUND_REACH, now) - INBOUND_INTERVAL
        try:
            restored = await app.ledger_thread.run(restoration.last, app.ledger)
            if restored is not None and self._inbound_read_at is None and now < restored.at + INBOUND_REACH:
                since = min(since, restored.since)
            complete = await inbound_texts.read_back(
                app.gateways.all, app.ledger, app.ledger_thread, since=since, now=now
            )
        except LedgerError:
            logger.exception("what came in waits", extra={"action": "inbox-failed"})
            return
        if complete:
            self._inbound_read_at = now

    async def _process_inbox(self) -> None:
        """Fold what providers reported since the last look."""
        app = self._app
        try:
            await app.ledger_thread.run(inbox_processor.process, app.ledger, app.config, now=app.clock.now())
        except Exception:
            # Whatever it is: the next look comes, and a service told to stop ends in order.
            logger.exception("the inbox cannot be read now", extra={"action": "inbox-failed"})

    async def _poll_bounce_mailbox(self) -> None:
        """Take in what came back by mail; in a thread of its own, for a mailbox may be slow to answer."""
        app = self._app
        try:
            ingested = await asyncio.to_thread(
                imap.poll, app.settings, app.ledger, app.links, now=app.clock.now()
            )
        except (MailboxUnavailable, MailReaderUnavailable) as away:
            logger.warning("%s", away, extra={"action": "mailbox-away"})
        except LedgerError:
            logger.exception("what came back by mail waits", extra={"action": "collect-failed"})
        else:
            metrics.record_heartbeat("bounce-mailbox", app.clock.now())
            if ingested.mails:
                logger.info("%s mails came back, %s of them news", ingested.mails, ingested.new,
                            extra={"action": "collected"})  # fmt: skip

    async def _forget(self) -> None:
        """Forget what is kept no longer."""
        app = self._app
        try:
            done = await app.ledger_thread.run(
                retention_sweep.forget_due, app.ledger, app.config.schedules, now=app.clock.now()
            )
        except LedgerError:
            logger.exception("what is over its time waits", extra={"action": "forget-failed"})
            return
        await self._scrub()
        if done.total:
            logger.info("%d things were over their time and are forgotten", done.total,
                        extra={"action": "forgotten"})  # fmt: skip

    async def _scrub(self) -> None:
        """Write a large ledger anew, at night, where copies of what was deleted may stand in its file."""
        app = self._app
        if app.config.schedules.to_local(app.clock.now()).hour not in QUIET_HOURS:
            return
        try:  # in the one thread that writes: whoever else wants to waits in line
            await app.ledger_thread.run(scrubbing.scrub, app.ledger, at_most=None)
        except LedgerError:
            logger.exception("the ledger cannot be written anew now", extra={"action": "scrub-waits"})

    async def _back_up_when_due(self) -> None:
        """Back the ledger up once a day; one that fails is said, and tried again at the next look."""
        app = self._app
        try:
            done = await asyncio.to_thread(
                backups.create_when_due,
                app.ledger,
                app.settings.backup_folder,
                at=app.settings.backup_at,
                keep=app.settings.backup_keep,
                now=app.config.schedules.to_local(app.clock.now()),
            )
        except (BackupFailed, LedgerError):
            logger.exception("there is no backup of today", extra={"action": "backup-failed"})
            return
        if done is not None:
            metrics.record_heartbeat("backup", app.clock.now())
            logger.info("backed up to %s", done.file, extra={"action": "backed-up"})

    async def _reload(self) -> None:
        """Take over schedules and templates that changed on disk, or say why not."""
        app = self._app
        async with self._reloading:
            changed = await asyncio.to_thread(app.live_config.reload)
        if not changed:
            return
        if app.live_config.rejected:
            unnamed = AudienceView(app.config.schedules, may_see=False)
            for problem in unnamed.problems(app.live_config.rejected):
                logger.error("edit refused: %s:%s: %s", problem.file, problem.line or "", problem.what,
                             extra={"action": "edit-refused"})  # fmt: skip
            return
        await app.ledger_thread.run(kept_configuration.keep, app.ledger, app.config)
        logger.info("a new edition of schedules and templates is in force", extra={"action": "reloaded"})
        await self._report_schedule_problems()
        await self._run_due_steps()


def _level(problem: Problem) -> int:
    return logging.ERROR if problem.severity == "error" else logging.WARNING


async def run(settings: Settings, sandbox: Sandbox | None = None) -> None:
    """Run the service until SIGTERM or SIGINT; with `sandbox`, its phones and mailboxes have pages too.

    Raises ConfigurationError for what organisers have to mend, OSError when the port is taken,
    DispatcherError when another process serves the same SQLite ledger, or when the ledger is one for trials
    and the gateways are not, or the other way round.
    """
    if problems := start_problems(settings):
        raise ConfigurationError(problems)
    stop = asyncio.Event()
    with single_instance_lock(settings):
        listener = bind(settings.host, settings.port)
        app = build(settings, is_stopping=stop.is_set)
        async with _stop_on_signal(stop), _closing(app):
            _enter_stage(app)
            pages = create_app(app, sandbox)
            async with serve(pages, listener, trusted_proxies=settings.trusted_proxies):
                logger.info("serving on %s", app.links.public_url, extra={"action": "started"})
                await _release_previous_process(app)
                memory.settle()
                await Service(app, stop).run()
                logger.info("stopped", extra={"action": "stopped"})


def _enter_stage(app: App) -> None:
    wanted = app.settings.stage
    if wanted == "trial":
        app.gateways.require_loopback()
    stage.enter(app.ledger, wanted)


async def _release_previous_process(app: App) -> None:
    """Release what a previous process left behind: on SQLite there is nobody else whose it could be."""
    if sqlite_file(app.settings.database_url) is None:
        return
    lookup_at = app.clock.now() + app.delivery.timeouts.lookup_delay
    recovered = await app.ledger_thread.run(
        recovery.release_previous_process, app.ledger, lookup_at=lookup_at, now=app.clock.now()
    )
    if recovered.shards or recovered.intents or recovered.unsent:
        logger.warning(
            "the life before ended without a word: %d shards freed, %d messages go on, %d to ask about",
            recovered.shards,
            recovered.unsent,
            recovered.intents,
            extra={"action": "taken-over"},
        )


@asynccontextmanager
async def _closing(app: App) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await app.close()


@asynccontextmanager
async def _stop_on_signal(stop: asyncio.Event) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        yield
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


@contextmanager
def single_instance_lock(settings: Settings) -> Iterator[None]:
    """Hold a SQLite ledger for this process alone; PostgreSQL may be shared."""
    file = sqlite_file(settings.database_url)
    if file is None:
        yield
        return
    with Path(f"{file.resolve()}.lock").open("w", encoding="ascii") as lock:
        _lock(lock, file)
        yield


def _lock(lock: IO[str], file: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise DispatcherError(
            _("another dispatcher already serves {database}; SQLite is for one process", database=file)
        ) from error
