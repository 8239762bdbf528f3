"""The disk is full in mid-batch, for real: the service stays, and goes on when there is room again."""

from __future__ import annotations

import resource
import time
from pathlib import Path

import pytest

from dispatcher.simulation.drill.crash_test import CrashTest
from dispatcher.simulation.drill.service_process import ServiceProcess
from tests import mail_daemons, postgres
from tests.crash import small_disks
from tests.crash.assertions import count_accepted, log_tail, verify_nothing_lost, wait_until
from tests.crash.conftest import MakeCrashTest

MB = 2**20
FULL_SECONDS = 1.5


def fill(file: Path) -> None:
    """Write until nothing more goes on the disk."""
    with file.open("wb", buffering=0) as filler:
        for size in (65536, 512):
            try:
                while filler.write(bytes(size)) == size:
                    pass
            except OSError:
                continue


def assert_goes_on(crash_test: CrashTest, service: ServiceProcess) -> None:
    pending = crash_test.wait_until_idle(service)
    service.terminate()
    assert service.wait(30) == 0, log_tail(crash_test)
    verification = verify_nothing_lost(crash_test, pending)
    assert (verification.accepted, verification.held, verification.repeated) == (200, (), ())


def test_the_disk_is_full_for_a_while(make_crash_test_on: MakeCrashTest, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disks.small(disk, size=8 * MB):
        crash_test = make_crash_test_on(
            f"sqlite:///{disk / 'ledger.sqlite3'}", texts=100, mails=100, rate=80.0
        )
        with crash_test.start() as service:
            wait_until(lambda: count_accepted(crash_test) > 40, what="messages on their way")
            fill(disk / "filler")
            wait_until(lambda: "disk is full" in crash_test.log.read_text(), what="a word about it")
            time.sleep(FULL_SECONDS)
            assert service.exit_code is None, log_tail(crash_test)
            (disk / "filler").unlink()
            assert_goes_on(crash_test, service)


@pytest.mark.torture
def test_the_disk_of_postgresql_is_full_for_a_while(
    make_crash_test_on: MakeCrashTest, tmp_path: Path
) -> None:
    with (
        mail_daemons.world_readable_folder() as open_folder,
        small_disks.small(open_folder / "disk", size=512 * MB),
    ):
        server = postgres.PostgresServer(durable=True, place=open_folder / "disk")
        try:
            crash_test = make_crash_test_on(server.url("postgres"), texts=100, mails=100, rate=50.0)
            with crash_test.start() as service:
                wait_until(lambda: count_accepted(crash_test) > 20, what="messages on their way")
                fill(open_folder / "disk" / "filler")
                wait_until(lambda: "No space left" in crash_test.log.read_text(), what="a word about it")
                time.sleep(FULL_SECONDS)
                assert service.exit_code is None, log_tail(crash_test)
                (open_folder / "disk" / "filler").unlink()
                assert_goes_on(crash_test, service)
        finally:
            server.stop()


@pytest.mark.torture
def test_files_may_grow_no_more_for_a_while(make_crash_test_on: MakeCrashTest, tmp_path: Path) -> None:
    """A limit as a quota sets it: without root, where the one before has to mount a disk."""
    file = tmp_path / "ledger.sqlite3"
    crash_test = make_crash_test_on(f"sqlite:///{file}", texts=100, mails=100, rate=80.0)
    with crash_test.start() as service:
        wait_until(lambda: count_accepted(crash_test) > 40, what="messages on their way")
        before = resource.prlimit(service.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
        wait_until(lambda: "disk I/O error" in crash_test.log.read_text(), what="a word about it")
        time.sleep(FULL_SECONDS)
        assert service.exit_code is None, log_tail(crash_test)
        resource.prlimit(service.pid, resource.RLIMIT_FSIZE, before)
        assert_goes_on(crash_test, service)
