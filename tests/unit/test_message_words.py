"""Words as officers edit them: every shipped template comes back to the letter, an unknown field is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from dispatcher.campaign.time_values import InvalidValue
from dispatcher.message import words
from dispatcher.message.syntax import KNOWN_VARIABLES

TEMPLATES = sorted((Path(__file__).parents[2] / "templates").rglob("*.j2"))
SMS = """\
{% extends "layout.sms.j2" %}
{% block words %}mời {{ action }} đến {{ until }}, {{ self.where() }}.{% endblock %}
"""
NESTED = "{% block words %}a {% block help %}b{% endblock %} c{% endblock %}\n{% block x %}{% endblock %}"


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: "/".join(file.parts[-3:]))
def test_what_is_not_changed_comes_back_to_the_letter(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    for name in ("headline", "words"):
        text = words.block_of(source, name)
        if text is not None:
            assert words.with_block(source, name, text) == source


def test_fields_stand_in_words_and_all_else_as_it_stands() -> None:
    assert words.blocks_of(SMS, "sms") == {"words": "mời {Việc cần làm} đến {Hết hạn}, {{ self.where() }}."}
    written = words.with_block(SMS, "words", "kính mời ông/bà {Họ tên} {{ self.where() }}")
    assert written == SMS.replace(
        "mời {{ action }} đến {{ until }}, {{ self.where() }}.",
        "kính mời ông/bà {{ recipient.name }} {{ self.where() }}",
    )


def test_paragraphs_stand_on_lines_of_their_own() -> None:
    written = words.with_block(SMS, "words", "một\n\n- hai  \n")
    assert "{% block words %}\nmột\n\n- hai\n{% endblock %}" in written


def test_a_block_inside_belongs_to_the_words() -> None:
    assert words.block_of(NESTED, "words") == "a {% block help %}b{% endblock %} c"
    assert (
        words.with_block(NESTED, "words", "d")
        == "{% block words %}d{% endblock %}\n{% block x %}{% endblock %}"
    )


def test_an_unknown_field_is_named() -> None:
    with pytest.raises(InvalidValue, match=re.escape("{Hạn thẻ}")):
        words.with_block(SMS, "words", "hết {Hạn thẻ}")


def test_a_template_that_does_more_than_say_words_has_no_blocks_to_edit() -> None:
    assert words.blocks_of("{% block headline %}x{% endblock %}", "email") == {}


@pytest.mark.parametrize("expression", words.FIELDS.values())
def test_every_field_is_one_that_templates_know(expression: str) -> None:
    assert expression.split("|", maxsplit=1)[0].split(".", maxsplit=1)[0] in KNOWN_VARIABLES
