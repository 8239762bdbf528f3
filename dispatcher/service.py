"""The service: scheduler, delivery and web face in one process, until it is told to stop.

APScheduler is the alarm clock; what is due is decided by the plan and remembered by the ledger, so an
alarm that is lost, late or doubled changes nothing.
"""

from __future__ import annotations

import asyncio
import fcntl
import gc
import logging
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import IO

from dispatcher import app as pieces
from dispatcher import meters
from dispatcher.app import App
from dispatcher.engine.alarms import Alarms
from dispatcher.engine.steady import Steady
from dispatcher.errors import DispatcherError
from dispatcher.feedback import inbox
from dispatcher.feedback.bounces import imap
from dispatcher.feedback.bounces.imap import MailboxAway
from dispatcher.i18n import _
from dispatcher.ledger import Away, recovery, sqlite_file
from dispatcher.sandbox.process import Sandbox
from dispatcher.settings import Settings
from dispatcher.web import binding
from dispatcher.web.application import application
from dispatcher.web.server import listen, serving

logger = logging.getLogger(__name__)

RELOAD = timedelta(seconds=5)
COLLECT = timedelta(minutes=1)  # how often the mailbox of what comes back by mail is looked into


class Service:
    """A running service: its alarms and what they set off."""

    def __init__(self, app: App, stop: asyncio.Event) -> None:
        self._app = app
        self._stop = stop
        self._alarms = Alarms()
        self._patience = app.delivery.patience
        self._steady = Steady(app.clock, leap=self._patience.unanswered / 2)
        # After the clock was set, so long may calls be under way that began before.
        self._calls = max(self._patience.doubt_after(item.traits) for item in app.gateways.values())

    async def run(self) -> None:
        """Serve until the stop event is set, then finish what is in hand."""
        self._alarms.every(self._patience.sweep, self._sweep)
        self._alarms.every(self._patience.sweep, self._ask)
        self._alarms.every(self._patience.listen, self._listen)
        self._alarms.every(RELOAD, self._reload)
        if self._app.settings.bounce_mailbox:
            self._alarms.every(COLLECT, self._collect)
        self._alarms.start()
        watch = asyncio.create_task(self._watch_clock())
        try:
            await self._sweep()
            await self._app.engine.run(self._work, stop=self._stop)
        finally:
            watch.cancel()
            self._alarms.stop()
            await self._listen()

    async def _work(self, channel: str) -> bool:
        return self._steady.since(self._patience.leap) and await self._app.delivery.work(channel)

    async def _watch_clock(self) -> None:
        """Look after the clock in a time of its own: alarms follow the very clock that is looked after."""
        while True:
            await asyncio.sleep(self._patience.listen.total_seconds())
            leapt = self._steady.take_leap()
            if not leapt:
                continue
            self._alarms.ring_all()
            if leapt < timedelta(0):
                with suppress(Away):
                    await self._app.crossing(
                        recovery.look_again, self._app.ledger, back=-leapt, now=self._app.clock.now()
                    )
                self._app.engine.wake()

    async def _ask(self) -> None:
        """Ask about what is in doubt, unless the clock says so that was just set."""
        if not self._steady.since(self._calls):
            return
        try:
            await self._app.inquiry.ask()
        except Away:
            logger.exception("the ledger is away; doubts wait", extra={"action": "ask-failed"})

    async def _sweep(self) -> None:
        """Fire what is due, set the alarm for the next step."""
        if not self._steady.since(self._patience.leap):
            return
        app, now = self._app, self._app.clock.now()
        try:
            tick = await app.crossing(app.calendar.tick, now)
        except Away:
            logger.exception(
                "the ledger is away; the next sweep tries again", extra={"action": "sweep-failed"}
            )
            return
        meters.beat("scheduler", now)
        if tick.messages:
            app.engine.wake()
        following = app.calendar.next_due(now)
        if following is not None:
            self._alarms.at(following, "next-step", self._sweep)

    async def _listen(self) -> None:
        """Fold what providers reported since the last look."""
        app = self._app
        try:
            await app.crossing(inbox.read, app.ledger, app.edition, now=app.clock.now())
        except Away:
            logger.exception("the inbox cannot be read now", extra={"action": "inbox-failed"})

    async def _collect(self) -> None:
        """Take in what came back by mail; in a thread of its own, for a mailbox may be slow to answer."""
        app = self._app
        try:
            taken = await asyncio.to_thread(
                imap.poll, app.settings, app.ledger, app.links, now=app.clock.now()
            )
        except MailboxAway as away:
            logger.warning("%s", away, extra={"action": "mailbox-away"})
        except Away:
            logger.exception("what came back by mail waits", extra={"action": "collect-failed"})
        else:
            if taken.mails:
                logger.info("%s mails came back, %s of them news", taken.mails, taken.new,
                            extra={"action": "collected"})  # fmt: skip

    async def _reload(self) -> None:
        """Take over schedules and templates that changed on disk, or say why not."""
        app = self._app
        news = await asyncio.to_thread(app.current.reload)
        if not news:
            return
        if app.current.refused:
            for problem in app.current.refused:
                logger.error("edit refused: %s:%s: %s", problem.file, problem.line or "", problem.what,
                             extra={"action": "edit-refused"})  # fmt: skip
            return
        logger.info("a new edition of schedules and templates is in force", extra={"action": "reloaded"})
        await self._sweep()


async def run(settings: Settings, sandbox: Sandbox | None = None) -> None:
    """Run the service until SIGTERM or SIGINT; with `sandbox`, its phones and mailboxes have pages too.

    Raises ConfigurationBroken for what organisers have to mend, OSError when the port is taken,
    DispatcherError when another process serves the same SQLite ledger.
    """
    binding.check(settings)
    stop = asyncio.Event()
    if settings.bounce_mailbox:
        imap.read_url(settings.bounce_mailbox)  # a mistake in it is told at once, not every minute
    with _alone(settings):
        listener = listen(settings.host, settings.port)
        app = pieces.build(settings, stopping=stop.is_set)
        async with _until_signal(stop), _closing(app), serving(application(app, sandbox), listener):
            logger.info("serving on %s", app.links.public_url, extra={"action": "started"})
            await _take_over(app)
            gc.collect()
            gc.freeze()  # what is loaded now stays for ever: the collector need not look at it again
            await Service(app, stop).run()
            logger.info("stopped", extra={"action": "stopped"})


async def _take_over(app: App) -> None:
    """Free what a life before this one left behind: on SQLite there is nobody else whose it could be."""
    if sqlite_file(app.settings.database_url) is None:
        return
    ask_at = app.clock.now() + app.delivery.patience.settling
    found = await app.crossing(recovery.take_over, app.ledger, ask_at=ask_at)
    if found.shards or found.intents:
        logger.warning(
            "the life before ended without a word: %d shards freed, %d messages to ask about",
            found.shards,
            found.intents,
            extra={"action": "taken-over"},
        )


@asynccontextmanager
async def _closing(app: App) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await app.close()


@asynccontextmanager
async def _until_signal(stop: asyncio.Event) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        yield
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
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
