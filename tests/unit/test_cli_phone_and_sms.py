"""`phone` and `sms`: what they answer to people and to machines."""

from __future__ import annotations

import json

import pytest

from tests.command import command_in


@pytest.fixture
def cli(tmp_path):
    return command_in(tmp_path)


def lines(cli, verb, *values):
    done = cli.run(verb, "--jsonl", stdin="".join(f"{value}\n" for value in values))
    return done, [json.loads(line) for line in done.stdout.splitlines()]


def test_numbers_are_answered_line_by_line(cli):
    done, answers = lines(cli, "phone", '"0912.345.678 (con)"', "912345678.0", '"0220 3822 111"', "null", "{")
    assert done.returncode == 1  # the last line is no JSON
    assert answers[0] == {
        "numbers": ["+84912345678"],
        "reason": None,
        "repairs": ["note-left-out"],
        "flags": [],
    }
    assert answers[1]["numbers"] == ["+84912345678"]
    assert (answers[2]["numbers"], answers[2]["reason"]) == ([], "landline")
    assert answers[3]["reason"] == "empty"
    assert "line 5" in answers[4]["problem"]


def test_texts_are_answered_line_by_line(cli):
    done, answers = lines(
        cli, "sms", '"Mời bà con dự thi"', '"abc"', '"\\ud83d"', '"Nguye\\u0302\\u0303n"', "12"
    )
    assert done.returncode == 0
    assert answers[0] == {
        "encoding": "UCS-2", "units": 17, "parts": 1, "forcing": ["ờ", "ự"],
        "unaccented": {"text": "Moi ba con du thi", "parts": 1},
    }  # fmt: skip
    assert (answers[1]["encoding"], answers[1]["forcing"]) == ("GSM-7", [])
    assert answers[2]["unaccented"] == {"text": None, "parts": None}  # half a character
    assert answers[3]["units"] == 6  # composed, as it is sent
    assert answers[4]["units"] == 2


def test_people_are_told_why(cli):
    done = cli.run("phone", "0912345678", "12345", "--lang", "vi")
    assert done.returncode == 1
    assert "+84912345678" in done.stdout
    done = cli.run("sms", "Mời bà con")
    assert (done.returncode, "Moi ba con" in done.stdout, "450 VND" in done.stdout) == (0, True, True)
