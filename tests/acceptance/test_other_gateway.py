"""A gateway of somebody else's, installed as a package of its own, carries a campaign from end to end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dispatcher.simulation.drill.service_process import free_port
from tests.command import ROOT

PROVIDER = '''
"""A gateway that writes texts into a file, and reports by GET without a signature."""
import json
from pathlib import Path
from urllib.parse import parse_qs

from dispatcher.gateways import Capabilities, Result
from dispatcher.gateways.provider import InboundText, Provider, StatusReport, WebhookAnswer, NOT_SIGNED
from dispatcher.settings import Setting

class Pigeon:
    name = "pigeon"

    def __init__(self, options):
        self.loft = Path(options.values["PIGEON_LOFT"])
        rate = options.rate_per_second or 50
        self.capabilities = Capabilities(
            channel="sms", rate_per_second=rate, supports_lookup=True, supports_receipts=True, loopback=True)

    async def send(self, envelopes, *, acquire_permit=None):
        results = []
        for envelope in envelopes:
            if acquire_permit is not None:
                await acquire_permit()
            with self.loft.open("a") as file:
                file.write(json.dumps({"key": envelope.key, "to": envelope.to, "body": envelope.body,
                                       "callback": envelope.callback_url}) + "\\n")
            results.append(Result(key=envelope.key, kind="accepted", status="sending",
                                  provider_id="P" + envelope.key))
        return results

    async def look_up(self, envelope, *, since, provider_id="", exclude=()):
        return Result(key=envelope.key, kind="unknown", code="look-up", error_class="ambiguous")

    async def close(self):
        pass

def read_webhook(request, values):
    fields = {name: found[0] for name, found in parse_qs(request.query).items()}
    if request.purpose == "inbound":
        return WebhookAnswer(status=200, reports=(InboundText(
            provider_id=fields["id"], sender=fields["from"], body=fields["body"]),))
    if not request.is_key_ours:
        return NOT_SIGNED
    code = fields.get("code", "")
    status = "permanent-failure" if code else "delivered"
    return WebhookAnswer(status=200, reports=(StatusReport(
        provider_id=fields["id"], status=status, provider_status=fields["status"], code=code,
        error_class=explain(code)),))

def explain(code):
    return "number" if code == "P99" else ""

PROVIDER = Provider(
    name="pigeon", channel="sms", settings=(Setting(name="PIGEON_LOFT"),), configured_by="PIGEON_LOFT",
    open=Pigeon, explain=explain, read_webhook=read_webhook)
'''

PLAY = """
import asyncio, json, sys
from datetime import timedelta
from dispatcher.clock import SimulatedClock
from dispatcher.app import build
from dispatcher.cli import context
from dispatcher.feedback import inbox_processor
from dispatcher.ledger.queries import message_counts
from dispatcher.report import labels
from dispatcher.web.server import bind, serve
from dispatcher.web.webhook_app import WebhookApp
from tests import ledger_fixture
from tests.engine_fixture import MORNING
import urllib.request, urllib.error

def get(url):
    try:
        return urllib.request.urlopen(url, timeout=10).status
    except urllib.error.HTTPError as error:
        return error.code

async def main():
    settings = context.settings()
    app = build(settings, clock=SimulatedClock(MORNING))
    ledger_fixture.add_people(app.ledger, ("residents", "Lê Thị Mẫu", ledger_fixture.phone_number(1), ""),
                              ("residents", "Lê Văn Mẫu", ledger_fixture.phone_number(2), ""))
    listener = bind("127.0.0.1", settings.port)
    async with serve(WebhookApp(app), listener):
        app.step_runner.tick(MORNING)
        while await app.delivery.serve_next_shard("sms"):
            pass
        sent = [json.loads(line) for line in open(sys.argv[1])]
        def address(one, more):
            return one["callback"] + "?id=P" + one["key"] + more
        good, bad = sent
        answers = [
            await asyncio.to_thread(get, address(good, "&status=ok")),
            await asyncio.to_thread(get, address(bad, "&status=lost&code=P99")),
            await asyncio.to_thread(get, good["callback"][:-1] + "?id=P1&status=ok"),
            await asyncio.to_thread(get, app.links.public_url + "/providers/pigeon/inbound?id=i1&from=%2B"
                                    + good["to"][1:] + "&body=TC"),
            await asyncio.to_thread(get, app.links.public_url + "/providers/dove/inbound"),
        ]
        await app.ledger_thread.run(inbox_processor.process, app.ledger, app.config, now=app.clock.now())
        counts = {one.status: one.messages for one in message_counts.exact_by_step(app.ledger)}
        print(json.dumps({"sent": len(sent), "answers": answers, "counts": counts,
                          "reason": labels.reason("P99"), "number": labels.reason("number")}))
    await app.close()

asyncio.run(main())
"""

SCHEDULES = """
[office]
name = "UBND xã Hà Tây"
sender = "UBND HA TAY"
mail = "ubnd@hatay.example"
[prices]
default = 400
[audience.residents]
title = "Bà con"
lists = ["residents/*.csv"]
basis = "public_task"
supplied_by = "Trưởng thôn"
priority = 1
[campaign.contest]
title = "Cuộc thi"
starts = 2025-11-03
ends = 2025-11-11
audiences = ["residents"]
opt_out = "never"
[[campaign.contest.step]]
name = "daily"
every = "daily 08:00"
moment = "daily"
"""

MAIL = "".join(f"{{% block {part} %}}{part}{{% endblock %}}" for part in ("subject", "text", "html"))


@pytest.fixture
def office(tmp_path: Path) -> dict[str, str]:
    """Install the package as pip leaves it behind, and give the environment of an office that uses it."""
    site = tmp_path / "site"
    metadata = site / "pigeon_gateway-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "pigeon_gateway.py").write_text(PROVIDER, encoding="utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon-gateway\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[dispatcher.gateways]\npigeon = pigeon_gateway:PROVIDER\n")
    (tmp_path / "schedules.toml").write_text(SCHEDULES, encoding="utf-8")
    for name in ("contacts/residents", "templates"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "contacts/residents/thon-dong.csv").write_text("Họ tên;SĐT\n", encoding="utf-8")
    (tmp_path / "templates/daily.sms.j2").write_text("Moi {{ recipient.name }}", encoding="utf-8")
    return {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("DISPATCHER", "TWILIO"))
        },
        "PYTHONPATH": f"{site}:{ROOT}",
        "PIGEON_LOFT": str(tmp_path / "loft"),
        "DISPATCHER_MAIL_GATEWAY": "off",
        "DISPATCHER_BIND": f"127.0.0.1:{free_port()}",
        "DISPATCHER_LANG": "en",
        "NO_COLOR": "1",
    }


def call(office: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], env=office, cwd=folder, capture_output=True, text=True, check=False
    )


def test_it_sends_and_its_reports_are_understood(office: dict[str, str], tmp_path: Path) -> None:
    done = call(office, tmp_path, "-c", PLAY, office["PIGEON_LOFT"])
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["sent"] == 2
    assert told["answers"] == [200, 200, 403, 200, 404]
    assert told["counts"] == {"delivered": 1, "permanent-failure": 1}
    assert told["reason"] == f"{told['number']} (P99)"


def test_check_says_who_falls_out_and_that_it_can_run(office: dict[str, str], tmp_path: Path) -> None:
    done = call(office, tmp_path, "-m", "dispatcher", "check")
    assert "mails are off: who in residents can be reached in no other way gets nothing" in done.stdout
    assert done.returncode in {0, 1}, done.stdout + done.stderr


def test_check_names_the_channel_that_nobody_serves(office: dict[str, str], tmp_path: Path) -> None:
    del office["DISPATCHER_MAIL_GATEWAY"]
    (tmp_path / "templates/daily.mail.j2").write_text(MAIL, encoding="utf-8")
    done = call(office, tmp_path, "-m", "dispatcher", "check")
    assert done.returncode == 2
    assert "no gateway carries mails" in done.stdout
    assert "DISPATCHER_MAIL_GATEWAY=off" in done.stdout
