"""A crowd to be written to, a provider in a process of its own, one service or several on one database."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

from dispatcher.clock import SystemClock
from dispatcher.sandbox import process
from dispatcher.sandbox.failures import Failures
from dispatcher.simulation.drill import drill_fixture
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.drill_fixture import DrillPlan
from dispatcher.simulation.drill.service_process import COMMAND, ServiceProcess, free_port

AT_ONCE = Failures(sent_after=(0.1, 0.3), receipt_after=(0.1, 0.3))
SLOW_DISK = (
    "import sys, time; import sqlalchemy as sa; from sqlalchemy.engine import Engine; "
    "sa.event.listen(Engine, 'commit', lambda _connection: time.sleep({seconds})); "
    "from dispatcher.cli import main; main(['run'])"
)


def slow_provider(seconds: float, *, share: float = 0.05) -> Failures:
    """A provider that takes so long for a share of its answers."""
    return Failures(
        sms={"slow": share}, slow_seconds=seconds, sent_after=(0.1, 0.3), receipt_after=(0.1, 0.3)
    )


@contextmanager
def a_crowd(
    folder: Path, database_url: str, *, failures: Failures, rate: float, waves: int, texts: int,
    policies: tuple[str, ...] = ("hold", "resend"),
) -> Iterator[CrashTest]:  # fmt: skip
    """Open an office whose lists are loaded: `waves` audiences of `texts` people, all due at once."""
    plan = DrillPlan(
        waves=waves, every=timedelta(0), texts=texts, mails=0, rate=rate, patience=1.0, policies=policies
    )
    with process.start(folder / "sandbox", failures=failures, keep_mail=False) as sandbox:
        fixture = drill_fixture.build_fixture(
            folder, plan, database_url=database_url, now=SystemClock().now()
        )
        office = CrashTest(fixture, sandbox)
        office.load_people()
        yield office


@contextmanager
def services(office: CrashTest, count: int, *, commit_seconds: float = 0) -> Iterator[None]:
    """Run so many services on one database; `commit_seconds`: how long the disk takes for a commit."""
    command = COMMAND
    if commit_seconds:
        command = (COMMAND[0], "-c", SLOW_DISK.format(seconds=commit_seconds))
    with ExitStack() as stack:
        for _ in range(count):
            environ: Mapping[str, str] = {
                **office.environ, "DISPATCHER_BIND": f"127.0.0.1:{free_port()}",
            }  # fmt: skip
            stack.enter_context(ServiceProcess(environ, office.log, command=command))
        yield
