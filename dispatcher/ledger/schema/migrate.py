"""Brings a database to the tables this version works with.

The migrations travel inside the package and need no `alembic.ini`. Alembic itself is imported only when
there is something to do: an up-to-date database costs two small queries.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from dispatcher.errors import DispatcherError
from dispatcher.i18n import _

MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x6469_7370  # any number of ours: one process at a time upgrades a PostgreSQL database


def latest_revision() -> str:
    """Return the revision this version works with: the highest number among the migrations' file names."""
    files = (MIGRATIONS / "versions").glob("[0-9]*_*.py")
    return max((file.name.partition("_")[0] for file in files), default="")


def current_revision(engine: sa.Engine) -> str:
    """Return the revision of the database; empty when it has no tables of ours yet."""
    with engine.connect() as connection:
        return _read_revision(connection)


def require_known(engine: sa.Engine) -> None:
    """Raise `DispatcherError` when a newer version was here before us."""
    _is_current(current_revision(engine))


def upgrade(engine: sa.Engine) -> None:
    """Make every missing table and change; nothing when up to date.

    All of it or none: one transaction. Raises `DispatcherError` when a newer version was here before us.
    """
    if _is_current(current_revision(engine)):
        return
    with engine.connect().execution_options(writing=True) as connection, connection.begin():
        _lock(connection)
        if not _is_current(_read_revision(connection)):
            _run_migrations(connection)


def _is_current(revision: str) -> bool:
    if revision > latest_revision():
        raise DispatcherError(
            _(
                "the database is at revision {found}, this version knows only {known}: "
                "start the newer version, or restore the backup made before the upgrade",
                found=revision,
                known=latest_revision(),
            )
        )
    return revision == latest_revision()


def _read_revision(connection: sa.Connection) -> str:
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() or ""


def _lock(connection: sa.Connection) -> None:
    """Keep others from upgrading at the same time, until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(UPGRADE_LOCK)))
    elif not connection.connection.driver_connection.in_transaction:  # type: ignore[union-attr]  # sqlite3's own connection
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # sqlite3 itself would commit each table singly


def _run_migrations(connection: sa.Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
