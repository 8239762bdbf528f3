"""A long list is written in small batches: receipts, sign-ins and sending wait for none of them long."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from twilio.request_validator import RequestValidator

from dispatcher.ledger.schema.tables import event, participation, suppression
from tests import ledger_fixture
from tests.web_fixture import AREAS, WebFixture, csrf_token_of, open_web

PEOPLE = 8000
WAIT_SECONDS_MAX = 1.0  # measured: 0.1 to 0.2 on two busy cores


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("long-imports")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        opened.advance()
        people = [
            ("residents", f"Lê Văn {n}", ledger_fixture.phone_number(20_000 + n), "") for n in range(PEOPLE)
        ]
        ledger_fixture.add_people(opened.ledger, *people, area=AREAS[0])
        yield opened


class Waits:
    """How long the ledger's thread was held against a write of nothing, and a receipt took to be answered."""

    def __init__(self) -> None:
        self.thread: list[float] = []
        self.receipts: list[float] = []

    def __str__(self) -> str:
        told = (("ledger thread", self.thread), ("receipt", self.receipts))
        return "; ".join(f"{name}: {len(took)} asked, {max(took):.3f} s at most" for name, took in told)


@contextmanager
def measured(web: WebFixture) -> Iterator[Waits]:
    """Ask again and again from outside, while the block runs."""
    waits, stop = Waits(), threading.Event()
    url, browser = f"{web.url}/twilio/inbound", web.browser()
    sign = RequestValidator(web.sandbox.auth_token).compute_signature

    def write_nothing() -> None:
        with web.ledger.begin():
            pass

    def ask() -> None:
        n = count(web, event)
        while not stop.is_set():
            began = time.perf_counter()
            web.run_coroutine(web.app.ledger_thread.run(write_nothing))
            waits.thread.append(time.perf_counter() - began)
            n += 1
            form = {"MessageSid": f"SM{n:032d}", "From": "+84990000001", "To": "+84990000002", "Body": "ok"}
            began = time.perf_counter()
            answer = browser.post(
                "/twilio/inbound", data=form, headers={"X-Twilio-Signature": sign(url, form)}
            )
            waits.receipts.append(time.perf_counter() - began)
            assert answer.status_code in (200, 204)
            time.sleep(0.01)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield waits
    finally:
        stop.set()
        asking.join()


def count(web: WebFixture, table: sa.Table) -> int:
    with web.ledger.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def numbers() -> bytes:
    rows = [f"Lê Văn {n},{ledger_fixture.phone_number(20_000 + n)}" for n in range(PEOPLE)]
    return "\n".join(["Họ và tên,Số điện thoại", *rows]).encode()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("what", ["participation", "opt-outs"])
def test_receipts_are_answered_while_a_long_list_is_taken_in(
    web: WebFixture, what: str, record_property: Callable[[str, object], None]
) -> None:
    organiser, heard = web.browser("organiser"), count(web, event)
    page = "/campaigns/cong-dan-so/uploads" if what == "participation" else "/opt-outs"
    path = page if what == "participation" else "/opt-outs/uploads"
    table = participation if what == "participation" else suppression
    before, csrf = count(web, table), csrf_token_of(organiser.get(page).text)
    with measured(web) as waits:
        began = time.perf_counter()
        answer = organiser.post(
            path, data={"csrf": csrf}, files={"file": ("list.csv", numbers())}, timeout=120
        )
        assert answer.status_code == 200
        (key,) = {part.split('"')[0] for part in answer.text.split('name="upload" value="')[1:]}
        answer = organiser.post(
            f"{path}/confirm", data={"csrf": csrf, "upload": key, "most": "1"}, timeout=120
        )
        assert answer.status_code == 200
        took = time.perf_counter() - began
    record_property("figures", f"{PEOPLE} rows of {what} in {took:.1f} s; {waits}")
    assert count(web, table) - before == PEOPLE
    assert count(web, event) > heard
    assert max(waits.thread) < WAIT_SECONDS_MAX
    assert max(waits.receipts) < WAIT_SECONDS_MAX
