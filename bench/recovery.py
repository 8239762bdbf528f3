"""After a kill in mid-batch with 100,000 texts planned: how soon the service is there, sends, has no doubts.

Everything as in real life: the real process, its real waiting times, a provider over HTTP, both databases.
What was under way when it died is asked about after 90 seconds, not sooner: until then a provider's "not
there" need not be the truth. Everything else goes on at once.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from dispatcher.clock import SystemClock, monotonic
from dispatcher.ledger.queries.message_log import unresolved_attempts
from dispatcher.sandbox import process, provider_log
from dispatcher.simulation.drill import drill_fixture
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.drill_fixture import DrillPlan
from tests import postgres

MESSAGES = 100_000
SENT_BEFORE = 3_250  # in the middle of a batch
RATE = 500.0
WITHIN = 600.0


def main() -> None:
    """Measure on both databases; another number of messages may be given."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with tempfile.TemporaryDirectory() as folder, database(Path(folder)) as url:
            print(f"{name:>10}, {count:,} texts planned: {measure(Path(folder), url, count)}", flush=True)


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    yield f"sqlite:///{folder / 'ledger.sqlite3'}"


@contextmanager
def _postgresql(_folder: Path) -> Iterator[str]:
    server = postgres.PostgresServer(durable=True)
    try:
        yield server.url("postgres")
    finally:
        server.stop()


def measure(folder: Path, url: str, count: int) -> str:
    """Let it send a little, die with calls on the wire, and come back; gives what that took."""
    with process.start(folder / "sandbox") as sandbox:
        plan = DrillPlan(waves=1, texts=count, mails=0, rate=RATE, patience=1, every=timedelta(seconds=1))
        now = SystemClock().now()
        crash_test = CrashTest(drill_fixture.build_fixture(folder, plan, database_url=url, now=now), sandbox)
        crash_test.load_people()
        with crash_test.start(f"on-the-wire:{SENT_BEFORE}") as service:
            assert service.wait(WITHIN) == -9
        sent = _sent(crash_test)
        with crash_test.ledger() as ledger:
            doubtful = unresolved_attempts(ledger)
            began = monotonic()
            with crash_test.start() as service:
                listens = _seconds(began, service.wait_until_listening)
                sends = _seconds(began, lambda: _sent(crash_test) > sent)
                settled = _seconds(began, lambda: not doubtful & unresolved_attempts(ledger))
    return (
        f"listens after {listens:.1f} s, sends after {sends:.1f} s; "
        f"{len(doubtful)} in doubt, all settled after {settled:.0f} s"
    )


def _seconds(began: float, done: Callable[[], bool]) -> float:
    while not done():
        assert monotonic() - began < WITHIN
        time.sleep(0.02)
    return monotonic() - began


def _sent(crash_test: CrashTest) -> int:
    return (crash_test.sandbox.folder / provider_log.SMS_FILE).stat().st_size


if __name__ == "__main__":
    main()
