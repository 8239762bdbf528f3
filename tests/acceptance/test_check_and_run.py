"""Whatever `run` refuses, `check` refuses: the same settings, files and ledgers, asked of both."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.command import Command
from tests.schedules_files import VALID_SCHEDULES, write_files

Broken = dict[str, str]  # settings
SMS_ONLY = {
    "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "UBND",
    "DISPATCHER_SMTP_URL": "smtp://127.0.0.1:9", "DISPATCHER_MAIL_FROM": "nhac@hatay.example",
}  # fmt: skip


@pytest.fixture
def office(tmp_path: Path) -> Command:
    """An office whose every setting is right; nothing answers at its providers."""
    write_files(tmp_path)
    (tmp_path / "schedules.toml").write_text(VALID_SCHEDULES, encoding="utf-8")
    return Command(folder=tmp_path, settings=SMS_ONLY)


@pytest.mark.parametrize(
    "settings",
    [
        {"DISPATCHER_BIND": "0.0.0.0:8025"},
        {"DISPATCHER_BIND": "here"},
        {"DISPATCHER_BOUNCE_MAILBOX": "imaps://user:pw@mail.example/INBOX?colour=red"},
        {"DISPATCHER_BOUNCE_MAILBOX": "imaps://mail.example/INBOX"},
        {"DISPATCHER_SMS_GATEWAY": "pigeon"},
        {"DISPATCHER_SMS_GATEWAY": "off", "DISPATCHER_MAIL_GATEWAY": "off"},
        {"TWILIO_AUTH_TOKEN": ""},
        {"DISPATCHER_MAIL_FROM": ""},
        {"DISPATCHER_MAIL_FROM": "no address"},
        {"DISPATCHER_SCHEDULES": "nowhere.toml"},
        {"DISPATCHER_DATABASE_URL": "sqlite:////nowhere/ledger.sqlite3"},
        {"DISPATCHER_DATABASE_URL": "nonsense"},
        {"DISPATCHER_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"},
        {"DISPATCHER_DATABASE_URL": "sqlite:///schedules.toml"},
        {"DISPATCHER_DATABASE_URL": "sqlite:///newer.sqlite3"},
        {"DISPATCHER_SETTINGS_FILE": "nowhere.env"},
    ],
    ids=lambda settings: " ".join(f"{name}={value}" for name, value in settings.items()),
)
def test_what_run_refuses_check_refuses(office: Command, settings: Broken) -> None:
    newer = office.folder / "newer.sqlite3"
    assert office.run("db", "upgrade", DISPATCHER_DATABASE_URL=f"sqlite:///{newer}").returncode == 0
    with sqlite3.connect(newer) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    run = office.run("run", **settings)
    check = office.run("check", **settings)
    assert (run.returncode, check.returncode) == (2, 2), (run, check.stdout)


@pytest.mark.parametrize("folder", ["contacts", "templates"])
def test_without_a_sound_edition_nothing_starts(office: Command, folder: str) -> None:
    shutil.rmtree(office.folder / folder)
    assert (office.run("run").returncode, office.run("check").returncode) == (2, 2)


def test_what_is_right_is_refused_by_neither(office: Command) -> None:
    assert office.run("check").returncode in {0, 1}  # texts of templates are another matter


@pytest.mark.parametrize("words", ["{{ recipient.name|louder }}", "{% if %}", "{{ reciever.name }}"])
def test_words_that_cannot_be_read_are_refused_before_anything_fails_for_them(
    office: Command, words: str
) -> None:
    (template,) = list((office.folder / "templates").rglob("*.sms.j2"))[:1]
    template.write_text(words, encoding="utf-8")
    run, check = office.run("run"), office.run("check")
    assert (run.returncode, check.returncode) == (2, 1), (run, check.stdout)
    assert template.name in run.stderr
