"""The links in texts and mails: looking changes nothing, saying it twice is saying it once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from dispatcher.ledger.privacy import erasure
from dispatcher.ledger.recipients import participation, suppressions
from tests import ledger_fixture
from tests.web_fixture import WebFixture, open_web

CAMPAIGN = "cong-dan-so"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("residents")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        yield opened


def link(web: WebFixture, number: str, *, channel: str = "sms", campaign: str = CAMPAIGN) -> str:
    url = web.app.links.unsubscribe_url(channel=channel, address=number, campaign=campaign, person_id=1)
    return url.removeprefix(web.url)


def stops(web: WebFixture, number: str) -> list[str]:
    return sorted(item.scope for item in suppressions.find(web.ledger, address=number))


def test_looking_says_who_writes_and_changes_nothing(web: WebFixture) -> None:
    number = ledger_fixture.phone_number(600)
    page = web.browser().get(link(web, number))
    assert page.status_code == 200
    assert "UBND xã Hà Tây" in page.text
    assert number not in page.text  # masked, in case the telephone is passed around
    assert page.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in page.headers
    web.browser().head(link(web, number))
    assert stops(web, number) == []


def test_the_page_is_vietnamese_whatever_the_telephone_was_set_to(web: WebFixture) -> None:
    visitor = web.browser()
    visitor.headers["accept-language"] = "en-US,en;q=0.9"
    assert "Ngừng nhận tin" in visitor.get(link(web, ledger_fixture.phone_number(601))).text
    assert "Stop receiving" in visitor.get(link(web, ledger_fixture.phone_number(601)) + "?lang=en").text


def test_one_press_stops_everything_and_a_second_changes_nothing(web: WebFixture) -> None:
    number, visitor = ledger_fixture.phone_number(602), web.browser()
    for _press in range(2):
        answer = visitor.post(link(web, number), data={"scope": "all"})
        assert answer.status_code == 303
    assert stops(web, number) == ["all"]
    assert "không còn nhận tin" in visitor.get(link(web, number)).text


def test_only_this_campaign_may_be_stopped_and_everything_after(web: WebFixture) -> None:
    number, visitor = ledger_fixture.phone_number(603), web.browser()
    visitor.post(link(web, number), data={"scope": "campaign"})
    assert stops(web, number) == [f"campaign:{CAMPAIGN}"]
    visitor.post(link(web, number), data={"scope": "all"})
    assert stops(web, number) == ["all", f"campaign:{CAMPAIGN}"]


def test_coming_back_lifts_what_was_said(web: WebFixture) -> None:
    number, visitor = ledger_fixture.phone_number(604), web.browser()
    visitor.post(link(web, number), data={"scope": "all"})
    visitor.post(link(web, number), data={"action": "return"})
    assert stops(web, number) == []


def test_coming_back_lifts_no_dead_number(web: WebFixture) -> None:
    number = ledger_fixture.phone_number(605)
    dead = suppressions.OptOut(channel="sms", address=number, reason="dead-address", who="t", how="bounce")
    suppressions.opt_out(web.ledger, [dead], now=web.clock.now())
    web.browser().post(link(web, number), data={"action": "return"})
    assert stops(web, number) == ["all"]


def test_a_mail_client_unsubscribes_with_one_click_and_no_redirect(web: WebFixture) -> None:
    url = link(web, "mai@hatay.example", channel="email")
    # As mail providers send it: no cookie, no referrer, a form of one field (RFC 8058).
    answer = requests.post(
        web.url + url, data={"List-Unsubscribe": "One-Click"}, allow_redirects=False, timeout=10
    )
    assert answer.status_code == 200
    stands = suppressions.find(web.ledger, address="mai@hatay.example")
    assert [(item.scope, item.how) for item in stands] == [("all", "one-click")]


NOT_OURS: dict[str, dict[str, object]] = {
    "nothing": {},
    "an empty form": {"data": {"List-Unsubscribe": ""}},
    "the pair in other words": {"data": {"List-Unsubscribe": "one-click"}},
    "the pair turned round": {"data": {"One-Click": "List-Unsubscribe"}},
    "the pair in the address": {"params": {"List-Unsubscribe": "One-Click"}},
    "JSON": {"json": {"List-Unsubscribe": "One-Click"}},
    "any form": {"data": {"a": "b"}},
    "a field of ours with another value": {"data": {"scope": "everything"}},
    "noise": {"data": b"\x00\xff" * 20},
    "the pair as plain text": {
        "data": b"List-Unsubscribe=One-Click",
        "headers": {"content-type": "text/plain"},
    },
}


@pytest.mark.parametrize("sent", NOT_OURS.values(), ids=NOT_OURS)
def test_any_other_body_stops_nothing(web: WebFixture, sent: dict[str, Any]) -> None:
    number = ledger_fixture.phone_number(608)
    answer = web.browser().post(link(web, number), **sent)
    assert answer.status_code in {400, 415}
    assert stops(web, number) == []


def test_one_click_may_come_as_multipart(web: WebFixture) -> None:
    number = ledger_fixture.phone_number(609)
    answer = web.browser().post(link(web, number), files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.status_code == 200
    assert stops(web, number) == ["all"]


SPOILT = {
    "cut short": lambda token: token[:-1],
    "one letter more": lambda token: token + "A",
    "one letter changed": lambda token: ("B" if token[0] == "A" else "A") + token[1:],
    "far too long": lambda _token: "x" * 2000,
    "no letter": lambda _token: "%00",
    "a path": lambda _token: "..%2f..%2fetc%2fpasswd",
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_broken_link_is_answered_kindly(web: WebFixture, spoil: Callable[[str], str]) -> None:
    token = link(web, ledger_fixture.phone_number(606)).rpartition("/")[2]
    for place in ("u", "tham-gia"):
        for method in ("get", "post"):
            answer = getattr(web.browser(), method)(f"/{place}/{spoil(token)}")
            assert answer.status_code == 404
    assert stops(web, ledger_fixture.phone_number(606)) == []


def test_a_link_of_one_kind_opens_no_other_door(web: WebFixture) -> None:
    stop = link(web, ledger_fixture.phone_number(607)).rpartition("/")[2]
    assert web.browser().post(f"/tham-gia/{stop}").status_code == 404


def test_taking_part_by_link_only_where_the_campaign_wants_it(web: WebFixture) -> None:
    url = web.app.links.participation_url(
        channel="sms", address=ledger_fixture.phone_number(0), campaign=CAMPAIGN, person_id=1
    ).removeprefix(web.url)
    assert web.browser().get(url).status_code == 404
    campaign = web.app.config.schedules.campaigns[CAMPAIGN]
    object.__setattr__(campaign, "participation_link", True)
    try:
        assert "Tôi đã tham gia" in web.browser().get(url).text
        number = ledger_fixture.phone_number(7999)
        (gone,) = ledger_fixture.add_people(web.ledger, ("residents", "Tạ Văn Đi", number, ""))
        erasure.erase(web.ledger, number, people=[gone], who="Lan", now=web.clock.now())
        of_erased = web.app.links.participation_url(
            channel="sms", address=number, campaign=CAMPAIGN, person_id=gone
        ).removeprefix(web.url)
        page = web.browser().get(of_erased).text
        assert ("đã xoá" in page, "Tôi đã tham gia" in page) == (True, False)
        assert participation.participations(web.ledger, CAMPAIGN) == ()
        for sent in NOT_OURS.values():
            assert web.browser().post(url, **sent).status_code in {400, 415}  # type: ignore[arg-type]
        assert participation.participations(web.ledger, CAMPAIGN) == ()
        for _press in range(2):
            assert web.browser().post(url, data={"action": "took-part"}).status_code == 303
        found = participation.participations(web.ledger, CAMPAIGN)
        assert [(item.person_id, item.source) for item in found] == [(1, "link")]
        assert "Cảm ơn" in web.browser().get(url).text
    finally:
        object.__setattr__(campaign, "participation_link", False)
