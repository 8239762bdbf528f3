"""What strangers wrote is read in a process of its own, which may take only so much and knows no secret.

Of the environment it has only where Python finds its modules, so none of our secrets; its memory and its time
on the processor are limited by the system. Whatever a file or a mail does to it, the service goes on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress

MEMORY_MAX_BYTES = 2 << 30
CPU_SECONDS_MAX = 60
_WHERE_PYTHON_LOOKS = ("PYTHONPATH", "PYTHONHOME")  # no secrets; without them it might not find this package


def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    """Start `module` of this package as a process that reads from and writes to us; it calls `limit_self`."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={name: os.environ[name] for name in _WHERE_PYTHON_LOOKS if name in os.environ},
    )


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a child, whatever it is doing, and let go of what led to it."""
    with suppress(OSError):
        child.kill()
    for stream in (child.stdin, child.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    child.wait()


def limit_self(*, cpu_seconds: int | None = CPU_SECONDS_MAX) -> None:
    """Limit this process, to be called first thing in it; None: its time is limited piece by piece.

    What it may write is its answers only: no file grows beyond nothing.
    """
    with suppress(ImportError, ValueError, OSError):  # not every system can
        import resource

        wanted: Sequence[tuple[int, int]] = (
            (resource.RLIMIT_AS, MEMORY_MAX_BYTES),
            (resource.RLIMIT_CORE, 0),
            (resource.RLIMIT_FSIZE, 0),
            *(((resource.RLIMIT_CPU, cpu_seconds),) if cpu_seconds else ()),
        )
        for kind, limit in wanted:
            resource.setrlimit(kind, (limit, limit))
    with suppress(AttributeError, OSError):
        os.nice(5)  # sending goes first


def limit_next_piece(cpu_seconds: float) -> None:
    """Give this process so much time on the processor from now on; the system ends it when that is over."""
    with suppress(AttributeError, OSError):
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
