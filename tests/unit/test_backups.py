"""Backups: made while others write, opened before they count, and refused where they are none."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from dispatcher.errors import ConfigurationError
from dispatcher.ledger import Ledger, audit_log, backups
from dispatcher.ledger.backups import BackupFailed
from dispatcher.settings import from_environment
from tests.ledger_fixture import NOON, add_people

DAY = timedelta(days=1)


@pytest.fixture
def ledger(sqlite_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(sqlite_url)
    add_people(opened, ("residents", "Nguyễn Thị An", "+84901000010", ""))
    yield opened
    opened.close()


def count_lines(file: Path) -> int:
    with sqlite3.connect(file) as copy:
        return int(copy.execute("SELECT count(*) FROM audit").fetchone()[0])


def test_a_backup_is_whole_and_for_its_owner_alone(ledger: Ledger, tmp_path: Path) -> None:
    done = backups.create(ledger, tmp_path / "new" / "backup.sqlite3", now=NOON)
    assert done.begun_at == NOON
    assert backups.last_at(ledger) == NOON
    assert done.file.stat().st_mode & 0o777 == 0o600
    assert done.file.parent.stat().st_mode & 0o777 == 0o700
    assert [file.name for file in done.file.parent.iterdir()] == ["backup.sqlite3"]


def test_others_write_meanwhile_and_the_copy_is_of_one_moment(ledger: Ledger, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            with ledger.begin() as connection:  # two lines, or none
                for subject in ("a", "b"):
                    audit_log.insert(connection, who="t", action="t", subject=subject, detail={}, now=NOON)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [backups.create(ledger, tmp_path / f"{n}", now=NOON).file for n in range(5)]
    finally:
        stop.set()
        writer.join()
    counts = [count_lines(file) for file in copies]
    assert all(count % 2 == 0 for count in counts)
    assert counts == sorted(counts)


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no backup"), (b"name,phone\n", "not a database"), (None, "it does not exist")],
    ids=["empty", "a list", "not there"],
)
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "backup"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BackupFailed, match=said):
        backups.inspect(file)


def test_a_damaged_one_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    file = backups.create(ledger, tmp_path / "backup", now=NOON).file
    data = bytearray(file.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 8192] = b"\x00" * 8192
    file.write_bytes(bytes(data))
    with pytest.raises(BackupFailed):
        backups.inspect(file)


def test_one_of_a_newer_version_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    file = backups.create(ledger, tmp_path / "backup", now=NOON).file
    with sqlite3.connect(file) as copy:
        copy.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BackupFailed, match="newer version"):
        backups.inspect(file)


def test_a_backup_that_fails_leaves_the_one_before(ledger: Ledger, tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(BackupFailed):
        backups.create(ledger, folder, now=NOON)  # a folder stands where the file is to be
    assert list(folder.parent.glob(".taken*")) == []
    assert backups.last_at(ledger) is None


def test_what_takes_the_ledgers_place_moves_it_aside_with_its_log(ledger: Ledger, tmp_path: Path) -> None:
    backup = backups.create(ledger, tmp_path / "backup", now=NOON)
    audit_log.write(ledger, who="t", action="later", subject="", detail={}, now=NOON)
    place = Path(ledger.url.partition("///")[2])
    before = backups.put_in_place(backup, place, now=NOON)
    assert before is not None
    assert count_lines(before) == count_lines(place) + 1
    assert place.stat().st_mode & 0o777 == 0o600


def test_once_a_day_when_its_hour_has_come_and_the_newest_are_kept(ledger: Ledger, tmp_path: Path) -> None:
    night = datetime(2025, 11, 3, tzinfo=UTC)
    (tmp_path / "notes.sqlite3").touch()  # not ours: stays
    made = []
    for hours in range(5 * 24):
        now = night + timedelta(hours=hours)
        if backups.create_when_due(ledger, tmp_path, at=time(2), keep=3, now=now):
            made.append(now)
    assert made == [night + n * DAY + timedelta(hours=2) for n in range(5)]
    assert sorted(file.name for file in tmp_path.glob("dispatcher-*")) == [
        f"dispatcher-2025110{day}-020000.sqlite3" for day in (5, 6, 7)
    ]
    assert (tmp_path / "notes.sqlite3").exists()


def test_after_a_night_off_the_backup_is_made_up_for(ledger: Ledger, tmp_path: Path) -> None:
    morning = datetime(2025, 11, 3, 9, tzinfo=UTC)
    assert backups.create_when_due(ledger, tmp_path, at=time(2), keep=3, now=morning)
    assert not backups.create_when_due(ledger, tmp_path, at=time(2), keep=3, now=morning + DAY / 24)


@pytest.mark.parametrize(
    ("text", "at"),
    [("", None), ("daily 02:00", time(2)), ("2:05", time(2, 5)), ("daily 23:59", time(23, 59))],
)
def test_the_hour_of_backups(text: str, at: time | None) -> None:
    assert from_environment({"DISPATCHER_BACKUP": text}).backup_at == at


@pytest.mark.parametrize("text", ["daily", "daily 24:00", "weekly 02:00", "02:60"])
def test_what_is_no_hour_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="time of the day"):
        from_environment({"DISPATCHER_BACKUP": text})
