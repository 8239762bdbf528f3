"""The command as a process of its own: its start, its languages, its exit codes."""

from __future__ import annotations

import time

import pytest

from tests.command import command_in


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    return command_in(tmp_path_factory.mktemp("cli"))


def test_it_answers_at_once(cli):
    assert cli.run_in_process("--version").stdout.startswith("dispatcher ")
    began = time.perf_counter()
    done = cli.run_in_process("phone", "0912345678")
    assert time.perf_counter() - began < 3  # 0.2 s on an idle machine
    assert "+84912345678" in done.stdout


def test_help_speaks_both_languages(cli):
    assert "The calendar" in cli.run_in_process("--help").stdout
    assert "The calendar" not in cli.run_in_process("--help", "--lang", "vi").stdout


def test_wrong_use_is_no_traceback(cli):
    done = cli.run_in_process("preview", "cong-dan-s", "launch")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert "cong-dan-so" in done.stderr


def test_a_pipe_that_closes_early_is_no_traceback(cli):
    done = cli.run_in_process("sms", "--jsonl", stdin='"a"\n' * 3)
    assert len(done.stdout.splitlines()) == 3


def test_what_is_not_on_this_machine_is_refused(cli):
    settings = {
        "TWILIO_ACCOUNT_SID": "AC1",
        "TWILIO_AUTH_TOKEN": "x",
        "TWILIO_FROM": "+84900000000",
        "DISPATCHER_SMTP_URL": "smtp://127.0.0.1:9",
        "DISPATCHER_MAIL_FROM": "nhac@hatay.example",
    }
    done = cli.run_in_process("simulate", **settings)
    assert done.returncode == 2
    assert "twilio" in done.stderr
