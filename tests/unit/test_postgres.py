"""The PostgreSQL of the tests leaves nothing behind, even when the tests are killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
START_AND_DIE = """
import os, signal
from tests import postgres
print(postgres.PostgresServer().folder, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_server_goes_when_its_holder_is_killed():
    holder = [sys.executable, "-c", START_AND_DIE]
    died = subprocess.run(holder, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    assert died.returncode == -signal.SIGKILL
    folder = Path(died.stdout.strip())
    assert folder.name.startswith("dispatcher-pg-")
    deadline = time.monotonic() + 20
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
