"""From trial to real use with the real service: people get what the sandbox was sent, once."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from dispatcher.clock import SystemClock
from dispatcher.sandbox import process
from dispatcher.simulation.drill.service_process import free_port

COMMAND = [sys.executable, "-m", "dispatcher"]
TAKEN = "SELECT count(*) FROM message WHERE provider_id <> '' AND address LIKE '+84%%'"


@pytest.fixture
def office(tmp_path: Path, sqlite_url: str) -> dict[str, str]:
    """An office with two people in its list and a step that falls due in a moment; no provider.

    On SQLite: what the ledger does is held on both databases (`tests/conformance/test_stage.py`).
    """
    for folder in ("contacts", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "once.sms.j2").write_text("{{ office.name }}: Moi du thi.", encoding="utf-8")
    rows = ["STT,Họ và tên,Số điện thoại", "1,Nguyễn Thị An,0901000010", "2,Nguyễn Thị Bình,0901000011"]
    (tmp_path / "contacts" / "residents.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "schedules.toml").write_text(schedules("first"), encoding="utf-8")
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("DISPATCHER_", "TWILIO_"))
    }
    return own | {
        "DISPATCHER_DATABASE_URL": sqlite_url,
        "DISPATCHER_PATIENCE": "0.1",
        "DISPATCHER_SCHEDULES": str(tmp_path / "schedules.toml"),
        "DISPATCHER_CONTACTS": str(tmp_path / "contacts"),
        "DISPATCHER_TEMPLATES": str(tmp_path / "templates"),
        "DISPATCHER_BIND": f"127.0.0.1:{free_port()}",
        "DISPATCHER_SECRET_KEY": "for tests only, 1234",
        "DISPATCHER_LANG": "en",
    }


@contextmanager
def serving(environ: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run the service in `folder`."""
    service = subprocess.Popen([*COMMAND, "run"], env=environ, cwd=folder)
    try:
        yield service
        service.terminate()
        assert service.wait(30) == 0
    finally:
        service.kill()
        service.wait()


def call(environ: Mapping[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        env=environ,
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_from_trial_to_live(office: dict[str, str], tmp_path: Path) -> None:
    url = office["DISPATCHER_DATABASE_URL"]
    assert call(office, tmp_path, "contacts", "load", "--yes").returncode == 0
    with serving(office, tmp_path):
        wait_for(lambda: sql(url, TAKEN) == 2)
        ready = requests.get(f"http://{office['DISPATCHER_BIND']}/readyz", timeout=10).json()
        assert ready["stage"] == "trial"
    assert "TRIAL" in call(office, tmp_path, "status").stdout
    with process.start(tmp_path / "provider") as provider:
        live = office | dict(provider.environ()) | {"DISPATCHER_MAIL_FROM": "nhac@hatay.example"}
        refused = call(live, tmp_path, "run")
        assert (refused.returncode, "dispatcher golive" in refused.stderr) == (2, True), refused.stderr
        assert sql(url, TAKEN) == 2
        done = call(live, tmp_path, "golive", "--yes")
        assert (done.returncode, "2 messages" in done.stdout) == (0, True), done.stderr
        with serving(live, tmp_path):
            wait_for(lambda: provider.summary()["accepted"]["sms"] == 2)
        assert sql(url, "SELECT count(*) FROM contact WHERE state = 'active'") == 2
        again = call(live, tmp_path, "golive", "--yes")
        assert again.returncode == 1
    back = call(office, tmp_path, "run")
    assert (back.returncode, "no provider is configured" in back.stderr) == (2, True), back.stderr


def schedules(*campaigns: str) -> str:
    """Campaigns whose one step falls due in a moment, in a time zone where it is noon."""
    now = SystemClock().now()
    zone = f"Etc/GMT{now.hour - 12:+d}" if now.hour != 12 else "Etc/GMT"
    local = now + timedelta(hours=12 - now.hour)
    due = (local + timedelta(seconds=4)).strftime("%Y-%m-%dT%H:%M:%S")
    head = (
        f'timezone = "{zone}"\nprices = {{ default = 400 }}\n'
        'office = { name = "UBND thu", sender = "UBND THU", phone = "0900 000 000" }\n'
        '[audience.residents]\ntitle = "Ba con"\nlists = ["residents.csv"]\nbasis = "public_task"\n'
        'supplied_by = "Thu"\npriority = 1\nchannels = ["sms"]\n'
    )
    return head + "".join(
        f'[campaign.{name}]\ntitle = "Cuộc thi {name}"\nstarts = {local.date() - timedelta(days=1)}\n'
        f'ends = {local.date() + timedelta(days=3)}\naudiences = ["residents"]\nopt_out = "never"\n'
        f'grace = "2h"\nparticipation_link = true\n'
        f'step = [{{ name = "once", at = {due}, template = "once" }}]\n'
        for name in campaigns
    )


def wait_for(is_so: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.2)


def sql(url: str, question: str) -> int:
    """Ask the ledger by hand."""
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql(question).scalar() or 0)
    finally:
        engine.dispose()
