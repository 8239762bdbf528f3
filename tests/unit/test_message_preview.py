"""What an organiser is shown before anything is sent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatcher.message.compose import Composer
from dispatcher.message.preview import preview
from dispatcher.message.unsendable import UnsendableMessage
from tests.message_fixtures import (
    LINKS,
    PEOPLE,
    TEMPLATES,
    memory_templates,
    render_context,
    sample_schedules,
)
from tests.schedules_factory import one_campaign


def test_both_spellings_of_a_text_with_their_cost() -> None:
    seen = preview(Composer(sample_schedules(), TEMPLATES), PEOPLE["residents"], render_context("3-days"))
    assert seen.file.endswith("residents/3-days.sms.j2")
    assert seen.draft is not None
    assert seen.accented is not None
    assert seen.unaccented is not None
    assert (seen.accented.cost.parts, seen.unaccented.cost.parts) == (3, 1)
    assert "ế" in seen.accented.cost.non_gsm7_characters
    assert seen.draft.body == seen.unaccented.text


def test_a_text_that_may_not_be_sent_is_shown_with_the_reason() -> None:
    composer = Composer(one_campaign(), memory_templates({"residents/launch.sms.j2": "mời " * 200}))
    seen = preview(composer, PEOPLE["residents"], render_context("launch", campaign="c"))
    assert seen.draft is None
    assert seen.error is not None
    assert seen.error.reason == "too-long"
    assert seen.accented is not None
    assert seen.accented.cost.parts > 3


def test_a_text_with_no_plain_form_has_one_spelling() -> None:
    composer = Composer(one_campaign(), memory_templates({"residents/launch.sms.j2": "mời 學"}))
    seen = preview(composer, PEOPLE["residents"], render_context("launch", campaign="c"))
    assert seen.accented is not None
    assert seen.unaccented is None


def test_a_value_that_is_missing_leaves_nothing_to_show() -> None:
    composer = Composer(one_campaign(), memory_templates({"residents/launch.sms.j2": "{{ recipient.unit }}"}))
    seen = preview(composer, PEOPLE["residents"], render_context("launch", campaign="c"))
    assert seen.error is not None
    assert (seen.error.reason, seen.accented) == ("missing-value", None)


def test_a_digest_is_shown_with_made_up_figures() -> None:
    reader = replace(PEOPLE["staff"], channel="email", address="a@b.example")
    seen = preview(Composer(sample_schedules(), TEMPLATES, LINKS), reader, render_context("digest"))
    assert seen.draft is not None
    assert seen.draft.mail is not None
    assert "Toàn xã" in seen.draft.mail.html


def test_no_template_to_show_is_said() -> None:
    with pytest.raises(UnsendableMessage):
        preview(
            Composer(one_campaign(), memory_templates({})),
            PEOPLE["residents"],
            render_context("launch", campaign="c"),
        )
