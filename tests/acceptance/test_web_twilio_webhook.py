"""What a provider's webhooks may do to us: repeated, out of order, doubled, forged, too large, too slow."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
import requests
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from dispatcher.ledger.queries import address_history, to_do
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.schema.tables import event, message
from dispatcher.web import server
from tests import ledger_fixture
from tests.web_fixture import WebFixture, open_web


@pytest.fixture
def web(sqlite_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    """One database will do: what the ledger makes of reports is held on both (`tests/conformance`)."""
    with open_web(tmp_path_factory.mktemp("web"), sqlite_url) as opened:
        opened.advance()
        yield opened


def call(web: WebFixture, path: str, form: dict[str, str], *, signed_for: str = "") -> int:
    """Call as Twilio does, signed with its own library."""
    url = web.url + path
    signature = RequestValidator(web.sandbox.auth_token).compute_signature(signed_for or url, form)
    return requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=10).status_code


def report(word: str, *, code: str = "", sid: str = "SM" + "9" * 32, **more: str) -> dict[str, str]:
    form = {"MessageSid": sid, "MessageStatus": word, "AccountSid": "AC1", "ApiVersion": "2010-04-01", **more}
    return {**form, "ErrorCode": code} if code else form


def last_message(web: WebFixture) -> tuple[int, str]:
    """Give a text's id and the address of its callback, as if nothing had been heard of it."""
    with web.ledger.begin() as connection:
        found = connection.execute(
            sa.select(message.c.id, message.c.attempt).where(message.c.channel == "sms")
            .where(message.c.provider_id.is_not(None)).order_by(message.c.id.desc()).limit(1)
        ).one()  # fmt: skip
        connection.execute(
            sa.update(message).where(message.c.id == found.id).values(status="sending", rank=4)
        )
    key = web.app.links.message_key(found.id, found.attempt)
    return found.id, f"/twilio/status/{key}"


def status(web: WebFixture, message_id: int) -> tuple[str, int]:
    with web.ledger.read() as connection:
        row = connection.execute(sa.select(message).where(message.c.id == message_id)).one()
    return row.status, row.conflict


def kept(web: WebFixture) -> int:
    with web.ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(event)) or 0


def test_a_report_moves_its_message_on(web: WebFixture) -> None:
    message_id, path = last_message(web)
    assert call(web, path, report("delivered")) == 204
    web.process_inbox()
    assert status(web, message_id) == ("delivered", 0)


def test_the_same_report_a_hundred_times_at_once_is_one_report(web: WebFixture) -> None:
    _message_id, path = last_message(web)
    before = kept(web)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: call(web, path, report("delivered")), range(100)))
    assert set(answers) == {204}
    assert kept(web) == before + 1


def test_reports_out_of_order_end_where_those_in_order_do(web: WebFixture) -> None:
    message_id, path = last_message(web)
    for word in ("delivered", "sent", "queued", "sending", "delivered"):
        assert call(web, path, report(word)) == 204
        web.process_inbox()
    assert status(web, message_id) == ("delivered", 0)


def test_failed_and_delivered_is_kept_as_a_conflict(web: WebFixture) -> None:
    message_id, path = last_message(web)
    call(web, path, report("failed", code="30003"))
    call(web, path, report("delivered"))
    web.process_inbox()
    assert status(web, message_id) == ("delivered", 1)


def test_fields_and_words_nobody_knows_yet_are_taken(web: WebFixture) -> None:
    message_id, path = last_message(web)
    assert call(web, path, report("delivered", NewField="mới", Empty="")) == 204
    assert call(web, path, report("teleported")) == 204
    web.process_inbox()
    assert status(web, message_id) == ("delivered", 0)


def test_a_signature_of_another_address_is_none(web: WebFixture) -> None:
    _message_id, path = last_message(web)
    assert call(web, path, report("failed"), signed_for=web.url + "/twilio/status/other") == 403
    assert call(web, path + "?x=1", report("failed"), signed_for=web.url + path) == 403


@pytest.mark.parametrize(
    "form", [{}, {"MessageSid": "SM1"}, {"MessageStatus": "sent"}, report("sent", sid="a b;")]
)
def test_what_names_no_message_is_set_aside_for_a_person_once(web: WebFixture, form: dict[str, str]) -> None:
    message_id, path = last_message(web)
    before, stood = event_inbox.count_set_aside(web.ledger).get("status", 0), status(web, message_id)
    for _again in range(2):
        assert call(web, path, form) == 204
    web.process_inbox()
    assert event_inbox.count_set_aside(web.ledger)["status"] == before + 1
    shown = to_do.set_aside(web.ledger)[0]
    assert (shown.kind, shown.gateway) == ("status", "twilio")
    assert "names no message" in shown.reason
    assert event_inbox.count_unprocessed(web.ledger) == 0
    assert status(web, message_id) == stood
    assert call(web, "/twilio/status/not-ours", form) == 400


def test_a_key_that_is_not_ours_is_kept_and_changes_nothing(web: WebFixture) -> None:
    message_id, _path = last_message(web)
    before = status(web, message_id)
    assert call(web, "/twilio/status/not-ours", report("failed", sid="SM" + "8" * 32)) == 204
    web.process_inbox()
    assert status(web, message_id) == before


def test_an_answer_is_heard_once_however_often_it_comes(web: WebFixture) -> None:
    number = ledger_fixture.phone_number(2)
    form = {"MessageSid": "SM" + "7" * 32, "From": number, "To": "+15550001", "Body": "Từ chối"}
    for _again in range(3):
        assert call(web, "/twilio/inbound", form) == 200
    web.process_inbox()
    assert len(suppressions.find(web.ledger, address=number)) == 1
    assert [item.scope for item in suppressions.find(web.ledger, address=number)] == ["all"]
    assert address_history.load(web.ledger, number).suppressions[0][1] == "opted-out"


@pytest.mark.parametrize(
    "body", [b"\xff\xfe\x00", b"%ff%fe=%00&=&&&", b"a=" + b"%f0" * 5000, "Body=\u202e".encode()]
)
def test_broken_bodies_are_refused_not_stumbled_over(web: WebFixture, body: bytes) -> None:
    for path in ("/twilio/inbound", "/twilio/status/x"):
        headers = {"X-Twilio-Signature": "x", "content-type": "application/x-www-form-urlencoded"}
        assert requests.post(web.url + path, data=body, headers=headers, timeout=10).status_code == 403


def test_too_large_is_refused(web: WebFixture) -> None:
    big = report("sent", Filler="x" * 70_000)
    assert call(web, "/twilio/status/x", big) == 413


def test_too_slow_is_hung_up_on(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADER_TIMEOUT_SECONDS", 0.5)
    host, port = web.url.removeprefix("http://").split(":")
    body = urlencode(report("sent")).encode()
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            b"POST /twilio/inbound HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body[:-5]
        )
        began = time.monotonic()
        assert line.recv(1000) == b""
        assert time.monotonic() - began < 5


def test_another_method_or_place_is_nothing(web: WebFixture) -> None:
    assert requests.get(f"{web.url}/twilio/inbound", timeout=10).status_code == 405
    assert requests.post(f"{web.url}/twilio/other", timeout=10).status_code == 404
