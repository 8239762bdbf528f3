"""An empty folder: the service asks on a page that opens once, makes what `init` makes, and goes on."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.command import ROOT
from tests.web_fixture import csrf_token_of

OFFICE = {
    "name": "UBND xã Mẫu",
    "sender": "UBND XA MAU",
    "phone": "0220 000 0000",
    "mail": "ubnd@xa.example.vn",
}
START_SECONDS = 60


class Service:
    """`dispatcher run` in a folder, and what it says."""

    def __init__(self, folder: Path) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("DISPATCHER_")}
        environ |= {"PYTHONPATH": str(ROOT), "DISPATCHER_BIND": f"127.0.0.1:{_free_port()}"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dispatcher", "run"], cwd=folder, env=environ, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip

    def wait_for(self, pattern: str) -> str:
        """Read on until a line has this; gives its first group."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if found := re.search(pattern, line):
                return found[1]
        raise AssertionError(f"ended without {pattern}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def start() -> Iterator[Callable[[Path], Service]]:
    running: list[Service] = []

    def begin(folder: Path) -> Service:
        running.append(Service(folder))
        return running[-1]

    yield begin
    for one in running:
        one.process.send_signal(signal.SIGTERM)
        one.process.wait(30)


def session() -> requests.Session:
    made = requests.Session()
    made.trust_env = False
    return made


def test_from_an_empty_folder_to_signing_in(tmp_path: Path, start: Callable[[Path], Service]) -> None:
    (tmp_path / ".env").write_text("DISPATCHER_LANG=vi\n", encoding="utf-8")  # settings of one's own stay
    service = start(tmp_path)
    address = service.wait_for(r"(http://127\.0\.0\.1:\d+/begin/\S+)")
    at, visitor = address.rpartition("/begin/")[0], session()
    for closed in ("/", "/sign-in", "/begin/", "/begin/wrong", "/users"):
        answer = visitor.get(f"{at}{closed}", timeout=20)
        assert answer.status_code == 404, closed
        assert "dispatcher run" in answer.text
    refused = visitor.post(address, data=OFFICE | {"sender": "Tên dài quá mức"}, timeout=30)
    assert refused.status_code == 422
    assert 'value="UBND xã Mẫu"' in refused.text  # what was typed is still there
    assert not (tmp_path / "schedules.toml").exists()
    made = visitor.post(address, data=OFFICE, timeout=30)
    assert made.status_code == 200
    password = re.findall(r"<code>([^<]+)</code>", made.text)[1]
    assert (tmp_path / ".env").read_text(encoding="utf-8") == "DISPATCHER_LANG=vi\n"

    url = service.wait_for(r"serving on (\S+)")
    page = visitor.get(f"{url}/sign-in", timeout=20)
    csrf = csrf_token_of(page.text)
    entered = visitor.post(
        f"{url}/sign-in", timeout=20, allow_redirects=False,
        data={"csrf": csrf, "name": "admin", "password": password, "next": "/"},
    )  # fmt: skip
    assert entered.status_code == 303
    assert visitor.get(address, timeout=20).status_code == 404  # the address was good for once


@pytest.mark.parametrize("there", ["contacts", "templates", "dispatcher.sqlite3"])
def test_where_something_is_there_nothing_is_begun(
    tmp_path: Path, start: Callable[[Path], Service], there: str
) -> None:
    if there.endswith(".sqlite3"):
        subprocess.run(
            [sys.executable, "-m", "dispatcher", "db", "upgrade"], cwd=tmp_path, check=True,
            capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
    else:
        (tmp_path / there).mkdir()
    service = start(tmp_path)
    assert service.process.wait(START_SECONDS) == 2
    assert service.process.stderr is not None
    assert "schedules.toml" in service.process.stderr.read()
