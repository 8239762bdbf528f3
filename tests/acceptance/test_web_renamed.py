"""What looks renamed is decided on its campaign's page: both answers, asked twice, and noted down."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatcher.ledger import audit_log
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.sending import campaign_states
from tests.web_fixture import ROOT, Browser, WebFixture, csrf_token_of, open_web

CAMPAIGN = "/campaigns/cong-dan-so"
STEP = '{ name = "deadline", before'
RENAMED = '{ name = "nhac-han", before'


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebFixture]:
    """A service whose step has gone out three days before the deadline."""
    schedules = tmp_path / "schedules.toml"
    shutil.copy(ROOT / "schedules.toml", schedules)
    with open_web(tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", schedules=schedules) as opened:
        opened.advance(1)
        assert sent(opened) > 0
        yield opened


def sent(web: WebFixture) -> int:
    return sum(one.messages for one in message_counts.exact_by_step(web.ledger) if one.status != "cancelled")


def edit(web: WebFixture, old: str, new: str) -> None:
    file = web.app.settings.schedules
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert web.app.live_config.reload()
    assert web.app.live_config.rejected == ()
    web.advance(0.1)


def decide(
    browser: Browser, answer: str, *, old: str = "deadline", new: str = "nhac-han", at: str = CAMPAIGN
) -> None:
    fields = {"csrf": csrf_token_of(browser.get("/password").text), "old": old, "new": new, "answer": answer}
    asked = browser.post(f"{at}/renamed", data=fields)
    assert asked.status_code == 200
    assert "cannot be taken back" in asked.text
    assert browser.post(f"{at}/renamed", data={**fields, "sure": "yes"}).status_code == 303


def test_the_same_step_renamed_goes_to_nobody_again(web: WebFixture) -> None:
    before, organiser = sent(web), web.browser("organiser")
    edit(web, STEP, RENAMED)
    assert sent(web) == before
    page = organiser.get(CAMPAIGN).text
    assert "It is the same, renamed…" in page
    assert "It is another one…" in page
    assert "It is another one…" not in web.browser("viewer").get(CAMPAIGN).text
    decide(organiser, "same")
    web.advance(0.1)
    assert sent(web) == before
    assert "It is another one…" not in organiser.get(CAMPAIGN).text
    entry = audit_log.entries(web.ledger)[0]
    assert (entry.who, entry.action, entry.detail) == ("organiser", "rename", {"to": "nhac-han"})


def test_another_step_goes_out_as_well(web: WebFixture) -> None:
    before, organiser = sent(web), web.browser("organiser")
    edit(web, STEP, RENAMED)
    page = organiser.post(
        f"{CAMPAIGN}/renamed",
        data={"csrf": csrf_token_of(organiser.get("/password").text), "old": "deadline", "new": "nhac-han",
              "answer": "another"},
    ).text  # fmt: skip
    assert f"{before} messages went out as deadline" in page
    decide(organiser, "another")
    web.advance(0.1)
    assert sent(web) == 2 * before
    assert "It is another one…" not in organiser.get(CAMPAIGN).text
    assert audit_log.entries(web.ledger)[0].action == "tell-apart"


@pytest.mark.parametrize("answer", ["same", "another"])
def test_a_campaign_that_looks_renamed_is_decided_about_too(web: WebFixture, answer: str) -> None:
    before, organiser = sent(web), web.browser("organiser")
    edit(web, "[campaign.cong-dan-so]", "[campaign.cuoc-thi]")
    assert sent(web) == before
    decide(organiser, answer, old="cong-dan-so", new="cuoc-thi", at="/campaigns/cuoc-thi")
    state = campaign_states.state_of(web.ledger, "cuoc-thi")
    assert state is not None
    assert state.state == "active"
    web.advance(0.1)
    assert (sent(web) > before) == (answer == "another")


def test_what_nobody_asks_about_is_not_decided(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    for old, answer in (("deadline", "same"), ("x", "another"), ("deadline", "neither")):
        form = {"old": old, "new": "nhac-han", "answer": answer, "sure": "yes"}
        assert organiser.submit(f"{CAMPAIGN}/renamed", **form).status_code == 303
    assert not {one.action for one in audit_log.entries(web.ledger)} & {"rename", "tell-apart"}
