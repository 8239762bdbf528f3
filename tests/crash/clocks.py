"""The clocks of a running process, moved from outside: set by hand, or gone on while the machine slept."""

from __future__ import annotations

import shutil
import struct
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

SOURCE = Path(__file__).with_name("moved.c")
LOOK = "import time; print(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))"


class Clocks:
    """Moves the clocks of every process started with its `environ`."""

    def __init__(self, folder: Path) -> None:
        compiler = shutil.which("cc") or shutil.which("gcc")
        if compiler is None or not sys.platform.startswith("linux"):
            pytest.skip("moving the clocks of a process needs Linux and a C compiler")
        library, self._file = folder / "moved.so", folder / "moved"
        subprocess.run([compiler, "-O", "-shared", "-fPIC", "-o", library, SOURCE], check=True)
        self._wall = self._passed = timedelta(0)
        self._write()
        self.environ: Mapping[str, str] = {"LD_PRELOAD": str(library), "MOVED_CLOCKS": str(self._file)}

    def set_by(self, span: timedelta) -> None:
        """Let somebody set the clock forwards, or (below 0) back."""
        self._wall += span
        self._write()

    def sleep(self, span: timedelta) -> None:
        """Let so much time pass; for a process that was stopped meanwhile, as a sleeping machine stops it."""
        self._passed += span
        self.set_by(span)

    def _write(self) -> None:
        seconds = (round(span.total_seconds()) for span in (self._wall, self._passed))
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("=qq", *seconds))
