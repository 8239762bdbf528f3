"""Behind a proxy: who is believed about whom, which names we answer to, and no password over an open line."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse

import pytest

from dispatcher.ledger.access import api_tokens, sessions, users
from dispatcher.web import passwords
from tests.web_fixture import PASSWORD, WALL_TIME, WebFixture, csrf_token_of, open_web

PROXY, STRANGER = "127.0.0.2", "127.0.0.5"
HOST = "nhac.hatay.example"
# What the proxies of docs/howto.md send on when somebody at 203.0.113.7 opens a page and has said, to
# mislead us, that they are 198.51.100.1.
NGINX = {
    "Host": HOST,
    "X-Forwarded-For": "198.51.100.1, 203.0.113.7",
    "X-Forwarded-Proto": "https",
    "Connection": "close",
}
CADDY = {
    "Host": HOST,
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": HOST,
    "X-Forwarded-Proto": "https",
    "Via": "2.0 Caddy",
}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("proxies")
    ledger = f"sqlite:///{folder / 'ledger.sqlite3'}"
    with open_web(folder, ledger, public_url=f"https://{HOST}", trusted_proxies=(f"{PROXY}/32",)) as opened:
        yield opened


def ask(
    web: WebFixture, path: str, *, peer: str, headers: dict[str, str], method: str = "GET", body: str = ""
) -> tuple[HTTPResponse, str]:
    line = HTTPConnection(web.url.removeprefix("http://"), timeout=10, source_address=(peer, 0))
    if body:
        headers = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    line.request(method, path, body=body or None, headers={"Accept-Language": "en", **headers})
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer, text


def sign_in(web: WebFixture, name: str, *, headers: dict[str, str], password: str = PASSWORD) -> int:
    form, text = ask(web, "/sign-in", peer=PROXY, headers=headers)
    cookie = (form.getheader("set-cookie") or "").partition(";")[0]
    body = f"csrf={csrf_token_of(text)}&name={name}&password={password}&next=/"
    answer, _text = ask(
        web, "/sign-in", peer=PROXY, headers={**headers, "Cookie": cookie}, method="POST", body=body
    )
    return answer.status


@pytest.mark.parametrize("headers", [NGINX, CADDY], ids=["nginx", "caddy"])
def test_who_signs_in_through_a_proxy_is_counted_by_their_own_address(
    web: WebFixture, headers: dict[str, str]
) -> None:
    hashed = passwords.hash_password(PASSWORD)
    users.save(web.ledger, "owner", role="viewer", password_hash=hashed, who="t", now=WALL_TIME)
    for _ in range(5):
        assert sign_in(web, "owner", headers=headers, password="wrong") == 401
    now = web.web_app._context.wall_clock.now()
    assert sessions.failed_logins(web.ledger, name="owner", source="203.0.113.7", now=now).by_source == 5
    assert sign_in(web, "owner", headers=headers) == 429
    elsewhere = {**headers, "X-Forwarded-For": "203.0.113.8"}
    assert sign_in(web, "owner", headers=elsewhere) == 303


def test_a_stranger_is_not_believed_about_where_they_come_from(web: WebFixture) -> None:
    answer, text = ask(web, "/sign-in", peer=STRANGER, headers=NGINX)
    assert answer.status == 200  # on this machine; else plain HTTP
    cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
    body = f"csrf={csrf_token_of(text)}&name=nobody&password=x&next=/"
    ask(web, "/sign-in", peer=STRANGER, headers={**NGINX, "Cookie": cookie}, method="POST", body=body)
    now = web.web_app._context.wall_clock.now()
    assert sessions.failed_logins(web.ledger, name="nobody", source=STRANGER, now=now).by_source == 1


@pytest.mark.parametrize("proto", ["http", ""])
def test_no_password_goes_over_an_open_line(web: WebFixture, proto: str) -> None:
    headers = {**NGINX, "X-Forwarded-Proto": proto}
    if not proto:
        del headers["X-Forwarded-Proto"]
    for method, body in (("GET", ""), ("POST", "name=admin&password=x")):
        answer, text = ask(web, "/sign-in", peer=PROXY, headers=headers, method=method, body=body)
        assert answer.status == 403
        assert "plain HTTP" in text
        assert "DISPATCHER_TRUSTED_PROXIES" in text


@pytest.mark.parametrize("proto", ["http", ""])
def test_no_token_goes_over_an_open_line(web: WebFixture, proto: str) -> None:
    api_tokens.add(web.ledger, f"open{proto}", label="l", role="viewer", who="t", now=WALL_TIME)
    headers = {**NGINX, "X-Forwarded-Proto": proto, "Authorization": f"Bearer open{proto}"}
    if not proto:
        del headers["X-Forwarded-Proto"]
    answer, text = ask(web, "/api/v1/campaigns", peer=PROXY, headers=headers)
    assert (answer.status, "DISPATCHER_TRUSTED_PROXIES" in text) == (403, True)
    assert ask(web, "/metrics", peer=PROXY, headers=headers)[0].status == 403
    private = {**headers, "X-Forwarded-Proto": "https"}
    assert ask(web, "/api/v1/campaigns", peer=PROXY, headers=private)[0].status == 200
    assert ask(web, "/metrics", peer=PROXY, headers=private)[0].status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", f"{HOST}.evil.example", "203.0.113.5", "", "127.0.0.1@evil"]
)
@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/campaigns", "/u/x", "/static/dispatcher.css"])
def test_no_page_answers_to_a_strange_name(web: WebFixture, path: str, host: str) -> None:
    answer, text = ask(web, path, peer=PROXY, headers={**NGINX, "Host": host})
    assert answer.status == 421
    assert "DISPATCHER_PUBLIC_URL" in text


@pytest.mark.parametrize("host", [HOST, HOST.upper(), f"{HOST}:443"])
def test_the_public_name_is_ours_however_written(web: WebFixture, host: str) -> None:
    assert ask(web, "/sign-in", peer=PROXY, headers={**NGINX, "Host": host})[0].status == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_whoever_watches_over_us_asks_by_any_name(web: WebFixture, path: str) -> None:
    assert ask(web, path, peer=STRANGER, headers={"Host": "10.0.0.3:8025"})[0].status in {200, 503}


@pytest.mark.parametrize("content_type", ["application/json", "text/plain; charset=punycode", "x", ""])
@pytest.mark.parametrize(
    "path", ["/twilio/inbound", "/providers/twilio/inbound", "/providers/twilio/status/x"]
)
def test_what_a_provider_has_not_signed_is_refused_as_such(
    web: WebFixture, path: str, content_type: str
) -> None:
    headers = {"Host": "evil.example", "Content-Type": content_type}
    line = HTTPConnection(web.url.removeprefix("http://"), timeout=10)
    line.request("POST", path, body="{}", headers=headers)
    assert line.getresponse().status == 403
    line.close()


@pytest.mark.parametrize("headers", [{}, NGINX, CADDY, {"Host": HOST, "X-Real-IP": "203.0.113.7"}])
def test_figures_of_a_public_service_need_a_token(web: WebFixture, headers: dict[str, str]) -> None:
    for peer in ("127.0.0.1", PROXY):
        assert ask(web, "/metrics", peer=peer, headers=headers)[0].status == 403
    api_tokens.add(web.ledger, f"t{len(headers)}", label="l", role="viewer", who="t", now=WALL_TIME)
    shown = {**headers, "Authorization": f"Bearer t{len(headers)}"}
    assert ask(web, "/metrics", peer="127.0.0.1", headers=shown)[0].status == 200
