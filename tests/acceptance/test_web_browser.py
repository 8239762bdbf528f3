"""A person at a browser: Chromium drives the real service, axe-core looks for what shuts people out.

`SCREENSHOTS=docs/screenshots` writes the pictures that stand in the docs.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from dispatcher.ledger.recipients import participation, review, suppressions
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.sending import campaign_states
from tests import ledger_fixture
from tests.web_fixture import PASSWORD, WebFixture, open_web

CHROMIUM = shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
CAMPAIGN = "/campaigns/cong-dan-so"
PAGES = {
    "overview": "/",
    "campaign": CAMPAIGN,
    "preview": f"{CAMPAIGN}/steps/deadline",
    "digest": f"{CAMPAIGN}/steps/digest-last",
    "visits": f"{CAMPAIGN}/visits",
    "report": f"{CAMPAIGN}/report",
    "uploads": f"{CAMPAIGN}/uploads",
    "campaign-new": "/campaigns-new",
    "held": "/held",
    "address": "/addresses",
    "answers": "/answers",
    "opt-outs": "/opt-outs",
    "audit": "/audit",
    "users": "/users",
    "machines": "/machines",
    "sandbox": "/sandbox",
    "sandbox-phone": f"/sandbox/phones/{ledger_fixture.phone_number(1).replace('+', '%2B')}",
    "sandbox-mailbox": "/sandbox/mailboxes/binh0@hatay.example",
    "password": "/password",
    "not-found": "/nothing-here",
}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not here: make browser"),
]


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("browser")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        opened.advance()
        facts = [
            Participation(
                campaign="cong-dan-so", person_id=person, at=opened.clock.now(), source="danh-sach.xlsx"
            )
            for person in (1, 2, 3, 8, 15)
        ]
        participation.record(opened.ledger, facts, now=opened.clock.now())
        opened.sandbox.send_inbound(
            ledger_fixture.phone_number(203), "Nhà tôi mai thi nhé", url=f"{opened.url}/twilio/inbound"
        )
        opened.process_inbox()
        yield opened


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module", params=SIZES)
def signed_in(request: pytest.FixtureRequest, chromium: Browser, web: WebFixture) -> Iterator[BrowserContext]:
    """An administrator on a screen of each size."""
    context = _context(chromium, web, request.param)
    page = context.new_page()
    _sign_in(page, "admin")
    page.close()
    yield context
    context.close()


@pytest.fixture
def page(chromium: Browser, web: WebFixture) -> Iterator[Page]:
    context = _context(chromium, web, "phone")
    yield context.new_page()
    context.close()


def _context(chromium: Browser, web: WebFixture, size: str) -> BrowserContext:
    width, height = SIZES[size]
    return chromium.new_context(base_url=web.url, viewport={"width": width, "height": height}, locale="vi-VN")


def _sign_in(page: Page, name: str) -> None:
    page.goto("/")
    page.get_by_label("Tên").fill(name)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.wait_for_url("**/")


def _violations(page: Page) -> list[str]:
    """Let axe-core look at the page as it stands."""
    page.evaluate(resources.files("axe_playwright_python").joinpath("axe.min.js").read_text())
    found = page.evaluate("axe.run(document, {iframes: false})")["violations"]
    return [f"{item['id']}: {item['nodes'][0]['html'][:160]}" for item in found]


def _picture(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        size = "phone" if (page.viewport_size or {"width": 0})["width"] < 500 else "desktop"
        page.screenshot(path=Path(folder) / f"{name}-{size}.png")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shuts_nobody_out_and_breaks_no_rule_of_its_own(signed_in: BrowserContext, name: str) -> None:
    page = signed_in.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(PAGES[name])
    page.wait_for_timeout(150)
    assert _violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "scrolls sideways"
    assert [line for line in said if "404" not in line] == []
    _picture(page, name)
    page.close()


def test_the_pages_of_residents_shut_nobody_out(page: Page, web: WebFixture) -> None:
    links = web.app.links
    url = links.unsubscribe_url(
        channel="sms", address=ledger_fixture.phone_number(700), campaign="cong-dan-so", person_id=1
    )
    for address, name in ((url, "stop"), (f"{web.url}/u/broken", "broken-link"), ("/sign-in", "sign-in")):
        page.goto(address)
        assert _violations(page) == []
        _picture(page, name)


def test_an_organiser_pauses_and_resumes_and_sees_it_at_once(page: Page, web: WebFixture) -> None:
    _sign_in(page, "organiser")
    page.get_by_role("link", name="Cuộc thi", exact=False).last.click()
    page.get_by_label("Lý do").fill("Chờ ý kiến lãnh đạo")
    page.get_by_role("button", name="Tạm dừng").click()
    expect(page.get_by_text("Chờ ý kiến lãnh đạo").first).to_be_visible()
    standing = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert standing is not None
    assert standing.state == "paused"
    page.get_by_role("button", name="Cho chạy tiếp").click()
    expect(page.get_by_role("button", name="Tạm dừng")).to_be_visible()
    resumed = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert resumed is not None
    assert resumed.state == "active"


def test_a_preview_looks_like_a_phone_and_a_mail(page: Page, web: WebFixture) -> None:
    _sign_in(page, "viewer")
    page.goto(f"{CAMPAIGN}/steps/deadline")
    expect(page.locator(".phone .bubble").first).to_contain_text("UBND")
    mail = page.frame_locator("iframe.mail").first
    expect(mail.locator("body")).to_contain_text("UBND xã Hà Tây")


def test_a_list_of_who_took_part_is_uploaded(page: Page, web: WebFixture, tmp_path: Path) -> None:
    file = tmp_path / "đã dự thi.csv"
    file.write_text("Họ và tên,Số điện thoại\nNguyễn Thị Hương 1-2,0900000102\n", encoding="utf-8")
    _sign_in(page, "organiser")
    page.goto(f"{CAMPAIGN}/uploads")
    page.get_by_label("Tệp Excel").set_input_files(file)
    page.get_by_role("button", name="Xem danh sách").click()
    expect(page.get_by_role("region", name="đã dự thi.csv")).to_contain_text("mới tham gia")
    page.get_by_role("button", name="Nhận danh sách").click()
    expect(page.get_by_role("status")).to_contain_text("Ghi nhận thêm 1 người")
    _take_back(page, "đã dự thi.csv")
    expect(page.get_by_role("status").first).to_contain_text("1 người lại được nhắc")


def _take_back(page: Page, name: str) -> None:
    """Take an import back; the page asks first."""
    page.get_by_role("row", name=name).get_by_role("button", name="Lấy lại").click()
    page.get_by_role("button", name="Lấy lại").click()


def _look_at(page: Page, folder: Path, name: str, content: str | bytes) -> None:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    page.goto(f"{CAMPAIGN}/uploads")
    page.get_by_label("Tệp Excel").set_input_files(file)
    page.get_by_role("button", name="Xem danh sách").click()


def test_an_outsider_breaks_participation_and_takes_it_back(
    chromium: Browser, web: WebFixture, tmp_path: Path
) -> None:
    """The whole commune for a list of participants, twice, out of turn, and with things that are no lists."""

    def known() -> set[int]:
        return {one.person_id for one in participation.participations(web.ledger, "cong-dan-so")}

    context, before, said = _context(chromium, web, "desktop"), known(), list[str]()
    page, other = context.new_page(), context.new_page()
    for one in (page, other):
        one.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
    _sign_in(page, "organiser")
    numbers = [ledger_fixture.phone_number(place * 100 + n) for place in range(3) for n in range(5)]
    everybody = "SĐT,Ghi chú\n" + "".join(f"{number},\n" for number in numbers)

    _look_at(page, tmp_path, "cả xã.csv", everybody)
    page.get_by_role("button", name="Nhận danh sách").click()  # without the tick
    expect(page.get_by_role("alert")).to_contain_text("Đánh dấu")
    assert known() == before
    _look_at(other, tmp_path, "một người.csv", f"SĐT\n{numbers[9]}\n")
    page.get_by_role("checkbox").check()
    again = {
        name: page.locator(f"form[action$=confirm] [name={name}]").first.input_value()
        for name in ("csrf", "upload", "most")
    }
    page.get_by_role("button", name="Nhận danh sách").click()
    expect(page.get_by_role("status").first).to_contain_text("Ghi nhận thêm")
    assert len(known()) > len(before) + 9  # the list of this tab, not of the other
    assert context.request.post(f"{CAMPAIGN}/uploads/confirm", form=again).status == 410
    other.get_by_role("button", name="Nhận danh sách").click()
    expect(other.get_by_role("status").first).to_contain_text("Đã biết từ trước: 1")

    page.goto(f"{CAMPAIGN}/uploads")
    other.goto(f"{CAMPAIGN}/uploads")
    for tab in (page, other):
        tab.get_by_role("row", name="cả xã.csv").get_by_role("button", name="Lấy lại").click()
        expect(tab.get_by_role("row")).to_have_count(0)  # both are asked
    for tab in (page, other):
        tab.get_by_role("button", name="Lấy lại").click()
    expect(page.get_by_role("status").first).to_contain_text("lại được nhắc")
    expect(other.get_by_role("alert")).to_contain_text("đã được lấy lại rồi")
    assert len(known() - before) == 1  # whom the other list names as well
    _take_back(page, "một người.csv")
    expect(page.get_by_role("status").first).to_be_visible()
    assert known() == before

    figures = [("số liệu.csv", "Thôn,Đăng ký\nĐông,5\n"), ("số liệu mới.csv", "Thôn,Đăng ký\nĐông,6\n")]
    for name, content in figures:
        _look_at(page, tmp_path, name, content)
        page.get_by_role("button", name="Nhận danh sách").click()
    _take_back(page, "số liệu.csv")
    expect(page.get_by_role("alert")).to_be_visible()  # the later one first
    for name, _content in reversed(figures):
        _take_back(page, name)
        expect(page.get_by_role("status").first).to_be_visible()

    for name, junk in {
        "rỗng.csv": "", "ảnh.xlsx": b"\x89PNG\r\n", "thư.docx": b"PK\x03\x04", "x.exe": b"MZ",
        "<img src=x onerror=alert(1)>.csv": "SĐT\n<script>alert(1)</script>\n",
        "chữ.csv": "Họ và tên\n=cmd|'/c calc'!A1\n", "hỏng.csv": b"\xff\xfe\x00\xd8\x00",
    }.items():  # fmt: skip
        _look_at(page, tmp_path, name, junk)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_role("button", name="Nhận danh sách")).to_have_count(0)
    assert (known(), said) == (before, [])
    context.close()


def test_a_resident_stops_by_a_click_without_a_mouse(page: Page, web: WebFixture) -> None:
    number = ledger_fixture.phone_number(701)
    page.goto(
        web.app.links.unsubscribe_url(channel="sms", address=number, campaign="cong-dan-so", person_id=1)
    )
    assert suppressions.find(web.ledger, address=number) == ()
    button = page.get_by_role("button", name="Ngừng nhận tin")
    for _step in range(12):
        page.keyboard.press("Tab")
        if button.evaluate("one => one === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("không còn nhận tin")
    assert suppressions.find(web.ledger, address=number)[0].scope == "all"


def test_an_answer_is_decided_by_a_click(page: Page, web: WebFixture) -> None:
    web.sandbox.send_inbound(ledger_fixture.phone_number(104), "Bố tôi mất rồi cháu ơi")
    web.process_inbox()
    _sign_in(page, "organiser")
    page.goto("/answers")
    card = page.locator("form.answer", has_text="Bố tôi mất rồi")
    expect(card).to_contain_text("có thể đã mất")
    card.get_by_role("button", name="Đã mất").click()
    expect(page.get_by_text("Bố tôi mất rồi")).to_have_count(0)
    held = [one for one in review.held_contacts(web.ledger) if one.decided_by == "organiser"]
    assert [one.reason for one in held] == ["dead"]


def test_the_sandbox_phone_answers_tc(page: Page, web: WebFixture) -> None:
    phone = ledger_fixture.phone_number(2)
    _sign_in(page, "organiser")
    page.goto("/sandbox")
    page.get_by_role("link", name="0900 000 002").click()
    expect(page.locator(".bubble.in").first).to_contain_text("UBND xa Ha Tay")
    page.get_by_label("Trả lời thay chủ máy này").fill("TC")
    page.get_by_role("button", name="Gửi").click()
    expect(page.locator(".bubble.out")).to_contain_text("TC")
    web.process_inbox()
    assert suppressions.find(web.ledger, address=phone)[0].how == "keyword"
    _picture(page, "sandbox-answered")


def test_figures_change_on_an_open_page(page: Page, web: WebFixture) -> None:
    _sign_in(page, "viewer")
    page.goto(CAMPAIGN)
    organiser = web.browser("organiser")
    organiser.submit(f"{CAMPAIGN}/pause", reason="Có việc đột xuất")
    try:
        expect(page.get_by_text("Có việc đột xuất").first).to_be_visible(timeout=10_000)
    finally:
        organiser.submit(f"{CAMPAIGN}/resume")


def test_another_sites_page_cannot_use_a_session(page: Page, web: WebFixture) -> None:
    _sign_in(page, "organiser")
    page.set_content(f'<form method="post" action="{web.url}{CAMPAIGN}/pause"><button>x</button></form>')
    page.get_by_role("button").click()
    page.wait_for_load_state()
    standing = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert standing is not None
    assert standing.state == "active"
