"""Backups of a ledger: one file, made while the service works, and opened once before it counts.

SQLite copies itself (its backup API); of PostgreSQL `pg_dump` makes an archive. What a backup holds was so
when `begun_at` was written into the ledger, right before the copy: nothing that happened later is relied on.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path

import sqlalchemy as sa

from dispatcher.errors import DispatcherError, os_error_message
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, sqlite_file
from dispatcher.ledger.schema import key_values, migrate

BEGUN_AT = "backup-begun-at"
LAST = "last-backup-at"
SUFFIXES = {"sqlite": ".sqlite3", "postgresql": ".dump"}
NAME = "dispatcher-{at:%Y%m%d-%H%M%S}{suffix}"
_OURS = "dispatcher-????????-??????*"
_BESIDE = ("", "-wal", "-shm")  # of a SQLite database: it, its log, the index of that


class BackupFailed(DispatcherError):
    """There is no backup, or none that can be used; the message says why."""

    exit_code = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A backup that has been opened and looked through."""

    file: Path
    begun_at: datetime | None  # nothing that happened later is in it; None: made by other means
    bytes: int


def file_name(ledger: Ledger, *, now: datetime) -> str:
    """Return what a backup made now is called, unless somebody gives it a name."""
    return NAME.format(at=now, suffix=SUFFIXES[ledger.dialect])


def create(ledger: Ledger, file: Path, *, now: datetime) -> Backup:
    """Back the ledger up to `file`, for its owner alone to read; what stands there is replaced at the end.

    Raises BackupFailed: then `file` is as it was.
    """
    key_values.put(ledger, BEGUN_AT, now.isoformat())
    with _explained(file):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
        try:
            (_copy_sqlite if ledger.dialect == "sqlite" else _dump_postgres)(ledger, draft)
            found = inspect(draft)
            _sync(draft)
            draft.replace(file)
            _sync(file.parent)
        finally:
            for name in _BESIDE:
                draft.with_name(draft.name + name).unlink(missing_ok=True)
    key_values.put(ledger, LAST, now.isoformat())
    return replace(found, file=file)


def create_when_due(
    ledger: Ledger, folder: Path, *, at: time | None, keep: int, now: datetime
) -> Backup | None:
    """Make today's backup in `folder`, keeping the newest `keep`; None when it is not due, or there.

    `at`: the time of the day, on the clock that `now` is on. Raises BackupFailed.
    """
    if at is None:
        return None
    due = now.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    last = last_at(ledger)
    if now < due or (last is not None and last >= due):
        return None
    done = create(ledger, folder / file_name(ledger, now=now), now=now)
    prune(folder, keep=keep)
    return done


def last_at(ledger: Ledger) -> datetime | None:
    """Return when the last backup was begun that succeeded; None when there was none."""
    return _moment(key_values.get(ledger, LAST))


def begun_at(ledger: Ledger) -> datetime | None:
    """Return when the backup was begun that this ledger is from, if it is from one of ours."""
    return _moment(key_values.get(ledger, BEGUN_AT))


def in_folder(folder: Path) -> Sequence[Path]:
    """Return the backups in `folder` that have a name of ours, the oldest first."""
    return sorted(file for file in folder.glob(_OURS) if file.suffix in SUFFIXES.values())


def prune(folder: Path, *, keep: int) -> Sequence[Path]:
    """Delete all but the newest `keep` backups in `folder` that have a name of ours; gives those deleted."""
    backups = in_folder(folder)
    old = backups[: max(0, len(backups) - keep)]
    for file in old:
        file.unlink()
    return old


def inspect(file: Path) -> Backup:
    """Open a backup and look it through. Raises BackupFailed when it is none that can be restored."""
    with _explained(file):
        size = file.stat().st_size
        with file.open("rb") as opened:
            is_archive = opened.read(5) == b"PGDMP"
    if is_archive:
        _run("pg_restore", "--list", str(file))
        return Backup(file=file, begun_at=None, bytes=size)
    with _explained(file), closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
        damage = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
        if damage != "ok":
            raise BackupFailed(_("{file} is damaged: {damage}", file=file, damage=damage))
        _require_known(copy, file)
        begun = copy.execute("SELECT value FROM meta WHERE key = ?", (BEGUN_AT,)).fetchone()
    return Backup(file=file, begun_at=_moment(begun[0]) if begun else None, bytes=size)


def _require_known(copy: sqlite3.Connection, file: Path) -> None:
    tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not {"alembic_version", "meta", "message"} <= tables:
        raise BackupFailed(_("{file} is no backup of a ledger", file=file))
    (revision,) = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    if revision > migrate.latest_revision():
        raise BackupFailed(
            _("{file} was made by a newer version of dispatcher (tables {revision}): install that", file=file,
              revision=revision)
        )  # fmt: skip


# --- SQLite -------------------------------------------------------------------------------------------


def _copy_sqlite(ledger: Ledger, draft: Path) -> None:
    """Copy the database as it is at one moment; whoever writes meanwhile goes on writing."""
    source = sqlite_file(ledger.url)
    if source is None:
        raise BackupFailed(_("a ledger in memory has no backup"))
    with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(draft)) as copy:
        original.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself


def put_in_place(backup: Backup, file: Path, *, now: datetime) -> Path | None:
    """Let a backup be the SQLite ledger at `file`; gives where the one before was moved, if there was one.

    Whoever calls holds the ledger: nobody serves it. Raises BackupFailed, with everything as it was.
    """
    with _explained(file):
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600))
            shutil.copyfile(backup.file, draft)
            _sync(draft)
            inspect(draft)
            before = file.with_name(f"{file.name}.{now:%Y%m%d-%H%M%S}.before-restore")
            had_one = file.exists()
            for name in _BESIDE:
                if (old := file.with_name(file.name + name)).exists():
                    old.replace(before.with_name(before.name + name))
            draft.replace(file)
            _sync(file.parent)
        finally:
            draft.unlink(missing_ok=True)
    return before if had_one else None


# --- PostgreSQL ---------------------------------------------------------------------------------------


def _dump_postgres(ledger: Ledger, draft: Path) -> None:
    _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={draft}", url=ledger.url)


def load_archive(backup: Backup, url: str) -> None:
    """Let an archive take the place of the tables in the PostgreSQL database at `url`, all or nothing."""
    _run(
        "pg_restore", "--clean", "--if-exists", "--no-owner", "--no-privileges", "--single-transaction",
        "--exit-on-error", f"--dbname={sa.make_url(url).database}", str(backup.file), url=url,
    )  # fmt: skip


def _run(*words: str, url: str = "") -> None:
    """Run a program of PostgreSQL; the password goes by the environment: all can read a command line."""
    try:
        done = subprocess.run(
            words, env={**os.environ, **_environment(url)}, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as missing:
        raise BackupFailed(
            _("{program} is not installed: a PostgreSQL ledger is backed up and restored with it, "
              "in the version of the server", program=words[0])
        ) from missing  # fmt: skip
    if done.returncode:
        said = (done.stderr.strip() or "?").splitlines()[-1]
        raise BackupFailed(_("{program} failed: {said}", program=words[0], said=said))


def _environment(url: str) -> Mapping[str, str]:
    if not url:
        return {}
    address = sa.make_url(url)
    facts = {
        "PGHOST": address.host or address.query.get("host"),
        "PGPORT": address.port,
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
    }
    return {name: str(value) for name, value in facts.items() if value}


# --- both ---------------------------------------------------------------------------------------------


@contextmanager
def _explained(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupFailed(f"{file}: {os_error_message(error)}") from error
    except sqlite3.Error as error:
        raise BackupFailed(f"{file}: {error}") from error


def _sync(place: Path) -> None:
    """Let a file, or what a folder lists, be on the disk when this returns."""
    handle = os.open(place, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
