"""What was promised and what happened: all SQL of the product, one text for SQLite and PostgreSQL.

`Ledger` opens the database; the modules beside it hold the questions and the changes, each a function
whose first argument is the ledger. They take and give frozen values, never rows or sessions.
"""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from dispatcher.errors import ConfigurationError, DispatcherError, Problem
from dispatcher.i18n import _
from dispatcher.ledger import sqlite_writing

SQLITE_SETTINGS = (
    "PRAGMA busy_timeout=10000",  # first: the next one waits its turn when several processes start
    "PRAGMA synchronous=FULL",  # a power cut loses nothing that was committed; batches make it free
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is deleted is overwritten: who was erased is not left in a free page
    "PRAGMA cache_size=-2000",  # the system caches the file well enough; 8 MB were no faster
    "PRAGMA temp_store=FILE",  # sorting a million people must not need their size in memory
)


POSTGRES_SETTINGS = {
    # A worker that is frozen, or gone with its machine, inside a transaction must not hold the others up: the
    # server ends it, and what it had not committed has not happened.
    "idle_in_transaction_session_timeout": "60s",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
POSTGRES_TIMEOUTS = {  # the other way round: a server that is gone without a word must not hold us up
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}

# What SQLite and PostgreSQL say of pages that cannot be read: path and permissions are right then.
_DAMAGE = re.compile("malformed|not a database|invalid page|could not read block", re.IGNORECASE)

LastStatement = Callable[[sa.Connection], None]
LAST_STATEMENTS = "last statements"

LedgerError = sa.exc.SQLAlchemyError  # what every function here raises when the database cannot be used
# Of these, what passes by itself: the server restarts, the disk is full, another process holds the lock.
TransientLedgerErrors = (
    sa.exc.OperationalError,
    sa.exc.InterfaceError,
    sa.exc.InternalError,  # a standby that does not take writes yet
    sa.exc.TimeoutError,  # no connection became free
)


def sqlite_file(url: str | sa.URL) -> Path | None:
    """Return the file of a SQLite database; None for any other, or one in memory."""
    address = sa.make_url(url)
    if address.get_backend_name() != "sqlite" or address.database in {None, "", ":memory:"}:
        return None
    return Path(str(address.database))


class Ledger:
    """One database, opened.

    `begin()` is a write transaction, `read()` a consistent look. Both give a SQLAlchemy connection
    and belong to the modules of this package only.
    """

    def __init__(
        self, engine: sa.Engine, *, secret_key: str = "", old_secret_key: str = "", key_folder: Path = Path()
    ) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self.url = engine.url.render_as_string(hide_password=False)
        self.old_secret_key = old_secret_key  # while the one above takes its place
        self.secret_key = secret_key  # empty until asked for: see `privacy.secret_key`
        self.key_folder = key_folder  # where the secret stands when neither settings nor a ledger's file tell

    @classmethod
    def open(
        cls,
        url: str,
        *,
        upgrade: bool = True,
        secret_key: str = "",
        old_secret_key: str = "",
        key_folder: Path = Path(),
    ) -> Ledger:
        """Open the database at `url`, creating or upgrading its tables unless told otherwise.

        `secret_key` is what the settings say; without it the file beside the ledger holds it, or one in
        `key_folder` where the ledger is no file.
        """
        engine = _connect(url)
        if upgrade:
            from dispatcher.ledger.schema import migrate

            migrate.upgrade(engine)
        return cls(engine, secret_key=secret_key, old_secret_key=old_secret_key, key_folder=key_folder)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Hold a write transaction: committed at the end, rolled back on any exception.

        What a module has laid into `connection.info[LAST_STATEMENTS]` runs as the end of it, each once: a row
        that everybody writes is locked for as short as can be.
        """
        with self.engine.connect().execution_options(writing=True) as connection, connection.begin():
            connection.info[LAST_STATEMENTS] = last_statements = set[LastStatement]()
            yield connection
            for run in last_statements:
                run(connection)

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Hold a read transaction."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def let_others_write(self) -> None:
        """Pause between two batches where there is one writer at a time, so that others are not kept out."""
        if self.dialect == "sqlite":
            sqlite_writing.pause()

    def insert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """Start an INSERT that knows ON CONFLICT in this database's dialect."""
        return sqlite.insert(table) if self.dialect == "sqlite" else postgresql.insert(table)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def _connect(url: str) -> sa.Engine:
    address = sa.make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "sqlite":
        engine = sa.create_engine(address, pool_pre_ping=True, connect_args=POSTGRES_TIMEOUTS)
        sa.event.listen(engine, "connect", _prepare_postgres)
        return engine
    engine = sa.create_engine(_as_writable(address))
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _as_writable(address: sa.URL) -> sa.URL:
    """Let SQLite not try to write where it cannot: a ledger on such a disk can still be read.

    What was not yet folded into the file when the disk became read-only is read from its log.
    """
    file = sqlite_file(address)
    if file is None or not file.exists() or is_writable(file):
        return address
    log = Path(f"{file}-wal")
    how = {"mode": "ro"} if log.exists() and log.stat().st_size else {"immutable": "1"}
    return address.set(database=f"file:{quote(str(file))}", query={**how, "uri": "true"})


def is_writable(file: Path) -> bool:
    """Return whether a SQLite ledger can be written: its file, and others beside it."""
    return os.access(file.parent, os.W_OK | os.X_OK) and (not file.exists() or os.access(file, os.W_OK))


def _prepare_sqlite(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves: the write lock at the start or not at all
    for setting in SQLITE_SETTINGS:
        connection.execute(setting)
    _use_wal(connection)


def _prepare_postgres(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for name, value in POSTGRES_SETTINGS.items():
        cursor.execute(f"SET {name} = '{value}'")
    cursor.close()
    connection.commit()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL; of several who do so with a new file, SQLite turns some away without waiting."""
    for pause in (0.01, 0.03, 0.1, 0.3, 1.0):
        with suppress(sqlite3.OperationalError):
            connection.execute("PRAGMA journal_mode=WAL")
            return
        time.sleep(pause)
    connection.execute("PRAGMA journal_mode=WAL")


def _begin_sqlite(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("writing", False):
        sqlite_writing.begin(connection)
    else:
        connection.exec_driver_sql("BEGIN")


def open_ledger(
    url: str,
    *,
    create: bool = True,
    upgrade: bool = True,
    secret_key: str = "",
    old_secret_key: str = "",
    key_folder: Path = Path(),
) -> Ledger:
    """Open the database at `url`; without `create` only where there is a ledger already.

    Raises ConfigurationError when it cannot be opened, or is not there.
    """
    try:
        with explain_database_errors(url):
            if not create and not has_tables(url):
                remedy = _(
                    "Go to the service's folder, or set DISPATCHER_DATABASE_URL or DISPATCHER_SCHEDULES to "
                    "the service's own, with the full path. dispatcher init begins a new one."
                )
                raise _configuration_error(url, _("there is no ledger here"), remedy)
            return Ledger.open(
                url, upgrade=upgrade, secret_key=secret_key, old_secret_key=old_secret_key,
                key_folder=key_folder,
            )  # fmt: skip
    except (sa.exc.ArgumentError, ModuleNotFoundError) as error:  # no such kind of database, or no driver
        what = _("this is not the address of a database")
        remedy = _("Write sqlite:///file.sqlite3 or postgresql://user@host/name.")
        raise _configuration_error(url, what, remedy) from error


def has_tables(url: str) -> bool:
    """Return whether there is a ledger at `url`; looking makes none."""
    from dispatcher.ledger.schema import migrate

    file = sqlite_file(url)
    if file is not None and not file.exists():
        return False
    engine = _connect(url)
    try:
        return bool(migrate.current_revision(engine))
    finally:
        engine.dispose()


def find_problems(url: str) -> list[Problem]:
    """Return what keeps a service from working on the database at `url`; looking makes none.

    Tables that are missing or older are no problem: the service makes them.
    """
    from dispatcher.ledger.schema import migrate

    try:
        ledger = open_ledger(url, upgrade=False)
        file = sqlite_file(url)
        if file is not None and not is_writable(file):
            remedy = _("Let the service write to it and to its folder, or name another.")
            raise _configuration_error(url, _("the ledger cannot be written"), remedy)
        with explain_database_errors(url):
            if file is None or file.exists():
                migrate.require_known(ledger.engine)
        ledger.close()
    except ConfigurationError as broken:
        return list(broken.problems)
    except DispatcherError as error:
        return list(_configuration_error(url, str(error), "").problems)
    return []


@contextmanager
def explain_database_errors(url: str) -> Iterator[None]:
    """Let what the database refuses be a problem with its remedy, and broken pages `LedgerDamaged`."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        raise _unusable(url, error) from error
    except sa.exc.DatabaseError as error:
        if type(error) is not sa.exc.DatabaseError:  # a fault of ours, not of the database
            raise
        raise _unusable(url, error) from error


def _unusable(url: str, error: sa.exc.DBAPIError) -> DispatcherError:
    lines = str(error.orig or error).strip().splitlines()
    if lines and _DAMAGE.search(lines[0]):
        return LedgerDamaged(_damage_words(f"{lines[0]} ({masked_address(url)})"))
    what = _("the database refuses: {error}", error=lines[0] if lines else type(error).__name__)
    remedy = _("Check DISPATCHER_DATABASE_URL: path and permissions of the file, or host, name and password.")
    return _configuration_error(url, what, remedy)


def _configuration_error(url: str, what: str, remedy: str) -> ConfigurationError:
    value = masked_address(url)
    problem = Problem(
        file=_("environment"), where="DISPATCHER_DATABASE_URL", value=value, what=what, remedy=remedy
    )
    return ConfigurationError([problem])


def masked_address(url: str) -> str:
    """Return where a database is, for people: the full path of a file, no password; empty when it is none."""
    try:
        address = sa.make_url(url)
    except sa.exc.ArgumentError:
        return ""
    if (file := sqlite_file(address)) is not None:
        address = address.set(database=str(file.absolute()))
    return address.render_as_string(hide_password=True)


def database_now(ledger: Ledger) -> datetime | None:
    """Ask the database what time it is; None for SQLite, which has no clock of its own."""
    with ledger.read() as connection:
        if ledger.dialect == "sqlite":
            connection.execute(sa.select(1))
            return None
        database_time: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return database_time.astimezone(UTC)


class LedgerDamaged(DispatcherError):
    """The database's own check found pages that do not fit together; the message says which."""

    exit_code = 1


def require_undamaged(ledger: Ledger) -> None:
    """Let the database check itself. Raises LedgerDamaged, before anybody believes what stands in it.

    SQLite reads its whole file (`PRAGMA quick_check`, some 100 MB in a second); PostgreSQL checks our indexes
    where its extension amcheck is installed, and is believed where it is not.
    """
    if damage := find_damage(ledger):
        raise LedgerDamaged(damage)


def find_damage(ledger: Ledger) -> str:
    """Return what `require_undamaged` would raise, in words; empty where there is no damage."""
    check = _check_sqlite if ledger.dialect == "sqlite" else _check_postgres
    try:
        with ledger.read() as connection:
            damage = check(connection)
    except sa.exc.DatabaseError as error:
        if isinstance(error, TransientLedgerErrors):
            raise
        damage = str(error.orig)
    return _damage_words(damage.strip().splitlines()[0]) if damage else ""


def _damage_words(found: str) -> str:
    return _("the ledger is damaged: {found}. Stop the service and restore the last backup", found=found)


def _check_sqlite(connection: sa.Connection) -> str:
    found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    return "" if found == "ok" else found.removeprefix("*** in database main ***\n")


def _check_postgres(connection: sa.Connection) -> str:
    installed = sa.text("SELECT 1 FROM pg_extension WHERE extname = 'amcheck'")
    if connection.scalar(installed) is not None:
        connection.execute(
            sa.text(
                "SELECT bt_index_check(index.indexrelid) FROM pg_index index "
                "JOIN pg_class ON pg_class.oid = index.indexrelid JOIN pg_am ON pg_am.oid = pg_class.relam "
                "WHERE pg_am.amname = 'btree' AND index.indisvalid "
                "AND pg_class.relnamespace = current_schema()::regnamespace"
            )
        )
    return ""
