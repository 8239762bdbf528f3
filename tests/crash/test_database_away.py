"""The ledger goes away in mid-batch, for real, and comes back: nothing is lost, nothing is in doubt."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests import postgres
from tests.crash.assertions import count_accepted, log_tail, run_and_verify, verify_nothing_lost, wait_until
from tests.crash.conftest import MakeCrashTest

AWAY = "the ledger is away"


@pytest.fixture(scope="module")
def server() -> Iterator[postgres.PostgresServer]:
    """A PostgreSQL that may be taken down: nobody else uses it."""
    own = postgres.PostgresServer(durable=True)
    yield own
    own.stop()


@pytest.fixture
def url(server: postgres.PostgresServer, request: pytest.FixtureRequest) -> str:
    """A database of its own on that server."""
    name = request.node.name
    server.create(name)
    return server.url(name)


def test_postgresql_goes_down_in_mid_batch_and_comes_back(
    make_crash_test_on: MakeCrashTest, server: postgres.PostgresServer, url: str
) -> None:
    crash_test = make_crash_test_on(url, texts=100, mails=100, rate=100.0)
    with crash_test.start() as service:
        wait_until(lambda: count_accepted(crash_test) > 60, what="messages on their way")
        server.crash()
        wait_until(lambda: AWAY in crash_test.log.read_text(), what="a word about it")
        time.sleep(1)
        assert service.exit_code is None, log_tail(crash_test)
        server.start()
        pending = crash_test.wait_until_idle(service)
        service.terminate()
        assert service.wait(30) == 0, log_tail(crash_test)
    verification = verify_nothing_lost(crash_test, pending)
    assert (verification.accepted, verification.held, verification.repeated) == (200, (), ())


@pytest.mark.torture
def test_told_to_stop_while_the_ledger_is_away(
    make_crash_test_on: MakeCrashTest, server: postgres.PostgresServer, url: str
) -> None:
    crash_test = make_crash_test_on(url, texts=100, rate=100.0)
    with crash_test.start() as service:
        wait_until(lambda: count_accepted(crash_test) > 20, what="messages on their way")
        server.crash()
        service.terminate()
        assert service.wait(30) is not None, log_tail(crash_test)
    server.start()
    crash_test.record_in_doubt()  # what it could not write down any more
    assert run_and_verify(crash_test).accepted == 100


@pytest.mark.torture
def test_somebody_holds_the_sqlite_file_for_longer_than_we_wait(
    make_crash_test_on: MakeCrashTest, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.sqlite3"
    crash_test = make_crash_test_on(f"sqlite:///{file}", texts=100, mails=100, rate=50.0)
    with crash_test.start() as service, closing(sqlite3.connect(file, isolation_level=None)) as other:
        wait_until(lambda: count_accepted(crash_test) > 30, what="messages on their way")
        other.execute("BEGIN IMMEDIATE")
        wait_until(lambda: "database is locked" in crash_test.log.read_text(), what="a word", seconds=60)
        assert service.exit_code is None, log_tail(crash_test)
        other.execute("ROLLBACK")
        pending = crash_test.wait_until_idle(service)
    verification = verify_nothing_lost(crash_test, pending)
    assert (verification.accepted, verification.held, verification.repeated) == (200, (), ())
