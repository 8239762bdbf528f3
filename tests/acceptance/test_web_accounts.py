"""Accounts: passwords that nobody guesses, a second factor, sessions that end, tokens for one thing only."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from dispatcher.clock import SystemClock
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import api_tokens, sessions, users
from dispatcher.ledger.access.users import Role
from dispatcher.web import auth, login_limits, passwords, second_factor
from tests.web_fixture import PASSWORD, WALL_TIME, Browser, WebFixture, csrf_token_of, open_web

NEW_PASSWORD = "cay-cau-bac-qua-suoi-xanh"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("accounts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(login_limits, "DELAY_SECONDS_MAX", 0.05)
        with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
            yield opened


def add_user(web: WebFixture, name: str, role: Role = "viewer", *, must_change: bool = False) -> None:
    users.save(
        web.ledger, name, role=role, area="Thôn Đông" if role == "lead" else "",
        password_hash=passwords.hash_password(PASSWORD), must_change=must_change, who="t", now=WALL_TIME,
    )  # fmt: skip


def now() -> datetime:
    return SystemClock().now()


def sign_in_with_code(browser: Browser, name: str, code: str) -> int:
    csrf = csrf_token_of(browser.get("/sign-in").text)
    form = {"csrf": csrf, "name": name, "password": PASSWORD, "code": code, "next": "/"}
    return browser.post("/sign-in", data=form).status_code


# --- passwords -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "weak",
    [
        "1234567890", "password12", "matkhau123", "anhyeuem2025", "qwertyuiop", "aaaaaaaaaaaa", "vanphong1",
        "chuabietai", "vietnam2025", "Matkhau@123", "hatay2025!", "UBNDXaHaTay", "0900000101",
        "van-phong-vanphong", "vanphong-vanphong-1", "MatKhau-VanPhong", "matkhaumatkhau99",
        "hatay_ubnd_hatay",
    ],
)  # fmt: skip
def test_what_everybody_tries_first_is_no_password(web: WebFixture, weak: str) -> None:
    add_user(web, "vanphong") if users.find(web.ledger, "vanphong") is None else None
    office = web.app.config.schedules.office.name
    words = ["vanphong", office] + (["chuabietai"] if weak == "chuabietai" else [])
    assert passwords.weakness(weak, words)


@pytest.mark.parametrize("good", [PASSWORD, NEW_PASSWORD, "xK9#mQ2$vL7!", "trau gam co non ben song"])
def test_words_that_do_not_belong_together_are_one(good: str) -> None:
    assert passwords.weakness(good, ["viewer", "UBND xã Hà Tây"]) == ""


def test_a_weak_password_is_refused_with_the_reason(web: WebFixture) -> None:
    add_user(web, "weak-1")
    browser = web.browser("weak-1")
    answer = browser.submit("/password", old=PASSWORD, new="weak-1weak-1", again="weak-1weak-1")
    assert (answer.status_code, "soon be guessed" in answer.text) == (422, True)
    answer = browser.submit("/password", old=PASSWORD, new=PASSWORD, again=PASSWORD)
    assert (answer.status_code, "is the old one" in answer.text) == (422, True)
    assert browser.submit("/password", old=PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD).status_code == 303


def test_a_password_that_somebody_else_knows_is_changed_first(web: WebFixture) -> None:
    admin = web.browser("admin")
    page = admin.submit("/users", name="new-1", role="organiser", area="").text
    (password,) = re.findall(r"shown this once: ([\w-]{16})", page)
    browser = web.browser()
    assert browser.sign_in("new-1", password).status_code == 303
    for path in ("/", "/held", "/opt-outs", "/account"):
        assert browser.get(path).headers["location"] == f"/password?next={path}"
    assert browser.submit("/campaigns/cong-dan-so/pause", reason="x").status_code == 403
    answer = browser.submit("/password", old=password, new=NEW_PASSWORD, again=NEW_PASSWORD)
    assert answer.headers["location"] == "/sign-in"
    browser.sign_in("new-1", NEW_PASSWORD)
    assert browser.get("/held").status_code == 200


def test_another_role_keeps_the_password_and_ends_the_sessions(web: WebFixture) -> None:
    add_user(web, "moved-1")
    browser, admin = web.browser("moved-1"), web.browser("admin")
    page = admin.submit("/users", name="moved-1", role="organiser", area="")
    assert "shown this once" not in page.text
    assert browser.get("/held").status_code == 303
    browser.sign_in("moved-1")
    assert browser.get("/opt-outs").status_code == 200


def test_the_last_administrator_stays_one(web: WebFixture) -> None:
    admin = web.browser("admin")
    assert admin.submit("/users", name="admin", role="viewer", area="").status_code == 409
    assert admin.get("/users").status_code == 200


# --- the second factor -----------------------------------------------------------------------------------


def app_of(web: WebFixture, name: str) -> pyotp.TOTP:
    account = users.find(web.ledger, name)
    assert account is not None
    return pyotp.TOTP(second_factor.shared_secret(web.app.links, name, account.totp_salt))


def set_up(browser: Browser) -> None:
    page = browser.get("/second-factor").text
    (salt,) = re.findall(r'name="salt" value="([^"]+)"', page)
    (secret,) = re.findall(r"<code>([A-Z2-7]{32})</code>", page)
    assert "<svg" in page
    wrong = browser.submit("/second-factor", salt=salt, code="000000")
    assert wrong.status_code == 422
    assert secret in wrong.text  # the same: the app has it by now
    code = pyotp.TOTP(secret).at(
        now(), counter_offset=-1
    )  # the one before, so that the present one is still unused
    assert browser.submit("/second-factor", salt=salt, code=code).status_code == 303


def test_with_a_second_factor_the_password_alone_opens_nothing(web: WebFixture) -> None:
    add_user(web, "two-1")
    set_up(web.browser("two-1"))
    assert web.browser().sign_in("two-1").status_code == 401
    assert sign_in_with_code(web.browser(), "two-1", "12345") == 401
    code = app_of(web, "two-1").now()
    assert sign_in_with_code(web.browser(), "two-1", f"{code[:3]} {code[3:]}") == 303
    assert sign_in_with_code(web.browser(), "two-1", code) == 401  # a code counts once


def test_who_reads_the_database_alone_cannot_make_a_code(web: WebFixture) -> None:
    add_user(web, "two-2")
    set_up(web.browser("two-2"))
    account = users.find(web.ledger, "two-2")
    assert account is not None
    assert app_of(web, "two-2").secret not in repr(account) + account.totp_salt


def test_a_lost_phone_is_taken_off_by_an_administrator(web: WebFixture) -> None:
    add_user(web, "two-3")
    set_up(web.browser("two-3"))
    assert web.browser("admin").submit("/users/two-3/second-factor").status_code == 303
    assert web.browser().sign_in("two-3").status_code == 303
    told = {entry.action for entry in audit_log.entries(web.ledger, subject="two-3")}
    assert {"add-second-factor", "remove-second-factor"} <= told


def test_codes_of_the_steps_beside_are_taken_and_no_others() -> None:
    secret, at = pyotp.random_base32(), datetime(2025, 11, 8, 8, tzinfo=UTC)
    app = pyotp.TOTP(secret)
    found = [
        second_factor.matching_step(secret, app.at(at, counter_offset=step), now=at)
        for step in (-2, -1, 0, 1, 2)
    ]
    assert found == [None, app.timecode(at) - 1, app.timecode(at), app.timecode(at) + 1, None]


def test_administrators_set_one_up_first_where_it_is_required(
    web: WebFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(web.app.settings.__dict__, "require_second_factor", "admin")
    add_user(web, "boss-1", "admin")
    boss = web.browser("boss-1")
    assert boss.get("/held").headers["location"] == "/second-factor?next=/held"
    set_up(boss)
    assert boss.get("/held").status_code == 200
    add_user(web, "clerk-1", "organiser")
    assert web.browser("clerk-1").get("/held").status_code == 200
    monkeypatch.setitem(web.app.settings.__dict__, "require_second_factor", "all")
    clerk = web.browser("clerk-1")
    assert clerk.get("/held").headers["location"] == "/second-factor?next=/held"
    set_up(clerk)
    assert clerk.get("/held").status_code == 200


# --- sessions --------------------------------------------------------------------------------------------


def test_dangerous_deeds_want_the_password_again(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    add_user(web, "boss-2", "admin")
    boss = web.browser("boss-2")
    assert boss.get("/users").status_code == 200
    monkeypatch.setattr(auth, "CONFIRMED_MAX", timedelta(seconds=-1))
    assert boss.get("/machines").headers["location"] == "/confirm?next=/machines"
    assert boss.submit("/users", name="x", role="admin").status_code == 403
    assert users.find(web.ledger, "x") is None
    assert boss.submit("/confirm", password="wrong", next="/machines").status_code == 401
    monkeypatch.setattr(auth, "CONFIRMED_MAX", timedelta(minutes=15))
    answer = boss.submit("/confirm", password=PASSWORD, next="/machines")
    assert answer.headers["location"] == "/machines"
    assert boss.submit("/confirm", password=PASSWORD, next="//evil.example").headers["location"] == "/"


def test_confirming_is_no_way_to_guess(web: WebFixture) -> None:
    add_user(web, "boss-3", "admin")
    thief = web.browser("boss-3")
    answers = [thief.submit("/confirm", password=f"guess-{n}", next="/").status_code for n in range(6)]
    assert answers == [401] * 5 + [429]


def test_one_sees_and_ends_ones_own_sessions(web: WebFixture) -> None:
    add_user(web, "own-1")
    add_user(web, "own-2")
    here, there, other = web.browser("own-1"), web.browser("own-1"), web.browser("own-2")
    page = here.get("/account").text
    ends = re.findall(r'action="(/account/sessions/[0-9a-f]+/end)"', page)
    assert len(ends) == 1
    assert "python-requests" in page
    assert "signed in" in page
    assert other.submit(ends[0]).status_code == 303  # somebody else's button ends nothing
    assert there.get("/account").status_code == 200
    assert here.submit(ends[0]).status_code == 303
    assert there.get("/account").status_code == 303
    assert here.get("/account").status_code == 200


def test_a_session_ends_after_a_week_however_busy(web: WebFixture) -> None:
    add_user(web, "busy-1")
    sessions.create_session(web.ledger, "busy-1", "b" * 43, now=WALL_TIME)
    at = WALL_TIME
    while sessions.find_session(web.ledger, "b" * 43, now=at) is not None:
        at += timedelta(hours=7)
    assert timedelta(days=7) <= at - WALL_TIME < timedelta(days=7, hours=7)


# --- tokens ----------------------------------------------------------------------------------------------


def test_a_token_ends_with_its_day(web: WebFixture) -> None:
    end = WALL_TIME + timedelta(days=1)
    api_tokens.add(web.ledger, "short", label="l", role="viewer", expires_at=end, who="t", now=WALL_TIME)
    assert api_tokens.find(web.ledger, "short", now=end - timedelta(seconds=1)) is not None
    assert api_tokens.find(web.ledger, "short", now=end) is None


def test_a_token_ends_with_its_maker(web: WebFixture) -> None:
    add_user(web, "boss-4", "admin")
    page = web.browser("boss-4").submit("/machines/tokens", label="l", role="viewer").text
    (token,) = re.findall(r"<code>(dsp_[^<]+)</code>", page)
    machine = web.browser()
    machine.headers["authorization"] = f"Bearer {token}"
    assert machine.get("/api/v1/campaigns").status_code == 200
    users.remove(web.ledger, "boss-4", who="t", now=WALL_TIME)
    assert machine.get("/api/v1/campaigns").status_code == 401


@pytest.mark.parametrize("days", ["0", "731", "-1", "x", "99999999999999999999"])
def test_a_token_is_not_for_ever(web: WebFixture, days: str) -> None:
    answer = web.browser("admin").submit("/machines/tokens", label="l", role="viewer", days=days)
    assert answer.status_code == 422


def test_a_token_of_one_campaign_asks_about_that_one(web: WebFixture) -> None:
    api_tokens.add(
        web.ledger, "one", label="one", role="organiser", campaign="cong-dan-so", who="t", now=WALL_TIME
    )
    api_tokens.add(web.ledger, "none", label="n", role="organiser", campaign="gone", who="t", now=WALL_TIME)
    one, other = web.browser(), web.browser()
    one.headers["authorization"], other.headers["authorization"] = "Bearer one", "Bearer none"
    assert [item["name"] for item in one.get("/api/v1/campaigns").json()] == ["cong-dan-so"]
    assert other.get("/api/v1/campaigns").json() == []
    assert other.get("/api/v1/campaigns/cong-dan-so").status_code == 403
    wish = {"address": "0900000299", "campaign": "cong-dan-so"}
    assert other.post("/api/v1/opt-outs", json=wish).status_code == 403
    assert one.post("/api/v1/opt-outs", json=wish).status_code == 200
    assert one.post("/api/v1/opt-outs", json={"address": "0900000299"}).status_code == 403
    assert one.get("/api/v1/opt-outs").status_code == 403


# --- over HTTPS ------------------------------------------------------------------------------------------


def test_over_https_every_cookie_is_for_this_host_alone(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("https")
    ledger = f"sqlite:///{folder / 'ledger.sqlite3'}"
    with open_web(folder, ledger, public_url="https://nhac.hatay.example") as opened:
        browser = opened.browser()
        form = browser.get("/sign-in")
        cookie = form.headers["set-cookie"].partition(";")[0]
        answer = browser.post(
            "/sign-in", headers={"cookie": cookie},
            data={"csrf": csrf_token_of(form.text), "name": "viewer", "password": PASSWORD, "next": "/"},
        )  # fmt: skip
        assert answer.status_code == 303
        for set_cookie in (form.headers["set-cookie"], answer.headers["set-cookie"]):
            for one in re.findall(r"(?:^|, )((?:__Host-)?dispatcher-[^,]*(?:, \d[^,]*)?)", set_cookie):
                assert one.startswith("__Host-")
                assert "secure" in one.lower()
                assert "httponly" in one.lower()
                assert "Path=/;" in f"{one};".replace("path", "Path")
                assert "domain" not in one.lower()
        session = re.findall(r"__Host-dispatcher-session=[^;]+", answer.headers["set-cookie"])[0]
        assert browser.get("/held", headers={"cookie": session}).status_code == 200
        plain = session.removeprefix("__Host-")
        assert browser.get("/held", headers={"cookie": plain}).status_code == 303
