"""What is held on a person is given to them whole, in plain words and as JSON."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatcher import i18n
from dispatcher.campaign.model import VIETNAM
from dispatcher.campaign.rights import Rights
from dispatcher.ledger.privacy import erasure, rights_requests
from dispatcher.ledger.privacy.rights_requests import NewRequest
from dispatcher.ledger.queries import subject_access as held
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.ledger.schema.tables import contact
from dispatcher.report import subject_access
from tests import ledger_fixture
from tests.engine_fixture import MORNING, contact_row, load_rows, open_engine, schedules, ten_day_campaign
from tests.ledger_fixture import phone_number


def test_everything_that_is_held_stands_on_the_page_and_in_the_json(database_url: str) -> None:
    engine = open_engine(database_url, schedules(ten_day_campaign()))
    load_rows(engine, contact_row(1), contact_row(2))
    engine.run_until_sync(MORNING + timedelta(hours=1))
    now = engine.clock.now()
    number = phone_number(1)
    said = Event(kind="inbound", dedupe_key="1", raw={"from": number, "body": "Bà con <hỏi>"})
    event_inbox.record(engine.ledger, [said], now=now)
    wish = OptOut(channel="sms", address=number, who=number, how="keyword", words="TC")
    suppressions.opt_out(engine.ledger, [wish], now=now)
    data = held.load(engine.ledger, number)
    i18n.set_language("vi")
    page = subject_access.as_page(data, engine.config.schedules, now=now)
    text = json.dumps(subject_access.as_json(data), ensure_ascii=False, default=str)
    engine.close()
    for words in ("Người 1", number, "nguoi1@hatay.example", "Thôn Đông", "Nhac", "TC"):
        assert words in page
        assert words in text
    assert "Bà con &lt;hỏi&gt;" in page
    assert "Người 2" not in page
    assert "từ chối nhận tin" in page


def test_nobody_is_said_to_be_nobody(database_url: str) -> None:
    engine = open_engine(database_url, schedules(ten_day_campaign()))
    data = held.load(engine.ledger, phone_number(9))
    page = subject_access.as_page(data, engine.config.schedules, now=MORNING)
    engine.close()
    assert data.is_empty
    assert "Nothing is held" in page


def test_who_shares_a_number_is_given_nothing_of_the_other(database_url: str) -> None:
    engine = open_engine(database_url, schedules(ten_day_campaign()))
    number, ledger = phone_number(1), engine.ledger
    load_rows(engine, contact_row(1))
    party, mother = ledger_fixture.add_people(
        ledger, ("party", "Lý Thị Đảng", number, "dang@hatay.example"), ("residents", "Lý Thị Mẹ", number, "")
    )
    engine.run_until_sync(MORNING + timedelta(hours=1))
    now = engine.clock.now()
    stops = [
        OptOut(channel="sms", address=number, scope=scope, how="keyword", words="tôi là Đảng")
        for scope in ("audience:party", "advertising")
    ]
    suppressions.opt_out(ledger, stops, now=now)
    said = Event(kind="inbound", dedupe_key="1", raw={"from": number, "body": "Đảng đây"})
    event_inbox.record(ledger, [said], now=now)
    for person_id in (party, mother):
        asked = NewRequest(
            kind="access", channel="sms", address=number, person_id=person_id, words=f"của {person_id}",
            received_at=now,
        )  # fmt: skip
        rights_requests.take(ledger, asked, Rights(), zone=VIETNAM, who="Lan", how="cli", now=now)
    with pytest.raises(held.SeveralPeople):
        held.load(ledger, number)
    with pytest.raises(held.SeveralPeople):
        held.load(ledger, number, 999)
    given = held.load(ledger, number, mother)
    i18n.set_language("vi")
    told = subject_access.as_page(given, engine.config.schedules, now=now) + subject_access.as_json_text(
        given
    )
    both = subject_access.as_json_text(held.load(ledger, number, party))
    engine.close()
    assert [one.name for one in given.history.people] == ["Lý Thị Mẹ"]
    assert not re.search(r"party|Đảng|Người 1", told)
    assert [one.words for one in given.requests] == [f"của {mother}"]
    assert [one.scope for one in given.consents] == ["advertising"]
    assert "Người khác cũng dùng" in told
    assert "audience:party" in both


def test_what_lists_say_and_what_was_decided_is_given_too(database_url: str) -> None:
    engine = open_engine(database_url, schedules(ten_day_campaign()))
    load_rows(
        engine,
        contact_row(1, unit="Tổ Chăn nuôi", role="Tổ phó", lead="area", honorific="cô", birth_year=1971),
    )
    (who,) = {one.person_id for one in erasure.owners_of(engine.ledger, phone_number(1))}
    now = engine.clock.now()
    with engine.ledger.begin() as connection:
        row = {"state": "held", "held_reason": "moved", "decided_by": "Lan", "decided_at": now}
        connection.execute(sa.update(contact).where(contact.c.person_id == who).values(**row))
    data = held.load(engine.ledger, phone_number(1))
    i18n.set_language("vi")
    page = subject_access.as_page(data, engine.config.schedules, now=now)
    text = subject_access.as_json_text(data)
    engine.close()
    for words in ("Tổ Chăn nuôi", "Tổ phó", "cô", "1971", "Lan"):
        assert words in page, words
        assert words in text, words
    assert "chuyển" in page
