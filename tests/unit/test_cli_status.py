"""Looking before sending: check, plan, preview; in both languages."""

from __future__ import annotations

import pytest

from tests.command import command_in


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    return command_in(tmp_path_factory.mktemp("look"))


def test_the_sample_is_in_order(cli):
    done = cli.run("check")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_plan_counts_recipients_parts_and_cost(cli):
    (found,) = cli.json("plan")
    launch = [one for one in found["calendar"] if one["step"] == "launch"]
    assert {one["audience"] for one in launch} == {"staff", "party", "parents", "residents"}
    residents = next(one for one in launch if one["audience"] == "residents")
    assert residents["recipients"] > 100
    assert residents["parts"] == residents["recipients"] * residents["parts_each"]
    assert residents["vnd"] > 0
    assert found["vnd"] == sum(one["vnd"] for one in found["calendar"]) <= found["budget_vnd"]
    assert [one["recipients"] for one in found["calendar"] if one["kind"] == "thanks"]


def test_the_plan_is_the_same_once_lists_are_loaded(cli, tmp_path):
    before = cli.json("plan")
    assert cli.run("contacts", "load", "--yes").returncode == 0
    assert cli.json("plan") == before


def test_a_step_is_shown_for_a_real_row(cli):
    shown = cli.json("preview", "cong-dan-so", "3-days", "--audience", "residents")
    (text,) = [one for one in shown if one["channel"] == "sms"]
    assert "còn 3" in text["text"] or "con 3" in text["text"]
    assert (text["parts"], text["encoding"]) == (1, "GSM-7")
    assert text["row"]["file"].startswith("residents/")


def test_a_mail_is_written_as_html(cli):
    done = cli.run("preview", "cong-dan-so", "launch", "--audience", "staff", "--html", "mail.html")
    assert done.returncode == 0, done.stderr
    assert "<html" in (cli.folder / "mail.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(("lang", "word"), [("vi", "Kinh phí"), ("en", "Budget")])
def test_it_speaks_both_languages(cli, lang, word):
    assert word in cli.run("plan", "--lang", lang).stdout
