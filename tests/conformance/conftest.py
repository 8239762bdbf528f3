"""A ledger whose campaign has begun; books of a played campaign, of one's own to spoil."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger
from tests import played_books
from tests.command import Command, command_in
from tests.ledger_fixture import start_campaign
from tests.played_books import Books


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """An open ledger whose campaign has begun, on each database."""
    opened = Ledger.open(database_url)
    start_campaign(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def played_sqlite(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> tuple[Path, datetime]:
    folder = tmp_path_factory.mktemp("played")
    file = shutil.copy(sqlite_template, folder / "ledger.sqlite3")
    return folder, played_books.play(f"sqlite:///{file}", folder / "sandbox")


@pytest.fixture(scope="session")
def played_postgres(
    tmp_path_factory: pytest.TempPathFactory,
    postgres_server: sa.URL,
    postgres_admin: sa.Connection,
    postgres_template: str,
) -> Iterator[tuple[Path, datetime, str]]:
    folder, name = tmp_path_factory.mktemp("played"), f"{postgres_template}_played"
    postgres_admin.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {postgres_template}")
    url = postgres_server.set(database=name).render_as_string(hide_password=False)
    yield folder, played_books.play(url, folder / "sandbox"), name
    postgres_admin.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def books(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books of one's own to spoil, on each database."""
    if request.param == "sqlite":
        folder, now = request.getfixturevalue("played_sqlite")
        url = f"sqlite:///{shutil.copy(folder / 'ledger.sqlite3', tmp_path / 'ledger.sqlite3')}"
    else:
        folder, now, name = request.getfixturevalue("played_postgres")
        url = request.getfixturevalue("postgres_databases")(template=name)
    shutil.copytree(folder / "sandbox", tmp_path / "sandbox")
    with played_books.open_books(url, tmp_path / "sandbox", now) as opened:
        yield opened


@pytest.fixture
def office(books: Books, tmp_path: Path) -> Command:
    """The command, over books of one's own."""
    settings = {"DISPATCHER_DATABASE_URL": books.url, "DISPATCHER_SECRET_KEY": played_books.SECRET}
    return replace(command_in(tmp_path), settings={**command_in(tmp_path).settings, **settings})
