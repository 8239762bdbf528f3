"""What a template asks about its reader, block by block."""

from __future__ import annotations

import pytest

from dispatcher.message.environment import TextEnvironment
from dispatcher.message.variables import EVERYTHING, ROOT, Uses, uses
from tests.texts import texts


def read(name: str, **sources: str) -> Uses:
    files = {key.replace("__", "/") + ".j2": text for key, text in sources.items()}
    return uses(TextEnvironment(texts(files), "c", html=False), f"{name}.j2")


LAYOUT = (
    "{% block greeting %}{{ recipient.name }}{% endblock %}"
    "{% block words %}{% endblock %}"
    "{% block text %}{{ self.greeting() }} {{ self.words() }}{% endblock %}"
)


def test_a_text_without_a_person_asks_for_nothing() -> None:
    assert read("t", t="{{ office.name }}: mời bà con").recipient(ROOT) == frozenset()


def test_attributes_are_found_in_conditions_and_filters() -> None:
    found = read("t", t="{% if recipient.lead == 'area' %}{{ recipient.area|upper }}{% endif %}")
    assert found.recipient(ROOT) == {"lead", "area"}


def test_a_person_handed_on_may_be_asked_anything() -> None:
    assert read("t", t="{{ recipient|person }}").recipient(ROOT) == {EVERYTHING}


def test_what_an_override_replaces_is_not_asked_for() -> None:
    child = '{% extends "layout.j2" %}{% block greeting %}Kính gửi bà con{% endblock %}'
    found = read("child", layout=LAYOUT, child=child)
    assert found.recipient("text", "greeting") == frozenset()
    assert found.lineage == ("child.j2", "layout.j2")
    assert read("layout", layout=LAYOUT).recipient("text") == {"name"}


def test_what_an_override_shows_with_super_is_asked_for() -> None:
    child = '{% extends "layout.j2" %}{% block greeting %}{{ super() }}{{ recipient.area }}{% endblock %}'
    assert read("child", layout=LAYOUT, child=child).recipient("text") == {"name", "area"}


def test_blocks_inside_blocks_belong_to_them() -> None:
    found = read("t", t="{% block a %}x{% block b %}{{ recipient.unit }}{% endblock %}{% endblock %}")
    assert found.recipient("a") == found.recipient(ROOT) == {"unit"}


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
    assert EVERYTHING in read("t", t=text).recipient(ROOT)


def test_files_included_and_imported_are_read_as_well() -> None:
    assert read("t", t='{% include "part.j2" %}', part="{{ recipient.role }}").recipient(ROOT) == {"role"}
    found = read(
        "t", t='{% from "m.j2" import m %}{{ m() }}', m="{% macro m() %}{{ recipient.area }}{% endmacro %}"
    )
    assert found.recipient(ROOT) == {"area"}


def test_values_set_outside_blocks_are_noticed() -> None:
    assert read("t", t="a{% block x %}{% endblock %}").blocks_only
    assert not read("t", t="{% set a = 1 %}{% block x %}{{ a }}{% endblock %}").blocks_only
