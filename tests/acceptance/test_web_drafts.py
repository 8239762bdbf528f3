"""A campaign made and edited on the pages: drafted, looked at, put into the file, never over others' work."""

from __future__ import annotations

import re
import shutil
import tomllib
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from dispatcher.campaign import schedules_editor
from dispatcher.ledger import audit_log, campaign_drafts
from dispatcher.ledger.queries import message_counts
from tests.web_fixture import ROOT, Browser, WebFixture, open_web

NEW = {
    "starter": "bhyt", "title": "Gia hạn thẻ BHYT xã", "action": "gia hạn thẻ BHYT", "done": "đã gia hạn",
    "starts": "09/11/2025", "ends": "25/11/2025", "audiences": "residents",
}  # fmt: skip
NAME = "gia-han-the-bhyt-xa"
DRAFT = f"/drafts/{NAME}"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebFixture]:
    for name in ("templates", "contacts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "schedules.toml", tmp_path)
    places = {name: tmp_path / name for name in ("templates", "contacts")}
    with open_web(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", schedules=tmp_path / "schedules.toml", **places
    ) as opened:
        yield opened


def file_of(web: WebFixture) -> Path:
    return web.app.settings.schedules


def begin(browser: Browser, **changes: str) -> None:
    answer = browser.submit("/campaigns-new", **{**NEW, **changes})
    assert answer.status_code == 303, re.findall(r'role="alert">([^<]*)', answer.text)


def form_of(browser: Browser, page: str = DRAFT) -> dict[str, Any]:
    """Read the form as a browser would send it."""
    html = browser.get(page).text
    form = html[html.index('id="draft"') :].partition("</form>")[0]
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        facts = {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', tag)}
        if facts.get("type") in {"checkbox", "radio"} and not tag.rstrip(">").endswith(" checked"):
            continue
        fields.setdefault(facts["name"], []).append(facts.get("value", ""))
    for name, options in re.findall(r'<select name="([^"]+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]+)" selected', options) or re.search(r'value="([^"]+)"', options)
        assert chosen
        fields[name] = [chosen[1]]
    return fields


def publish(browser: Browser, draft: str = DRAFT) -> Any:
    page = browser.get(f"{draft}/publish").text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen, page[-2500:]
    return browser.submit(f"{draft}/publish", seen=seen[1])


def campaigns(web: WebFixture) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(file_of(web).read_text(encoding="utf-8"))["campaign"]
    return found


def test_a_campaign_is_drafted_looked_at_and_put_into_the_file(web: WebFixture) -> None:
    organiser, before = web.browser("organiser"), file_of(web).read_text(encoding="utf-8")
    begin(organiser)
    page = organiser.get(DRAFT).text
    assert file_of(web).read_text(encoding="utf-8") == before  # a draft is no part of the file
    assert re.search(r"<dt>People reached</dt><dd>15</dd>", page)
    assert "First: 15 messages" in page  # whoever said no is left out as each text leaves
    answer = publish(organiser)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/campaigns/{NAME}")
    after = file_of(web).read_text(encoding="utf-8")
    assert after.startswith(before.rstrip())
    written = campaigns(web)[NAME]
    assert written["requires_approval"] is True
    assert [step["name"] for step in written["step"]] == ["mo-dau", "truoc-han", "cam-on"]
    assert "Gia hạn thẻ BHYT xã" in organiser.get(f"/campaigns/{NAME}").text  # in force, without a restart
    assert campaign_drafts.all_drafts(web.ledger) == ()
    assert audit_log.entries(web.ledger, subject=NAME)[0].action == "campaign-published"


def test_nothing_of_it_is_sent_before_it_is_approved(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    publish(organiser)

    def sent() -> int:
        counts = [one for one in message_counts.exact_by_step(web.ledger) if one.campaign == NAME]
        return sum(one.messages for one in counts if one.status in {"sending", "sent", "delivered"})

    web.advance(hours=26)
    assert sent() == 0
    approve(organiser, NAME)
    web.advance()
    assert sent() > 0


def test_every_starter_makes_a_campaign_that_is_sound(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = organiser.get("/campaigns-new").text
    kinds = re.findall(r'name="starter" value="([^"]+)"', page)
    assert len(kinds) == 7
    for kind in kinds:
        title = f"Việc {kind}"
        begin(organiser, starter=kind, title=title, action="", done="")
        draft = f"/drafts/viec-{kind}"
        page = organiser.get(draft).text
        assert "notice bad" not in page, (kind, re.findall(r'notice bad">.*?</p>', page))
        assert publish(organiser, draft).status_code == 303, kind
        assert f"viec-{kind}" in campaigns(web)


def test_words_that_nobody_wrote_are_written_for_an_audience_of_ones_own(web: WebFixture) -> None:
    """The shipped words are there for four audiences only; a meeting has words of its own for all."""
    organiser = web.browser("organiser")
    begin(organiser, starter="hop", title="Họp thôn", action="dự họp thôn", done="đã dự họp")
    publish(organiser, "/drafts/hop-thon")
    folder = web.app.settings.templates / "hop-thon"
    assert sorted(one.name for one in folder.iterdir()) == [
        "giay-moi.mail.j2", "giay-moi.sms.j2", "nhac-hop.mail.j2", "nhac-hop.sms.j2",
    ]  # fmt: skip
    page = organiser.get("/campaigns/hop-thon/steps/mo-dau").text
    assert "kinh moi ong/ba du hop thon ngay 25/11/2025" in page


def test_what_the_form_says_is_written_and_nothing_else(web: WebFixture) -> None:
    """The sample campaign is opened and saved as it is: not a letter of the file changes."""
    organiser, before = web.browser("organiser"), file_of(web).read_text(encoding="utf-8")
    organiser.submit("/campaigns/cong-dan-so/edit")
    draft = "/drafts/cong-dan-so"
    unchanged = campaign_drafts.find(web.ledger, "cong-dan-so")
    fields = form_of(organiser, draft)
    organiser.post(draft, data=fields)
    saved = campaign_drafts.find(web.ledger, "cong-dan-so")
    assert unchanged is not None
    assert saved is not None
    assert saved.fragment == unchanged.fragment
    fields |= {"ends": "20/11/2025", "step-0-title": "Lời mở đầu", "step-2-when": "5 ngày 08:00; 6 giờ"}
    organiser.post(draft, data=fields)
    assert publish(organiser, draft).status_code == 303
    wanted = tomllib.loads(before)
    written = tomllib.loads(file_of(web).read_text(encoding="utf-8"))
    campaign = written["campaign"]["cong-dan-so"]
    assert str(campaign["ends"]) == "2025-11-20"
    assert campaign["step"][0]["title"] == "Lời mở đầu"
    assert campaign["step"][2]["before"] == ["5d 08:00", "6h"]
    gone = set(before.splitlines()) - set(file_of(web).read_text(encoding="utf-8").splitlines())
    assert len(gone) <= 4
    del wanted["campaign"], written["campaign"]
    assert wanted == written


def test_steps_come_and_go_and_a_value_that_cannot_be_read_is_named(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    fields = form_of(organiser) | {
        "step-new-title": "Nhắc thêm", "step-new-timing": "at", "step-new-when": "15/11/2025 9h30",
        "step-2-remove": "1", "budget_vnd": "1.500.000 đồng", "ends": "31/11/2025",
    }  # fmt: skip
    organiser.post(DRAFT, data=fields)
    page = organiser.get(DRAFT).text
    assert "31/11/2025 is not a day of the calendar" in page
    assert "Last day" in page
    assert 'name="seen"' not in organiser.get(f"{DRAFT}/publish").text  # it cannot be put into force so
    organiser.post(DRAFT, data=form_of(organiser) | {"ends": "30/11/2025"})
    publish(organiser)
    written = campaigns(web)[NAME]
    assert written["budget_vnd"] == 1_500_000
    assert [step["name"] for step in written["step"]] == ["mo-dau", "truoc-han", "nhac-them"]
    assert str(written["step"][2]["at"]) == "2025-11-15 09:30:00"


def test_the_look_ahead_keeps_nothing(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    before = campaign_drafts.find(web.ledger, NAME)
    answer = organiser.post(f"{DRAFT}/outlook", data=form_of(organiser) | {"ends": "01/01/2020"})
    assert answer.status_code == 200
    assert "notice bad" in answer.text
    assert "<html" not in answer.text
    assert campaign_drafts.find(web.ledger, NAME) == before


def test_a_clash_with_another_campaign_is_named_with_a_free_day(web: WebFixture) -> None:
    """The sample's warning of the 10th, 08:00, reaches the same people as a start of the 10th."""
    organiser = web.browser("organiser")
    begin(organiser, starts="10/11/2025")
    page = organiser.get(DRAFT).text
    assert "Clash" in page
    assert "Cuộc thi" in page


def test_a_file_edited_by_hand_meanwhile_keeps_that_edit_and_it_is_shown(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    page = organiser.get(f"{DRAFT}/publish").text
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert seen
    with file_of(web).open("a", encoding="utf-8") as file:
        file.write("# sửa bằng tay\n")
    by_hand = file_of(web).read_text(encoding="utf-8")
    answer = organiser.submit(f"{DRAFT}/publish", seen=seen[1])
    assert answer.status_code == 409
    assert "+# sửa bằng tay" in answer.text
    assert file_of(web).read_text(encoding="utf-8") == by_hand
    assert publish(organiser).status_code == 303  # seen, and said again
    assert "# sửa bằng tay" in file_of(web).read_text(encoding="utf-8")
    assert NAME in campaigns(web)


def test_a_campaign_that_others_wrote_meanwhile_is_not_written_over(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    organiser.submit("/campaigns/cong-dan-so/edit")
    text = file_of(web).read_text(encoding="utf-8")
    by_hand = text.replace("budget_vnd = 60_000_000", "budget_vnd = 70_000_000")
    file_of(web).write_text(by_hand, encoding="utf-8")
    page = organiser.get("/drafts/cong-dan-so/publish").text
    assert "+budget_vnd = 70_000_000" in page
    assert 'name="seen"' not in page
    seen = schedules_editor.fingerprint(by_hand)
    assert organiser.submit("/drafts/cong-dan-so/publish", seen=seen).status_code == 409
    assert file_of(web).read_text(encoding="utf-8") == by_hand


def test_every_key_can_be_edited_in_the_files_own_words(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    draft = campaign_drafts.find(web.ledger, NAME)
    assert draft is not None
    fragment = draft.fragment.replace(
        "requires_approval = true", "canary = 5 # năm người trước\nrequires_approval = true"
    )
    organiser.submit(f"{DRAFT}/text", fragment=fragment)
    publish(organiser)
    assert campaigns(web)[NAME]["canary"] == 5
    assert "# năm người trước" in file_of(web).read_text(encoding="utf-8")


def test_text_that_says_more_than_the_campaign_is_refused_and_not_lost(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    before = campaign_drafts.find(web.ledger, NAME)
    answer = organiser.submit(f"{DRAFT}/text", fragment='[office]\nname = "UBND xã Khác"\n')
    assert 'role="alert"' in answer.text
    assert "UBND xã Khác" in answer.text
    assert campaign_drafts.find(web.ledger, NAME) == before


def test_a_draft_is_thrown_away_and_the_file_stays(web: WebFixture) -> None:
    organiser, before = web.browser("organiser"), file_of(web).read_text(encoding="utf-8")
    begin(organiser)
    assert DRAFT in organiser.get("/").text
    organiser.submit(f"{DRAFT}/discard")
    assert DRAFT not in organiser.get("/").text
    assert file_of(web).read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts": "ngày mai"}, "the date cannot be read"),
        ({"ends": "08/11/2025"}, "lies before the first"),
        ({"audiences": "ai-do"}, "Nobody is written to"),
        ({"starter": "trang", "title": ""}, "no title"),
    ],
)
def test_a_beginning_that_cannot_be_is_said_with_what_was_typed(
    web: WebFixture, changes: dict[str, str], said: str
) -> None:
    organiser = web.browser("organiser")
    answer = organiser.submit("/campaigns-new", **{**NEW, **changes})
    assert answer.status_code == 422
    assert said in answer.text
    assert "gia hạn thẻ BHYT" in answer.text


def test_a_file_that_cannot_be_read_is_said(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    file_of(web).write_text("[campaign.x\n", encoding="utf-8")
    page = organiser.get(DRAFT)
    assert page.status_code == 200
    assert "not valid TOML" in page.text
    file_of(web).unlink()
    assert organiser.get(DRAFT).status_code == 409


def test_an_approval_shows_what_it_approves_and_asks(web: WebFixture) -> None:
    organiser, page = web.browser("organiser"), f"/campaigns/{NAME}"
    begin(organiser)
    publish(organiser)
    web.advance(hours=26)
    for place in ("/", page):
        shown = organiser.get(place).text
        assert "waits for approval" in shown.lower()
        assert "Paused" not in shown
        assert "Resume" not in shown
    asked = organiser.submit(f"{page}/approve")
    assert asked.status_code == 200
    assert re.search(r"About to be sent: 15 messages, [\d,]+ VND, from 08:00", asked.text)
    assert approved_by(web) == ""
    seen = re.search(r'name="seen" value="([^"]+)"', asked.text)
    assert seen
    words = web.app.settings.templates / "residents" / "7-days.sms.j2"
    words.write_text(
        words.read_text(encoding="utf-8").replace("mời bà con", "mời bà con ta"), encoding="utf-8"
    )
    web.app.live_config.reload()
    again = organiser.submit(f"{page}/approve", seen=seen[1])
    assert "changed while this page was open" in again.text
    assert approved_by(web) == ""
    approve(organiser, NAME)
    assert approved_by(web) == "organiser"


def approve(browser: Browser, name: str) -> None:
    asked = browser.submit(f"/campaigns/{name}/approve").text
    seen = re.search(r'name="seen" value="([^"]+)"', asked)
    assert seen
    assert browser.submit(f"/campaigns/{name}/approve", seen=seen[1]).status_code == 303


def approved_by(web: WebFixture) -> str:
    return next(
        (one.who for one in audit_log.entries(web.ledger, subject=NAME) if one.action == "approve"), ""
    )


@pytest.mark.parametrize(
    "line",
    ['step = "không phải bảng"', "step = [1, 2]", 'no_send_days = "holidays"', "audiences = 5", "title = 5",
     "starts = [1]", "[campaign.gia-han-the-bhyt-xa.step]\nname = 'x'"],
)  # fmt: skip
def test_what_somebody_wrote_otherwise_is_shown_with_what_is_wrong(web: WebFixture, line: str) -> None:
    organiser = web.browser("organiser")
    begin(organiser)
    fragment = f"[campaign.{NAME}]\n{line}\n"
    assert organiser.submit(f"{DRAFT}/text", fragment=fragment).status_code == 303
    page = organiser.get(DRAFT)
    assert page.status_code == 200
    assert "notice bad" in page.text
    assert organiser.post(DRAFT, data=form_of(organiser)).status_code == 303
    assert organiser.get(f"{DRAFT}/publish").status_code == 200
