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
    stage_on: MakeCrashTest, server: postgres.PostgresServer, url: str
) -> None:
    torture = stage_on(url, texts=100, mails=100, rate=100.0)
    with torture.start() as life:
        wait_until(lambda: count_accepted(torture) > 60, what="messages on their way")
        server.crash()
        wait_until(lambda: AWAY in torture.log.read_text(), what="a word about it")
        time.sleep(1)
        assert life.exit_code is None, log_tail(torture)
        server.start()
        rest = torture.wait_until_idle(life)
        life.terminate()
        assert life.wait(30) == 0, log_tail(torture)
    proof = verify_nothing_lost(torture, rest)
    assert (proof.accepted, proof.held, proof.repeated) == (200, (), ())


@pytest.mark.torture
def test_told_to_stop_while_the_ledger_is_away(
    stage_on: MakeCrashTest, server: postgres.PostgresServer, url: str
) -> None:
    torture = stage_on(url, texts=100, rate=100.0)
    with torture.start() as life:
        wait_until(lambda: count_accepted(torture) > 20, what="messages on their way")
        server.crash()
        life.terminate()
        assert life.wait(30) is not None, log_tail(torture)
    server.start()
    torture.record_in_doubt()  # what it could not write down any more
    assert run_and_verify(torture).accepted == 100


@pytest.mark.torture
def test_somebody_holds_the_sqlite_file_for_longer_than_we_wait(
    stage_on: MakeCrashTest, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.sqlite3"
    torture = stage_on(f"sqlite:///{file}", texts=100, mails=100, rate=50.0)
    with torture.start() as life, closing(sqlite3.connect(file, isolation_level=None)) as other:
        wait_until(lambda: count_accepted(torture) > 30, what="messages on their way")
        other.execute("BEGIN IMMEDIATE")
        wait_until(lambda: "database is locked" in torture.log.read_text(), what="a word", seconds=60)
        assert life.exit_code is None, log_tail(torture)
        other.execute("ROLLBACK")
        rest = torture.wait_until_idle(life)
    proof = verify_nothing_lost(torture, rest)
    assert (proof.accepted, proof.held, proof.repeated) == (200, (), ())
