"""A forgotten password is set anew by a link in a mail, once and soon; nobody learns who has an account."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from dispatcher.clock import SystemClock
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import password_resets, sessions, users
from dispatcher.web import login_limits, passwords
from tests.web_fixture import PASSWORD, WALL_TIME, Browser, WebFixture, csrf_token_of, open_web

NEW_PASSWORD = "cay-cau-bac-qua-suoi-xanh"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("reset")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(login_limits, "RESETS_PER_SOURCE_MAX", 10_000)
        with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
            patch.setitem(opened.app.settings.__dict__, "trial", False)  # mails of a trial reach nobody
            yield opened


def add_user(web: WebFixture, name: str, email: str = "") -> None:
    hashed = passwords.hash_password(PASSWORD)
    users.save(web.ledger, name, role="viewer", password_hash=hashed, who="t", now=WALL_TIME)
    if email:
        users.set_email(web.ledger, name, email, who="t", now=WALL_TIME)


def now() -> datetime:
    return SystemClock().now()


def ask(web: WebFixture, typed: str) -> str:
    answer = web.browser().post("/forgotten", data={"name": typed})
    assert answer.status_code == 200
    return answer.text


def mails(web: WebFixture, address: str, count: int) -> list[str]:
    """The texts that came to an address, when as many as `count` are there."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        found = [str(mail["text"]) for mail in web.sandbox.mails(address)]
        if len(found) >= count:
            return found
        time.sleep(0.02)
    return found


def link(web: WebFixture, name: str, address: str) -> str:
    """The path of the link that comes when it is asked for."""
    before = len(web.sandbox.mails(address))
    ask(web, name)
    text = mails(web, address, before + 1)[-1]
    (path,) = re.findall(rf"{re.escape(web.url)}(/reset/[\w-]{{43}})\b", text)
    return str(path)


def give(browser: Browser, path: str, new: str, again: str = "") -> int:
    return browser.post(path, data={"new": new, "again": again or new}).status_code


def test_a_link_sets_the_password_once_and_the_owner_is_told(web: WebFixture) -> None:
    add_user(web, "quen-1", "quen1@hatay.example")
    before, browser = web.browser("quen-1"), web.browser()
    sessions.record_login_attempt(web.ledger, name="quen-1", source="x", ok=False, now=now())
    path = link(web, "quen-1", "quen1@hatay.example")
    assert browser.get(path).status_code == 200
    assert browser.get(path).status_code == 200  # mail scanners open links: that uses nothing up
    assert give(browser, path, NEW_PASSWORD) == 303
    assert (browser.get(path).status_code, give(browser, path, PASSWORD)) == (410, 410)
    assert web.browser().sign_in("quen-1").status_code == 401
    assert web.browser().sign_in("quen-1", NEW_PASSWORD).status_code == 303
    assert before.get("/account").status_code == 303  # sessions of before have ended
    told = mails(web, "quen1@hatay.example", 2)[-1]
    assert "quen-1" in told
    assert "/reset/" not in told
    actions = {entry.action for entry in audit_log.entries(web.ledger, subject="quen-1")}
    assert {"send-reset", "change-password"} <= actions


def test_the_mail_address_names_the_account_too(web: WebFixture) -> None:
    add_user(web, "quen-2", "quen2@hatay.example")
    assert link(web, "Quen2@HaTay.example", "quen2@hatay.example")


def test_only_a_hash_of_a_link_is_kept(web: WebFixture) -> None:
    add_user(web, "quen-3", "quen3@hatay.example")
    token = link(web, "quen-3", "quen3@hatay.example").rpartition("/")[2]
    with web.ledger.read() as connection:
        kept = connection.exec_driver_sql("SELECT * FROM password_reset").all()
    assert sessions.hash_secret(token) in str(kept)
    assert token not in str(kept)


def test_a_link_lives_half_an_hour(web: WebFixture) -> None:
    add_user(web, "quen-4", "quen4@hatay.example")
    password_resets.add(web.ledger, "quen-4", "a" * 43, now=WALL_TIME)
    for seconds, stands in ((29 * 60, True), (30 * 60 - 1, True), (30 * 60, False)):
        at = WALL_TIME + timedelta(seconds=seconds)
        assert bool(password_resets.find(web.ledger, "a" * 43, now=at)) is stands
    end = WALL_TIME + timedelta(minutes=30)
    assert not password_resets.redeem(web.ledger, "a" * 43, password_hash="h", now=end)


@pytest.mark.parametrize("event", ["password", "email", "removed"])
def test_what_changes_the_account_ends_its_links(web: WebFixture, event: str) -> None:
    name, address = f"quen-5-{event}", f"quen5{event}@hatay.example"
    add_user(web, name, address)
    path = link(web, name, address)
    if event == "password":
        users.set_password(
            web.ledger, name, password_hash=passwords.hash_password(PASSWORD), must_change=False, who="t",
            now=now(),
        )  # fmt: skip
    elif event == "email":
        users.set_email(web.ledger, name, "khac@hatay.example", who="t", now=now())
    else:
        users.remove(web.ledger, name, who="t", now=now())
        add_user(web, name, address)  # another of the same name
    assert give(web.browser(), path, NEW_PASSWORD) == 410
    assert web.browser().sign_in(name).status_code == 303


def test_one_account_gets_so_many_mails_an_hour_and_no_more(web: WebFixture) -> None:
    add_user(web, "quen-6", "quen6@hatay.example")
    for _ in range(password_resets.PER_ACCOUNT_MAX + 3):
        ask(web, "quen-6")
    time.sleep(0.3)
    assert len(mails(web, "quen6@hatay.example", 3)) == password_resets.PER_ACCOUNT_MAX


def test_one_source_asks_so_often_and_no_more(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(web, "nobody")
    monkeypatch.setattr(login_limits, "RESETS_PER_SOURCE_MAX", 1)
    answer = web.browser().post("/forgotten", data={"name": "nobody"})
    assert answer.status_code == 429
    assert web.browser("viewer").get("/account").status_code == 200  # signing in is counted apart


def test_no_answer_tells_who_has_an_account(web: WebFixture) -> None:
    add_user(web, "quen-7", "quen7@hatay.example")
    add_user(web, "quen-8")  # has an account, and no address
    answers = [ask(web, typed) for typed in ("quen-7", "quen-8", "nobody", "", "x@y.example", "quen-7'--")]
    assert len(set(answers)) == 1
    mails(web, "quen7@hatay.example", 1)


def test_how_long_an_answer_takes_tells_nothing(web: WebFixture) -> None:
    """What is sent is sent beside the answer: 40 tries each, by turns, and their middle ones compared."""
    add_user(web, "quen-9", "quen9@hatay.example")
    browser, took = web.browser(), {"quen-9": [0.0] * 0, "nobody": [0.0] * 0}
    for _ in range(40):
        for typed, times in took.items():
            began = time.perf_counter()
            browser.post("/forgotten", data={"name": typed})
            times.append(time.perf_counter() - began)
    middle = {typed: sorted(times)[len(times) // 2] for typed, times in took.items()}
    assert abs(middle["quen-9"] - middle["nobody"]) < 0.5 * middle["nobody"], middle


@pytest.mark.parametrize(
    ("new", "again"), [("matkhau123", ""), ("quen-10-quen-10", ""), (NEW_PASSWORD, "other")]
)
def test_a_password_that_is_not_taken_uses_no_link_up(web: WebFixture, new: str, again: str) -> None:
    if users.find(web.ledger, "quen-10") is None:
        add_user(web, "quen-10", "quen10@hatay.example")
    token = f"{hash(new + again):043d}".replace("-", "0")[:43]
    password_resets.add(web.ledger, "quen-10", token, now=now())
    assert give(web.browser(), f"/reset/{token}", new, again) == 422
    assert password_resets.find(web.ledger, token, now=now()) is not None


def test_a_second_factor_is_still_asked_for(web: WebFixture) -> None:
    add_user(web, "quen-11", "quen11@hatay.example")
    users.set_second_factor(web.ledger, "quen-11", salt="s" * 22, step=0, who="t", now=now())
    assert give(web.browser(), link(web, "quen-11", "quen11@hatay.example"), NEW_PASSWORD) == 303
    assert web.browser().sign_in("quen-11", NEW_PASSWORD).status_code == 401


def test_another_sites_page_asks_for_nothing(web: WebFixture) -> None:
    headers = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert web.browser().post("/forgotten", data={"name": "viewer"}, headers=headers).status_code == 403


def test_a_link_is_made_of_our_own_address_whoever_asks(web: WebFixture) -> None:
    add_user(web, "quen-12", "quen12@hatay.example")
    ours = {"host": "localhost"}
    for headers in ({**ours, "x-forwarded-host": "evil.example"}, {"host": "evil.example"}):
        answer = web.browser().post("/forgotten", data={"name": "quen-12"}, headers=headers)
        assert answer.status_code == 421
    assert web.browser().post("/forgotten", data={"name": "quen-12"}, headers=ours).status_code == 200
    text = mails(web, "quen12@hatay.example", 1)[-1]
    assert f"{web.url}/reset/" in text


def test_a_mail_that_does_not_go_out_is_written_down(
    web: WebFixture, caplog: pytest.LogCaptureFixture
) -> None:
    add_user(web, "quen-13", "hòm-thư@hatay.example")
    ask(web, "quen-13")
    until = time.monotonic() + 10
    while time.monotonic() < until and "was not sent" not in caplog.text:
        time.sleep(0.02)
    assert "a mail to an account was not sent" in caplog.text
    assert "hòm-thư@" not in caplog.text


def test_a_trial_sends_no_links(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its mailboxes lie open: whoever may see the sandbox could become anybody."""
    assert "/forgotten" in web.browser().get("/sign-in").text
    monkeypatch.setitem(web.app.settings.__dict__, "trial", True)
    assert "/forgotten" not in web.browser().get("/sign-in").text
    assert web.browser().get("/forgotten").status_code == 404
    assert web.browser().post("/forgotten", data={"name": "viewer"}).status_code == 404
    assert give(web.browser(), "/reset/x", NEW_PASSWORD) == 404


# --- the address -----------------------------------------------------------------------------------------


def test_one_sets_ones_own_address_and_the_one_of_before_is_told(web: WebFixture) -> None:
    add_user(web, "quen-20", "cu20@hatay.example")
    browser = web.browser("quen-20")
    assert browser.submit("/account/email", email="không phải địa chỉ").status_code == 422
    assert browser.submit("/account/email", email="Moi20@HaTay.example").status_code == 303
    assert "moi20@hatay.example" in browser.get("/account").text
    assert "mail address" in mails(web, "cu20@hatay.example", 1)[0]
    assert browser.submit("/account/email", email="").status_code == 303
    account = users.find(web.ledger, "quen-20")
    assert account is not None
    assert account.email == ""


def test_a_session_left_open_does_not_get_the_account(
    web: WebFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dispatcher.web import auth

    add_user(web, "quen-21")
    thief = web.browser("quen-21")
    monkeypatch.setattr(auth, "CONFIRMED_MAX", timedelta(seconds=-1))
    assert thief.get("/account/email").headers["location"] == "/confirm?next=/account/email"
    assert thief.submit("/account/email", email="thief@evil.example").status_code == 403


def test_an_administrator_sets_it_with_the_account(web: WebFixture) -> None:
    admin = web.browser("admin")
    admin.submit("/users", name="quen-22", role="viewer", area="", email="q22@hatay.example")
    assert "q22@hatay.example" in admin.get("/users").text
    admin.submit("/users", name="quen-22", role="organiser", area="", email="")
    account = users.find(web.ledger, "quen-22")
    assert account is not None
    assert (account.role, account.email) == ("organiser", "q22@hatay.example")
    page = admin.submit("/users", name="quen-23", role="viewer", area="", email="q23 at hatay")
    assert page.status_code == 422
    assert users.find(web.ledger, "quen-23") is None


@pytest.mark.parametrize("change", ["password", "role", "second-factor"])
def test_what_an_administrator_changes_is_told(web: WebFixture, change: str) -> None:
    name, address = f"quen-24-{change}", f"q24{change}@hatay.example"
    add_user(web, name, address)
    users.set_second_factor(web.ledger, name, salt="s" * 22, step=0, who="t", now=now())
    admin = web.browser("admin")
    if change == "role":
        admin.submit("/users", name=name, role="organiser", area="")
    else:
        admin.submit(f"/users/{name}/{change}")
    assert len(mails(web, address, 1)) == 1


def test_the_pages_have_what_a_form_needs(web: WebFixture) -> None:
    page = web.browser().get("/forgotten").text
    assert 'action="/forgotten"' in page
    assert csrf_token_of(web.browser().get("/sign-in").text)
