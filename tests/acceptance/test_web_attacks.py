"""A list of attacks on the web face, each refused."""

from __future__ import annotations

import base64
import io
import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import openpyxl
import pytest
import requests

from dispatcher.feedback import webhook_signatures
from dispatcher.ledger import audit_log
from dispatcher.ledger.access import api_tokens, sessions, users, webhooks
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.recipients import participation, review, suppressions
from dispatcher.ledger.sending import campaign_states
from dispatcher.report import charts, xlsx
from dispatcher.report.charts import Bar, BarSegment
from dispatcher.web import server
from dispatcher.web.request_limits import BODY_BYTES_MAX
from tests import ledger_fixture
from tests.web_fixture import PASSWORD, WALL_TIME, Browser, WebFixture, csrf_token_of, open_web

CAMPAIGN = "/campaigns/cong-dan-so"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("attacks")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        opened.advance()
        yield opened


def state(web: WebFixture) -> str:
    standing = campaign_states.state_of(web.ledger, "cong-dan-so")
    assert standing is not None
    return standing.state


# --- who one is ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["/", CAMPAIGN, "/held", "/users", "/machines", f"{CAMPAIGN}/export.xlsx", "/live", "/sandbox"]
)
def test_nobody_sees_anything_without_signing_in(web: WebFixture, path: str) -> None:
    answer = web.browser().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


@pytest.mark.parametrize(
    ("role", "path"),
    [
        ("viewer", f"{CAMPAIGN}/pause"),
        ("viewer", f"{CAMPAIGN}/cancel"),
        ("viewer", f"{CAMPAIGN}/approve"),
        ("viewer", f"{CAMPAIGN}/uploads"),
        ("viewer", f"{CAMPAIGN}/uploads/confirm"),
        ("viewer", f"{CAMPAIGN}/imports/1/undo"),
        ("viewer", "/held/1"),
        ("viewer", "/opt-outs"),
        ("viewer", "/addresses"),
        ("viewer", "/users"),
        ("organiser", "/users"),
        ("organiser", "/machines/tokens"),
        ("organiser", "/machines/hooks"),
        ("lead", f"{CAMPAIGN}/pause"),
        ("lead", "/held/1"),
    ],
)
def test_a_role_does_not_do_what_it_may_not(web: WebFixture, role: str, path: str) -> None:
    before = len(audit_log.entries(web.ledger))
    answer = web.browser(role).submit(path, reason="x", decision="drop", name="new", role="admin", label="x")
    assert answer.status_code == 403
    assert state(web) == "active"
    assert len(audit_log.entries(web.ledger)) == before + 1  # signing in, and nothing else


@pytest.mark.parametrize("csrf", ["", "wrong", "0" * 64, "\x00", "é" * 64])
def test_a_form_without_the_sessions_token_is_refused(web: WebFixture, csrf: str) -> None:
    answer = web.browser("organiser").post(f"{CAMPAIGN}/pause", data={"csrf": csrf, "reason": "x"})
    assert answer.status_code == 403
    assert state(web) == "active"


def test_the_token_of_somebody_else_is_refused(web: WebFixture) -> None:
    stolen = csrf_token_of(web.browser("organiser").get("/password").text)
    answer = web.browser("organiser").post(f"{CAMPAIGN}/pause", data={"csrf": stolen})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_form_sent_by_another_sites_page_is_refused(web: WebFixture, headers: dict[str, str]) -> None:
    organiser = web.browser("organiser")
    csrf = csrf_token_of(organiser.get("/password").text)
    answer = organiser.post(f"{CAMPAIGN}/pause", data={"csrf": csrf}, headers=headers)
    assert answer.status_code == 403
    assert state(web) == "active"


def test_a_get_never_acts(web: WebFixture) -> None:
    organiser = web.browser("organiser")
    for path in (f"{CAMPAIGN}/pause", f"{CAMPAIGN}/cancel", "/sign-out", "/held/1"):
        assert organiser.get(path).status_code == 405
    assert state(web) == "active"


def test_a_session_planted_before_signing_in_is_worth_nothing(web: WebFixture) -> None:
    visitor = web.browser()
    visitor.cookies.set("dispatcher-session", "planted-by-somebody-else")
    visitor.sign_in("admin")
    tokens = {cookie.value for cookie in visitor.cookies if cookie.name == "dispatcher-session"}
    (token,) = tokens - {"planted-by-somebody-else"}
    planted = web.browser()
    planted.cookies.set("dispatcher-session", "planted-by-somebody-else")
    assert planted.get("/").status_code == 303
    again = web.browser("admin")
    assert again.cookies.get("dispatcher-session") != token  # new each time


def test_signing_out_ends_the_session_itself(web: WebFixture) -> None:
    visitor = web.browser("viewer")
    token = visitor.cookies["dispatcher-session"]
    visitor.submit("/sign-out")
    thief = web.browser()
    thief.cookies.set("dispatcher-session", token)
    assert thief.get("/").status_code == 303


def test_a_session_ends_after_hours_of_rest(web: WebFixture) -> None:
    sessions.create_session(web.ledger, "viewer", "t" * 43, now=WALL_TIME)
    assert sessions.find_session(web.ledger, "t" * 43, now=WALL_TIME + timedelta(hours=11)) is not None
    assert sessions.find_session(web.ledger, "t" * 43, now=WALL_TIME + timedelta(hours=22)) is not None
    assert sessions.find_session(web.ledger, "t" * 43, now=WALL_TIME + timedelta(hours=40)) is None


def test_cookies_are_kept_from_scripts_and_other_sites(web: WebFixture) -> None:
    visitor = web.browser()
    answer = visitor.sign_in("viewer")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=lax" in cookie.lower()


def test_guessing_passwords_is_stopped_even_with_the_right_one_at_last(web: WebFixture) -> None:
    users.save(web.ledger, "opfer", role="viewer", password_hash="", who="t", now=WALL_TIME)
    visitor = web.browser()
    answers = [visitor.sign_in("opfer", f"guess-{n}").status_code for n in range(7)]
    assert answers == [401] * 5 + [429] * 2
    known = web.browser().sign_in("viewer")  # others are not locked out with them
    assert known.status_code == 303


def test_guessing_all_at_once_gets_no_further(web: WebFixture) -> None:
    users.save(web.ledger, "opfer-2", role="viewer", password_hash="", who="t", now=WALL_TIME)
    visitors = [web.browser() for _n in range(16)]
    for visitor in visitors:
        visitor.headers.update({"x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https"})

    def guess(visitor: Browser) -> int:
        return visitor.sign_in("opfer-2", "guess").status_code

    with ThreadPoolExecutor(len(visitors)) as crowd:
        answers = Counter(crowd.map(guess, visitors))
    assert answers == {401: 5, 429: 11}


def test_an_unknown_name_and_a_wrong_password_are_answered_alike(web: WebFixture) -> None:
    wrong = web.browser().sign_in("admin", "wrong")
    unknown = web.browser().sign_in("nobody-at-all", "wrong")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    strip = re.compile(r'value="[^"]*"')
    assert strip.sub("", wrong.text) == strip.sub("", unknown.text)


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/%0d%0aX:y"],
)
def test_signing_in_leads_nowhere_else(web: WebFixture, target: str) -> None:
    visitor = web.browser()
    csrf = csrf_token_of(visitor.get("/sign-in").text)
    answer = visitor.post(
        "/sign-in", data={"csrf": csrf, "name": "viewer", "password": PASSWORD, "next": target}
    )
    location = answer.headers["location"]
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "evil" not in location
    assert "x" not in answer.headers


# --- what is sent to us ----------------------------------------------------------------------------------


def test_no_page_leads_out_by_the_path_it_was_asked_under(web: WebFixture) -> None:
    """To a browser, //elsewhere.example/ is another site."""
    page = web.browser().get("//elsewhere.example/x?next=a%26lang%3Dvi").text
    assert "elsewhere.example/x?lang=" in page
    assert 'href="//' not in page
    assert "&amp;next=a%26lang%3Dvi" in page


@pytest.mark.parametrize("url", ["https://[", "https://nhac.example:port", "http://nhac.example", "nhac"])
def test_a_machine_that_cannot_be_told_is_refused(web: WebFixture, url: str) -> None:
    added = web.browser("admin").submit(
        "/machines/hooks", name="away", direction="out", url=url, **{"kind-step": "1"}
    )
    assert added.status_code == 422


@pytest.mark.parametrize(
    "path",
    [
        "/static/../application.py",
        "/static/..%2fapplication.py",
        "/static/%2e%2e/%2e%2e/app.py",
        "/static//etc/passwd",
        "/static/..\\..\\app.py",
        "/campaigns/..%2f..%2fusers",
        "/sandbox/mailboxes/..%2f..%2fetc%2fpasswd",
    ],
)
def test_paths_lead_to_no_file_of_ours(web: WebFixture, path: str) -> None:
    host, port = web.url.removeprefix("http://").split(":")
    organiser = web.browser("organiser")
    cookie = f"dispatcher-session={organiser.cookies['dispatcher-session']}"
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    assert answer.split(b" ", 2)[1] in {b"404", b"400"}
    assert b"import" not in answer
    assert b"root:" not in answer


def test_a_name_cannot_write_markup_or_headers(web: WebFixture) -> None:
    name = f"{SCRIPT}\"'\r\nSet-Cookie: a=b"
    ledger_fixture.add_people(
        web.ledger,
        ("residents", name, ledger_fixture.phone_number(8001), ""),
        area=SCRIPT,
        state="held",
        held_reason="dead",
    )
    page = web.browser("organiser").get("/held")
    assert SCRIPT not in page.text
    assert "&lt;script&gt;" in page.text
    assert page.headers.get("set-cookie", "") == ""
    drawn = charts.bar_chart(
        SCRIPT, [Bar(label=SCRIPT, segments=(BarSegment(kind="sent", value=1),), value=SCRIPT)]
    )
    assert "<script" not in drawn
    wanted = review.held_contacts(web.ledger)
    for item in wanted:
        if item.name == name:
            review.drop(web.ledger, item.contact_id, who="t", now=web.clock.now())


@pytest.mark.parametrize(
    "text", ["=1+1", "+84900", "-2", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")', "|cmd"]
)
def test_what_people_typed_is_no_formula_in_a_workbook(text: str) -> None:
    content = xlsx.write_workbook(
        [xlsx.WorkbookSheet(name=text, title=text, headings=(text,), rows=[(text,)])]
    )
    book = openpyxl.load_workbook(io.BytesIO(content))
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            assert cell.data_type in {"s", "n"}
            assert cell.value is None or cell.quotePrefix


def test_oversized_bodies_are_refused_whether_announced_or_not(web: WebFixture) -> None:
    visitor = web.browser("viewer")
    announced = visitor.post("/password", data=b"x" * (BODY_BYTES_MAX + 1))
    assert announced.status_code == 413

    def pieces() -> Iterator[bytes]:
        for _piece in range(40):
            yield b"x" * 16384

    try:
        form = {"content-type": "application/x-www-form-urlencoded"}
        streamed = web.browser().post("/sign-in", data=pieces(), headers=form)
        assert streamed.status_code == 413
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
        pass  # hung up on, while still talking, or while listening to the answer
    assert web.browser().post("/twilio/inbound", data=b"x" * 70_000).status_code == 413


def test_a_head_that_never_ends_is_given_up(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "HEADER_TIMEOUT_SECONDS", 0.5)
    host, port = web.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ")
        began = time.monotonic()
        while time.monotonic() - began < 6:
            try:
                line.settimeout(1)
                if line.recv(1024) == b"":
                    break
            except TimeoutError:
                continue
        assert time.monotonic() - began < 5


# --- machines --------------------------------------------------------------------------------------------


def test_forged_callbacks_change_nothing(web: WebFixture) -> None:
    before = event_inbox.count_unprocessed(web.ledger)
    key = web.app.links.message_key(1, 1)
    form = {"MessageSid": "SM" + "1" * 32, "MessageStatus": "failed", "ErrorCode": "30005"}
    for headers in ({}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "x" * 28},
                    {"X-Twilio-Signature": base64.b64encode(b"0" * 20).decode()}):  # fmt: skip
        for path in (f"/twilio/status/{key}", "/twilio/inbound"):
            answer = web.browser().post(path, data=form, headers=headers)
            assert answer.status_code == 403
    assert event_inbox.count_unprocessed(web.ledger) == before


def test_a_tampered_push_is_refused(web: WebFixture) -> None:
    secret = webhook_signatures.new_secret()
    webhooks.add(
        web.ledger, "one-touch", direction="in", url="", secret=secret, kinds=(), who="t", now=WALL_TIME
    )
    now = web.web_app._context.wall_clock.now()
    body = b'{"type":"participation","data":{"campaign":"cong-dan-so","people":[{"address":"0900000201"}]}}'
    good = webhook_signatures.signed_headers(secret, "msg_1", body, now=now)
    old = webhook_signatures.signed_headers(secret, "msg_1", body, now=now - timedelta(minutes=6))
    attempts = [
        ("one-touch", body, {}),
        ("one-touch", body.replace(b"0201", b"0202"), good),
        ("one-touch", body, old),
        ("one-touch", body, {**good, "webhook-id": "msg_2"}),
        (
            "one-touch",
            body,
            webhook_signatures.signed_headers(webhook_signatures.new_secret(), "msg_1", body, now=now),
        ),
        ("unknown", body, good),
    ]
    for name, sent, headers in attempts:
        assert web.browser().post(f"/api/v1/push/{name}", data=sent, headers=headers).status_code == 403
    assert participation.participations(web.ledger, "cong-dan-so") == ()
    for _again in range(2):
        taken = web.browser().post("/api/v1/push/one-touch", data=body, headers=good)
        assert taken.status_code == 200, taken.text
    assert len(participation.participations(web.ledger, "cong-dan-so")) == 1


def test_a_token_for_looking_does_not_act_and_a_revoked_one_does_nothing(web: WebFixture) -> None:
    number = api_tokens.add(web.ledger, "looks", label="l", role="viewer", who="t", now=WALL_TIME)
    api = web.browser()
    api.headers["authorization"] = "Bearer looks"
    assert api.get("/api/v1/campaigns").status_code == 200
    assert api.post("/api/v1/campaigns/cong-dan-so/pause").status_code == 403
    assert api.post("/api/v1/opt-outs", json={"address": ledger_fixture.phone_number(1)}).status_code == 403
    assert state(web) == "active"
    api_tokens.revoke(web.ledger, number, who="t", now=WALL_TIME)
    assert api.get("/api/v1/campaigns").status_code == 401
    assert suppressions.find(web.ledger, address=ledger_fixture.phone_number(1)) == ()


def test_a_session_is_no_key_to_the_api(web: WebFixture) -> None:
    assert web.browser("admin").get("/api/v1/campaigns").status_code == 401


def test_figures_for_machines_stay_on_this_machine(web: WebFixture) -> None:
    assert web.browser().get("/metrics").status_code == 200
    assert web.browser().get("/metrics", headers={"x-forwarded-for": "203.0.113.9"}).status_code == 403


@pytest.mark.parametrize("path", ["/", "/sign-in", "/nothing", "/static/dispatcher.css", "/api/openapi.json"])
def test_every_answer_carries_the_security_headers(web: WebFixture, path: str) -> None:
    headers = web.browser().get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers
