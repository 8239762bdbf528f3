"""Long lists are told whole: whom to visit, by thôn and name and with their number; opt-outs; the log."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import openpyxl
import pytest

from dispatcher.ledger import audit_log
from dispatcher.ledger.recipients import suppressions
from dispatcher.ledger.recipients.suppressions import OptOut
from dispatcher.report import digest_figures, visits
from dispatcher.vietnamese.names import sort_key
from tests import ledger_fixture
from tests.web_fixture import AREAS, WALL_TIME, WebFixture, open_web

CAMPAIGN = "/campaigns/cong-dan-so"
HERE, THERE = 420, 310  # of the first area, who has a lead, and of the second
EVERYBODY = HERE + THERE + 1  # with one who said no


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("visits")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        for area, count in ((AREAS[0], HERE), (AREAS[1], THERE)):
            people = [("residents", f"Lê Văn {area[5:]} {n}", "", "") for n in range(count)]
            ledger_fixture.add_people(opened.ledger, *people, area=area)
        yield opened


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row">([^<]+)</th>', page)


def test_everybody_stands_on_some_page_once(web: WebFixture) -> None:
    viewer = web.browser("viewer")
    pages = [viewer.get(f"{CAMPAIGN}/visits?page={number}").text for number in (1, 2)]
    assert [len(names(page)) for page in pages] == [500, EVERYBODY - 500]
    assert len({name for page in pages for name in names(page)}) == EVERYBODY
    assert names(viewer.get(f"{CAMPAIGN}/visits").text) == names(pages[0])
    for page in pages:
        assert f"<strong>{EVERYBODY} people</strong>" in page
    assert f"shown: 501 to {EVERYBODY}" in pages[1]
    for said in ("0", "99", "-1", "x", "9" * 30, "²"):
        assert viewer.get(f"{CAMPAIGN}/visits?page={said}").status_code == 200


def test_they_are_in_order_and_counted_by_thon(web: WebFixture) -> None:
    """A thôn that is cut by the end of a page is counted whole all the same."""
    page = web.browser("viewer").get(f"{CAMPAIGN}/visits?page=2").text
    counted = re.findall(r"<h2>(Thôn [^<]+?) <small>\((\d+)\)</small>", page)
    assert counted == [(AREAS[0], str(HERE))]  # Đông comes after Đoài
    assert names(page) == sorted(names(page), key=sort_key)


def test_all_of_them_are_on_one_page_to_print(web: WebFixture) -> None:
    page = web.browser("viewer").get(f"{CAMPAIGN}/visits?page=all").text
    assert len(set(names(page))) == EVERYBODY
    assert "data-print" in page


def test_a_lead_sees_all_of_the_own_thon(web: WebFixture) -> None:
    page = web.browser("lead").get("/my-area").text
    assert f"<small>({HERE})</small>" in page
    assert page.count(f"Lê Văn {AREAS[0][5:]} ") == HERE
    assert f"Lê Văn {AREAS[1][5:]} " not in page


def test_the_workbook_has_all_of_them(web: WebFixture) -> None:
    answer = web.browser("organiser").get(f"{CAMPAIGN}/export.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content))["to visit"]
    assert sum("Lê Văn" in str(row[1]) for row in sheet.iter_rows(values_only=True)) == HERE + THERE


def test_a_digest_names_some_and_counts_all(web: WebFixture) -> None:
    schedules = web.app.config.schedules
    figures = digest_figures.gather(web.ledger, schedules, "cong-dan-so", now=web.clock.now())
    here = next(area for area in figures.areas if area.area == AREAS[0])
    assert (len(here.to_visit), here.to_visit_unnamed, here.to_visit_count) == (30, HERE - 30, HERE)
    everybody = visits.find(web.ledger, schedules, schedules.campaigns["cong-dan-so"], area=AREAS[0])
    assert [one.name for one in here.to_visit] == [one.name for one in everybody[:30]]


def test_opt_outs_and_log_go_on_for_more_than_a_page(web: WebFixture) -> None:
    stops = [OptOut(channel="sms", address=f"+8491{n:07d}", who="t", how="web") for n in range(1100)]
    suppressions.opt_out(web.ledger, stops, now=WALL_TIME)
    for n in range(300):
        audit_log.write(
            web.ledger, who="t", action="pause", subject=f"no-{n}", detail={}, now=web.clock.now()
        )
    organiser = web.browser("organiser")
    found = [
        number
        for skip in (0, 500, 1000)
        for number in re.findall(
            r'name="address" value="(\+8491[^"]+)"', organiser.get(f"/opt-outs?skip={skip}").text
        )
    ]
    assert (len(found), len(set(found))) == (1100, 1100)
    assert "/opt-outs?skip=500" in organiser.get("/opt-outs").text
    seen, page = set(), organiser.get("/audit").text
    while older := re.search(r"/audit\?before=\d+", page):
        seen |= set(re.findall(r">(no-\d+)<", page))
        page = organiser.get(older.group()).text
    assert len(seen | set(re.findall(r">(no-\d+)<", page))) == 300
