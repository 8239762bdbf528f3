"""What comes in over the web: cleaned at the door, watched while it waits, shown when it is set aside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import requests
import sqlalchemy as sa

from dispatcher import metrics
from dispatcher.clock import SystemClock
from dispatcher.feedback import inbound_texts
from dispatcher.ledger.access import api_tokens
from dispatcher.ledger.queries import answers
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema.tables import event, participation_count
from tests import ledger_fixture
from tests.web_fixture import WALL_TIME, Browser, WebFixture, open_web

TOKEN = "a token for tests"


@pytest.fixture
def web(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    """On PostgreSQL, which takes less: no NUL, no number out of bounds."""
    with open_web(tmp_path_factory.mktemp("incoming"), postgres_url) as opened:
        api_tokens.add(opened.ledger, TOKEN, label="tests", role="organiser", who="t", now=WALL_TIME)
        yield opened


@pytest.fixture
def api(web: WebFixture) -> Browser:
    machine = web.browser()
    machine.headers["authorization"] = f"Bearer {TOKEN}"
    return machine


def test_what_waits_longer_than_a_minute_turns_ready_red_and_is_named(web: WebFixture) -> None:
    now = web.clock.now()
    waiting = Event(kind="inbound", dedupe_key="waits", raw={"from": "x", "body": "Xin chào"})
    for age, status in ((59, 200), (61, 503)):
        event_inbox.record(web.ledger, [replace(waiting, dedupe_key=f"waits-{age}")],
                           now=now - timedelta(seconds=age))  # fmt: skip
        answer = requests.get(f"{web.url}/readyz", timeout=10)
        assert answer.status_code == status
    assert answer.json()["problems"] == ["queue"]
    assert answer.json()["waiting"] == [{"kind": "inbound", "count": 2, "oldest_age_seconds": 61.0}]
    web.process_inbox()
    assert requests.get(f"{web.url}/readyz", timeout=10).json()["waiting"] == []


def test_a_bounce_mailbox_that_is_not_read_turns_ready_red(
    web: WebFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = SystemClock().now()
    for minutes, status in ((2, 200), (4, 503)):
        beat = now - timedelta(minutes=minutes)
        monkeypatch.setitem(metrics._heartbeats, "bounce-mailbox", beat)
        answer = requests.get(f"{web.url}/readyz", timeout=10)
        assert answer.status_code == status
    assert answer.json()["problems"] == ["bounce-mailbox"]


def test_what_was_set_aside_is_counted_and_shown(web: WebFixture) -> None:
    broken = Event(kind="status", dedupe_key="broken", gateway="twilio", raw={"status": "?"})
    event_inbox.record(web.ledger, [broken], now=web.clock.now())
    with web.ledger.read() as connection:
        (event_id,) = connection.scalars(sa.select(event.c.id).where(event.c.dedupe_key == "broken"))
    event_inbox.set_aside(web.ledger, {event_id: "KeyError: 'x'"}, now=web.clock.now())
    assert 'dispatcher_set_aside{kind="status"} 1.0' in requests.get(f"{web.url}/metrics", timeout=10).text
    organiser = web.browser("organiser")
    assert "KeyError" in organiser.get("/answers").text
    organiser.submit(f"/reports/{event_id}")
    assert "KeyError" not in organiser.get("/answers").text


def test_a_text_from_machines_is_as_long_as_it_was_sent(web: WebFixture, api: Browser) -> None:
    where = "/api/v1/campaigns/cong-dan-so/participation"
    assert api.post(where, json={"source": "x" * 99 + "\x9f"}).status_code == 200
    assert api.post(where, json={"source": "x" * 100 + "\x9f"}).status_code == 422


def test_every_report_that_was_set_aside_can_be_reached(web: WebFixture) -> None:
    broken = [Event(kind="status", dedupe_key=f"many-{n}", gateway="twilio") for n in range(130)]
    event_inbox.record(web.ledger, broken, now=web.clock.now())
    with web.ledger.read() as connection:
        ids = connection.scalars(sa.select(event.c.id).where(event.c.dedupe_key.like("many-%"))).all()
    event_inbox.set_aside(web.ledger, dict.fromkeys(ids, "KeyError: 'x'"), now=web.clock.now())
    organiser = web.browser("organiser")
    assert "130 reports wait" in organiser.get("/answers").text
    found, path = [], "/answers"
    while path:
        page = organiser.get(path).text
        found += re.findall(r'action="(/reports/\d+[^"]*)"', page)
        older = re.search(r'"(/answers\?reports_before=\d+)#reports">Older', page)
        path = older[1] if older else ""
    assert sorted(int(re.findall(r"\d+", one)[0]) for one in found) == sorted(ids)
    last = found[-1]
    assert organiser.submit(last).headers["location"] == f"/answers?{last.partition('?')[2]}"
    assert "129 reports wait" in organiser.get("/answers").text
    for odd in ("x", "-1", "9" * 30, "1'", "٣", ""):
        assert organiser.get("/answers", params={"reports_before": odd}).status_code == 200


@pytest.mark.parametrize("odd", ["a\0b", "\0", "x\x1b[31m", "\x9f"], ids=ascii)
def test_text_from_machines_is_cleaned_at_the_door(web: WebFixture, api: Browser, odd: str) -> None:
    address = ledger_fixture.phone_number(77)
    wish = {"address": address, "words": odd, "campaign": "cong-dan-so"}
    assert api.post("/api/v1/opt-outs", json=wish).status_code == 200
    told = {"source": odd, "people": [{"address": odd, "name": odd}],
            "counts": [{"area": "Thôn Đông" + odd, "day": "2025-11-07", "finished": 1}]}  # fmt: skip
    assert api.post("/api/v1/campaigns/cong-dan-so/participation", json=told).status_code == 200
    assert api.post("/api/v1/campaigns/cong-dan-so/pause", json={"reason": odd}).status_code == 200
    web.browser("organiser").submit("/opt-outs", address=address, words=odd, decision="stop")


@pytest.mark.parametrize(
    "sent", ['"\\ud800"', "NaN", '{"address": NaN}', '{"address": 1e999}', "[" * 900 + "]" * 900]
)
def test_what_no_json_can_repeat_is_refused_in_json(api: Browser, sent: str) -> None:
    for path in ("opt-outs", "campaigns/cong-dan-so/participation", "campaigns/cong-dan-so/pause"):
        answer = api.post(f"/api/v1/{path}", data=sent, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.json()["detail"]


def test_what_came_while_nobody_listened_is_read_back_once(web: WebFixture) -> None:
    web.advance()
    said_no, took_part = ledger_fixture.phone_number(1), ledger_fixture.phone_number(2)
    for number, words in ((said_no, "TC"), (took_part, "Cho hỏi mấy giờ")):
        web.sandbox.send_inbound(number, words, url=f"{web.url}/nobody")
    web.process_inbox()
    assert suppressions.find(web.ledger, address=said_no) == ()
    for _again in range(2):
        complete = web.run_coroutine(
            inbound_texts.read_back(
                web.app.gateways.all, web.ledger, web.app.ledger_thread,
                since=web.clock.now() - timedelta(days=1), now=web.clock.now(),
            )
        )  # fmt: skip
        assert complete
        web.process_inbox()
    assert [item.how for item in suppressions.find(web.ledger, address=said_no)] == ["keyword"]
    assert [item.address for item in answers.unread(web.ledger)] == [took_part]


def test_a_text_that_was_heard_is_not_read_back_as_another(web: WebFixture) -> None:
    web.advance()
    web.sandbox.send_inbound(ledger_fixture.phone_number(2), "Cho hỏi mấy giờ")
    web.run_coroutine(
        inbound_texts.read_back(
            web.app.gateways.all, web.ledger, web.app.ledger_thread,
            since=web.clock.now() - timedelta(days=1), now=web.clock.now(),
        )
    )  # fmt: skip
    web.process_inbox()
    assert len(answers.unread(web.ledger)) == 1


@pytest.mark.parametrize(
    "figure",
    [
        {"day": "9999-12-31", "finished": 3},
        {"day": "2025-10-10", "finished": 3},
        {"day": "2025-11-09", "finished": 3},  # tomorrow
        {"day": "1970-01-01", "registered": 1, "finished": 1},
        {"day": "2025-11-07"},
    ],
    ids=str,
)
def test_figures_are_of_a_day_of_the_campaign_and_say_something(
    api: Browser, figure: dict[str, object]
) -> None:
    told = {"counts": [{"area": "Thôn Đông", **figure}]}
    assert api.post("/api/v1/campaigns/cong-dan-so/participation", json=told).status_code == 422


def test_a_figure_that_is_not_said_leaves_the_one_that_is_known(web: WebFixture, api: Browser) -> None:
    for figure in ({"registered": 9, "finished": 2}, {"finished": 4}):
        told = {"counts": [{"area": "Thôn Đông", "day": "2025-11-07", **figure}]}
        assert api.post("/api/v1/campaigns/cong-dan-so/participation", json=told).json()["counts"] == 1
    with web.ledger.read() as connection:
        rows = connection.execute(sa.select(participation_count)).all()
    assert [(row.registered, row.finished) for row in rows] == [(9, 4)]


def test_a_place_that_nobody_lives_in_is_named(api: Browser) -> None:
    told = {"counts": [{"area": area, "day": "2025-11-07", "finished": 1}
                       for area in ("Thôn Đông", "Không có thôn này")]}  # fmt: skip
    taken = api.post("/api/v1/campaigns/cong-dan-so/participation", json=told).json()
    assert len(taken["unknown_areas"]) == 1
    assert "Thôn Đông" not in taken["unknown_areas"]
