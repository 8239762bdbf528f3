"""A service whose database is damaged sends nothing, takes what comes in, and says so where one looks."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import requests

from dispatcher.ledger import Ledger
from dispatcher.simulation.drill.service_process import ServiceProcess, free_port
from tests.command import command_in
from tests.conformance.test_damage import overwrite_page


def test_a_damaged_ledger_is_told_at_the_start_and_nothing_is_sent(tmp_path: Path) -> None:
    office = command_in(tmp_path)
    assert office.run("contacts", "load", "--yes").returncode == 0
    file = tmp_path / "dispatcher.sqlite3"
    with closing(Ledger.open(f"sqlite:///{file}")) as ledger:
        overwrite_page(ledger, file, "audit", b"\xff")
    url = f"http://127.0.0.1:{free_port()}"
    environ = {
        **office.settings, "DISPATCHER_BIND": url.removeprefix("http://"), "DISPATCHER_LANG": "en",
        "DISPATCHER_DATABASE_URL": f"sqlite:///{file}",
        "DISPATCHER_SMS_GATEWAY": "off", "DISPATCHER_SMTP_URL": "smtp://127.0.0.1:9",
        "DISPATCHER_MAIL_FROM": "nhac@hatay.example",
    }  # fmt: skip
    with ServiceProcess(environ, tmp_path / "log") as service:
        assert service.wait_until_listening()
        deadline = time.monotonic() + 20
        while "ledger-damaged" not in (told := requests.get(f"{url}/readyz", timeout=5).json())["problems"]:
            assert time.monotonic() < deadline, told
            time.sleep(0.1)
        assert requests.get(f"{url}/healthz", timeout=5).status_code == 200
        assert "nothing is sent: the ledger is damaged" in (tmp_path / "log").read_text()
