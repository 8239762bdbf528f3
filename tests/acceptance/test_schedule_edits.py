"""Edits of schedules.toml as an organiser meets them: what is held, and the line that decides."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from dispatcher.clock import SystemClock
from dispatcher.configuration import load_configuration
from dispatcher.engine.step_runner import StepRunner
from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import campaign_states
from dispatcher.settings import from_environment
from tests.command import ROOT, Command
from tests.ledger_fixture import phone_number

# Wherever it is noon now: whatever is due may go out.
OFFSET = 12 - SystemClock().now().hour
ZONE = ZoneInfo(f"Etc/GMT{-OFFSET:+d}")
HEAD = f"""
timezone = "{ZONE.key}"
office = {{ name = "UBND xã Hà Tây", sender = "UBND HA TAY", phone = "0220 000 0000" }}
prices = {{ default = 450 }}
[audience.residents]
title = "Bà con"
lists = ["residents/*"]
basis = "public_task"
supplied_by = "Trưởng thôn"
priority = 1
channels = ["sms"]
"""
CAMPAIGN = """
[campaign.{name}]
title = "Cuộc thi {name}"
starts = {today}
ends = {last}
audiences = ["residents"]
window = "07:00-22:00"
step = [ {{ name = "{step}", at = {at}, template = "daily" }} ]
"""


WORDS = '{% extends "layout.sms.j2" %}{% block words %}mời bà con dự thi {{ short_title }}.{% endblock %}'


def now() -> datetime:
    return SystemClock().now().astimezone(ZONE)


class Office:
    """A folder with two residents, and the schedules as they are edited."""

    def __init__(self, folder: Path) -> None:
        self.cli = Command(folder=folder, settings={})
        self.folder = folder
        (folder / "templates").mkdir(parents=True)
        shutil.copy(ROOT / "templates" / "layout.sms.j2", folder / "templates")
        (folder / "templates" / "daily.sms.j2").write_text(WORDS, encoding="utf-8")
        (folder / "contacts" / "residents").mkdir(parents=True)
        rows = "\n".join(f"Nguyễn Văn {name},{phone_number(n)}" for n, name in enumerate(("An", "Bình"), 1))
        (folder / "contacts" / "residents" / "dong.csv").write_text(
            f"Họ và tên,Số điện thoại\n{rows}\n", encoding="utf-8"
        )

    def edit(self, *campaigns: tuple[str, str, datetime]) -> None:
        """Write campaigns of one step each: (name, step, when)."""
        first = now().date() - timedelta(days=1)
        last = first + timedelta(days=20)
        texts = [
            CAMPAIGN.format(
                name=name,
                step=step,
                at=f"{at:%Y-%m-%dT%H:%M:%S}",
                today=first,
                last=last,
            )
            for name, step, at in campaigns
        ]
        (self.folder / "schedules.toml").write_text(HEAD + "".join(texts), encoding="utf-8")

    def fire(self) -> None:
        """Do what the service does at its next look, and let every text leave."""
        settings = from_environment({"DISPATCHER_SCHEDULES": str(self.folder / "schedules.toml"),
                                     "DISPATCHER_TEMPLATES": str(self.folder / "templates"),
                                     "DISPATCHER_CONTACTS": str(self.folder / "contacts")})  # fmt: skip
        config = load_configuration(settings, None)
        ledger = Ledger.open(f"sqlite:///{self.folder / 'dispatcher.sqlite3'}")
        StepRunner(ledger, lambda: config, shard_size=100).tick(now())
        with ledger.begin() as connection:
            connection.execute(
                sa.update(message).values(
                    status="sent", rank=5, next_at=None, submitted_at=now(), provider_id="SM"
                )
            )
        ledger.close()


@pytest.fixture
def office(tmp_path: Path) -> Office:
    opened = Office(tmp_path)
    opened.edit(("thi", "launch", now() - timedelta(minutes=1)))
    done = opened.cli.run("contacts", "load", "--yes")
    assert done.returncode == 0, done.stderr
    opened.fire()
    return opened


def test_a_renamed_step_is_held_named_and_decided(office: Office) -> None:
    office.edit(("thi", "mo-dau", now() - timedelta(minutes=1)))
    office.fire()
    checked = office.cli.run("check")
    assert checked.returncode == 1
    line = "dispatcher rename step launch mo-dau --campaign thi"
    assert line in checked.stdout
    status = office.cli.run("status")
    assert (status.returncode, line in status.stdout) == (1, True)
    assert office.cli.run(*line.split()[1:]).returncode == 0
    assert office.cli.run("check").returncode == 0
    assert office.cli.run("status").returncode == 0


def test_a_cancelled_name_begun_anew_is_an_error_of_its_own(office: Office) -> None:
    ledger = Ledger.open(f"sqlite:///{office.folder / 'dispatcher.sqlite3'}")
    campaign_states.cancel(ledger, "thi", reason="", who="lan", now=now())
    ledger.close()
    assert office.cli.run("check").returncode == 0  # unchanged: advice
    office.edit(("thi", "launch", now() + timedelta(days=3)), ("khac", "launch", now() + timedelta(days=3)))
    checked = office.cli.json("check")
    errors = [problem["where"] for problem in checked["problems"] if problem["severity"] == "error"]
    assert errors == ["campaign.thi"]


def test_campaigns_that_meet_are_named_by_check_and_plan(office: Office) -> None:
    noon = (now() + timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
    office.edit(("thi", "launch", noon), ("bhyt", "bao", noon))
    checked = office.cli.run("check", "--lang", "vi")
    assert checked.returncode == 0
    thi, bhyt = "“Cuộc thi thi”", "“Tin nhắc” của “Cuộc thi bhyt”"
    words = f"{noon:%d/%m/%Y %H:%M}: 2 người nhận tin của {thi}, tin {bhyt} sẽ không gửi"
    assert words in checked.stdout
    first, second = office.cli.json("plan")
    assert first["collisions"] == []
    ((numbers, taken_by, move_to),) = [
        (one["numbers"], one["taken_by"], one["move_to"]) for one in second["collisions"]
    ]
    assert (numbers, taken_by) == (2, ["thi"])
    assert datetime.fromisoformat(move_to) == noon + timedelta(days=1)


def test_a_simulation_names_them_as_well_and_plays_what_was_said(office: Office) -> None:
    day = (now() + timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
    office.edit(("thi", "launch", day), ("bhyt", "bao", day))
    words = (
        "simulate",
        "--from",
        f"{day:%Y-%m-%d}",
        "--to",
        f"{day:%Y-%m-%d}",
        "--failures",
        "none",
        "--json",
    )
    played = office.cli.json(*words)
    assert [(one["campaign"], one["numbers"], one["taken_by"]) for one in played["collisions"]] == [
        ("bhyt", 2, ["thi"])
    ]
    assert played["statuses"]["cancelled"] == 2


def test_times_that_are_past_are_advice(office: Office) -> None:
    office.edit(
        ("thi", "launch", now() - timedelta(minutes=1)), ("cu", "launch", now() - timedelta(hours=20))
    )
    checked = office.cli.run("check")
    assert checked.returncode == 0
    assert "all its times lie in the past" in checked.stdout


def test_status_lists_what_is_to_come_and_counts_what_was_missed(office: Office) -> None:
    """A step that has gone out is not among what goes out next, however little ago it was."""
    fired = now() - timedelta(minutes=1)
    office.edit(("thi", "launch", fired), ("cu", "lo", fired - timedelta(hours=20)))
    office.fire()
    said = office.cli.run("status").stdout
    assert "What goes out next" not in said
    assert "1 step came too late" in said
    office.edit(("thi", "launch", fired), ("mai", "toi", fired + timedelta(hours=1)))
    listed = office.cli.run("status").stdout.partition("What goes out next")[2]
    assert ("toi" in listed, "launch" in listed) == (True, False)
