"""From trial to real use with the real service: people get what the sandbox was sent, once."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import requests
import sqlalchemy as sa

from dispatcher.clock import SystemClock
from dispatcher.sandbox import process
from dispatcher.simulation.drill.service_process import free_port
from tests.command import COMMAND, Command

TAKEN = "SELECT count(*) FROM message WHERE provider_id <> '' AND address LIKE '+84%%'"


@pytest.fixture
def office(tmp_path: Path, sqlite_url: str) -> Command:
    """An office with two people in its list and a step that has just fallen due; no provider.

    On SQLite: what the ledger does is held on both databases (`tests/conformance/test_stage.py`).
    """
    for folder in ("contacts", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "once.sms.j2").write_text("{{ office.name }}: Moi du thi.", encoding="utf-8")
    rows = ["STT,Họ và tên,Số điện thoại", "1,Nguyễn Thị An,0901000010", "2,Nguyễn Thị Bình,0901000011"]
    (tmp_path / "contacts" / "residents.csv").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "schedules.toml").write_text(schedules("first"), encoding="utf-8")
    settings = {
        "DISPATCHER_DATABASE_URL": sqlite_url,
        "DISPATCHER_PATIENCE": "0.1",
        "DISPATCHER_SCHEDULES": str(tmp_path / "schedules.toml"),
        "DISPATCHER_CONTACTS": str(tmp_path / "contacts"),
        "DISPATCHER_TEMPLATES": str(tmp_path / "templates"),
        "DISPATCHER_BIND": f"127.0.0.1:{free_port()}",
        "DISPATCHER_SECRET_KEY": "for tests only, 1234",
    }
    return Command(folder=tmp_path, settings=settings)


@contextmanager
def serving(office: Command) -> Iterator[None]:
    """Run the service."""
    service = subprocess.Popen([*COMMAND, "run"], env=office.environ({}), cwd=office.folder)
    try:
        yield
        service.terminate()
        assert service.wait(30) == 0
    finally:
        service.kill()
        service.wait()


def test_from_trial_to_live(office: Command, tmp_path: Path) -> None:
    url = office.settings["DISPATCHER_DATABASE_URL"]
    assert office.run("contacts", "load", "--yes").returncode == 0
    with serving(office):
        wait_for(lambda: sql(url, TAKEN) == 2)
        ready = requests.get(f"http://{office.settings['DISPATCHER_BIND']}/readyz", timeout=10).json()
        assert ready["stage"] == "trial"
    assert "TRIAL" in office.run("status").stdout
    with process.start(tmp_path / "provider") as provider:
        real = {**provider.environ(), "DISPATCHER_MAIL_FROM": "nhac@hatay.example"}
        live = replace(office, settings={**office.settings, **real})
        refused = live.run_in_process("run")
        assert (refused.returncode, "dispatcher golive" in refused.stderr) == (2, True), refused.stderr
        assert sql(url, TAKEN) == 2
        done = live.run("golive", "--yes")
        assert (done.returncode, "2 messages" in done.stdout) == (0, True), done.stderr
        with serving(live):
            wait_for(lambda: provider.summary()["accepted"]["sms"] == 2)
        assert sql(url, "SELECT count(*) FROM contact WHERE state = 'active'") == 2
        assert live.run("golive", "--yes").returncode == 1
    back = office.run_in_process("run")
    assert (back.returncode, "no provider is configured" in back.stderr) == (2, True), back.stderr


def schedules(*campaigns: str) -> str:
    """Campaigns whose one step has just fallen due, in a time zone where it is noon."""
    now = SystemClock().now()
    zone = f"Etc/GMT{now.hour - 12:+d}" if now.hour != 12 else "Etc/GMT"
    local = now + timedelta(hours=12 - now.hour)
    due = local.strftime("%Y-%m-%dT%H:%M:%S")
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
