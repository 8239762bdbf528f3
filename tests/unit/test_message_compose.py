"""The words for one person on one occasion."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher import sms_encoding
from dispatcher.message import Draft, Recipient
from dispatcher.message.compose import Composer
from dispatcher.message.mail_parts import MailParts
from dispatcher.message.template_variables import within_sentence
from dispatcher.message.unsendable import UnsendableMessage
from dispatcher.vietnamese.text import fold
from tests.message_fixtures import (
    LINKS,
    PEOPLE,
    TEMPLATE_DAYS,
    TEMPLATES,
    memory_templates,
    render_context,
    sample_schedules,
)
from tests.schedules_factory import audience_toml, one_campaign

BABA = Recipient(person_id=7, audience="residents", channel="sms", address="+84900000101")
THE_DAY = date(2025, 11, 11)
NO_HTML = "{% block subject %}s{% endblock %}{% block html %}{% endblock %}"


def compose(
    words: str,
    person: Recipient = BABA,
    *,
    today: date = date(2025, 11, 8),
    first: bool = False,
    **campaign: Any,
) -> Draft:
    """Write one text from a template of the test's own."""
    name = f"residents/launch.{'sms' if person.channel == 'sms' else 'mail'}.j2"
    keys = {"audience": {"residents": audience_toml(text=campaign.pop("text", "accented"))}} | campaign
    composer = Composer(one_campaign(**keys), memory_templates({name: words}), LINKS)
    return composer.compose(person, render_context("launch", campaign="c", today=today, is_first=first))


def mail_of(words: str, person: Recipient = BABA, **keys: Any) -> MailParts:
    draft = compose(words, replace(person, channel="email", address="a@b.example"), **keys)
    assert draft.mail is not None
    return draft.mail


@pytest.fixture(scope="module")
def composer() -> Composer:
    return Composer(sample_schedules(), TEMPLATES, LINKS)


def test_a_text_is_one_composed_line() -> None:
    draft = compose("  mời\n\n   bà  con\t dự thi ")
    assert draft.body == "mời bà con dự thi"
    assert (draft.encoding, draft.parts) == ("UCS-2", 1)
    assert len(draft.body_hash) == 16


def test_accents_go_by_the_policy_of_the_audience() -> None:
    assert compose("mời bà con", text="unaccented").body == "moi ba con"
    assert compose("mời bà con", text="auto").body == "mời bà con"


def test_a_text_over_the_limit_is_refused_not_cut() -> None:
    assert compose("x" * 459).parts == 3
    with pytest.raises(UnsendableMessage) as caught:
        compose("x" * 460)
    assert caught.value.reason == "too-long"


@pytest.mark.parametrize(
    ("words", "reason", "line"),
    [
        ("một\n{{ recipient.unit }}", "missing-value", 2),
        ("một\n\n{{ nobody }}", "missing-value", 3),
        ("{{ 1 / 0 }}", "template-broken", 1),
        ("{% if %}", "template-broken", 1),
        ("a\n{{ x|nofilter }}", "template-broken", 2),
        ('a\n{% include "nowhere.j2" %}', "no-template", None),
        ("đi 学", "not-ascii", None),
    ],
)
def test_what_cannot_be_written_says_why_and_where(words: str, reason: str, line: int | None) -> None:
    with pytest.raises(UnsendableMessage) as caught:
        compose(words, text="unaccented")
    assert caught.value.reason == reason
    assert caught.value.file.startswith("templates")
    if line is not None:
        assert caught.value.line == line


def test_no_template_for_the_moment_is_said() -> None:
    composer = Composer(one_campaign(), memory_templates({}))
    with pytest.raises(UnsendableMessage) as caught:
        composer.compose(BABA, render_context("launch", campaign="c"))
    assert caught.value.reason == "no-template"


@pytest.mark.parametrize(
    ("ends", "today", "until", "until_today", "left"),
    [
        (THE_DAY, date(2025, 11, 8), "hết 11/11/2025", "hết 11/11/2025", "còn 3 ngày"),
        (THE_DAY, date(2025, 11, 10), "hết 11/11/2025", "hết 11/11/2025", "còn 1 ngày"),
        (THE_DAY, THE_DAY, "hết 11/11/2025", "hết hôm nay 11/11", "hôm nay là ngày cuối cùng"),
        (THE_DAY, date(2025, 11, 12), "hết 11/11/2025", "hết 11/11/2025", "đã hết hạn"),
        (
            "2025-11-11 17:00", THE_DAY,
            "17h00 ngày 11/11/2025", "17h00 hôm nay 11/11", "hôm nay là ngày cuối cùng",
        ),
    ],
)  # fmt: skip
def test_the_deadline_is_computed_never_written(
    ends: date | str, today: date, until: str, until_today: str, left: str
) -> None:
    draft = compose("{{ until }}|{{ until_today }}|{{ days_left_words }}", today=today, ends=ends)
    assert draft.body == f"{until}|{until_today}|{left}"


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (THE_DAY, "hôm nay 11/11"),
        (date(2025, 11, 10), "ngày mai 11/11"),
        (date(2025, 11, 9), "ngày 11/11/2025"),
    ],
)
def test_the_last_day_is_seen_from_today(today: date, words: str) -> None:
    assert compose("{{ last_day_words }}", today=today).body == words


@pytest.mark.parametrize(
    ("opt_out", "first", "shown"),
    [("first", True, True), ("first", False, False), ("always", False, True), ("never", True, False)],
)
def test_how_to_refuse_is_said_where_the_campaign_wants_it(opt_out: str, first: bool, shown: bool) -> None:
    draft = compose("{% if opt_out %}TC{% endif %}.", first=first, opt_out=opt_out)
    assert draft.body == ("TC." if shown else ".")


def test_advertising_always_says_how_to_refuse() -> None:
    words = "{% if advertising %}[QC]{% endif %}{% if opt_out %}TC{% endif %}"
    advertising = {
        "class": "advertising",
        "audience": {"residents": audience_toml(basis="consent", text="auto")},
    }
    assert compose(words, opt_out="never", **advertising).body == "[QC]TC"


@pytest.mark.parametrize(
    ("title", "inside"),
    [
        ('Cuộc thi "Công dân số"', 'cuộc thi "Công dân số"'),
        ("Chiến dịch tiêm chủng", "chiến dịch tiêm chủng"),
        ("Ngày hội đọc sách", "ngày hội đọc sách"),
        ("Công dân số Hải Phòng", 'chương trình "Công dân số Hải Phòng"'),
    ],
)
def test_a_title_stands_inside_a_sentence(title: str, inside: str) -> None:
    assert within_sentence(title) == inside
    assert compose("{{ short_title }}", title=title).body == inside


MAIL = (
    "{% block subject %}Mời\n {{ recipient.area or 'bà con' }}{% endblock %}"
    "{% block text %}Chào {{ recipient.name or 'bà con' }} {{ unsubscribe_url }}{% endblock %}"
    "{% block html %}<p>{{ recipient.name or 'bà con' }}</p>"
    "<a href='{{ unsubscribe_url }}'>x</a>{% endblock %}"
)


def test_a_mail_has_both_forms_and_its_own_link() -> None:
    mail = mail_of(MAIL, replace(BABA, name="An <b> & Bình", area="Thôn Đông"))
    assert mail.subject == "Mời Thôn Đông"
    assert "An <b> & Bình" in mail.text
    assert "An &lt;b&gt; &amp; Bình" in mail.html
    link = LINKS.verify_token(mail.unsubscribe_url.rpartition("/")[2], "u")
    assert link is not None
    assert (link.address, link.person_id, link.campaign, link.channel) == ("a@b.example", 7, "c", "email")
    assert mail.unsubscribe_url in mail.text
    assert mail.unsubscribe_url in mail.html


def test_each_reader_has_a_link_of_their_own_though_the_words_are_shared() -> None:
    composer = Composer(one_campaign(), memory_templates({"residents/launch.mail.j2": MAIL}), LINKS)
    when = render_context("launch", campaign="c")
    people = [replace(BABA, channel="email", address=f"{n}@b.example", person_id=n) for n in range(3)]
    drafts = [composer.compose(person, when) for person in people]
    assert len({draft.mail.unsubscribe_url for draft in drafts if draft.mail}) == 3
    assert len({draft.body_hash for draft in drafts}) == 3


def test_a_mail_without_links_names_none() -> None:
    composer = Composer(one_campaign(), memory_templates({"residents/launch.mail.j2": MAIL}))
    mail = composer.compose(replace(BABA, channel="email"), render_context("launch", campaign="c")).mail
    assert mail is not None
    assert mail.unsubscribe_url == ""
    assert "href=''" in mail.html


@pytest.mark.parametrize("wanted", [True, False])
def test_the_link_of_those_who_took_part_is_there_when_switched_on(wanted: bool) -> None:
    words = NO_HTML + "{% block text %}{{ took_part_url or '-' }}{% endblock %}"
    text = mail_of(words, participation_link=wanted).text
    assert text.startswith("https://nhac.hatay.gov.vn/tham-gia/") if wanted else text == "-\n"


def test_a_mail_without_a_block_it_needs_is_refused() -> None:
    with pytest.raises(UnsendableMessage) as caught:
        mail_of("{% block subject %}x{% endblock %}")
    assert caught.value.reason == "template-broken"


def test_values_set_outside_blocks_reach_the_blocks() -> None:
    words = "{% set who = recipient.name %}{% block text %}{{ who }}{% endblock %}" + NO_HTML
    assert mail_of(words, replace(BABA, name="An")).text == "An\n"
    assert mail_of(words, replace(BABA, name="Bình")).text == "Bình\n"


def test_answers_go_to_the_office() -> None:
    mail = Composer(sample_schedules(), TEMPLATES, LINKS).compose(
        replace(PEOPLE["residents"], channel="email", address="a@b.example"), render_context("launch")
    ).mail  # fmt: skip
    assert mail is not None
    assert mail.reply_to == sample_schedules().office.mail


@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["residents", "parents", "party", "staff"]),
            st.sampled_from(list(TEMPLATE_DAYS)),
            st.sampled_from(["sms", "email"]),
            st.sampled_from(["An", "Bình <x>", "Cường"]),
            st.sampled_from(["5A", "5B", ""]),
            st.sampled_from(["Thôn Đông", "Đoài", ""]),
            st.sampled_from(["", "area", "commune"]),
            st.booleans(),
        ),
        max_size=6,
    )
)
def test_what_is_remembered_is_what_would_be_rendered(
    composer: Composer, people: list[tuple[Any, ...]]
) -> None:
    """The same words for everybody, whoever was written to before."""
    for number, (who, moment, channel, name, unit, area, lead, first) in enumerate(people):
        person = Recipient(
            person_id=number, audience=who, channel=channel, address=f"{number}@b.example",
            name=name, unit=unit, area=area, lead=lead,
        )  # fmt: skip
        when = render_context(moment, is_first=first)
        fresh = Composer(composer.schedules, composer.templates, LINKS)
        assert composer.compose(person, when) == fresh.compose(person, when)


def test_a_text_that_names_nobody_is_rendered_once(composer: Composer) -> None:
    one, other = PEOPLE["residents"], replace(PEOPLE["residents"], person_id=9, name="Khác", area="Thôn Nam")
    when = render_context("3-days")
    assert composer.compose(one, when) is composer.compose(other, when)
    assert composer.compose(one, render_context("3-days", today=date(2025, 11, 9))) is not composer.compose(
        one, when
    )


# --- the texts of the real campaign -------------------------------------------------------------------

EVERY_TEXT = [*itertools.product(PEOPLE, TEMPLATE_DAYS, (False, True))]


@pytest.mark.parametrize(("who", "moment", "first"), EVERY_TEXT)
def test_texts_of_the_real_campaign(composer: Composer, who: str, moment: str, first: bool) -> None:
    """Who sends it comes first, nobody is named, no link; residents and parents pay one part."""
    body = composer.compose(PEOPLE[who], render_context(moment, is_first=first)).body
    assert fold(body).startswith(fold("UBND xã Hà Tây"))
    assert fold(PEOPLE[who].given_name) not in [fold(word) for word in body.split()]
    assert "http" not in body
    assert "www." not in body
    assert ("02200000000" in body and "tuchoi" in fold(body)) or not first
    cost = sms_encoding.apply_policy(body, "unaccented")[1]
    assert cost.parts == 1 if who in ("residents", "parents") or not first else cost.parts <= 2


def test_the_longest_values_still_fit_one_part_for_residents() -> None:
    """Two-digit days, the longest number, the line on refusing."""
    composer = Composer(sample_schedules(), TEMPLATES)
    days = {"weekly": date(2025, 10, 11), "thanks": date(2025, 10, 11)}
    for moment, real_day in TEMPLATE_DAYS.items():
        draft = composer.compose(
            PEOPLE["residents"], render_context(moment, today=days.get(moment, real_day), is_first=True)
        )
        assert draft.parts == 1, draft.body


def test_texts_for_party_members_do_not_name_the_party(composer: Composer) -> None:
    for moment, first in itertools.product(TEMPLATE_DAYS, (False, True)):
        body = fold(composer.compose(PEOPLE["party"], render_context(moment, is_first=first)).body)
        assert not any(word in body for word in ("dangvien", "dangbo", "danguy", "chibo"))


def test_the_four_audiences_read_differently(composer: Composer) -> None:
    for moment in TEMPLATE_DAYS:
        assert len({composer.compose(person, render_context(moment)).body for person in PEOPLE.values()}) == 4


def test_another_campaign_uses_the_same_templates() -> None:
    """A vaccination with a time of day: nothing of the contest is left in its words."""
    keys = {who: audience_toml(priority, lists=[f"{who}/*"]) for priority, who in enumerate(PEOPLE, 1)}
    other = one_campaign(
        title="Chiến dịch tiêm chủng mùa đông",
        ends="2025-11-11 16:30",
        audience=keys,
        audiences=list(PEOPLE),
    )
    office = other.office.model_copy(update={"phone": "0220 000 0000"})
    composer = Composer(other.model_copy(update={"office": office}), TEMPLATES, LINKS)
    for who, moment, channel in itertools.product(PEOPLE, TEMPLATE_DAYS, ("sms", "email")):
        draft = composer.compose(
            replace(PEOPLE[who], channel=channel), render_context(moment, campaign="c", is_first=True)
        )
        words = fold(draft.body if draft.mail is None else draft.mail.text + draft.mail.html)
        assert not any(
            word in words for word in ("cuocthi", "duthi", "baithi", "nopbai", "lambai", "congdanso")
        )
        assert "chiendichtiemchung" in words


def test_hours_are_those_of_the_zone_that_the_schedules_name() -> None:
    draft = compose(
        "{{ until }}|{{ until_long }}",
        today=date(2025, 11, 3),
        ends="2025-11-11 17:00",
        timezone="Europe/Berlin",
    )
    assert draft.body == "17h00 ngày 11/11/2025|17h00 ngày 11 tháng 11 năm 2025"


def test_a_link_is_filled_in_wherever_it_stands() -> None:
    mail = "{% block subject %}{{ unsubscribe_url }}{% endblock %}{% block text %}x{% endblock %}"
    draft = compose(
        mail + "{% block html %}{% endblock %}", replace(BABA, channel="email", address="a@hatay.example")
    )
    assert draft.mail is not None
    assert draft.mail.subject == draft.mail.unsubscribe_url
