"""What a template asks about its reader, block by block."""

from __future__ import annotations

import pytest

from dispatcher.message.environment import TemplateEnvironment
from dispatcher.message.template_analysis import ALL_FIELDS, ROOT_BLOCK, TemplateInputs, analyse
from tests.message_fixtures import memory_templates


def read(name: str, **sources: str) -> TemplateInputs:
    files = {key.replace("__", "/") + ".j2": text for key, text in sources.items()}
    return analyse(TemplateEnvironment(memory_templates(files), "c", html=False), f"{name}.j2")


LAYOUT = (
    "{% block greeting %}{{ recipient.name }}{% endblock %}"
    "{% block words %}{% endblock %}"
    "{% block text %}{{ self.greeting() }} {{ self.words() }}{% endblock %}"
)


def test_a_text_without_a_person_asks_for_nothing() -> None:
    assert read("t", t="{{ office.name }}: mời bà con").recipient_fields(ROOT_BLOCK) == frozenset()


def test_attributes_are_found_in_conditions_and_filters() -> None:
    found = read("t", t="{% if recipient.lead == 'area' %}{{ recipient.area|upper }}{% endif %}")
    assert found.recipient_fields(ROOT_BLOCK) == {"lead", "area"}


def test_a_person_handed_on_may_be_asked_anything() -> None:
    assert read("t", t="{{ recipient|person }}").recipient_fields(ROOT_BLOCK) == {ALL_FIELDS}


def test_what_an_override_replaces_is_not_asked_for() -> None:
    child = '{% extends "layout.j2" %}{% block greeting %}Kính gửi bà con{% endblock %}'
    found = read("child", layout=LAYOUT, child=child)
    assert found.recipient_fields("text", "greeting") == frozenset()
    assert found.inheritance_chain == ("child.j2", "layout.j2")
    assert read("layout", layout=LAYOUT).recipient_fields("text") == {"name"}


def test_what_an_override_shows_with_super_is_asked_for() -> None:
    child = '{% extends "layout.j2" %}{% block greeting %}{{ super() }}{{ recipient.area }}{% endblock %}'
    assert read("child", layout=LAYOUT, child=child).recipient_fields("text") == {"name", "area"}


def test_blocks_inside_blocks_belong_to_them() -> None:
    found = read("t", t="{% block a %}x{% block b %}{{ recipient.unit }}{% endblock %}{% endblock %}")
    assert found.recipient_fields("a") == found.recipient_fields(ROOT_BLOCK) == {"unit"}


@pytest.mark.parametrize(
    "text",
    [
        "{% for x in [1] %}{% block a scoped %}{{ x }}{% endblock %}{% endfor %}",
        "{% include office.name %}",
        "{% block a %}{{ self[office.name]() }}{% endblock %}",
        "{% extends office.name %}{% block a %}{% endblock %}",
    ],
)
def test_what_nobody_can_tell_may_be_anything(text: str) -> None:
    assert ALL_FIELDS in read("t", t=text).recipient_fields(ROOT_BLOCK)


def test_files_included_and_imported_are_read_as_well() -> None:
    assert read("t", t='{% include "part.j2" %}', part="{{ recipient.role }}").recipient_fields(
        ROOT_BLOCK
    ) == {"role"}
    found = read(
        "t", t='{% from "m.j2" import m %}{{ m() }}', m="{% macro m() %}{{ recipient.area }}{% endmacro %}"
    )
    assert found.recipient_fields(ROOT_BLOCK) == {"area"}


def test_values_set_outside_blocks_are_noticed() -> None:
    assert read("t", t="a{% block x %}{% endblock %}").has_only_blocks
    assert not read("t", t="{% set a = 1 %}{% block x %}{{ a }}{% endblock %}").has_only_blocks
