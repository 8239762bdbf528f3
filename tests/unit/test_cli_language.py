"""The language of an answer: `--lang` wherever it stands, else the environment, else Vietnamese."""

from __future__ import annotations

import pytest

from dispatcher import i18n
from dispatcher.cli import language, mistakes


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
    assert language.decide(arguments, environ) == (rest, "")
    assert i18n.language() == spoken


@pytest.mark.parametrize("arguments", [["--lang", "fr"], ["check", "--lang"], ["--lang=", "check"]])
def test_an_unknown_one_is_told(arguments):
    _rest, wrong = language.decide(arguments, {})
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
        ("Something new.", "Something new."),
    ],
)
def test_wrong_use_is_said_in_our_words(said, ours):
    assert mistakes.in_words(said) == ours


def test_wrong_use_is_said_in_vietnamese():
    i18n.use("vi")
    assert mistakes.in_words("Missing argument 'STEP'.") == "thiếu STEP"
