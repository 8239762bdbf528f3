"""Settings in files: which one wins, from where paths count, and what is said of a line that is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dispatcher import env_files
from dispatcher.env_files import SettingSources
from dispatcher.errors import ConfigurationError
from dispatcher.gateways import registry
from dispatcher.settings import Settings
from tests.command import Command

PROVIDER = "TWILIO_ACCOUNT_SID=AC1\nTWILIO_AUTH_TOKEN=a-very-secret-token\n"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the schedules; somebody else's is the working directory."""
    for name in ("office", "machine", "elsewhere"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "office"


def machine_file(office: Path, text: str = "") -> dict[str, str]:
    """Write the machine's file; without a word it says where the schedules are."""
    file = office.parent / "machine" / "dispatcher.env"
    file.write_text(text or "DISPATCHER_SCHEDULES=../office/schedules.toml\n", encoding="utf-8")
    return {"DISPATCHER_SETTINGS_FILE": str(file)}


def sources(environ: Mapping[str, str]) -> SettingSources:
    return env_files.read(environ, registry.setting_rows())


def settings(environ: Mapping[str, str]) -> Settings:
    return registry.read_settings(sources(environ).values)


def test_the_environment_beats_the_folder_and_the_folder_the_machine(office: Path) -> None:
    environ = machine_file(
        office,
        "DISPATCHER_SCHEDULES=../office/schedules.toml\n"
        "TWILIO_ACCOUNT_SID=machine\nTWILIO_FROM=machine\nDISPATCHER_MAIL_FROM=machine@hatay.example\n",
    )
    (office / ".env").write_text("TWILIO_ACCOUNT_SID=folder\nTWILIO_FROM=folder\n", encoding="utf-8")
    read = settings({**environ, "TWILIO_FROM": "environment"})
    values = read.gateway_values
    assert (values["TWILIO_ACCOUNT_SID"], values["TWILIO_FROM"]) == ("folder", "environment")
    assert read.mail_from == "machine@hatay.example"


def test_what_is_left_empty_is_not_said(office: Path) -> None:
    (office / ".env").write_text("TWILIO_FROM=\nDISPATCHER_LANG=\n", encoding="utf-8")
    environ = machine_file(office, "DISPATCHER_SCHEDULES=../office/x.toml\nTWILIO_FROM=UBND\n")
    read = settings({**environ, "DISPATCHER_LANG": " "})
    assert (read.gateway_values["TWILIO_FROM"], read.lang) == ("UBND", "vi")


def test_paths_count_from_the_folder_of_their_file(office: Path) -> None:
    (office / ".env").write_text(
        "DISPATCHER_DATABASE_URL=sqlite:///data/ledger.sqlite3\nTWILIO_AUTH_TOKEN_FILE=token\n"
        "DISPATCHER_CONTACTS=lists\nDISPATCHER_TEMPLATES=/srv/templates\n",
        encoding="utf-8",
    )
    (office / "token").write_text("the token of a file\n", encoding="utf-8")
    read = settings(machine_file(office))
    folder = office.parent / "machine" / ".." / "office"
    assert read.database_url == f"sqlite:///{folder}/data/ledger.sqlite3"
    assert (read.schedules, read.contacts) == (folder / "schedules.toml", folder / "lists")
    assert read.templates == Path("/srv/templates")
    assert read.gateway_values["TWILIO_AUTH_TOKEN"] == "the token of a file"


@pytest.mark.parametrize(
    "url",
    ["sqlite:////var/lib/l.sqlite3", "sqlite://", "sqlite:///:memory:", "postgresql://u@h/n",
     "sqlite:///C:/data/l.sqlite3"],
)  # fmt: skip
def test_an_address_that_is_no_relative_path_stays(office: Path, url: str) -> None:
    assert settings(machine_file(office, f"DISPATCHER_DATABASE_URL={url}\n")).database_url == url


def test_what_nobody_says_is_beside_the_schedules_that_a_file_tells_of(office: Path) -> None:
    read = settings(machine_file(office))
    assert read.database_url.startswith("sqlite:////")
    assert read.database_url.endswith("/office/dispatcher.sqlite3")
    assert read.contacts.resolve() == office / "contacts"
    (office / ".env").touch()
    read = settings({"DISPATCHER_SCHEDULES": str(office / "schedules.toml")})
    assert read.database_url == f"sqlite:///{office}/dispatcher.sqlite3"


def test_without_a_file_everything_counts_from_where_one_is(office: Path) -> None:
    read = settings({"DISPATCHER_SCHEDULES": str(office / "schedules.toml")})
    assert (read.database_url, read.contacts) == ("sqlite:///dispatcher.sqlite3", Path("contacts"))


def test_a_value_in_the_environment_replaces_a_file_named_elsewhere(office: Path) -> None:
    """NAME and NAME_FILE are one setting: both at once is a mistake in one place only."""
    (office / ".env").write_text("TWILIO_AUTH_TOKEN_FILE=nowhere\n", encoding="utf-8")
    read = settings({**machine_file(office), "TWILIO_AUTH_TOKEN": "mine"})
    assert read.gateway_values["TWILIO_AUTH_TOKEN"] == "mine"


def test_lines_are_read_as_systemd_and_docker_read_them(office: Path) -> None:
    text = (
        "# Cài đặt của xã\r\n\r\nexport TWILIO_FROM='UBND HA TAY'\r\nTWILIO_ACCOUNT_SID=AC1 # a remark\r\n"
        'TWILIO_AUTH_TOKEN="pa$$word ${HOME}"\r\nOTHER_PROGRAM=x\r\n'
    )
    (office / ".env").write_bytes(b"\xef\xbb\xbf" + text.encode())
    read = sources(machine_file(office))
    assert read.problems == ()
    assert read.values["TWILIO_FROM"] == "UBND HA TAY"
    assert read.values["TWILIO_ACCOUNT_SID"] == "AC1"
    assert read.values["TWILIO_AUTH_TOKEN"] == "pa$$word ${HOME}"
    assert (read.origins["TWILIO_FROM"].line, read.origins["TWILIO_AUTH_TOKEN"].line) == (3, 5)


@pytest.mark.parametrize(
    ("line", "name", "remedy"),
    [
        ("DISPATCHER_PUBLC_URL=https://x.example", "DISPATCHER_PUBLC_URL", "DISPATCHER_PUBLIC_URL"),
        ("TWILIO_ACOUNT_SID=AC1", "TWILIO_ACOUNT_SID", "TWILIO_ACCOUNT_SID"),
        ("DISPATCHER_WEATHER=fine", "DISPATCHER_WEATHER", "docs/reference.md"),
        ("DISPATCHER_SETTINGS_FILE=x", "DISPATCHER_SETTINGS_FILE", "environment"),
        ("TWILIO_FROM", "TWILIO_FROM", "NAME=VALUE"),
        ("TWILIO_FROM UBND", "TWILIO_FROM", "NAME=VALUE"),
        ("TWILIO_FROM='UBND", "TWILIO_FROM", "NAME=VALUE"),
        ("DISPATCHER_LANG=vi\nDISPATCHER_LANG=en", "DISPATCHER_LANG", "one of the two"),
    ],
)
def test_a_line_that_is_wrong_is_told_with_its_place(office: Path, line: str, name: str, remedy: str) -> None:
    (office / ".env").write_text(f"# first\n\n{line}\n", encoding="utf-8")
    (found,) = sources(machine_file(office)).problems
    assert (found.line, found.where) == (3 + line.count("\n"), name)
    assert found.file.endswith("office/.env")
    assert remedy in found.remedy


@pytest.mark.parametrize("content", [None, b"\xff\xfeT\x00"])
def test_a_file_that_is_named_and_cannot_be_read_is_told(office: Path, content: bytes | None) -> None:
    file = office / "settings"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError) as broken:
        sources({"DISPATCHER_SETTINGS_FILE": str(file)})
    assert broken.value.problems[0].file == str(file)


def test_a_wrong_value_names_its_file_and_line_and_no_secret(office: Path) -> None:
    (office / ".env").write_text("\nDISPATCHER_SMS_RATE=fast\nDISPATCHER_SECRET_KEY=hush\n", encoding="utf-8")
    command = Command(folder=office, settings={})
    done = command.run("status")
    assert done.returncode == 2
    assert ".env:2  DISPATCHER_SMS_RATE = fast" in done.stderr
    assert ".env:3  DISPATCHER_SECRET_KEY" in done.stderr
    assert "hush" not in done.stderr
    (found,) = (one for one in command.json("check")["problems"] if one["where"] == "DISPATCHER_SMS_RATE")
    assert (found["file"], found["line"]) == (".env", 2)


def test_a_gateway_that_lacks_something_is_told_where_it_stands(office: Path) -> None:
    (office / ".env").write_text("TWILIO_ACCOUNT_SID=AC1\nDISPATCHER_SMS_GATEWAY=pigeon\n", encoding="utf-8")
    done = Command(folder=office, settings={}).run("reconcile")
    assert done.returncode == 2
    told = Command(folder=office, settings={}).json("check")["problems"]
    assert (".env", 2) in [(one["file"], one["line"]) for one in told]


def test_config_show_says_where_each_was_said_and_shows_no_secret(office: Path) -> None:
    environ = machine_file(office, "DISPATCHER_SCHEDULES=../office/schedules.toml\n" + PROVIDER)
    (office / ".env").write_text("DISPATCHER_SMTP_URL=smtp://me:hush@mail.example\n", encoding="utf-8")
    command = Command(folder=office, settings={**environ, "TWILIO_FROM": "UBND"})
    done = command.run("config", "show")
    assert done.returncode == 0, done.stderr
    assert "very-secret" not in done.stdout
    assert "hush" not in done.stdout
    said = command.json("config", "show")
    rows = {row["name"]: row for row in said["settings"]}
    assert rows["TWILIO_FROM"]["source"] == "environment"
    assert rows["TWILIO_AUTH_TOKEN"] | {"source": ""} == {
        "name": "TWILIO_AUTH_TOKEN", "value": "•••", "secret": True, "source": "", "line": 3,
    }  # fmt: skip
    assert rows["TWILIO_AUTH_TOKEN"]["source"] == environ["DISPATCHER_SETTINGS_FILE"]
    assert rows["DISPATCHER_SMTP_URL"]["value"] == "smtp://…@mail.example"
    assert (rows["DISPATCHER_BIND"]["source"], rows["DISPATCHER_BIND"]["line"]) == ("default", None)
    assert rows["DISPATCHER_DATABASE_URL"]["value"].endswith("office/dispatcher.sqlite3")
    assert [Path(file).name for file in said["files"]] == [".env", "dispatcher.env"]


def test_config_show_also_shows_what_is_wrong(office: Path) -> None:
    (office / ".env").write_text("DISPATCHER_BIND=here\n", encoding="utf-8")
    done = Command(folder=office, settings={}).run("config", "show")
    assert (done.returncode, "here" in done.stdout, ".env:1" in done.stderr) == (2, True, True)


@pytest.mark.parametrize(("mode", "is_told"), [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_a_file_of_secrets_that_others_can_read_is_advised_about(
    office: Path, mode: int, is_told: bool
) -> None:
    (office / ".env").write_text(PROVIDER, encoding="utf-8")
    (office / ".env").chmod(mode)
    told = Command(folder=office, settings={}).json("check")["problems"]
    assert any("chmod 600" in one["remedy"] and one["severity"] == "advice" for one in told) is is_told


def test_a_file_without_secrets_may_be_read_by_all(office: Path) -> None:
    (office / ".env").write_text("DISPATCHER_DATABASE_URL=sqlite:///l.sqlite3\n", encoding="utf-8")
    (office / ".env").chmod(0o644)
    told = Command(folder=office, settings={}).json("check")["problems"]
    assert not any("chmod" in one["remedy"] for one in told)


def test_the_language_too_may_stand_in_a_file(office: Path) -> None:
    (office / ".env").write_text("DISPATCHER_LANG=vi\n", encoding="utf-8")
    command = Command(folder=office, settings={"DISPATCHER_LANG": ""})
    assert "chưa có sổ" in command.run("why", "0912000123").stderr
    (office / ".env").write_text("DISPATCHER_LANG=en\n", encoding="utf-8")
    assert "there is no ledger" in command.run("why", "0912000123").stderr


def test_a_shell_elsewhere_works_on_the_ledger_of_the_service(office: Path) -> None:
    environ = machine_file(office)
    assert Command(folder=office, settings={}).run("db", "upgrade").returncode == 0
    elsewhere = Command(folder=office.parent / "elsewhere", settings=environ)
    assert elsewhere.run("optout", "add", "0912000123").returncode == 0
    assert len(Command(folder=office, settings={}).json("optout", "list")) == 1
    assert list(elsewhere.folder.iterdir()) == []
