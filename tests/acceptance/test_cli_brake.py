"""The brake always works: whatever is away, broken, unreadable or another kind of thing than it should be."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import campaign_states
from tests.command import COMMAND, ROOT, Command, CommandResult
from tests.ledger_fixture import NOON

CAMPAIGN = "cong-dan-so"
NUMBER = "0990000115"  # somebody of the sample lists
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && cd "$1" && shift && exec "$@"'
EACH = """
import json, pathlib, sys
from dataclasses import asdict
from tests.command import Command
folder, settings, verbs = json.loads(sys.argv[1])
office = Command(folder=pathlib.Path(folder), settings=settings)
print(json.dumps([asdict(office.run(*verb)) for verb in verbs]))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of one's own with the sample campaign, its lists loaded."""
    folder = tmp_path_factory.mktemp("brake")
    shutil.copy(ROOT / "schedules.toml", folder)
    for name in ("templates", "contacts"):
        shutil.copytree(ROOT / name, folder / name)
    done = Command(folder=folder, settings={}).run("contacts", "load", "--yes")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def office(loaded: Path, tmp_path: Path) -> Command:
    shutil.copytree(loaded, tmp_path / "office")
    (tmp_path / "refused.csv").write_text("SĐT\n0912000124\n", encoding="utf-8")
    (tmp_path / "took-part.csv").write_text(f"Họ tên,SĐT\nAi Đó,{NUMBER}\n", encoding="utf-8")
    return Command(folder=tmp_path / "office", settings={})


def lists_away(folder: Path) -> None:
    shutil.rmtree(folder / "contacts")


def broken_toml(folder: Path) -> None:
    with (folder / "schedules.toml").open("a", encoding="utf-8") as file:
        file.write('\n[campaign.x\ntitle = "')


def wrong_value(folder: Path) -> None:
    text = (folder / "schedules.toml").read_text(encoding="utf-8")
    (folder / "schedules.toml").write_text(text.replace("priority = 1", 'priority = "x"'), encoding="utf-8")


def broken_template(folder: Path) -> None:
    for file in (folder / "templates").rglob("*.sms.j2"):
        file.write_text("{% if %}", encoding="utf-8")


def schedules_gone(folder: Path) -> None:
    (folder / "schedules.toml").unlink()


def all_gone(folder: Path) -> None:
    for name in ("templates", "contacts"):
        shutil.rmtree(folder / name)
    schedules_gone(folder)


def unknown_keys(folder: Path) -> None:
    text = (folder / "schedules.toml").read_text(encoding="utf-8")
    (folder / "schedules.toml").write_text(text.replace("starts =", "stards ="), encoding="utf-8")


def undecodable(folder: Path) -> None:
    for file in (folder / "schedules.toml", *(folder / "templates").rglob("*.j2")):
        file.write_bytes(b"\xff\xfe\x00\xd8" + file.read_bytes())


def folders_for_files(folder: Path) -> None:
    for file in (folder / "schedules.toml", folder / "templates" / "layout.sms.j2"):
        file.unlink(missing_ok=True)
        file.mkdir()


def files_for_folders(folder: Path) -> None:
    for name in ("contacts", "templates"):
        shutil.rmtree(folder / name)
        (folder / name).write_text("", encoding="utf-8")


def not_to_be_read(folder: Path) -> None:
    """A link to nowhere: it is there, and cannot be opened, whoever asks."""
    for name in ("schedules.toml", "templates", "contacts"):
        (folder / name).rename(folder / f"{name}.away")
        (folder / name).symlink_to(folder / "nowhere")


def broken_settings(folder: Path) -> None:
    """What is wrong in them does not say which ledger."""
    lines = ("DISPATCHER_SMS_RATE=soon", "DISPATCHER_TYPO=1", "this is no line", "TWILIO_FROM=UBND")
    ledger = f"DISPATCHER_DATABASE_URL=sqlite:///{folder / 'dispatcher.sqlite3'}"
    (folder / ".env").write_text("\n".join((*lines, ledger)), encoding="utf-8")


HARMS = [
    lists_away, broken_toml, wrong_value, unknown_keys, undecodable, broken_template, schedules_gone,
    all_gone, folders_for_files, files_for_folders, not_to_be_read, broken_settings,
]  # fmt: skip
VERBS = [
    ["status"],
    ["report", CAMPAIGN],
    ["why", NUMBER],
    ["optout", "add", "0912000123"],
    ["optout", "add", "0912000123", "--scope", f"campaign:{CAMPAIGN}"],
    ["optout", "add", "0912000123", "--scope", "audience:residents"],
    ["optout", "import", "../refused.csv", "--yes"],
    ["optout", "list"],
    ["optout", "remove", "0912000123", "--yes"],
    ["participation", "list", CAMPAIGN],
    ["participation", "import", "../took-part.csv", "--yes"],
    ["participation", "imports"],
    ["participation", "undo", "1", "--yes"],
    ["users", "add", "mai", "--role", "admin"],
    ["users", "password", "mai"],
    ["users", "list"],
    ["users", "remove", "mai", "--yes"],
    ["pause", CAMPAIGN],
    ["resume", CAMPAIGN],
    ["cancel", CAMPAIGN, "--yes"],
    ["forget", NUMBER, "--everybody", "--yes"],
]
READING = [verb for verb in VERBS if verb[0] in {"status", "report", "why"} or verb[1] in {"list", "imports"}]


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__)
def test_every_verb_of_the_brake_works(office: Command, harm: Callable[[Path], None]) -> None:
    harm(office.folder)
    for verb in VERBS:
        done = office.run(*verb)
        assert done.returncode == 0, (verb, done.stdout, done.stderr)
    done = office.run("optout", "end", "campaign:gone", "--yes")
    assert (done.returncode, "0 stops were lifted" in done.stdout) == (1, True), done.stderr
    assert office.run("optout", "end", f"campaign:{CAMPAIGN}", "--yes").returncode == 2  # it is not over
    ledger = Ledger.open(f"sqlite:///{office.folder / 'dispatcher.sqlite3'}")
    state = campaign_states.state_of(ledger, CAMPAIGN)
    ledger.close()
    assert state is not None
    assert state.state == "cancelled"


def run_read_only(office: Command, *verbs: list[str], **settings: str) -> list[CommandResult]:
    """Call verbs where the office's folder is on a disk that nobody can write to; in one process."""
    alone = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-rm")
    under = (*alone, "sh", "-c", READ_ONLY, "sh", str(office.folder))
    if subprocess.run([*under, "true"], check=False, capture_output=True).returncode:
        pytest.skip("a disk cannot be made read-only here")
    asked = json.dumps([str(office.folder), settings, verbs])
    done = subprocess.run(
        [*under, sys.executable, "-c", EACH, asked], env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, encoding="utf-8", check=False, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [CommandResult(**one) for one in json.loads(done.stdout)]


def test_the_brake_works_with_everything_but_the_ledger_read_only(office: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (office.folder / "dispatcher.sqlite3").rename(tmp_path / "data" / "dispatcher.sqlite3")
    url = f"sqlite:///{tmp_path / 'data' / 'dispatcher.sqlite3'}"
    for verb, done in zip(VERBS, run_read_only(office, *VERBS, DISPATCHER_DATABASE_URL=url), strict=True):
        assert done.returncode == 0, (verb, done)


@pytest.mark.parametrize("is_in_use", [False, True])
def test_a_ledger_that_cannot_be_written_can_be_read(office: Command, is_in_use: bool) -> None:
    url = f"sqlite:///{office.folder / 'dispatcher.sqlite3'}"
    with closing(Ledger.open(url)) as ledger:  # while one is open, the last changes stand in the log only
        campaign_states.pause(ledger, CAMPAIGN, reason="by-hand", who="mai", now=NOON)
        if not is_in_use:
            ledger.close()
        verbs = [*READING, ["status", "--json"], ["resume", CAMPAIGN], ["check", "--json"]]
        *read, status, resume, check = run_read_only(office, *verbs)
    for verb, done in zip(READING, read, strict=True):
        assert done.returncode == (1 if verb == ["status"] else 0), (verb, done)  # it is paused
    assert [one["state"] for one in json.loads(status.stdout)["campaigns"]] == ["paused"]
    assert (resume.returncode, "DISPATCHER_DATABASE_URL" in resume.stderr) == (2, True)
    told = json.loads(check.stdout)
    assert "the ledger cannot be written" in [one["what"] for one in told["problems"]]
    assert told["exit_code"] == 2


# --- a ledger that is none, and settings that may mean another ---------------------------------------------


def no_database(file: Path) -> None:
    file.write_bytes(b"This is no database.\n" * 500)


def torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:3000])


def garbled_pages(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    file.write_bytes(content)


def folder_for_ledger(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "harm", [no_database, torn, garbled_pages, folder_for_ledger], ids=lambda harm: harm.__name__
)
def test_over_a_ledger_that_is_none_every_verb_says_so_and_confirms_nothing(
    office: Command, harm: Callable[[Path], None]
) -> None:
    harm(office.folder / "dispatcher.sqlite3")
    for verb in [*VERBS, ["reconcile", "--offline"]]:
        done = office.run(*verb)
        assert (done.returncode in {1, 2}, done.stdout) == (True, ""), (verb, done)
        assert "dispatcher.sqlite3" in done.stderr or "damaged" in done.stderr, (verb, done.stderr)


@pytest.mark.parametrize(
    "line",
    [
        "DISPATCHER_DATABASE_URL sqlite:///x",
        "DISPATCHER_DATABSE_URL=sqlite:///x.sqlite3",
        "DISPATCHER_SECRET_KEY=x",
        "DATABASE_URI: x",
        "DISPATCHER_DB_URL=x",
        "DISPATCHER_OLDSECRET=x",
        "DISPATCHER_SCHEDULE=../office/schedules.toml",
        "DISPATCHER_LEDGER=postgresql://u@h/n",
    ],
)
def test_no_other_ledger_is_taken_for_one_that_a_broken_line_may_mean(office: Command, line: str) -> None:
    (office.folder / ".env").write_text(f"{line}\n", encoding="utf-8")
    done = office.run("pause", CAMPAIGN)
    assert (done.returncode, done.stdout, ".env" in done.stderr) == (2, "", True)


@pytest.mark.parametrize(
    "content",
    [
        "DISPATCHER_TRIALS=1\n",
        "DISPATCHER_NOSUCH=1\n",
        "day la dong sai\n",
        "DISPATCHER_LANG='vi\n",
        b"# DISPATCHER_DATABASE_URL=sqlite:///x\nTWILIO_FROM=X\xe3\n",
        "TWILIO_FROM=UBND\n".encode("utf-16"),
        b"\xff\xff\n",
    ],
)
def test_a_wrong_line_that_does_not_mean_the_ledger_stops_no_brake(
    office: Command, content: str | bytes
) -> None:
    """As after `init`: nobody names the ledger, it is beside the schedules."""
    (office.folder / ".env").write_bytes(content.encode() if isinstance(content, str) else content)
    done = office.run("pause", CAMPAIGN)
    assert done.returncode == 0, done.stderr
    assert ".env" in done.stderr
    assert str(office.folder / "dispatcher.sqlite3") in done.stderr
    (office.folder / "dispatcher.sqlite3").unlink()
    done = office.run("pause", CAMPAIGN)
    assert (done.returncode, "set DISPATCHER_DATABASE_URL" in done.stderr) == (2, True)
    assert not (office.folder / "dispatcher.sqlite3").exists()


@pytest.mark.parametrize(
    "content", ["DISPATCHER_DATABASE_URL=sqlite:///x\n".encode("utf-16"), None], ids=["UTF-16", "a folder"]
)
def test_a_file_of_settings_that_nobody_can_read_is_left_out_where_the_environment_says_which_ledger(
    office: Command, content: bytes | None
) -> None:
    if content is None:
        (office.folder / ".env").mkdir()
    else:
        (office.folder / ".env").write_bytes(content)
    assert office.run("pause", CAMPAIGN).returncode == 2
    url = f"sqlite:///{office.folder / 'dispatcher.sqlite3'}"
    done = office.run("pause", CAMPAIGN, DISPATCHER_DATABASE_URL=url)
    assert (done.returncode, ".env" in done.stderr) == (0, True)


@pytest.mark.parametrize("name", ["templates", "contacts"])
def test_a_folder_that_may_be_listed_and_not_entered_stops_no_brake(office: Command, name: str) -> None:
    """It is somebody else's: names can be read there, and nothing more."""
    folder, under = office.folder / name, ()
    folder.chmod(0o444)
    if os.geteuid() == 0:  # without these root may no more than others
        os.chown(folder, 65534, -1)
        folder.chmod(0o744)
        under = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--")
    for verb in (["pause", CAMPAIGN], ["resume", CAMPAIGN], ["status"], ["why", NUMBER]):
        done = subprocess.run(
            [*under, *COMMAND, *verb], cwd=office.folder, env=office.environ({"PYTHONPATH": str(ROOT)}),
            capture_output=True, encoding="utf-8", check=False, timeout=100,
        )  # fmt: skip
        assert done.returncode == 0, (verb, done.stderr)
        assert name != "templates" or verb[0] == "why" or "templates" in done.stderr
    folder.chmod(0o755)


@pytest.mark.parametrize("harm", [broken_toml, lists_away])
def test_what_cannot_be_used_is_said(office: Command, harm: Callable[[Path], None]) -> None:
    harm(office.folder)
    done = office.run("pause", CAMPAIGN)
    assert "what was last in force" in done.stderr


def test_a_campaign_that_has_left_the_file_can_still_be_stopped(office: Command) -> None:
    text = (office.folder / "schedules.toml").read_text(encoding="utf-8")
    renamed = text.replace(f"campaign.{CAMPAIGN}", "campaign.another")
    (office.folder / "schedules.toml").write_text(renamed, encoding="utf-8")
    assert office.run("pause", CAMPAIGN).returncode == 0
    assert office.run("pause", "nowhere").returncode == 2


def test_what_never_was_sound_is_refused(tmp_path: Path) -> None:
    office = Command(folder=tmp_path, settings={})
    assert office.run("db", "upgrade").returncode == 0
    assert office.run("pause", CAMPAIGN).returncode == 2


@pytest.mark.parametrize(
    "verb",
    [*(verb for verb in VERBS if "import" not in verb), ["why", "0912000123"],
     ["forget", "0912000123", "--yes"], ["contacts", "held"], ["reconcile"], ["contacts", "undo", "1"],
     ["golive", "--yes"], ["retention"], ["export", "0912000123"], ["contacts", "loads"]],
    ids=" ".join,
)  # fmt: skip
def test_no_verb_makes_a_ledger_by_accident(tmp_path: Path, verb: list[str]) -> None:
    shutil.copy(ROOT / "schedules.toml", tmp_path)
    done = Command(folder=tmp_path, settings={}).run(*verb)
    assert done.returncode == 2, done.stdout
    assert "there is no ledger here" in done.stderr
    assert str(tmp_path / "dispatcher.sqlite3") in done.stderr
    assert "DISPATCHER_SCHEDULES" in done.stderr
    assert "db upgrade" not in done.stderr
    assert not list(tmp_path.glob("*.sqlite3*"))


def test_the_service_starts_with_its_lists_away(office: Command) -> None:
    """It serves callbacks and links, and says what is missing; it never starts on what never was sound."""
    from dispatcher.app import build
    from dispatcher.gateways import registry

    lists_away(office.folder)
    values = {
        "DISPATCHER_SCHEDULES": str(office.folder / "schedules.toml"),
        "DISPATCHER_TEMPLATES": str(office.folder / "templates"),
        "DISPATCHER_CONTACTS": str(office.folder / "contacts"),
        "DISPATCHER_DATABASE_URL": f"sqlite:///{office.folder / 'dispatcher.sqlite3'}",
        "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "X",
        "DISPATCHER_SMTP_URL": "smtp://127.0.0.1:9", "DISPATCHER_MAIL_FROM": "a@b.example",
    }  # fmt: skip
    app = build(registry.read_settings(values))
    assert app.config.schedules.campaigns.keys() == {CAMPAIGN}
    assert app.live_config.rejected
    assert app.live_config.reload() is False  # said once
    shutil.copytree(ROOT / "contacts", office.folder / "contacts")
    assert app.live_config.reload() is True
    assert not app.live_config.rejected
