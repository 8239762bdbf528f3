"""Guessing is slow, whoever guesses; the rightful owner gets in all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dispatcher.ledger import audit_log
from dispatcher.ledger.access import sessions, users
from dispatcher.web import login_limits, passwords, sse
from tests.web_fixture import PASSWORD, WALL_TIME, Browser, WebFixture, open_web


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("sign-in")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(login_limits, "DELAY_SECONDS_MAX", 0.05)
        with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
            yield opened


def browser_at(web: WebFixture, source: str) -> Browser:
    browser = web.browser()
    browser.headers.update({"x-forwarded-for": source, "x-forwarded-proto": "https"})
    return browser


def add_user(web: WebFixture, name: str) -> None:
    hashed = passwords.hash_password(PASSWORD)
    users.save(web.ledger, name, role="viewer", password_hash=hashed, who="t", now=WALL_TIME)


def guess(web: WebFixture, name: str, *, sources: int, tries: int = 5) -> list[int]:
    return [
        browser_at(web, f"203.0.113.{source}").sign_in(name, f"guess-{n}").status_code
        for source in range(sources)
        for n in range(tries)
    ]


def test_a_stranger_does_not_lock_the_owner_out(web: WebFixture) -> None:
    add_user(web, "owner-1")
    assert guess(web, "owner-1", sources=1, tries=7) == [401] * 5 + [429] * 2
    assert browser_at(web, "198.51.100.1").sign_in("owner-1").status_code == 303


def test_many_strangers_do_not_lock_out_a_browser_that_was_here_before(
    web: WebFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_limits, "FAILURES_PER_NAME_MAX", 12)
    add_user(web, "owner-2")
    known = browser_at(web, "198.51.100.2")
    assert known.sign_in("owner-2").status_code == 303
    guess(web, "owner-2", sources=4)
    assert browser_at(web, "198.51.100.3").sign_in("owner-2").status_code == 429
    known.cookies.pop("dispatcher-session")
    assert known.sign_in("owner-2").status_code == 303


def test_a_browser_that_was_here_before_is_no_better_at_guessing(web: WebFixture) -> None:
    add_user(web, "owner-3")
    stolen = browser_at(web, "198.51.100.4")
    assert stolen.sign_in("owner-3").status_code == 303
    assert [stolen.sign_in("owner-3", f"guess-{n}").status_code for n in range(6)] == [401] * 5 + [429]


def test_a_mark_of_another_name_or_of_an_older_password_is_none(web: WebFixture) -> None:
    add_user(web, "owner-4")
    before = browser_at(web, "198.51.100.5")
    assert before.sign_in("owner-4").status_code == 303
    add_user(web, "owner-4")  # a new hash
    guess(web, "owner-4", sources=1)
    before.headers["x-forwarded-for"] = "203.0.113.0"  # as the stranger's: nothing else speaks for it
    assert before.sign_in("owner-4").status_code == 429


def test_setting_a_password_opens_the_door_again(web: WebFixture) -> None:
    add_user(web, "owner-5")
    guess(web, "owner-5", sources=1)
    add_user(web, "owner-5")
    assert browser_at(web, "203.0.113.0").sign_in("owner-5").status_code == 303


def test_a_name_that_many_try_is_answered_later_and_later(
    web: WebFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(login_limits, "DELAY_SECONDS_MAX", 5.0)
    delays = [
        login_limits.record_attempt(web.ledger, name="owner-6", source=f"s{n}", now=WALL_TIME).delay_seconds
        for n in range(12)
    ]
    assert delays == [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 5, 5]
    later = WALL_TIME + timedelta(minutes=16)
    again = login_limits.record_attempt(web.ledger, name="owner-6", source="s", now=later)
    assert again == login_limits.LoginAllowance(is_allowed=True, delay_seconds=0.0)


def test_the_present_password_cannot_be_guessed_in_a_stolen_session(web: WebFixture) -> None:
    add_user(web, "owner-7")
    thief = browser_at(web, "198.51.100.7")
    thief.sign_in("owner-7")
    new = {"new": "mot-mat-khau-moi", "again": "mot-mat-khau-moi"}
    for n in range(5):
        assert "Too many" not in thief.submit("/password", old=f"guess-{n}", **new).text
    answer = thief.submit("/password", old=PASSWORD, **new)
    assert (answer.status_code, "Too many" in answer.text) == (422, True)


def test_what_was_typed_as_a_name_is_not_shown_to_others(web: WebFixture) -> None:
    browser_at(web, "198.51.100.8").sign_in("mat-khau-cua-toi-1")
    assert all(entry.subject != "mat-khau-cua-toi-1" for entry in audit_log.entries(web.ledger))


def test_a_page_that_stays_open_ends_with_its_session(web: WebFixture) -> None:
    add_user(web, "owner-9")
    browser = web.browser()
    browser.sign_in("owner-9")
    with browser.get("/live", stream=True) as page:
        lines = page.iter_lines()
        assert next(lines) == b"retry: 5000"
        sessions.end_session(web.ledger, browser.cookies["dispatcher-session"])
        web.web_app._refresher.notify()
        assert len(list(lines)) < 20  # comes to its end; the first picture may have been on its way


@pytest.mark.parametrize("path", ["/held/", "/answers/"])
def test_a_number_longer_than_any_of_ours_is_no_page(web: WebFixture, path: str) -> None:
    organiser = web.browser("organiser")
    assert organiser.submit(path + "9" * 20, decision="drop").status_code == 404


def test_no_redirect_believes_the_host_it_was_asked_under(web: WebFixture) -> None:
    answer = web.browser().get("/sign-in/")
    assert answer.status_code == 404
    answer = web.browser().get("/sign-in/", headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert "location" not in answer.headers


def test_one_sessions_many_windows_keep_nobody_else_from_looking(
    web: WebFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "STREAMS_PER_SESSION_MAX", 2)
    add_user(web, "owner-10")
    browser, other = web.browser(), web.browser()
    browser.sign_in("owner-10")
    other.sign_in("owner-10")
    with browser.get("/live", stream=True) as one, browser.get("/live", stream=True) as two:
        open_pages = [page.iter_content(1) for page in (one, two)]  # one that is let go of is closed
        assert [next(page) for page in open_pages] == [b"r", b"r"]
        assert browser.get("/live").status_code == 503
        with other.get("/live", stream=True) as third:
            assert third.status_code == 200
