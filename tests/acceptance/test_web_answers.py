"""The page of answers, over real HTTP: who wrote and about what, and what each button does to the books."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatcher.ledger import audit_log
from dispatcher.ledger.queries import answers
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import participation, review, suppressions
from tests import ledger_fixture
from tests.web_fixture import Browser, WebFixture, open_web

SHARED = 300  # a number that two people have
_keys = itertools.count()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("answers")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        opened.advance()
        yield opened


def hear(web: WebFixture, n: int, words: str, *, spelling: str = "") -> str:
    """Let somebody answer what no rule understands; gives the address of the answer."""
    raw = {"from": spelling or ledger_fixture.phone_number(n), "body": words}
    event = Event(kind="inbound", dedupe_key=f"answer-{next(_keys)}", raw=raw)
    event_inbox.record(web.ledger, [event], now=web.clock.now())
    web.process_inbox()
    return f"/answers/{answers.unread(web.ledger)[0].event_id}"


def waiting(browser: Browser) -> list[str]:
    """Read off all the pages which answers wait."""
    found, path = [], "/answers"
    while path:
        page = browser.get(path).text
        found += re.findall(r'action="(/answers/\d+)', page)
        older = re.search(r'"(/answers\?before=\d+)">Older', page)
        path = older[1] if older else ""
    return found


def held(web: WebFixture) -> dict[str, tuple[str, str]]:
    found = review.held_contacts(web.ledger)
    return {one.name: (one.reason, one.decided_by) for one in found if one.decided_by}


def test_an_answer_is_shown_with_who_wrote_and_what_it_answers(web: WebFixture) -> None:
    hear(web, 103, "Thôi bác nghỉ em ơi, nhầm số rồi")
    hear(web, 8888, "Mấy giờ thi vậy")
    page = web.browser("organiser").get("/answers").text
    for words in (
        "Thôi bác nghỉ", "Nguyễn Thị Hương 1-3", "Thôn Đoài", "Nhân dân", "may be the wrong number",
        "UBND xa Ha Tay", "This number stands in no list",
    ):  # fmt: skip
        assert words in page, words
    assert "Has died" not in web.browser("viewer").get("/answers").text  # a viewer only looks


def test_each_button_does_what_it_says(database_url: str, tmp_path: Path) -> None:
    with open_web(tmp_path, database_url) as web:
        web.advance()
        organiser = web.browser("organiser")
        said = {
            name: hear(web, n, f"Chuyện là thế này {n}")
            for n, name in enumerate(("opt-out", "took-part", "wrong-number", "dead", "moved", "read"))
        }
        for decision, path in said.items():
            assert organiser.submit(path, decision=decision).headers["location"] == "/answers"
        assert waiting(organiser) == []
        [stop] = suppressions.find(web.ledger, address=ledger_fixture.phone_number(0))
        assert (stop.reason, stop.how, stop.who) == ("opted-out", "web", "organiser")
        [done] = participation.participations(web.ledger, "cong-dan-so")
        assert (done.source, done.who) == ("sms", "organiser")
        assert held(web) == {
            "Nguyễn Thị Hương 0-2": ("number", "organiser"),
            "Nguyễn Thị Hương 0-3": ("dead", "organiser"),
            "Nguyễn Thị Hương 0-4": ("moved", "organiser"),
        }
        assert "this person has died (organiser)" in organiser.get("/held").text
        deeds = [one for one in audit_log.entries(web.ledger) if one.action == "answer"]
        assert [one.detail["decision"] for one in deeds] == list(reversed(said))
        assert "Has died" in web.browser("admin").get("/audit").text
        number = ledger_fixture.phone_number(0)
        assert not any(number in str(one) for one in deeds)


def test_a_sender_is_known_however_the_provider_writes_the_number(web: WebFixture) -> None:
    path = hear(web, 104, "Thôi nhé cô ơi", spelling="84900000101")
    assert "Nguyễn Thị Hương 1-1" in web.browser("organiser").get("/answers").text
    web.browser("organiser").submit(path, decision="opt-out")
    assert [one.how for one in suppressions.find(web.ledger, address=ledger_fixture.phone_number(101))] == [
        "web"
    ]


def test_of_several_people_on_a_number_one_is_meant(web: WebFixture) -> None:
    for name in ("Trần Văn Tám", "Lê Thị Chín"):
        ledger_fixture.add_people(
            web.ledger, ("residents", name, ledger_fixture.phone_number(SHARED), ""), area="Thôn Đông"
        )
    organiser = web.browser("organiser")
    path = hear(web, SHARED, "Ông ấy mất rồi")
    refused = organiser.submit(path, decision="dead")
    assert refused.status_code == 422
    assert "say whom" in refused.text
    assert path in waiting(organiser)
    tam = re.search(r'name="person" value="(\d+)">Trần Văn Tám', refused.text)
    assert tam
    assert organiser.submit(path, decision="dead", person=tam[1]).status_code == 303
    assert held(web) == {"Trần Văn Tám": ("dead", "organiser")}
    organiser.submit(hear(web, SHARED, "Nhầm số"), decision="wrong-number")
    assert set(held(web)) == {"Trần Văn Tám", "Lê Thị Chín"}


def test_what_nobody_was_asked_cannot_be_answered_by_a_button(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    path = hear(web, 7777, "Tôi làm xong phần của tôi nhé")
    for decision in ("took-part", "dead", "wrong-number"):
        assert organiser.submit(path, decision=decision).status_code == 422
    assert organiser.submit(path, decision="burn").status_code == 400
    assert organiser.submit(path, decision="read").status_code == 303


def test_a_no_from_what_is_no_number_is_not_offered_and_stops_nobody(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    path = hear(web, 0, "không cần gửi đâu ạ, tôi là ABC", spelling="VIETTEL")
    card = organiser.get("/answers").text.partition(f'action="{path}')[2].partition("</form>")[0]
    assert 'value="read"' in card
    assert 'value="opt-out"' not in card
    refused = organiser.submit(path, decision="opt-out")
    assert (refused.status_code, "no number" in refused.text) == (422, True)
    assert suppressions.find(web.ledger, address="VIETTEL") == ()


def test_who_comes_second_is_told_and_changes_nothing(web: WebFixture) -> None:
    path = hear(web, 202, "Ơ hay")
    organiser = web.browser("organiser")
    assert organiser.submit(path, decision="read").status_code == 303
    second = organiser.submit(path, decision="opt-out")
    assert second.status_code == 409
    assert "already" in second.text
    assert suppressions.find(web.ledger, address=ledger_fixture.phone_number(202)) == ()
    assert organiser.submit("/answers/999999999", decision="opt-out").status_code == 409


def test_only_who_may_act_decides_and_only_from_our_own_page(web: WebFixture) -> None:
    path = hear(web, 203, "Thôi")
    for name in ("viewer", "lead"):
        assert web.browser(name).submit(path, decision="opt-out").status_code == 403
    assert web.browser("organiser").post(path, data={"decision": "opt-out"}).status_code == 403
    assert web.browser().post(path, data={"decision": "opt-out"}).status_code in {303, 403}
    assert suppressions.find(web.ledger, address=ledger_fixture.phone_number(203)) == ()


def test_every_answer_can_be_reached(web: WebFixture) -> None:
    before = len(waiting(web.browser("organiser")))
    number = ledger_fixture.phone_number(1)
    events = [
        Event(kind="inbound", dedupe_key=f"many-{n}", raw={"from": number, "body": f"{n}?"})
        for n in range(130)
    ]
    event_inbox.record(web.ledger, events, now=web.clock.now())
    web.process_inbox()
    organiser = web.browser("organiser")
    found = waiting(organiser)
    assert len(set(found)) == len(found) == before + 130
    assert f"{before + 130} answers wait" in organiser.get("/answers").text
    oldest = found[-1]
    last_page = f"?before={int(found[-2].rpartition('/')[2])}"
    back = organiser.submit(f"{oldest}{last_page}", decision="read")
    assert back.headers["location"] == f"/answers{last_page}"
    assert oldest not in waiting(organiser)
    for odd in ("x", "-1", "9" * 30, "1'", "٣", ""):
        assert organiser.get("/answers", params={"before": odd}).status_code == 200
