"""nginx and Caddy themselves, as the how-to configures them, in front of the service."""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from http.client import HTTPResponse, HTTPSConnection
from pathlib import Path
from textwrap import dedent
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from dispatcher.clock import SystemClock
from dispatcher.ledger.access import sessions
from tests.mail_daemons import MailDaemon, find_program, free_port, make_certificate
from tests.web_fixture import PASSWORD, ROOT, WebFixture, csrf_token_of, open_web

HOST = "nhac.hatay.example"
CALLER = "127.0.0.9"  # whoever asks the proxy; the proxy itself asks from 127.0.0.1
HOW_TO = (ROOT / "docs" / "howto.md").read_text(encoding="utf-8")

NGINX_AROUND = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/proxy.log;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxied;
    fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u;
    scgi_temp_path {folder}/s;
{block}
}}
"""
CADDY_AROUND = """
{{
    admin off
    local_certs
    skip_install_trust
    auto_https disable_redirects
    https_port {port}
}}
{block}
"""


def block_of(before: str) -> str:
    """The configuration that stands in the how-to below these words."""
    found = re.search(rf"^{before}.*:\n\n((?:    .*\n|\n)+)", HOW_TO, re.MULTILINE)
    assert found, before
    return dedent(found[1])


def start_nginx(folder: Path, port: int, behind: str) -> MailDaemon:
    certificate = make_certificate(folder)
    block = block_of("nginx")
    for written, ours in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "/etc/ssl/nhac.pem": str(certificate),
        "/etc/ssl/nhac.key": str(certificate),
        "http://127.0.0.1:8025": f"http://{behind}",
    }.items():
        assert written in block
        block = block.replace(written, ours)
    user = "user root;" if os.getuid() == 0 else ""
    configured = folder / "nginx.conf"
    configured.write_text(NGINX_AROUND.format(folder=folder, user=user, block=block), encoding="utf-8")
    program = find_program("nginx") or ""
    command = [program, "-p", str(folder), "-c", str(configured)]
    return MailDaemon(command, log=folder / "proxy.log", ready=lambda: greets(port))


def start_caddy(folder: Path, port: int, behind: str) -> MailDaemon:
    block = block_of("Caddy")
    assert "127.0.0.1:8025" in block
    configured = folder / "Caddyfile"
    configured.write_text(
        CADDY_AROUND.format(port=port, block=block.replace("127.0.0.1:8025", behind)), encoding="utf-8"
    )
    command = [
        find_program("env") or "", f"HOME={folder}", f"XDG_DATA_HOME={folder}", f"XDG_CONFIG_HOME={folder}",
        find_program("caddy") or "", "run", "--adapter", "caddyfile", "--config", str(configured),
    ]  # fmt: skip
    return MailDaemon(command, log=folder / "proxy.log", ready=lambda: greets(port))


STARTERS: dict[str, Callable[[Path, int, str], MailDaemon]] = {"nginx": start_nginx, "caddy": start_caddy}


class Line(HTTPSConnection):
    """A connection to a proxy on this machine, under the name that the service has in the world."""

    def __init__(self, port: int, host: str = HOST) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # an authority of the test's own
        super().__init__(host, timeout=20)
        self._tls, self._to = context, ("127.0.0.1", port)

    def connect(self) -> None:
        line = socket.create_connection(self._to, timeout=20, source_address=(CALLER, 0))
        self.sock = self._tls.wrap_socket(line, server_hostname=self.host)


def greets(port: int) -> bool:
    try:
        line = Line(port)
        line.connect()
        line.close()
    except OSError:
        return False
    return True


class Proxied:
    """The service behind one proxy."""

    def __init__(self, web: WebFixture, port: int) -> None:
        self.web = web
        self.port = port

    def ask(
        self, method: str, path: str, *, body: bytes | str | None = None, host: str = HOST, **headers: str
    ) -> tuple[HTTPResponse, str]:
        line = Line(self.port, host)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body=body, headers={"Accept-Language": "en", **named})
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        return answer, text

    def sign_in(self, password: str = PASSWORD, **headers: str) -> tuple[int, str]:
        """Sign in as an organiser; gives the status and the cookie of the session."""
        form, text = self.ask("GET", "/sign-in", **headers)
        cookie = (form.getheader("set-cookie") or "").partition(";")[0]
        fields = {
            "csrf": csrf_token_of(text),
            "name": "organiser",
            "password": password,
            "next": "/",
        }
        answer, _text = self.ask(
            "POST", "/sign-in", body=urlencode(fields), Cookie=cookie,
            Content_Type="application/x-www-form-urlencoded", **headers,
        )  # fmt: skip
        session = re.search(r"__Host-dispatcher-session=[^;]+", answer.getheader("set-cookie") or "")
        return answer.status, session.group() if session else ""


@pytest.fixture(scope="module", params=STARTERS)
def proxied(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    name = str(request.param)
    if find_program(name) is None:
        pytest.skip(f"no {name} here: make proxies")
    folder, port = tmp_path_factory.mktemp(name), free_port()
    ledger = f"sqlite:///{folder / 'ledger.sqlite3'}"
    with open_web(folder, ledger, public_url=f"https://{HOST}", trusted_proxies=("127.0.0.1/32",)) as web:
        proxy = STARTERS[name](folder, port, web.url.removeprefix("http://"))
        try:
            yield Proxied(web, port)
        finally:
            proxy.stop()


def test_one_signs_in_over_https_with_cookies_for_this_host(proxied: Proxied) -> None:
    status, session = proxied.sign_in()
    assert status == 303
    assert proxied.ask("GET", "/held", Cookie=session)[0].status == 200


@pytest.mark.parametrize("claimed", ["198.51.100.1", "127.0.0.1", "127.0.0.1, 198.51.100.1", "x"])
def test_the_caller_is_who_asked_the_proxy_whatever_they_claim(proxied: Proxied, claimed: str) -> None:
    now = SystemClock().now()

    def failed(source: str) -> int:
        counted = sessions.failed_logins(proxied.web.ledger, name="organiser", source=source, now=now)
        return counted.by_name_and_source

    sessions.record_login_attempt(proxied.web.ledger, name="organiser", source="", ok=True, now=now)
    headers = {"X_Forwarded_For": claimed, "X_Forwarded_Proto": "http", "X_Real_IP": "198.51.100.1"}
    assert proxied.sign_in("wrong", **headers)[0] == 401
    assert (failed(CALLER), failed("198.51.100.1"), failed("127.0.0.1")) == (1, 0, 0)


def test_nobody_gets_more_guesses_by_claiming_to_be_others(proxied: Proxied) -> None:
    now = SystemClock().now()
    sessions.record_login_attempt(proxied.web.ledger, name="organiser", source="", ok=True, now=now)
    answers = [proxied.sign_in("wrong", X_Forwarded_For=f"198.51.100.{n}")[0] for n in range(6)]
    assert answers == [401] * 5 + [429]
    sessions.record_login_attempt(proxied.web.ledger, name="organiser", source="", ok=True, now=now)


def test_figures_are_not_for_the_world(proxied: Proxied) -> None:
    assert proxied.ask("GET", "/metrics")[0].status == 403
    assert proxied.ask("GET", "/healthz")[0].status == 200


def test_a_strange_name_gets_no_page(proxied: Proxied) -> None:
    try:
        answer, text = proxied.ask("GET", "/sign-in", host="evil.example")
    except OSError:  # Caddy has no certificate for it
        return
    assert (answer.status, "csrf" in text) == (421, False)


def test_a_list_of_some_megabytes_comes_through(proxied: Proxied) -> None:
    _status, session = proxied.sign_in()
    _answer, page = proxied.ask("GET", "/opt-outs", Cookie=session)
    part = '--XX\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = (
        part.format("csrf", "") + csrf_token_of(page) + "\r\n"
        + part.format("file", '; filename="list.pdf"') + "x" * 19_000_000 + "\r\n--XX--\r\n"
    )  # fmt: skip
    answer, text = proxied.ask(
        "POST", "/opt-outs/uploads", body=body, Cookie=session,
        Content_Type="multipart/form-data; boundary=XX",
    )  # fmt: skip
    assert (answer.status, "Only Excel, OpenDocument and CSV" in text) == (422, True)


def test_a_page_that_stays_open_is_sent_piece_by_piece(proxied: Proxied) -> None:
    _status, session = proxied.sign_in()
    line = Line(proxied.port)
    line.request("GET", "/live", headers={"Cookie": session})
    answer = line.getresponse()
    assert answer.getheader("content-type", "").startswith("text/event-stream")
    assert answer.read1(10)  # at once; the answer as a whole ends after minutes
    line.close()


def test_a_callback_is_signed_over_the_public_address(proxied: Proxied) -> None:
    form = {"MessageSid": "SM" + "7" * 32, "From": "+84990000001", "To": "+84990000002", "Body": "ok"}
    signature = RequestValidator(proxied.web.sandbox.auth_token).compute_signature(
        f"https://{HOST}/twilio/inbound", form
    )
    for given, status in ((signature, {200, 204}), ("x" * 28, {403})):
        answer, _text = proxied.ask(
            "POST", "/twilio/inbound", body=urlencode(form), X_Twilio_Signature=given,
            Content_Type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert answer.status in status
