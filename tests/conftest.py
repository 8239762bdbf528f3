"""What every test starts from: English sentences, and fresh databases with tables and no rows."""

from __future__ import annotations

import itertools
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
import sqlalchemy as sa

from dispatcher import i18n
from dispatcher.ledger.schema import migrate
from tests import postgres

MakeDatabase = Callable[..., str]

# A busy machine is no failure; in CI the same examples every time, so that a red run can be repeated.
hypothesis.settings.register_profile("ours", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("ours")


@pytest.fixture(autouse=True)
def _all_is_logged() -> None:
    """Undo what `simulate` and `drill`, called in this process, keep from the log."""
    logging.getLogger("dispatcher").setLevel(logging.NOTSET)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Sentences are told apart by their English; a test of the Vietnamese says `i18n.use("vi")`."""
    i18n.set_language("en")
    yield
    i18n.set_language("vi")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what long tests found out: `record_property("figures", ...)`."""
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, value in report.user_properties:
            if name == "figures":
                terminalreporter.write_line(f"{report.nodeid}: {value}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database of each kind: tables, no rows."""
    return request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")


@pytest.fixture(params=["sqlite", "postgresql"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind without a single table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'bare.sqlite3'}"
    return request.getfixturevalue("postgres_databases")(template="template1")


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A fresh SQLite file: tables, no rows."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'ledger.sqlite3')}"


@pytest.fixture
def postgres_url(postgres_databases: MakeDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fresh PostgreSQL database: tables, no rows. A secret made for it is kept in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    return postgres_databases()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The migrated file every SQLite test starts from."""
    file = tmp_path_factory.mktemp("template") / "template.sqlite3"
    _migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """The server of this test process: `DISPATCHER_TEST_PG_URL`, or one of our own. Never skipped."""
    if given := os.environ.get("DISPATCHER_TEST_PG_URL"):
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    server = postgres.PostgresServer()
    yield sa.make_url(server.url("postgres"))
    server.stop()


@pytest.fixture(scope="session")
def postgres_admin(postgres_server: sa.URL) -> Iterator[sa.Connection]:
    """The connection that makes and drops databases."""
    engine = sa.create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture(scope="session")
def postgres_template(postgres_server: sa.URL, postgres_admin: sa.Connection) -> Iterator[str]:
    """The name of the migrated database every PostgreSQL test starts from."""
    name = f"dispatcher_test_{os.getpid()}"
    postgres_admin.exec_driver_sql(f"CREATE DATABASE {name}")
    _migrate(_render(postgres_server.set(database=name)))
    yield name
    postgres_admin.exec_driver_sql(f"DROP DATABASE {name}")


_numbers = itertools.count(1)


@pytest.fixture
def postgres_databases(
    postgres_server: sa.URL, postgres_admin: sa.Connection, postgres_template: str
) -> Iterator[MakeDatabase]:
    """Make any number of fresh databases; all go with the test."""
    made: list[str] = []

    def make(template: str = postgres_template) -> str:
        name = f"{postgres_template}_{next(_numbers)}"
        postgres_admin.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template}")
        made.append(name)
        return _render(postgres_server.set(database=name))

    yield make
    _drop(postgres_admin, made)


def _drop(admin: sa.Connection, names: list[str]) -> None:
    """Drop databases that a test may still be connected to."""
    admin.execute(
        sa.text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY(:names)"),
        {"names": names},
    )
    time.sleep(0.01)  # DROP looks at once, then every 100 ms, whether the connections have gone
    for name in names:
        admin.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _render(url: sa.URL) -> str:
    return url.render_as_string(hide_password=False)


def _migrate(url: str) -> None:
    engine = sa.create_engine(url)
    migrate.upgrade(engine)
    engine.dispose()
