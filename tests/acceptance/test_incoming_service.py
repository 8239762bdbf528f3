"""An outside witness: a real `dispatcher run`, signed calls from outside, and its ledger read by hand."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import requests
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from dispatcher.clock import SystemClock
from dispatcher.sandbox import process
from dispatcher.simulation.drill.service_process import free_port

PEOPLE = 6
TEXT = "{{ office.name }}: Moi ong ba du thi. Tu choi soan TC."


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


def test_a_no_is_heard_by_the_real_service_whatever_else_comes_in(tmp_path: Path, database_url: str) -> None:
    for folder in ("contacts", "templates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "templates" / "once.sms.j2").write_text(TEXT, encoding="utf-8")
    names = ["An", "Bình", "Chi", "Dung", "Giang", "Hoa"]
    rows = [f"{n + 1},Nguyễn Thị {name},09010000{n + 10}" for n, name in enumerate(names)]
    (tmp_path / "contacts" / "residents.csv").write_text(
        "\n".join(["STT,Họ và tên,Số điện thoại", *rows]), encoding="utf-8"
    )
    file, port = tmp_path / "schedules.toml", free_port()
    file.write_text(schedules("first", "second"), encoding="utf-8")
    with process.start(tmp_path / "sandbox") as sandbox:
        environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DISPATCHER_", "TWILIO_"))
        } | {
            "DISPATCHER_DATABASE_URL": database_url,
            "DISPATCHER_SCHEDULES": str(file),
            "DISPATCHER_CONTACTS": str(tmp_path / "contacts"),
            "DISPATCHER_TEMPLATES": str(tmp_path / "templates"),
            "DISPATCHER_BIND": f"127.0.0.1:{port}",
            "DISPATCHER_MAIL_GATEWAY": "off",
            "DISPATCHER_SECRET_KEY": "for tests only, 1234",
            "DISPATCHER_LANG": "en",
            **sandbox.environ(),
        }
        command = [sys.executable, "-m", "dispatcher"]
        subprocess.run([*command, "contacts", "load", "--yes"], env=environ, check=True, timeout=60)
        service = subprocess.Popen([*command, "run"], env=environ)
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(
                lambda: sql(database_url, "SELECT count(*) FROM message WHERE submitted_at > 0") >= PEOPLE
            )
            answered = schedules("second")
            file.write_text(answered, encoding="utf-8")  # "first" leaves the file, and the service sees it
            time.sleep(6)
            said = [("Xong", ""), ("ST\0OP", ""), ("tc", ""), ("Cút đi", "STOP"), ("Cảm ơn, Huy", "")]
            for n, (body, kind) in enumerate(said):
                form = {
                    "MessageSid": f"SM{n:032d}",
                    "From": f"+8490100001{n}",
                    "Body": body,
                    "OptOutType": kind,
                }
                path = f"{url}/providers/twilio/inbound"
                signature = RequestValidator(sandbox.auth_token).compute_signature(path, form)
                headers = {"X-Twilio-Signature": signature}
                assert requests.post(path, data=form, headers=headers, timeout=10).status_code == 200
            wait_for(lambda: sql(database_url, "SELECT count(*) FROM event WHERE processed_at IS NULL") == 0)
            assert sql(database_url, "SELECT count(*) FROM suppression") == 3
            assert sql(database_url, "SELECT count(*) FROM participation") == 1
            assert requests.get(f"{url}/readyz", timeout=10).json()["problems"] == []
            service.terminate()
            assert service.wait(30) == 0
        finally:
            service.kill()
            service.wait()


def wait_for(is_so: object, seconds: float = 40.0) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
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
