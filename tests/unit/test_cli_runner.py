"""Bad input of every kind: exit 2 (1 where the question itself was fine), a sentence, never a traceback."""

from __future__ import annotations

import pytest

from tests.command import ROOT, command_in

MISTAKES = [
    (["chek"], "no verb chek", 2),
    (["--lang", "fr", "check"], "fr", 2),
    (["check", "--jsn"], "--json", 2),
    (["check", "too much"], "too much", 2),
    (["preview", "cong-dan-so"], "STEP is missing", 2),
    (["preview", "cong-dan-s", "launch"], 'Did you mean "cong-dan-so"?', 2),
    (["preview", "cong-dan-so", "lanch"], 'Did you mean "launch"?', 2),
    (["preview", "cong-dan-so", "launch", "--audience", "resident"], 'Did you mean "residents"?', 2),
    (["preview", "cong-dan-so", "launch", "--contact", "Không Có Ai"], "no row fits", 2),
    (["simulate", "--speed", "fast"], "--speed", 2),
    (["simulate", "--from", "32/13/2025"], "not a day", 2),
    (["simulate", "--from", "2025-11-02", "--to", "2025-11-01"], "before the first", 2),
    (["simulate", "--failures", "awful"], "none, calm, bad", 2),
    (["simulate", "--people", "nowhere"], "no folder nowhere", 2),
    (["why", "0912"], "digits are missing", 2),
    (["why", "someone"], "no phone number", 2),
    (["why", "a@b"], "cut short", 2),
    (["why", "0911222333"], "", 1),
    (["optout", "add", "0220 3822 111"], "landline", 2),
    (["optout", "add", "0911222333", "--scope", "village:x"], "campaign:NAME", 2),
    (["optout", "remove", "0911222333", "--yes"], "", 1),
    (["optout", "import", "nowhere.csv"], "no file nowhere.csv", 2),
    (["participation", "import", "nowhere.csv"], "no file nowhere.csv", 2),
    (["contacts", "check", "nowhere.xlsx"], "no file nowhere.xlsx", 2),
    (["contacts", "check", "--rejects", "out.csv"], ".xlsx", 2),
    (["contacts", "load", "schedules.toml"], "there is no such file", 2),
    (["contacts", "undo", "7", "--yes"], "there is no load 7", 1),
    (["contacts", "release", "7", "--yes"], "does not wait", 1),
    (["contacts", "undo", "seven"], "LOAD is a whole number", 2),
    (["contacts", "held", "--audience", "resident"], 'Did you mean "residents"?', 2),
    (["bounces", "read", "nowhere.mbox"], "does not exist", 2),
    (["pause", "cong-dan-so", "--reason", "a\udcff"], "no UTF-8 text", 2),
    (["users", "add", "mai lan"], "Latin letters", 2),
    (["pause", "cong-dan"], 'Did you mean "cong-dan-so"?', 2),
    (["reconcile", "--log", "nowhere"], "no folder nowhere", 2),
    (["sandbox", "people", "out", "--residents", "0"], "between 1 and", 2),
]
SETTINGS = [
    ({"DISPATCHER_DATABASE_URL": "postgres//x"}, "DISPATCHER_DATABASE_URL"),
    ({"DISPATCHER_DATABASE_URL": "sqlite:////nowhere/at/all.sqlite3"}, "DISPATCHER_DATABASE_URL"),
    ({"DISPATCHER_DATABASE_URL": "postgresql://dispatcher:geheim@127.0.0.1:1/x"}, "127.0.0.1"),
    ({"DISPATCHER_SCHEDULES": "nowhere.toml"}, "nowhere.toml"),
    ({"DISPATCHER_TEMPLATES": "nowhere"}, "nowhere"),
    ({"DISPATCHER_BIND": "here"}, "DISPATCHER_BIND"),
    ({"DISPATCHER_SECRET_KEY_FILE": "nowhere.txt"}, "nowhere.txt"),
]


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    here = command_in(tmp_path_factory.mktemp("mistakes"))
    assert here.run("db", "upgrade").returncode == 0
    return here


@pytest.mark.parametrize(
    ("words", "told", "code"), MISTAKES, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
def test_wrong_use(cli, words, told, code):
    done = cli.run(*words)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False), done.stderr
    assert told in done.stderr


@pytest.mark.parametrize(
    ("settings", "told"), SETTINGS, ids=lambda value: "".join(value) if isinstance(value, dict) else ""
)
def test_settings_that_cannot_be_used(cli, settings, told):
    verb = "run" if "DISPATCHER_BIND" in settings else "status"  # which needs to know the ledger only
    done = cli.run(verb, **settings)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    assert told in done.stderr
    assert "geheim" not in done.stderr


def test_everything_that_is_wrong_is_told_at_once(cli, tmp_path):
    broken = tmp_path / "schedules.toml"
    text = (ROOT / "schedules.toml").read_text(encoding="utf-8")
    broken.write_text(
        text.replace("cap_per_day = 2", 'cap_per_dy = 2\ncap_per_week = "five"').replace(
            "cap_per_week = 5\n", ""
        ),
        encoding="utf-8",
    )
    done = cli.run("check", DISPATCHER_SCHEDULES=str(broken))
    assert done.returncode == 2
    assert "cap_per_dy" in done.stdout
    assert "cap_per_week" in done.stdout
    assert f"{broken}:" in done.stdout  # with its line
    value = cli.json("check", DISPATCHER_SCHEDULES=str(broken))
    assert {problem["severity"] for problem in value["problems"]} >= {"error"}
    assert value["exit_code"] == 2


def test_without_words_it_shows_its_verbs(cli):
    done = cli.run()
    assert done.returncode == 2
    assert "simulate" in done.stdout + done.stderr
