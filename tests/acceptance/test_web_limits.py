"""What strangers send is refused in milliseconds, and twice as much of it never costs four times as much."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
import requests

from dispatcher.web import lingering_transport, request_limits, server
from dispatcher.web.auth import GuardedRoute
from dispatcher.web.request_limits import FORM, HEAD_BYTES_MAX, MULTIPART
from tests.web_fixture import WebFixture, open_web

FORM_PATHS = ("/sign-in", "/password", "/tham-gia/x", "/addresses")
QUICK_SECONDS = 1.0


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("limits")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        yield opened


def connect(web: WebFixture) -> socket.socket:
    host, port = web.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=10)


def multipart(value: bytes, *, name: str = "name") -> bytes:
    head = f'--XX\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
    return head + value + b"\r\n--XX--\r\n"


def punycode(length: int) -> bytes:
    """Bytes that Python's decoder of punycode needs time for that grows with the square of their number."""
    return ("\U0010ffff" + "a" * length).encode("punycode") + b"a" * length


@pytest.mark.parametrize("path", [*FORM_PATHS, "/u/x", "/campaigns/cong-dan-so/uploads"])
@pytest.mark.parametrize("charset", ["punycode", "unicode_escape", "idna", "utf-7", '"punycode"', "UTF-16"])
def test_no_caller_names_the_character_set(web: WebFixture, path: str, charset: str) -> None:
    began = time.monotonic()
    headers = {"content-type": f"{MULTIPART}; boundary=XX; Charset = {charset}"}
    answer = web.browser().post(path, data=multipart(punycode(60_000)), headers=headers)
    assert answer.status_code == 415
    assert time.monotonic() - began < QUICK_SECONDS


@pytest.mark.parametrize("path", FORM_PATHS)
@pytest.mark.parametrize("content_type", [f"{MULTIPART}; boundary=XX", "text/plain", "application/json", "x"])
def test_pages_take_plain_forms_only(web: WebFixture, path: str, content_type: str) -> None:
    answer = web.browser().post(path, data=multipart(b"a"), headers={"content-type": content_type})
    assert answer.status_code == 415


@pytest.mark.parametrize("charset", ["", "; charset=utf-8", "; charset=UTF-8", '; charset="utf-8"'])
def test_a_plain_form_is_read_whatever_its_spelling(web: WebFixture, charset: str) -> None:
    headers = {"content-type": f"{FORM}{charset}"}
    assert web.browser().post("/sign-in", data="name=a", headers=headers).status_code == 403


def test_a_mail_client_may_send_its_one_click_as_multipart(web: WebFixture) -> None:
    link = web.app.links.unsubscribe_url(
        channel="sms", address="+84990000001", campaign="cong-dan-so", person_id=1
    )
    body = multipart(b"One-Click", name="List-Unsubscribe")
    headers = {"content-type": f"{MULTIPART}; boundary=XX"}
    answer = web.browser().post(link.removeprefix(web.url), data=body, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/api/v1/push/uploads", "/uploads", "/x/uploads", "/campaigns/a/b/uploads", "/sign-in"]
)
def test_only_addresses_that_take_files_take_large_bodies(web: WebFixture, path: str) -> None:
    answer = web.browser().post(path, data=b"x" * (request_limits.BODY_BYTES_MAX + 1))
    assert answer.status_code == 413


def test_a_large_file_without_a_session_is_not_read(web: WebFixture) -> None:
    with connect(web) as line:
        line.sendall(
            b"POST /opt-outs/uploads HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 20000000\r\n"
            b"Content-Type: multipart/form-data; boundary=XX\r\n\r\n--XX\r\n"
        )
        answer = b""
        while piece := line.recv(65536):  # ends: nobody waits for the rest
            answer += piece
    assert answer.startswith(b"HTTP/1.1 403 ")
    assert b"\r\nconnection: close\r\n" in answer.lower()


def test_an_early_no_arrives_although_its_caller_is_still_sending(web: WebFixture) -> None:
    """What lies unread in a socket that is closed takes the answer with it: so it is read, and forgotten."""
    with connect(web) as line:
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        for _ in range(30):
            line.sendall(b"a" * 100_000)
            time.sleep(0.005)
        answer = b""
        while piece := line.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_caller_who_never_stops_sending_is_cut_off(
    web: WebFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lingering_transport, "LINGER_SECONDS", 0.3)
    with connect(web) as line:
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        began = time.monotonic()
        with suppress(ConnectionError):
            while time.monotonic() - began < 10:
                line.send(b"a")
                time.sleep(0.01)
        assert time.monotonic() - began < 3


def test_a_flood_after_the_answer_is_cut_off(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lingering_transport, "LINGER_BYTES_MAX", 100_000)
    sent = 0
    with connect(web) as line:
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900000000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        with suppress(OSError):
            while sent < 50_000_000:
                sent += line.send(b"a" * 65536)
    assert sent < 20_000_000  # what the system's own buffers take is beyond us


@pytest.mark.parametrize("part", ["header", "url", "cookie"])
def test_a_long_head_is_refused(web: WebFixture, part: str) -> None:
    filler = "a" * (HEAD_BYTES_MAX + 1)
    url, headers = "/healthz", {}
    if part == "url":
        url += f"?{filler}"
    else:
        headers = {"x-a" if part == "header" else "cookie": filler}
    with suppress(requests.ConnectionError):  # hung up on in the middle of it
        assert web.browser().get(url, headers=headers).status_code in {400, 431}


def test_an_endless_header_is_cut_off_before_it_fills_the_memory(web: WebFixture) -> None:
    sent = 0
    with connect(web) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        try:
            while sent < 50_000_000:
                sent += line.send(b"a" * 65536)
                time.sleep(0.001)
        except OSError:
            pass
    assert sent < 8_000_000  # what the system's own buffers take is beyond us


def test_one_source_has_only_so_many_connections(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "CONNECTIONS_PER_SOURCE_MAX", 20)
    lines = [connect(web) for _ in range(60)]
    try:
        time.sleep(0.3)
        assert sum(server._connections.values()) <= 21
    finally:
        for line in lines:
            line.close()
    time.sleep(0.3)
    assert web.browser().get("/healthz").status_code == 200


def test_a_body_that_drips_is_given_up(web: WebFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_limits, "_PAGES", replace(request_limits._PAGES, timeout_seconds=0.5))
    with connect(web) as line:
        line.sendall(
            b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\na="
        )
        began = time.monotonic()
        assert b" 408 " in line.recv(65536).split(b"\r\n", 1)[0]
        assert time.monotonic() - began < 5


# --- growth ----------------------------------------------------------------------------------------------

Request = tuple[str, str, bytes, dict[str, str]]  # method, path, body, headers


def get(path: str, **headers: str) -> Request:
    return "GET", path, b"", {name.replace("_", "-"): value for name, value in headers.items()}


def post(path: str, body: str | bytes, content_type: str = FORM, **headers: str) -> Request:
    data = body.encode() if isinstance(body, str) else body
    return "POST", path, data, {"content-type": content_type, **headers}


GROWTH: dict[str, Callable[[int], Request]] = {
    "quoted cookie": lambda n: get("/healthz", cookie='lang="' + '\\"' * (n // 2) + '"'),
    "many cookies": lambda n: get("/healthz", cookie="a=b; " * (n // 5)),
    "session cookie": lambda n: get("/", cookie="dispatcher-session=" + "a" * n),
    "languages": lambda n: get("/u/x", accept_language="vi;q=0.1," * (n // 9)),
    "query": lambda n: get("/sign-in?" + "lang=x&" * (n // 7)),
    "path": lambda n: get("/u/" + "%41" * (n // 3)),
    "next": lambda n: get("/sign-in?next=/" + "a/" * (n // 2)),
    "authorization": lambda n: get("/metrics", authorization="Bearer " + "a" * n),
    "fields": lambda n: post("/sign-in", "a=1&" * (n // 4)),
    "percent signs": lambda n: post("/sign-in", "a=" + "%41" * (n // 3)),
    "one click": lambda n: post("/u/x", multipart(b"a" * n), f"{MULTIPART}; boundary=XX"),
    "many parts": lambda n: post("/u/x", multipart(b"a") * (n // 60), f"{MULTIPART}; boundary=XX"),
    "content type": lambda n: post("/u/x", "a", MULTIPART + "; a=b" * (n // 5)),
    "push": lambda n: post("/api/v1/push/x", "[" * n, "application/json"),
    "callback": lambda n: post("/twilio/inbound", "a=1&" * (n // 4)),
    "signature": lambda n: post("/twilio/inbound", "a=1", **{"x-twilio-signature": "a" * n}),
}


def cost(request: Callable[[int], Request], url: str, length: int) -> float:
    """CPU seconds that this process, server and caller, needs for three of them; the least of three tries."""
    method, path, body, headers = request(length)
    tries = []
    for _ in range(3):
        began = time.process_time()
        for _ in range(3):
            with requests.Session() as caller, suppress(requests.ConnectionError):
                caller.trust_env = False
                caller.request(method, url + path, data=body, headers=headers, timeout=60)
        tries.append(time.process_time() - began)
    return min(tries)


@pytest.mark.parametrize("kind", GROWTH)
def test_twice_as_much_never_costs_four_times_as_much(web: WebFixture, kind: str) -> None:
    request = GROWTH[kind]
    cost(request, web.url, 100)  # what is made once
    half, whole = cost(request, web.url, 24_000), cost(request, web.url, 48_000)
    assert whole < max(3.0 * half, 0.15), (half, whole)


# --- every public route ----------------------------------------------------------------------------------

WORD = {"token": "x", "hook": "x", "path": "dispatcher.css"}
SHAPES: dict[str, Callable[[str, int], Request]] = {
    "path": lambda path, n: get(path.rstrip("x") + "x" * n),
    "escaped path": lambda path, n: get(path.rstrip("x") + "%2E" * (n // 3)),
    "query": lambda path, n: get(f"{path}?" + "a=1&" * (n // 4)),
    "header": lambda path, n: get(path, x_a="a" * n),
    "cookies": lambda path, n: get(path, cookie='lang="' + '\\"' * (n // 2) + '"; a=b' * 3),
    "forwarded": lambda path, n: get(path, x_forwarded_for="127.0.0.1, " * (n // 11)),
    "fields": lambda path, n: post(path, "a=1&" * (n // 4)),
    "one field": lambda path, n: post(path, "name=" + "%C3%A0" * (n // 6)),
    "same-named fields": lambda path, n: post(path, "name=1&new=2&" * (n // 13)),
    "parts": lambda path, n: post(path, multipart(b"a") * (n // 60), f"{MULTIPART}; boundary=XX"),
    "nested": lambda path, n: post(path, '{"a":' * (n // 5), "application/json"),
    "numbers": lambda path, n: post(path, "[" + "9" * n + "]", "application/json"),
}


def public_paths(web: WebFixture) -> set[str]:
    """What answers without signing in, as the routers have it."""
    pages = {route.path for route in web.web_app.pages if not isinstance(route, GuardedRoute)}
    paths = {re.sub(r"\{(\w+)\}", lambda found: WORD.get(found[1], "x"), path) for path in pages}
    paths |= {
        "/static/dispatcher.css",
        "/api/openapi.json",
        "/api/v1/push/x",
        "/api/v1/campaigns",
        "/nowhere",
    }
    return paths | {"/nowhere", "/providers/twilio/inbound", "/providers/twilio/status/x", "/twilio/inbound"}


def test_no_public_route_costs_more_than_in_proportion(web: WebFixture) -> None:
    """Each kind of input at each of them; what looks dear is measured with care before it is told."""
    paths, dear = public_paths(web), []
    assert {"/sign-in", "/forgotten", "/reset/x", "/u/x", "/tham-gia/x", "/healthz", "/metrics"} <= paths
    for path in sorted(paths):
        for shape, request in SHAPES.items():
            sized = partial(request, path)
            if once(sized, web.url, 48_000) < 0.1:
                continue
            half, whole = cost(sized, web.url, 24_000), cost(sized, web.url, 48_000)
            if whole >= max(3.0 * half, 0.15):
                dear.append((path, shape, half, whole))
    assert dear == []


def once(request: Callable[[int], Request], url: str, length: int) -> float:
    """CPU seconds that one of them needs."""
    method, path, body, headers = request(length)
    began = time.process_time()
    with requests.Session() as caller, suppress(requests.ConnectionError):
        caller.trust_env = False
        caller.request(method, url + path, data=body, headers=headers, timeout=60)
    return time.process_time() - began
