"""Fixtures of the crash tests: a sandbox that stays up, a ledger, people, and a campaign due now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dispatcher.clock import SystemClock
from dispatcher.sandbox import process
from dispatcher.sandbox.failures import Failures
from dispatcher.simulation.drill import drill_fixture
from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.drill_fixture import DrillPlan

MakeCrashTest = Callable[..., CrashTest]
CALM = Failures(sent_after=(0.05, 0.2), receipt_after=(0.05, 0.3))


@pytest.fixture
def make_crash_test_on(tmp_path: Path) -> Iterator[MakeCrashTest]:
    """Make crash tests on a database; takes `failures` and fields of `DrillPlan`; `loaded`: with people."""
    with ExitStack() as stack:

        def make(url: str, *, failures: Failures = CALM, loaded: bool = True, **plan: object) -> CrashTest:
            sandbox = stack.enter_context(
                process.start(tmp_path / "sandbox", failures=failures, keep_mail=False)
            )
            plan_of_test = DrillPlan(**{"waves": 1, "texts": 20, "mails": 0, "rate": 200.0, **plan})
            built = drill_fixture.build_fixture(
                tmp_path, plan_of_test, database_url=url, now=SystemClock().now()
            )
            crash_test = CrashTest(built, sandbox)
            if loaded:
                crash_test.load_people()
            return crash_test

        yield make


@pytest.fixture(params=["sqlite_url", pytest.param("postgres_url", marks=pytest.mark.torture)])
def make_crash_test(make_crash_test_on: MakeCrashTest, request: pytest.FixtureRequest) -> MakeCrashTest:
    """Make a crash test on either of our databases; on PostgreSQL only where time is no object."""
    url = request.getfixturevalue(request.param)
    return lambda **wishes: make_crash_test_on(url, **wishes)
