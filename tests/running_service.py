"""A new office and its service, as somebody runs it: `dispatcher init`, then `dispatcher run`."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.command import COMMAND, Command
from tests.mail_daemons import free_port

START_SECONDS_MAX = 60.0


@dataclass(frozen=True, kw_only=True)
class RunningService:
    """A service in a process of its own."""

    url: str
    process_id: int


def new_office(folder: Path) -> Command:
    """Write an office into `folder`/office, to be served on a port of its own."""
    assert Command(folder=folder, settings={}).run("init", "office").returncode == 0
    settings = {"DISPATCHER_SETTINGS_FILE": ".env", "DISPATCHER_BIND": f"127.0.0.1:{free_port()}"}
    return Command(folder=folder / "office", settings=settings)


@contextmanager
def running(office: Command, **settings: str) -> Iterator[RunningService]:
    """Run its service while the block runs, under the usual umask of 022."""
    ours = ("DISPATCHER", "TWILIO")
    environ = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    url, said = f"http://{office.settings['DISPATCHER_BIND']}", office.folder.parent / "service.log"
    with said.open("wb") as log:
        service = subprocess.Popen(
            [*COMMAND, "run"], cwd=office.folder, stdout=log, stderr=log, umask=0o022,
            env={**environ, **office.settings, **settings},
        )  # fmt: skip
    try:
        until = time.monotonic() + START_SECONDS_MAX
        while not _answers(url):
            assert service.poll() is None, said.read_text(encoding="utf-8")
            assert time.monotonic() < until, said.read_text(encoding="utf-8")
            time.sleep(0.1)
        yield RunningService(url=url, process_id=service.pid)
    finally:
        service.terminate()
        service.wait(30)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/healthz", timeout=1).status_code == 200
    except requests.RequestException:
        return False
