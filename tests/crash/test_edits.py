"""Killed while an edit of the schedules takes back, brings back or moves what goes out: all get it once."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dispatcher import failpoints
from dispatcher.simulation.drill.crash_test import CrashTest
from tests.crash.assertions import count_accepted, log_tail, run_and_verify, wait_until
from tests.crash.conftest import MakeCrashTest
from tests.witness.decisions import IN_FORCE

PEOPLE, RATE = 150, 10.0
Edit = Callable[[Path], None]


def _later(folder: Path) -> None:
    """Move the step to two hours later."""
    file = folder / "schedules.toml"
    old = file.read_text(encoding="utf-8")
    at = re.search(r"at = ([^,]*),", old)
    assert at is not None
    moment = datetime.fromisoformat(at[1]) + timedelta(hours=2)
    file.write_text(old.replace(at[0], f"at = {moment:%Y-%m-%dT%H:%M:%S},"), encoding="utf-8")


def _other_template(folder: Path) -> None:
    """Let the step say something else."""
    for wave in (folder / "templates").glob("wave.*"):
        shutil.copy(wave, wave.with_name(wave.name.replace("wave", "anew")))
    file = folder / "schedules.toml"
    old = file.read_text(encoding="utf-8")
    file.write_text(old.replace('template = "wave"', 'template = "anew"'), encoding="utf-8")


# Where it dies, and the edits that lead there; the last one is in force then, or about to be.
POINTS: dict[str, tuple[Edit | None, ...]] = {
    "withdrawing": (_later,),
    "putting-back": (_other_template,),
    "put-back": (_other_template,),
    "retiming": (_other_template,),
    "restoring": (_later, None),  # None: as it was at first
}


def test_every_point_named_here_is_one_of_the_code() -> None:
    assert set(POINTS) <= set(failpoints.NAMES)


@pytest.mark.torture
@pytest.mark.parametrize("point", POINTS)
def test_an_edit_may_die_anywhere(make_crash_test: MakeCrashTest, point: str) -> None:
    crash_test = make_crash_test(texts=PEOPLE, rate=RATE, policies=("hold",))
    folder = crash_test.fixture.folder
    at_first = (folder / "schedules.toml").read_text(encoding="utf-8")
    with crash_test.start(point) as service:
        wait_until(lambda: count_accepted(crash_test) >= 10, what="some of them")
        for place, edit in enumerate(POINTS[point], 1):
            if edit is None:
                (folder / "schedules.toml").write_text(at_first, encoding="utf-8")
            else:
                edit(folder)
            wait_until(
                lambda place=place: _editions(crash_test) >= place or service.exit_code is not None,
                what="the edit to be taken over",
            )
        assert service.wait(30) == -9, log_tail(crash_test)
    crash_test.record_in_doubt()
    if point == "withdrawing":  # what it took back goes on when the edit is taken back
        (folder / "schedules.toml").write_text(at_first, encoding="utf-8")
    with crash_test.start(DISPATCHER_SMS_RATE="200"):  # what was withdrawn waits again after a look only
        wait_until(lambda: count_accepted(crash_test) >= PEOPLE, what="the rest")
    crash_test.record_in_doubt()
    verification = run_and_verify(crash_test)
    assert (verification.planned, verification.accepted) == (PEOPLE, PEOPLE)


def _editions(crash_test: CrashTest) -> int:
    return crash_test.log.read_text(encoding="utf-8", errors="replace").count(IN_FORCE)
