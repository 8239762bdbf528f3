"""The service as a child process: started, armed, killed, stopped, continued or terminated."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from dispatcher import env_files
from dispatcher.clock import monotonic
from dispatcher.gateways import registry

RUN_CODE = "from dispatcher.cli import main; main(['run'])"
COMMAND = (sys.executable, "-c", RUN_CODE)
START_SECONDS_MAX = 60.0
POLL_SECONDS = 0.005


class ServiceProcess:
    """A running service; it never outlives the block that holds it."""

    def __init__(
        self,
        environ: Mapping[str, str],
        log: Path,
        *,
        fault: str = "",
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._port = int(environ["DISPATCHER_BIND"].rpartition(":")[2])
        # Nothing of the real service's settings: not its provider, not its mailbox, not its database.
        names = tuple(row.name for row in registry.setting_rows())  # and each with _FILE
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("DISPATCHER_", *names))
        }
        settings = {
            "DISPATCHER_FAULT": fault,
            "PYTHONUNBUFFERED": "1",
            env_files.MACHINE_FILE_SETTING: os.devnull,
        }
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                list(command),
                env={**inherited, **settings, **environ},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.kill()

    @property
    def exit_code(self) -> int | None:
        """The code it ended with, negative for a signal; None while it lives."""
        return self._process.poll()

    def wait(self, seconds: float) -> int | None:
        """Wait for its end; gives the exit code, None when it still lives."""
        with suppress(subprocess.TimeoutExpired):
            return self._process.wait(seconds)
        return None

    def wait_until_listening(self, seconds: float = START_SECONDS_MAX) -> bool:
        """Wait until its web face answers; False when it ended before, or the time is up."""
        ends_at = monotonic() + seconds
        while monotonic() < ends_at and self.exit_code is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 0.2):
                return True
            time.sleep(POLL_SECONDS)
        return False

    def is_suspended(self) -> bool:
        """Return whether it was stopped by SIGSTOP."""
        return _state(self.pid) == "T"

    def suspend(self) -> None:
        """Stop it where it stands."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue the stopped process."""
        self._process.send_signal(signal.SIGCONT)

    def terminate(self) -> None:
        """Send SIGTERM."""
        self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


def free_port() -> int:
    """Return a port of this machine that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _state(pid: int) -> str:
    """Return the state letter of a process from /proc; empty where there is no such thing."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return ""
