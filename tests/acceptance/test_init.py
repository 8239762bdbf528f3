"""From nothing to a plan that is right: `init`, then `check` and `simulate`, from the wheel alone."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.command import ROOT, Command, CommandResult


@pytest.fixture(scope="module")
def wheel_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as its wheel has it, without the checkout around it."""
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    with zipfile.ZipFile(next(out.glob("*.whl"))) as wheel:
        wheel.extractall(out / "site")
    return out / "site"


def call(wheel_folder: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONPATH": str(wheel_folder), "PYTHONSAFEPATH": "1"}
    for name in [name for name in environ if name.startswith(("DISPATCHER_", "TWILIO_"))]:
        del environ[name]
    return subprocess.run(
        [sys.executable, "-m", "dispatcher", *words],
        cwd=folder, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_from_an_empty_folder_with_only_the_wheel(wheel_folder: Path, tmp_path: Path) -> None:
    made = call(wheel_folder, tmp_path, "init", "office", "--json")
    assert made.returncode == 0, made.stderr
    answer = json.loads(made.stdout)
    assert answer["user"] == "admin"
    assert len(answer["password"]) >= 12
    office = tmp_path / "office"
    checked = call(wheel_folder, office, "check", "--json")
    assert checked.returncode == 0, checked.stdout
    assert [item for item in json.loads(checked.stdout)["problems"] if item["severity"] == "error"] == []
    played = call(wheel_folder, office, "simulate", "--json")
    assert played.returncode == 0, played.stderr
    books = json.loads(played.stdout)
    assert books["sound"]
    assert all("tham gia" not in said["words"] for said in books["samples"])


def test_what_is_made_is_private_and_says_nothing_of_a_contest(tmp_path: Path) -> None:
    command = Command(folder=tmp_path, settings={})
    assert command.run("init", "office").returncode == 0
    office = tmp_path / "office"
    for file in (".env", "schedules.toml", "dispatcher.sqlite3"):
        assert stat.S_IMODE((office / file).stat().st_mode) == 0o600, file
    words = "".join(path.read_text(encoding="utf-8") for path in office.rglob("*.j2"))
    assert "cuộc thi" not in words.lower()
    assert not (office / "templates" / "cong-dan-so").exists()


def run(folder: Path, *words: str) -> CommandResult:
    return Command(folder=folder, settings={}).run(*words, "--lang", "en")


def test_the_office_is_named_as_told(tmp_path: Path) -> None:
    told = (
        "--office",
        'UBND xã "Đông"',
        "--sender",
        "UBND DONG",
        "--phone",
        "0220 111 2222",
        "--mail",
        "a@b.example",
    )
    assert run(tmp_path, "init", "office", *told).returncode == 0
    assert 'UBND xã \\"Đông\\"' in (tmp_path / "office" / "schedules.toml").read_text(encoding="utf-8")


def test_what_cannot_be_leaves_nothing_behind(tmp_path: Path) -> None:
    refused = run(tmp_path, "init", "office", "--sender", "UY BAN NHAN DAN XA DONG")
    assert refused.returncode == 2
    assert "sender" in refused.stderr
    assert list((tmp_path / "office").iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "schedules.toml").write_text("mine")
    refused = run(tmp_path, "init", "office")
    assert refused.returncode == 2
    assert (tmp_path / "office" / "schedules.toml").read_text() == "mine"
    assert len(list((tmp_path / "office").iterdir())) == 1


def test_a_campaign_for_audiences_of_ones_own_needs_one_word_to_be_sound(tmp_path: Path) -> None:
    """Of words that nobody has written `check` says one thing once, and offers to write them."""
    command = Command(folder=tmp_path, settings={})
    assert command.run("init", "office").returncode == 0
    office = Command(folder=tmp_path / "office", settings={})
    file = tmp_path / "office" / "schedules.toml"
    text = file.read_text(encoding="utf-8")
    for old, new in (("audience.staff", "audience.can-bo"), ("audience.residents", "audience.ho-gia-dinh")):
        text = text.replace(old, new)
    text = text.replace('["staff", "residents"]', '["can-bo", "ho-gia-dinh"]').replace(
        '["staff"]', '["can-bo"]'
    )
    file.write_text(text, encoding="utf-8")
    checked = office.run("check", "--json")
    errors = [one for one in json.loads(checked.stdout)["problems"] if one["severity"] == "error"]
    assert [one["value"] for one in errors] == ["launch", "7-days", "3-days", "1-day", "thanks"]
    assert all("check --write-words" in one["remedy"] for one in errors)
    written = office.run("check", "--write-words")
    assert written.returncode == 0, written.stdout
    names = sorted(one.name for one in (tmp_path / "office" / "templates" / "bao-hiem-y-te").iterdir())
    assert len(names) == 10
    assert office.run("check").returncode == 0
