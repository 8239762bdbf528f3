"""The points at which a crash test may kill: every one is passed somewhere, and no other can be armed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import dispatcher
from dispatcher import failpoints


def test_every_point_is_passed_somewhere_and_every_passed_one_has_a_name() -> None:
    sources = Path(dispatcher.__file__).parent.rglob("*.py")
    passed = {
        name for source in sources for name in re.findall(r'failpoints\.hit\("([^"]+)"', source.read_text())
    }
    assert passed == set(failpoints.NAMES)


def test_a_point_that_is_not_there_cannot_be_armed() -> None:
    environ = {**os.environ, "DISPATCHER_FAULT": "claimd:3"}
    done = subprocess.run(
        [sys.executable, "-c", "import dispatcher.failpoints"],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "no failpoint 'claimd'" in done.stderr
