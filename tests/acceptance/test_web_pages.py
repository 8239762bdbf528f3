"""The pages of the office, over real HTTP: each opens in both languages, each action does its work."""

from __future__ import annotations

import io
import re
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa

from dispatcher.campaign.model import Schedules
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import api_tokens, users
from dispatcher.ledger.queries import address_history, message_counts, people_search
from dispatcher.ledger.recipients import participation, suppressions
from dispatcher.ledger.schema.tables import contact, person
from dispatcher.ledger.sending import campaign_states
from tests import ledger_fixture
from tests.conformance.test_imports import RESIDENTS, STAFF, a_row, load
from tests.web_fixture import AREAS, PASSWORD, ROOT, WebFixture, csrf_token_of, open_web

CAMPAIGN = "/campaigns/cong-dan-so"
PAGES = (
    "/",
    CAMPAIGN,
    f"{CAMPAIGN}/steps/deadline",
    f"{CAMPAIGN}/steps/digest-weekly",
    f"{CAMPAIGN}/steps/thanks",
    f"{CAMPAIGN}/visits",
    f"{CAMPAIGN}/report",
    f"{CAMPAIGN}/uploads",
    "/campaigns-new",
    "/held",
    "/addresses",
    "/answers",
    "/opt-outs",
    "/audit",
    "/users",
    "/machines",
    "/sandbox",
    "/password",
)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("web")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        opened.advance()
        yield opened


@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_in_both_languages(web: WebFixture, path: str) -> None:
    admin = web.browser("admin")
    vietnamese = admin.get(path, headers={"accept-language": "vi"})
    english = admin.get(path, headers={"accept-language": "en-GB,en;q=0.8,vi;q=0.1"})
    assert (vietnamese.status_code, english.status_code) == (200, 200)
    assert '<html lang="vi">' in vietnamese.text
    assert '<html lang="en">' in english.text
    assert vietnamese.headers["content-language"] == "vi"
    assert 'style="' not in english.text  # the content security policy forbids it
    assert "<script>" not in english.text


def test_what_the_ledger_says_to_an_edit_stands_on_the_pages(web: WebFixture) -> None:
    """A warning that went out is called otherwise now: the pages print the line that decides."""
    live = web.app.live_config
    before = live.config
    text = before.schedules_text.replace('name = "deadline"', 'name = "canh-bao"')
    edited = Schedules.model_validate(tomllib.loads(text))
    live.config = replace(before, schedules=edited)
    try:
        for path in ("/", CAMPAIGN):
            page = web.browser("viewer").get(path).text
            assert "dispatcher rename step deadline canh-bao --campaign cong-dan-so" in page
    finally:
        live.config = before


def test_a_language_once_asked_for_is_kept(web: WebFixture) -> None:
    visitor = web.browser("viewer")
    del visitor.headers["accept-language"]
    assert "Đăng xuất" in visitor.get("/").text
    assert "Sign out" in visitor.get("/?lang=en").text
    assert "Sign out" in visitor.get("/held").text


def test_the_overview_counts_what_went_out(web: WebFixture) -> None:
    page = web.browser("viewer").get("/").text
    sent = sum(item.messages for item in message_counts.exact_by_step(web.ledger))
    assert sent == 18
    assert re.search(r"<dt>messages</dt><dd>18</dd>", page)
    assert "1 person is held" in page


def test_a_campaign_page_tells_of_each_area(web: WebFixture) -> None:
    page = web.browser("viewer").get(CAMPAIGN).text
    for area in AREAS:
        assert area in page
    assert "Pause" not in page  # a viewer only looks


def test_pausing_and_resuming_act_and_are_written_down(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    organiser.submit(f"{CAMPAIGN}/pause", reason="the letter changed")
    standing = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert standing is not None
    assert (standing.state, standing.changed_by) == ("paused", "organiser")
    page = organiser.get("/").text
    assert "the letter changed" in page
    organiser.submit(f"{CAMPAIGN}/resume")
    resumed = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert resumed is not None
    assert resumed.state == "active"
    deeds = audit_log.entries(web.ledger, subject="cong-dan-so")
    assert [deed.action for deed in deeds[:2]] == ["active", "paused"]


def test_cancelling_is_asked_twice(web: WebFixture) -> None:
    page = web.browser("organiser").submit(f"{CAMPAIGN}/cancel")
    assert page.status_code == 200
    assert "cannot be taken back" in page.text
    standing = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert standing is not None
    assert standing.state == "active"


def test_a_preview_shows_words_parts_and_cost_and_sends_a_test(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = organiser.get(f"{CAMPAIGN}/steps/deadline").text
    assert "UBND HA TAY" in page
    assert re.search(r"\d part", page)
    mail = organiser.get(f"{CAMPAIGN}/steps/deadline/mail?audience=staff")
    assert mail.status_code == 200
    assert "sandbox" in mail.headers["content-security-policy"]
    number = ledger_fixture.phone_number(7777)
    sent = organiser.submit(
        f"{CAMPAIGN}/steps/deadline/test", audience="residents", channel="sms", to="0900 007 777"
    )
    assert "on its way" in sent.text
    assert len(web.sandbox.messages(number)) == 1
    refused = organiser.submit(
        f"{CAMPAIGN}/steps/deadline/test", audience="residents", channel="sms", to="not a number"
    )
    assert "no address" in refused.text
    assert address_history.load(web.ledger, number).messages == ()


def test_a_held_person_is_decided_about(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = organiser.get("/held").text
    assert "Phạm Văn Cũ" in page
    contact = re.search(r"/held/(\d+)", page)
    assert contact
    assert organiser.submit(f"/held/{contact.group(1)}", decision="drop").status_code == 303
    assert "Nobody is held" in organiser.get("/held").text
    assert organiser.submit("/held/999999", decision="release").status_code == 409


def test_a_mail_address_is_stopped_however_it_is_typed(web: WebFixture) -> None:
    """Lists are kept in small letters: a stop for Binh2@Hatay.Example would stop nobody."""
    organiser = web.browser("organiser")
    assert organiser.submit("/opt-outs", address=" Binh2@Hatay.Example ").status_code == 303
    (stop,) = suppressions.find(web.ledger, address="binh2@hatay.example")
    assert stop.scope == "all"
    assert "Trần Văn Bình 2" in organiser.submit("/addresses", address="BINH2@HATAY.EXAMPLE").text
    assert organiser.submit("/opt-outs", address="0900 000 001 / 0900 000 002").status_code == 422
    organiser.submit("/opt-outs", decision="lift", address="binh2@hatay.example", scope="all")


def test_the_life_of_an_address_is_told_by_post_and_noted_masked(web: WebFixture) -> None:
    page = web.browser("organiser").submit("/addresses", address="0900 000 001")
    assert "Nguyễn Thị Hương 0-1" in page.text
    assert "3 days left" in page.text
    noted = audit_log.entries(web.ledger)[0]
    assert noted.action == "look-up"
    assert ledger_fixture.phone_number(1) not in str(noted)
    assert web.browser("organiser").submit("/addresses", address="nobody").status_code == 422


def test_numbers_are_masked_for_who_may_not_see_them(web: WebFixture) -> None:
    suppressions.opt_out(
        web.ledger,
        [suppressions.OptOut(channel="sms", address=ledger_fixture.phone_number(101), who="t", how="web")],
        now=web.clock.now(),
    )
    for path in ("/", CAMPAIGN, f"{CAMPAIGN}/visits", "/held", "/answers", "/audit"):
        page = web.browser("viewer").get(path).text
        assert "0900 00" not in page, path
        assert "+84900" not in page, path


def test_a_list_of_who_took_part_is_taken_in_with_an_account(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    page = organiser.get(f"{CAMPAIGN}/uploads").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    rows = "Họ và tên,Số điện thoại,Thôn\n"
    rows += (
        "Nguyễn Thị Hương 0-0,0900000000,Thôn Đông\nNguyễn Thị Hương 1-2,,Thôn Đoài\nNgười Lạ,0912345678,\n"
    )
    looked = organiser.post(
        f"{CAMPAIGN}/uploads",
        data={"csrf": csrf.group(1)},
        files={"file": ("dự thi.csv", rows.encode("utf-8-sig"), "text/csv")},
    ).text
    assert "is in no list that was loaded" in looked
    assert "= full name" in looked  # what each column was taken for, before anything is taken in
    assert participation.participations(web.ledger, "cong-dan-so") == ()  # nothing before a word
    key = re.search(r'name="upload" value="([^"]+)"', looked)
    assert key
    confirm = {"csrf": csrf.group(1), "upload": key.group(1), "decision": "take"}
    stranger = web.browser("admin")
    of_another = {**confirm, "csrf": csrf_token_of(stranger.get(f"{CAMPAIGN}/uploads").text)}
    assert stranger.post(f"{CAMPAIGN}/uploads/confirm", data=of_another).status_code == 410
    answer = organiser.post(f"{CAMPAIGN}/uploads/confirm", data=confirm)
    assert "2 people are newly known to have taken part" in answer.text
    assert len(participation.participations(web.ledger, "cong-dan-so")) == 2
    assert organiser.post(f"{CAMPAIGN}/uploads/confirm", data=confirm).status_code == 410
    asked = organiser.post(f"{CAMPAIGN}/imports/1/undo", data=confirm)
    assert "Take import 1 back?" in asked.text
    assert "2 people it made known are reminded again" in asked.text
    assert len(participation.participations(web.ledger, "cong-dan-so")) == 2
    confirm["sure"] = "1"
    undone = organiser.post(f"{CAMPAIGN}/imports/1/undo", data=confirm)
    assert (undone.status_code, undone.headers["location"]) == (303, f"{CAMPAIGN}/uploads?undone=1")
    assert "2 people are reminded again" in organiser.get(undone.headers["location"]).text
    assert participation.participations(web.ledger, "cong-dan-so") == ()
    assert "reminded again" not in organiser.get(f"{CAMPAIGN}/uploads?undone=2").text
    assert organiser.post(f"{CAMPAIGN}/imports/1/undo", data=confirm).status_code == 409
    wrong = organiser.post(
        f"{CAMPAIGN}/uploads", data={"csrf": csrf.group(1)}, files={"file": ("../../x.exe", b"MZ", "x/y")}
    )
    assert wrong.status_code == 422


def test_the_page_asks_about_a_thon_that_the_office_has_not_listed(tmp_path: Path) -> None:
    schedules = tmp_path / "schedules.toml"
    text = (ROOT / "schedules.toml").read_text(encoding="utf-8")
    schedules.write_text('areas = ["Thôn Đông", "Thôn Đoài"]\n' + text, encoding="utf-8")
    database_url = f"sqlite:///{tmp_path / 'ledger.sqlite3'}"
    with open_web(tmp_path, database_url, schedules=schedules) as web:
        organiser = web.browser("organiser")
        rows = "Họ và tên,Số điện thoại,Thôn\nNgười Lạ,0912345678,Thôn Lạc Đường\n"
        looked = organiser.post(
            f"{CAMPAIGN}/uploads",
            data={"csrf": csrf_token_of(organiser.get(f"{CAMPAIGN}/uploads").text)},
            files={"file": ("dự thi.csv", rows.encode())},
        ).text
        assert "dự thi.csv: “Thôn Lạc Đường” (1 rows) is not in the areas" in looked


def test_namesakes_taken_for_one_are_parted_by_a_click(tmp_path: Path) -> None:
    with open_web(tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}") as web:
        official = a_row("Nguyễn Văn Nam", email="nam@hatay.example", source=STAFF, role="Công chức")
        load(web.ledger, official, a_row("Nguyễn Văn Nam", 401), sources=(STAFF, RESIDENTS))
        assert "They are two people" not in web.browser("viewer").get("/held").text
        organiser = web.browser("organiser")
        page = organiser.get("/held").text
        assert "same name and thôn, in different lists" in page
        action = re.search(r'action="(/joins/\d+/split)"', page)
        assert action
        parted = {"csrf": csrf_token_of(page)}
        assert "Taken for one person" not in organiser.post(action.group(1), data=parted).text
        assert len(people_search.by_name(web.ledger, "Nguyễn Văn Nam")) == 2
        assert organiser.post(action.group(1), data=parted).status_code == 409


def test_a_list_of_most_of_an_audience_wants_a_tick(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    with web.ledger.read() as connection:
        listed = sa.select(person.c.name, person.c.area).join(contact, contact.c.person_id == person.c.id)
        found = connection.execute(listed.where(contact.c.audience == "residents")).all()
    names = [(name, area) for name, area in found if area]
    rows = "Họ và tên,Thôn,Trạng thái\n" + "".join(f"{name},{area},Đã thi\n" for name, area in names)
    page = organiser.get(f"{CAMPAIGN}/uploads").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf
    looked = organiser.post(
        f"{CAMPAIGN}/uploads", data={"csrf": csrf.group(1)}, files={"file": ("x.csv", rows.encode())}
    ).text
    assert "column C “Trạng thái” says who took part" in looked
    key = re.search(r'name="upload" value="([^"]+)"', looked)
    assert key
    confirm = {"csrf": csrf.group(1), "upload": key.group(1), "decision": "take"}
    assert organiser.post(f"{CAMPAIGN}/uploads/confirm", data=confirm).status_code == 422
    assert participation.participations(web.ledger, "cong-dan-so") == ()
    ticked = {**confirm, "most": "1"}
    with ThreadPoolExecutor(2) as clicks:  # somebody clicks twice
        answers = list(
            clicks.map(lambda _click: organiser.post(f"{CAMPAIGN}/uploads/confirm", data=ticked), range(2))
        )
    answer, late = sorted(answers, key=lambda one: one.status_code)
    assert (answer.status_code, late.status_code) == (200, 410)
    assert len(participation.participations(web.ledger, "cong-dan-so")) == len(names)
    undo = re.search(r'action="([^"]+/imports/\d+/undo)"', answer.text)
    assert undo
    number = undo.group(1).split("/")[-2]
    assert f'<td class="num">{number}</td>' in answer.text
    assert organiser.post(undo.group(1), data={**confirm, "sure": number}).status_code == 303
    assert participation.participations(web.ledger, "cong-dan-so") == ()


def test_figures_of_more_than_live_in_a_thon_are_ticked_first(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    csrf = csrf_token_of(organiser.get(f"{CAMPAIGN}/uploads").text)
    table = "Thôn,Đăng ký,Hoàn thành\nThôn Đông,999,999\nThôn Đoài,3,4\n"
    looked = organiser.post(
        f"{CAMPAIGN}/uploads", data={"csrf": csrf}, files={"file": ("bang.csv", table.encode())}
    ).text
    assert "999 have finished by this table, and the lists have" in looked
    assert "more have finished (4) than have registered (3): not taken" in looked
    key = re.search(r'name="upload" value="([^"]+)"', looked)
    assert key
    confirm = {"csrf": csrf, "upload": key.group(1), "decision": "take"}
    assert organiser.post(f"{CAMPAIGN}/uploads/confirm", data=confirm).status_code == 422
    answer = organiser.post(f"{CAMPAIGN}/uploads/confirm", data={**confirm, "excess": "1"})
    assert "Figures of 1 thôn were taken in." in answer.text
    undo = re.search(r'action="([^"]+/imports/(\d+)/undo)"', answer.text)
    assert undo
    assert organiser.post(undo.group(1), data={**confirm, "sure": undo.group(2)}).status_code == 303


def test_a_list_of_opt_outs_is_taken_in(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    csrf = re.search(r'name="csrf" value="([^"]+)"', organiser.get("/opt-outs").text)
    assert csrf
    looked = organiser.post(
        "/opt-outs/uploads",
        data={"csrf": csrf.group(1)},
        files={
            "file": ("tu-choi.csv", "Họ tên,SĐT\nNguyễn Văn A,0900000203\nAi Đó,12\n".encode(), "text/csv")
        },
    ).text
    assert "Rows: 2; addresses to stop: 1." in looked
    assert "column B “SĐT” = telephone number" in looked
    assert "digits are missing" in looked
    assert suppressions.find(web.ledger, address=ledger_fixture.phone_number(203)) == ()  # not before a word
    key = re.search(r'name="upload" value="([^"]+)"', looked)
    assert key
    confirm = {"csrf": csrf.group(1), "upload": key.group(1)}
    answer = organiser.post("/opt-outs/uploads/confirm", data=confirm)
    assert "1 new" in answer.text
    assert organiser.post("/opt-outs/uploads/confirm", data=confirm).status_code == 410
    assert suppressions.find(web.ledger, address=ledger_fixture.phone_number(203))[0].how == "import"
    organiser.submit("/opt-outs", decision="lift", address=ledger_fixture.phone_number(203), scope="all")
    assert suppressions.find(web.ledger, address=ledger_fixture.phone_number(203)) == ()


def test_the_workbook_opens_and_masks_for_viewers(web: WebFixture) -> None:
    for name, masked in (("viewer", True), ("organiser", False)):
        answer = web.browser(name).get(f"{CAMPAIGN}/export.xlsx")
        assert answer.headers["content-disposition"].startswith("attachment;")
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        assert "steps" in book.sheetnames
        addresses = [str(row[2].value) for row in book["to visit"].iter_rows(min_row=4)]
        assert addresses
        assert all(("•" in address) == masked for address in addresses)


def test_the_report_is_an_official_document(web: WebFixture) -> None:
    page = web.browser("viewer").get(f"{CAMPAIGN}/report").text
    for words in ("Độc lập - Tự do - Hạnh phúc", "Thôn Phương La", "Công văn số 3452", "08 November 2025"):
        assert words in page


def test_a_lead_sees_the_own_area_only(web: WebFixture) -> None:
    lead = web.browser("lead")
    assert lead.get("/").headers["location"] == "/my-area"
    page = lead.get("/my-area").text
    assert AREAS[0] in page
    assert AREAS[1] not in page
    assert lead.get(CAMPAIGN).status_code == 403


def test_users_and_tokens_are_made_and_taken_away(web: WebFixture) -> None:
    admin = web.browser("admin")
    made = admin.submit("/users", name="moi", role="viewer")
    password = re.search(r"shown this once: ([\w-]+)", made.text)
    assert password
    assert web.browser().sign_in("moi", password.group(1)).status_code == 303
    assert admin.submit("/users/moi/remove").status_code == 303
    assert web.browser().sign_in("moi", password.group(1)).status_code == 401
    assert admin.submit("/users/admin/remove").status_code == 409
    assert admin.submit("/users", name="x" * 99, role="viewer").status_code == 422
    assert admin.submit("/users", name="thon", role="lead").status_code == 422
    token = re.search(r"<code>(dsp_[\w-]+)</code>", admin.submit("/machines/tokens", label="báo cáo").text)
    assert token
    assert api_tokens.tokens(web.ledger)[0].label == "báo cáo"


def test_a_new_password_ends_every_session(web: WebFixture) -> None:
    viewer = users.find(web.ledger, "viewer")
    assert viewer is not None
    users.save(
        web.ledger, "nguoi-doi", role="viewer", password_hash=viewer.password_hash, who="test",
        now=web.clock.now(),
    )  # fmt: skip
    first, second = web.browser("nguoi-doi"), web.browser("nguoi-doi")
    new = "mot-mat-khau-khac"
    assert first.submit("/password", old="wrong", new=new, again=new).status_code == 422
    assert first.submit("/password", old=PASSWORD, new="short", again="short").status_code == 422
    assert first.submit("/password", old=PASSWORD, new=new, again=new).status_code == 303
    assert second.get("/").headers["location"].startswith("/sign-in")


def test_the_sandbox_phone_answers_and_the_service_hears_it(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    phone = ledger_fixture.phone_number(4)
    assert phone.replace("+", "%2B") in organiser.get("/sandbox").text
    organiser.submit(f"/sandbox/phones/{phone.replace('+', '%2B')}", body="TC")
    web.process_inbox()
    assert suppressions.find(web.ledger, address=phone)[0].how == "keyword"
    assert "TC" in organiser.get(f"/sandbox/phones/{phone.replace('+', '%2B')}").text
    box = organiser.get("/sandbox/mailboxes/binh0@hatay.example")
    assert box.status_code == 200
    assert organiser.get("/sandbox/mailboxes/binh0@hatay.example/0").status_code == 200


def test_live_figures_come_without_reloading(web: WebFixture) -> None:
    with web.browser("viewer").get("/live", stream=True) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        lines = stream.iter_lines()
        assert any(line.startswith(b"data: ") and b"Campaigns" in line for line in lines)


def test_the_pages_stand_on_either_database(database_url: str, tmp_path: Path) -> None:
    with open_web(tmp_path, database_url) as web:
        web.advance()
        admin = web.browser("admin")
        for path in (*PAGES, f"{CAMPAIGN}/export.xlsx", "/metrics", "/readyz"):
            assert admin.get(path).status_code == 200, path
        assert "Nguyễn Thị Hương 0-1" in admin.submit("/addresses", address="0900 000 001").text
        admin.submit(f"{CAMPAIGN}/pause", reason="x")
        assert "x" in admin.get(CAMPAIGN).text


def test_the_style_sheet_is_fetched_once_and_pages_are_never_kept(web: WebFixture) -> None:
    visitor = web.browser()
    sheet = visitor.get("/static/dispatcher.css")
    assert sheet.headers["cache-control"] == "no-cache"  # kept, and asked about
    again = visitor.get("/static/dispatcher.css", headers={"if-none-match": sheet.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert visitor.get("/sign-in").headers["cache-control"] == "no-store"
