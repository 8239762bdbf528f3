"""What people ask about their data, on the page: taken down, done, refused, lifted, handed over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from dispatcher.ledger import audit_log
from dispatcher.ledger.privacy import erasure, rights_requests
from dispatcher.ledger.recipients import imports
from dispatcher.ledger.recipients.imports import ListSource
from dispatcher.vietnamese.text import fold
from tests.engine_fixture import contact_row
from tests.ledger_fixture import phone_number
from tests.web_fixture import AREAS, Browser, WebFixture, open_web

ONE, MOTHER, SON, GONE = (phone_number(6000 + n) for n in range(4))


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("rights")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        people = (
            ("Đỗ Thị Mười", ONE, "muoi@hatay.example"),
            ("Lý Thị Mẹ", MOTHER, ""),
            ("Lý Văn Con", MOTHER, ""),
            ("Cao Văn Xa", GONE, ""),
        )
        rows = [
            contact_row(n, name=name, name_key=fold(name), phones=(phone,), email=mail, area=AREAS[0])
            for n, (name, phone, mail) in enumerate(people, 1)
        ]
        source = ListSource(audience="residents", file="residents.csv")
        imports.import_contacts(opened.ledger, rows, sources=[source], who="t", now=opened.clock.now())
        yield opened


@pytest.fixture(scope="module")
def officer(web: WebFixture) -> Browser:
    return web.browser("organiser")


def take(officer: Browser, kind: str, address: str = ONE, **fields: str) -> int:
    """Take a request down; gives the status of the answer."""
    answer = officer.submit("/rights", kind=kind, address=address, **fields)
    return answer.status_code


def waiting(web: WebFixture) -> list[rights_requests.RightsRequest]:
    return list(rights_requests.waiting(web.ledger))


def test_a_restriction_holds_at_once_and_is_lifted(web: WebFixture, officer: Browser) -> None:
    assert take(officer, "restriction", words="đang khiếu nại") == 303
    (asked,) = waiting(web)
    assert asked.is_restricting
    page = officer.get("/rights").text
    assert "Đỗ Thị Mười" in page
    assert "Tell them by" in page
    officer.submit(f"/rights/{asked.id}", decision="told")
    assert "Write to them again" in officer.get("/rights").text
    assert officer.submit(f"/rights/{asked.id}", decision="lift").status_code == 303
    assert not rights_requests.find(web.ledger, asked.id).is_restricting


def test_of_several_people_somebody_says_who_asks(web: WebFixture, officer: Browser) -> None:
    answer = officer.submit("/rights", kind="access", address=MOTHER)
    assert answer.status_code == 422
    son = next(one for one in erasure.owners_of(web.ledger, MOTHER) if one.name == "Lý Văn Con")
    assert f'<option value="{son.person_id}">' in answer.text
    assert take(officer, "access", MOTHER, person=str(son.person_id)) == 303
    (asked,) = waiting(web)
    assert asked.name == "Lý Văn Con"
    assert "Lý Thị Mẹ" not in officer.submit("/rights/held", request=str(asked.id)).text
    both = officer.submit("/rights/held", address=MOTHER)
    assert (both.status_code, "attachment" in str(both.headers)) == (422, False)
    theirs = officer.submit("/rights/held", address=MOTHER, person=str(son.person_id)).text
    assert ("Lý Văn Con" in theirs, "Lý Thị Mẹ" in theirs) == (True, False)
    assert f'name="person" value="{son.person_id}"' in officer.submit("/addresses", address=MOTHER).text
    officer.submit(f"/rights/{asked.id}", decision="done")
    officer.submit(f"/rights/{asked.id}", decision="told")
    assert not waiting(web)


def test_what_is_held_is_handed_over_as_a_page_and_as_json(web: WebFixture, officer: Browser) -> None:
    answer = officer.submit("/rights/held", address="0900 006 000")
    assert "attachment" in answer.headers["content-disposition"]
    assert "du-lieu-ca-nhan.html" in answer.headers["content-disposition"]
    assert "Đỗ Thị Mười" in answer.text
    value = json.loads(officer.submit("/rights/held", address=ONE, **{"as": "json"}).text)
    assert value["people"][0]["name"] == "Đỗ Thị Mười"
    assert [one.action for one in audit_log.entries(web.ledger, limit=2)] == ["export", "export"]
    assert ONE not in str(audit_log.entries(web.ledger))
    assert "Everything held, to hand over" in officer.submit("/addresses", address=ONE).text


def test_a_correction_is_put_right(web: WebFixture, officer: Browser) -> None:
    assert take(officer, "correction", phone="khong phai so") == 422
    assert take(officer, "correction") == 422
    assert take(officer, "correction", phone=f"0{SON[3:]}", name="đỗ thị mươi") == 303
    (asked,) = waiting(web)
    assert officer.submit(f"/rights/{asked.id}", decision="done").status_code == 303
    assert [one.name for one in erasure.owners_of(web.ledger, SON)] == ["Đỗ Thị Mươi"]
    officer.submit(f"/rights/{asked.id}", decision="told")


def test_a_refusal_needs_its_reason(web: WebFixture, officer: Browser) -> None:
    take(officer, "access", SON)
    (asked,) = waiting(web)
    assert officer.submit(f"/rights/{asked.id}", decision="refuse").status_code == 409
    officer.submit(f"/rights/{asked.id}", decision="extend", because="cần thêm thời gian")
    assert "cần thêm thời gian" in officer.get("/rights").text
    officer.submit(f"/rights/{asked.id}", decision="refuse", because="không rõ là ai")
    officer.submit(f"/rights/{asked.id}", decision="told")
    assert "không rõ là ai" in officer.get("/rights").text


def test_erasing_asks_for_the_password_and_leaves_no_name(web: WebFixture, officer: Browser) -> None:
    take(officer, "erasure", GONE)
    (asked,) = waiting(web)
    assert officer.submit(f"/rights/{asked.id}", decision="done").status_code == 400
    assert officer.submit(f"/rights/{asked.id}/erase").status_code == 303
    assert not erasure.owners_of(web.ledger, GONE)
    assert "Cao Văn Xa" not in officer.get("/rights").text
    officer.submit(f"/rights/{asked.id}", decision="told")


def test_the_overview_says_what_is_near_its_day(web: WebFixture, officer: Browser) -> None:
    take(officer, "objection", SON, scope="advertising", received="2025-11-06")  # a Thursday
    page = web.browser("viewer").get("/").text
    assert re.search(r"1 request about somebody.s data is near its day", page.replace("&#39;", "'"))
    assert "Đỗ" not in page
