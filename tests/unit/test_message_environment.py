"""Templates found, overridden, and kept in their sandbox."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from jinja2 import TemplateNotFound, UndefinedError
from jinja2.sandbox import SecurityError

from dispatcher.errors import ConfigurationError
from dispatcher.message import Recipient
from dispatcher.message.environment import TemplateEnvironment, load_templates
from tests.message_fixtures import memory_templates

SOMEBODY = Recipient(person_id=1, audience="residents", channel="sms", address="+84900000101", area="Đông")


def render(
    sources: dict[str, str], name: str, *, campaign: str = "c", html: bool = False, **values: object
) -> str:
    return (
        TemplateEnvironment(memory_templates(sources), campaign, html=html)
        .get_template(name)
        .render(**values)
    )


BY_ITSELF = '{% extends "residents/launch.sms.j2" %}{% block who %}X{% endblock %}'
BASE = {
    "layout.sms.j2": "{% block who %}UBND{% endblock %}: {% block words %}{% endblock %}",
    "residents/launch.sms.j2": '{% extends "layout.sms.j2" %}{% block words %}mời{% endblock %}',
}


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ({}, "UBND: mời"),
        ({"c/residents/launch.sms.j2": "khác hẳn"}, "khác hẳn"),
        (  # a file may extend the one it overrides
            {"c/residents/launch.sms.j2": BY_ITSELF},
            "X: mời",
        ),
        (  # a layout overridden once changes every text of the campaign
            {"c/layout.sms.j2": '{% extends "layout.sms.j2" %}{% block who %}Y{% endblock %}'},
            "Y: mời",
        ),
        ({"other/layout.sms.j2": "Z"}, "UBND: mời"),
    ],
)
def test_a_campaign_overrides_only_what_differs(override: dict[str, str], expected: str) -> None:
    found = memory_templates(BASE | override)
    name = found.find_template("c", "residents", "launch", "sms")
    assert name is not None
    assert render(BASE | override, name) == expected


def test_a_text_for_everybody_serves_audiences_without_their_own() -> None:
    found = memory_templates({"digest.mail.j2": "", "staff/digest.mail.j2": "", "c/digest.mail.j2": ""})
    assert found.find_template("c", "staff", "digest", "email") == "staff/digest.mail.j2"
    assert found.find_template("c", "party", "digest", "email") == "c/digest.mail.j2"
    assert found.find_template("d", "party", "digest", "email") == "digest.mail.j2"
    assert found.find_template("d", "party", "launch", "email") is None
    assert found.find_template("d", "party", "digest", "sms") is None


def test_an_empty_value_may_be_asked_about_but_not_printed() -> None:
    asked = "{% if recipient.unit %}{{ recipient.unit }}{% else %}-{% endif %}{{ recipient.area }}"
    assert render({"t": asked}, "t", recipient=SOMEBODY) == "-Đông"
    assert render({"t": "{{ recipient.unit|default('?') }}"}, "t", recipient=SOMEBODY) == "?"
    assert render({"t": "{{ recipient.lead == '' }}"}, "t", recipient=SOMEBODY) == "True"
    with pytest.raises(UndefinedError, match=r"recipient\.unit"):
        render({"t": "{{ recipient.unit }}"}, "t", recipient=SOMEBODY)
    with pytest.raises(UndefinedError):
        render({"t": "{{ recipient.unit|with_word('lớp') }}"}, "t", recipient=SOMEBODY)
    with pytest.raises(UndefinedError):
        render({"t": "{{ recipient.unit }}"}, "t", html=True, recipient=SOMEBODY)


@pytest.mark.parametrize("unknown", ["{{ nobody }}", "{{ recipient.shoe_size }}", "{{ self.nowhere() }}"])
def test_unknown_names_are_errors(unknown: str) -> None:
    with pytest.raises(UndefinedError):
        render({"t": unknown}, "t", recipient=SOMEBODY)


@pytest.mark.parametrize(
    "attack",
    [
        "{{ recipient.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ recipient.__init__.__globals__ }}",
        "{% set x = values.append(1) %}",
    ],
)
def test_templates_stay_in_their_sandbox(attack: str) -> None:
    values: list[int] = []
    with pytest.raises((SecurityError, UndefinedError)):
        render({"t": attack}, "t", recipient=SOMEBODY, values=values)
    assert values == []


def test_templates_do_not_leave_their_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.j2").write_text("secret")
    inside = tmp_path / "templates"
    inside.mkdir()
    (inside / "t.sms.j2").write_text('{% include "../secret.j2" %}')
    environment = TemplateEnvironment(load_templates(inside), "c", html=False)
    with pytest.raises(TemplateNotFound):
        environment.get_template("t.sms.j2").render()


def test_html_escapes_whoever_writes_the_block() -> None:
    attack = "<script>alert(1)</script>"
    assert render({"t": "{{ attack }}"}, "t", html=True, attack=attack).startswith("&lt;script")


def test_texts_are_composed_and_do_not_change_under_who_holds_them(tmp_path: Path) -> None:
    file = tmp_path / "staff" / "launch.sms.j2"
    file.parent.mkdir()
    file.write_text("\ufeff" + unicodedata.normalize("NFD", "Mời bà con"), encoding="utf-8")
    held = load_templates(tmp_path)
    file.write_text("{% broken", encoding="utf-8")
    assert held.sources == {"staff/launch.sms.j2": "Mời bà con"}


def test_every_file_that_is_not_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.sms.j2").write_bytes("một\nhai ê".encode("cp1258", "replace").replace(b"?", b"\xea"))
    (tmp_path / "b.sms.j2").write_bytes(b"ok\n\n\xff")
    with pytest.raises(ConfigurationError) as caught:
        load_templates(tmp_path)
    assert [Path(problem.file).name for problem in caught.value.problems] == ["a.sms.j2", "b.sms.j2"]
    assert caught.value.problems[1].line == 3
    assert all(problem.remedy for problem in caught.value.problems)
