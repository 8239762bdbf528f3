"""A disk that is soon full: a small one in memory, gone with the test, even when that is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HOLD = 'mount -t tmpfs -o "size=$2" tmpfs "$1" && echo ready && read -r word; umount -l "$1"'


@contextmanager
def small(folder: Path, *, size: int) -> Iterator[None]:
    """Let `folder` be a disk of `size` bytes for a while. Skips where we may not mount."""
    folder.mkdir()
    holder = subprocess.Popen(
        ["sh", "-c", HOLD, "sh", folder, str(size)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us; the holder still has to tidy up
    )
    with holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        if holder.stdout.readline() != b"ready\n":
            pytest.skip("mounting a disk needs root")
        try:
            yield
        finally:
            holder.stdin.close()
