"""Words edited on the page: looked at beside the phone, saved for one campaign, had back as they were."""

from __future__ import annotations

import html
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatcher.ledger import template_versions
from tests.web_fixture import ROOT, Browser, WebFixture, open_web

WORDS = "/campaigns/cong-dan-so/steps/deadline/words?audience=residents"
OWN = "cong-dan-so/residents/3-days.sms.j2"
SHARED = "residents/3-days.sms.j2"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebFixture]:
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    with open_web(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", templates=tmp_path / "templates"
    ) as opened:
        yield opened


def address(browser: Browser) -> str:
    """The page of the third rung, by its link on the page of the campaign."""
    page = browser.get("/campaigns/cong-dan-so").text
    key = re.findall(r'/steps/deadline\?key=([^"]+)">3 days left', page)[0]
    return f"{WORDS}&key={key}"


def form_of(browser: Browser, page: str) -> dict[str, str]:
    text = browser.get(page).text
    fields = dict(re.findall(r'<textarea name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.DOTALL))
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text))
    return {name: html.unescape(value) for name, value in (hidden | fields).items()}


def file_of(web: WebFixture, name: str) -> Path:
    return web.app.settings.templates / name


def save(browser: Browser, page: str, **changes: str) -> Any:
    return browser.post(page, data=form_of(browser, page) | changes)


def test_words_are_shown_as_people_write_them_beside_the_phone(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = html.unescape(organiser.get(address(organiser)).text)
    assert "{Việc cần làm}" in page
    assert "UBND xa Ha Tay: con 3 ngay de tham gia" in page
    assert "The longest of all rows: 1 part" in page
    assert "9•• ••• •00" in page


def test_the_look_follows_the_form_and_keeps_nothing(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = address(organiser)
    fields = form_of(organiser, page) | {"sms-words": "bà con nhớ {Việc cần làm} nhé {Thôn}."}
    answer = organiser.post(page.replace("/words?", "/words/look?"), data=fields)
    assert "ba con nho tham gia" in answer.text
    assert "Thon Dong" in answer.text
    assert not file_of(web, OWN).exists()
    long = organiser.post(page.replace("/words?", "/words/look?"), data=fields | {"sms-words": "dài " * 60})
    assert "2 parts" in long.text
    wrong = organiser.post(page.replace("/words?", "/words/look?"), data=fields | {"sms-words": "{Hạn thẻ}"})
    assert "there is no field {Hạn thẻ}" in wrong.text


def test_what_is_saved_is_for_this_campaign_and_in_force_at_once(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page, shared = address(organiser), file_of(web, SHARED).read_text(encoding="utf-8")
    answer = save(organiser, page, **{"sms-words": "bà con nhớ {Việc cần làm}."})
    assert answer.status_code == 303
    assert file_of(web, SHARED).read_text(encoding="utf-8") == shared
    assert "bà con nhớ {{ action }}." in file_of(web, OWN).read_text(encoding="utf-8")
    assert not file_of(web, OWN.replace("sms", "mail")).exists()  # only what was changed is written
    preview = organiser.get(page.replace("/words", "")).text
    assert "ba con nho tham gia" in preview


def test_every_version_can_be_had_back_edits_by_hand_among_them(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = address(organiser)
    save(organiser, page, **{"sms-words": "lời một."})
    by_hand = file_of(web, OWN).read_text(encoding="utf-8").replace("lời một", "lời bằng tay")
    file_of(web, OWN).write_text(by_hand, encoding="utf-8")
    save(organiser, page, **{"sms-words": "lời ba."})
    kept = template_versions.versions(web.ledger, OWN)
    assert [one.saved_by for one in kept] == ["organiser", "", "organiser", ""]
    first = kept[-1]
    assert first.text == file_of(web, SHARED).read_text(encoding="utf-8")
    for version in (kept[1], first):
        at, query = page.split("?")
        assert organiser.submit(f"{at}/versions/{version.id}?{query}").status_code == 303
        assert file_of(web, OWN).read_text(encoding="utf-8") == version.text


def test_words_that_cannot_be_sent_are_refused_and_not_lost(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = address(organiser)
    for typed in ("hết {Hạn thẻ}", "{% if x %}", "quá " * 400, "{{ recipient.so_the }}"):
        answer = save(organiser, page, **{"sms-words": typed})
        assert answer.status_code == 422, typed
        assert typed.strip() in html.unescape(answer.text)
        assert not file_of(web, OWN).exists()


def test_what_others_wrote_meanwhile_is_not_written_over(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = address(organiser)
    fields = form_of(organiser, page) | {"sms-words": "lời của tôi."}
    save(organiser, page, **{"sms-words": "lời người khác."})
    answer = organiser.post(page, data=fields)
    assert answer.status_code == 409
    assert "lời của tôi." in answer.text
    assert "lời người khác" in file_of(web, OWN).read_text(encoding="utf-8")


def test_a_template_that_does_more_than_say_words_is_edited_as_it_stands(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = "/campaigns/cong-dan-so/steps/digest-last/words?audience=staff"
    fields = form_of(organiser, page)
    changed = fields["email-source"].replace("đã dự thi", "đã dự thi xong")
    assert organiser.post(page, data=fields | {"email-source": changed}).status_code == 303
    assert "đã dự thi xong" in organiser.get(page).text


def test_words_of_nobody_are_not_found(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    assert organiser.get("/campaigns/cong-dan-so/steps/deadline/words?audience=ai-do").status_code == 404
    assert organiser.submit("/campaigns/cong-dan-so/steps/deadline/words/versions/99").status_code == 404
