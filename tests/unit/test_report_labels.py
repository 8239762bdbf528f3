"""No code word reaches people: actions of the log, ways of saying no, what an opt-out holds for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import dispatcher
from dispatcher import i18n
from dispatcher.report import labels

PACKAGE = Path(dispatcher.__file__).parent
CONSENTS = {"opt-out", "return"}  # a book of its own, not the log


def written(pattern: str) -> set[str]:
    return {
        word
        for folder in ("ledger", "web", "cli", "feedback", "delivery")
        for source in (PACKAGE / folder).rglob("*.py")
        for word in re.findall(pattern, source.read_text(encoding="utf-8"))
    }


def test_every_action_of_the_log_has_a_word():
    found = written(r'\baction="([a-z-]+)"') | written(r'"action": "([a-z-]+)", "subject"')
    assert {"release", "forget", "forget-messages", "sign-in"} <= found
    assert found - CONSENTS - set(labels.AUDIT_ACTIONS) == set()


def test_every_way_of_saying_no_has_a_word():
    found = written(r'\bhow="([a-z-]+)"') - {"name", "number", "mail"}
    assert {"keyword", "link", "cli"} <= found
    assert found - set(labels.OPT_OUT_SOURCES) == set()


@pytest.mark.parametrize(
    ("lang", "scope", "said"),
    [
        ("vi", "all", "mọi tin"),
        ("vi", "campaign:cong-dan-so", "chiến dịch cong-dan-so"),
        ("en", "audience:staff", "audience staff"),
    ],
)
def test_a_scope_is_said(lang, scope, said):
    i18n.set_language(lang)
    assert labels.scope(scope) == said


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("role", "viewer", "vai trò: người xem: xem số liệu"),
        ("messages", 3296, "số tin: 3296"),
        ("reason", "dead", "lý do: danh sách ghi người này đã mất"),
        ("reason", "Chờ ý kiến lãnh đạo", "lý do: Chờ ý kiến lãnh đạo"),
    ],
)
def test_what_the_log_adds_is_said(key, value, said):
    i18n.set_language("vi")
    assert labels.detail(key, value) == said
