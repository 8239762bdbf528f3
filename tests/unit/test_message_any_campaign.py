"""The shipped words under any campaign: what is asked is said as the file says, no contest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dispatcher.campaign.model import Schedules
from dispatcher.message.compose import Composer
from tests.message_fixtures import LINKS, PEOPLE, TEMPLATE_DAYS, TEMPLATES, render_context, sample_schedules

CAMPAIGN = "bhyt"
OF_THE_CONTEST = (
    "tham gia",
    "dự thi",
    "cuộc thi",
    "công nghệ",
    "điện thoại thông minh",
    "máy tính",
    "bài thi",
)


def insurance() -> Schedules:
    """Health insurance cards are to be renewed; the name of the campaign has no templates of its own."""
    raw = sample_schedules(
        title="Gia hạn thẻ bảo hiểm y tế hộ gia đình năm 2026",
        short_title="Gia hạn thẻ BHYT",
        letter="",
        action="gia hạn thẻ bảo hiểm y tế",
        done="đã gia hạn",
        participation_link=True,
    ).model_dump(mode="json", by_alias=True)
    raw["audience"]["staff"]["supplied_by"] = "Các cơ quan, trường học và thôn"
    raw["campaign"] = {CAMPAIGN: raw["campaign"].pop("cong-dan-so")}
    return Schedules.model_validate(raw)


def words(composer: Composer, audience: str, template: str) -> Iterator[str]:
    person = PEOPLE[audience]
    context = render_context(template, campaign=CAMPAIGN)
    yield composer.compose(person, context).body
    mail = composer.compose(replace(person, channel="email", address="a@b.example"), context).mail
    assert mail is not None
    yield from (mail.subject, mail.text, mail.html)


@pytest.mark.parametrize("audience", PEOPLE)
def test_no_word_of_a_contest_is_left(audience: str) -> None:
    composer = Composer(insurance(), TEMPLATES, LINKS)
    for template in TEMPLATE_DAYS:
        for text in words(composer, audience, template):
            assert not [word for word in OF_THE_CONTEST if word in text.lower()], (template, text)


@pytest.mark.parametrize(
    ("audience", "template", "said"),
    [
        ("residents", "launch", "moi ba con gia han the bao hiem y te den het 11/11/2025"),
        ("residents", "thanks", "cam on ong/ba da gia han the bao hiem y te"),
        ("staff", "7-days", "nguoi chua gia han"),
        ("party", "last-day", "gia han trong ngay"),
    ],
)
def test_what_is_asked_is_said_in_the_words_of_the_file(audience: str, template: str, said: str) -> None:

    composer = Composer(insurance(), TEMPLATES, LINKS)
    text, *_mail = words(composer, audience, template)
    assert said in text


def test_who_did_it_says_so_in_the_campaigns_word() -> None:
    composer = Composer(insurance(), TEMPLATES, LINKS)
    _text, _subject, plain, html = words(composer, "residents", "weekly")
    assert "Đã gia hạn rồi, xin báo tại" in plain
    assert "Tôi đã gia hạn" in html
