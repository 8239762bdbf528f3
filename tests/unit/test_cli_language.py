"""The language of an answer: `--lang` wherever it stands, else the environment, else Vietnamese."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from dispatcher import i18n
from dispatcher.cli import help_texts, language, runner

# Shows the help page of every verb; in a process of its own, as help texts are translated where they stand.
EVERY_PAGE = """
import sys
from dispatcher.cli import help_texts, language
language.select_language(sys.argv[1:], {})
help_texts.bind_catalogue()
from typer.main import get_command
from dispatcher.cli import application, runner
def verbs(path, command):
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from verbs([*path, name], inner)
for path in verbs([], get_command(application.app)):
    runner.run([*path, "--help"])
"""
TYPERS = re.compile(
    r"Usage|Options|Arguments|Commands|OPTIONS|ARGS|ARGUMENTS|COMMAND|default:|required|<\w+|"
    rf"\b(?:{'|'.join(sorted(help_texts.METAVARS))})\b"
)


def every_page(lang: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_PAGE, "--lang", lang],
        env={"PYTHONIOENCODING": "utf-8", "COLUMNS": "100"},
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return done.stdout


@pytest.mark.parametrize(
    ("arguments", "environ", "rest", "spoken"),
    [
        (["check"], {}, ["check"], "vi"),
        (["--lang", "en", "check"], {}, ["check"], "en"),
        (["check", "--lang", "en"], {}, ["check"], "en"),
        (["check", "--lang=en", "--json"], {}, ["check", "--json"], "en"),
        (["check"], {"DISPATCHER_LANG": "en"}, ["check"], "en"),
        (["check", "--lang", "vi"], {"DISPATCHER_LANG": "en"}, ["check"], "vi"),
        (["check", "--lang", "EN"], {}, ["check"], "en"),
        (["sms", "--", "--lang", "en"], {}, ["sms", "--", "--lang", "en"], "vi"),
        (["sms", "--language"], {}, ["sms", "--language"], "vi"),
    ],
)
def test_it_may_stand_anywhere(arguments, environ, rest, spoken):
    assert language.select_language(arguments, environ) == (rest, "")
    assert i18n.current_language() == spoken


@pytest.mark.parametrize("arguments", [["--lang", "fr"], ["check", "--lang"], ["--lang=", "check"]])
def test_an_unknown_one_is_told(arguments):
    _rest, wrong = language.select_language(arguments, {})
    assert wrong


@pytest.mark.parametrize(
    ("said", "ours"),
    [
        ("Missing argument 'STEP'.", "STEP is missing"),
        ("Missing argument STEP.", "STEP is missing"),
        ("No such command 'chek'. Did you mean 'check'?", "there is no verb chek; 'check'?"),
        ("No such command 'xyz'.", "there is no verb xyz"),
        ("No such option: --jsn (Possible options: --json)", "there is no --jsn; --json?"),
        ("No such option: --jsn", "there is no option --jsn"),
        ("Option '--seed' requires an argument.", "--seed wants a value after it"),
        ("Invalid value for '--seed': 'x' is not a valid int.", "'--seed': 'x' is not a valid int."),
        (
            "Invalid value for '--seed': Input should be a valid integer, unable to parse it",
            "--seed is a whole number",
        ),
        ("Something new.", "Something new."),
    ],
)
def test_wrong_use_is_said_in_our_words(said, ours):
    assert runner.translate_usage_error(said) == ours


def test_wrong_use_is_said_in_vietnamese():
    i18n.set_language("vi")
    assert runner.translate_usage_error("Missing argument 'STEP'.") == "thiếu STEP"


def test_help_pages_speak_vietnamese_and_nothing_else():
    pages = every_page("vi")
    assert [line for line in pages.splitlines() if TYPERS.search(line)] == []
    assert pages.count("Cách dùng: dispatcher") > 30
    assert "[bắt buộc]" in pages
    assert "[mặc định: 20]" in pages


def test_help_pages_speak_english_when_asked():
    pages = every_page("en")
    assert pages.count("Usage: dispatcher") > 30
    assert re.findall(r"[À-ỹ]\w*", re.sub(r"(?i)thôn", "", pages)) == []


@pytest.mark.parametrize(
    ("words", "said"), [("OUT.xlsx", "TỆP.xlsx"), ("none|FILE", "none|TỆP"), ("N", "N"), ("max|N", "max|N")]
)
def test_what_stands_for_a_value_is_named_in_the_readers_language(words, said):
    i18n.set_language("vi")
    assert help_texts.translate_metavar(words) == said
