"""An officer at a browser, on a phone and at a desk: a campaign of their own, through pages alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from dispatcher.ledger.sending import campaign_states
from tests.acceptance import test_web_browser as browser_test
from tests.web_fixture import ROOT, WebFixture, open_web

SIZES = {"phone": (375, 800), "desktop": (1280, 900)}

pytestmark = browser_test.pytestmark


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browser_test.CHROMIUM, args=browser_test.FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, chromium: Browser, web: WebFixture) -> Iterator[Page]:
    width, height = SIZES[request.param]
    context = chromium.new_context(
        base_url=web.url, viewport={"width": width, "height": height}, locale="vi-VN"
    )
    yield context.new_page()
    context.close()


@pytest.fixture
def web(tmp_path: Path) -> Iterator[WebFixture]:
    for name in ("templates", "contacts"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "schedules.toml", tmp_path)
    places = {name: tmp_path / name for name in ("templates", "contacts")}
    with open_web(
        tmp_path, f"sqlite:///{tmp_path / 'ledger.sqlite3'}", schedules=tmp_path / "schedules.toml", **places
    ) as opened:
        yield opened


def assert_fit(page: Page) -> None:
    """Nobody is shut out, and nothing lies beside the screen; with every fold open."""
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert browser_test._violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), "scrolls sideways"


def test_a_campaign_of_ones_own_from_the_first_click_to_the_approval(page: Page, web: WebFixture) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    browser_test._sign_in(page, "organiser")
    page.get_by_role("link", name="Chiến dịch mới").click()
    page.get_by_label("Gia hạn bảo hiểm y tế").check()
    expect(page.get_by_label("Bà con cần làm gì?")).to_have_attribute(
        "placeholder", "gia hạn thẻ bảo hiểm y tế"
    )
    page.get_by_label("Ngày đầu").fill("10/11/2025")
    page.get_by_label("Ngày cuối").fill("25/11/2025")
    page.get_by_label("Nhân dân trên địa bàn xã").check()
    assert_fit(page)
    browser_test._picture(page, "campaign-new")
    page.get_by_role("button", name="Sang bước lịch nhắc").click()

    outlook = page.locator("#outlook")
    expect(outlook).to_contain_text("15")
    expect(outlook).to_contain_text("Trùng")  # with the sample campaign, on the 10th
    expect(outlook.get_by_role("table", name="Tháng 11 năm 2025")).to_be_visible()
    page.get_by_label("Kinh phí, đồng").fill("1.000")
    expect(outlook).to_contain_text("thiếu")  # at once, before anything is saved
    page.get_by_label("Kinh phí, đồng").fill("500.000")
    expect(outlook).not_to_contain_text("thiếu")
    page.get_by_label("Ngày giờ").first.fill("16/11/2025 08:00")
    expect(outlook).not_to_contain_text("Trùng")
    assert_fit(page)
    browser_test._picture(page, "campaign-draft")
    page.get_by_role("button", name="Lưu và xem nội dung sẽ ghi").click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Gia hạn thẻ bảo hiểm y tế hộ gia đình")
    assert_fit(page)
    browser_test._picture(page, "campaign-publish")
    page.get_by_role("button", name="Ghi vào tệp lịch gửi").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Gia hạn thẻ bảo hiểm y tế hộ gia đình")
    expect(page.get_by_role("region", name="Kế hoạch")).to_contain_text("Thông báo mở đầu")
    page.get_by_role("button", name="Phê duyệt…").click()
    expect(page.get_by_role("heading", level=2).first).to_contain_text("Sắp gửi 15 tin")
    assert_fit(page)
    browser_test._picture(page, "campaign-approve")
    assert standing(web) == ""
    page.get_by_role("button", name="Phê duyệt kế hoạch").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gia hạn thẻ bảo hiểm y tế hộ gia đình")
    assert standing(web) != ""
    assert "budget_vnd = 500000" in web.app.settings.schedules.read_text(encoding="utf-8")
    assert [line for line in said if "404" not in line] == []


def standing(web: WebFixture) -> str:
    """What of the new campaign was approved; empty: nothing."""
    state = campaign_states.state_of(web.ledger, "gia-han-the-bao-hiem-y-te-ho-gia-dinh")
    return state.approved_hash or "" if state else ""


def test_words_are_edited_beside_the_phone_and_had_back(page: Page, web: WebFixture) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    browser_test._sign_in(page, "organiser")
    page.goto(f"{browser_test.CAMPAIGN}/steps/launch/words?audience=residents")
    bubble, text = page.locator(".phone .bubble"), page.get_by_label("Tin nhắn (viết có dấu như thường)")
    expect(bubble).to_contain_text("moi ba con tham gia")
    text.fill("bà con nhớ ")
    page.get_by_role("button", name="Việc cần làm", exact=True).click()
    expect(text).to_have_value("bà con nhớ {Việc cần làm}")
    expect(bubble).to_contain_text("ba con nho tham gia")
    text.fill("bà con nhớ {Hạn thẻ}")
    expect(page.locator("#outlook")).to_contain_text("không có trường {Hạn thẻ}")
    text.fill("bà con nhớ {Việc cần làm} nhé.")
    expect(bubble).to_contain_text("nhe.")
    assert_fit(page)
    browser_test._picture(page, "words")
    page.get_by_role("button", name="Lưu lời nhắn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã lưu")
    expect(bubble).to_contain_text("ba con nho tham gia")
    assert_fit(page)
    page.get_by_role("button", name="Dùng lại bản 1").click()
    expect(bubble).to_contain_text("moi ba con tham gia")
    assert said == []
