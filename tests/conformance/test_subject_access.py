"""What is held on a person is given to them whole, in plain words and as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

from dispatcher import i18n
from dispatcher.ledger.queries import subject_access as held
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.report import subject_access
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
