"""Whom we turn away is written down, with what for and from where, and never with what they sent."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

import pytest

from dispatcher import metrics
from dispatcher.ledger.access import api_tokens
from tests.web_fixture import WALL_TIME, WebFixture, open_web

SECRET = "khong-ai-duoc-doc-dieu-nay"


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebFixture]:
    folder = tmp_path_factory.mktemp("refusals")
    with open_web(folder, f"sqlite:///{folder / 'ledger.sqlite3'}") as opened:
        api_tokens.add(opened.ledger, "looks", label="looks", role="viewer", who="t", now=WALL_TIME)
        yield opened


def wrong_password(web: WebFixture) -> None:
    web.browser().sign_in(SECRET, SECRET)


def wrong_role(web: WebFixture) -> None:
    web.browser("viewer").post("/users", data={"name": SECRET})


def wrong_form(web: WebFixture) -> None:
    web.browser("organiser").post("/campaigns/cong-dan-so/pause", data={"csrf": SECRET})


def wrong_token(web: WebFixture) -> None:
    web.browser().get("/api/v1/campaigns", headers={"authorization": f"Bearer {SECRET}"})


def wrong_token_of_a_collector(web: WebFixture) -> None:
    headers = {"authorization": f"Bearer {SECRET}", "via": "1.1 proxy"}
    web.browser().get("/metrics", headers=headers)


def wrong_scope(web: WebFixture) -> None:
    headers = {"authorization": "Bearer looks"}
    web.browser().post("/api/v1/opt-outs", json={"address": SECRET}, headers=headers)


def wrong_callback(web: WebFixture) -> None:
    web.browser().post("/twilio/inbound", data={"Body": SECRET}, headers={"x-twilio-signature": SECRET})


def wrong_push(web: WebFixture) -> None:
    web.browser().post(f"/api/v1/push/{SECRET}", data=SECRET)


def wrong_type(web: WebFixture) -> None:
    web.browser().post(f"/u/{SECRET}", data=SECRET, headers={"content-type": f"text/{SECRET}"})


def wrong_host(web: WebFixture) -> None:
    web.browser().get(f"/u/{SECRET}", headers={"host": f"{SECRET}.example"})


@pytest.mark.parametrize(
    ("kind", "place", "refused"),
    [
        ("password", "/sign-in", wrong_password),
        ("role", "/users", wrong_role),
        ("form", "/campaigns", wrong_form),
        ("token", "/api", wrong_token),
        ("token", "/metrics", wrong_token_of_a_collector),
        ("scope", "/api", wrong_scope),
        ("signature", "/twilio", wrong_callback),
        ("signature", "/api", wrong_push),
        ("415", "/u", wrong_type),
        ("421", "/u", wrong_host),
    ],
)
def test_a_refusal_is_written_down_and_counted(
    web: WebFixture, caplog: pytest.LogCaptureFixture, kind: str, place: str, refused: object
) -> None:
    before = metrics.REGISTRY.get_sample_value("dispatcher_refusals_total", {"kind": kind}) or 0
    with caplog.at_level(logging.INFO), caplog.at_level(logging.WARNING, logger="uvicorn"):  # as `run` has it
        assert callable(refused)
        refused(web)
    told = [record.getMessage() for record in caplog.records if record.__dict__.get("action") == "refused"]
    assert any(f"({kind}): '{place}', from 127.0.0.1" in line for line in told), told
    assert SECRET not in caplog.text
    after = metrics.REGISTRY.get_sample_value("dispatcher_refusals_total", {"kind": kind})
    assert after == before + 1


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/sign-in", "application/x-www-form-urlencoded"),
        ("/u/x", "multipart/form-data; boundary=XX"),
        ("/api/v1/push/x", "application/json"),
        ("/twilio/inbound", "application/x-www-form-urlencoded"),
    ],
)
def test_a_caller_who_hangs_up_is_no_failure_of_ours(
    web: WebFixture, caplog: pytest.LogCaptureFixture, path: str, content_type: str
) -> None:
    """Else whoever can connect could fill the log, and keep the service busy with writing it."""
    host, port = web.url.removeprefix("http://").split(":")
    named = f"Host: 127.0.0.1\r\nContent-Type: {content_type}\r\nContent-Length: 99"
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            with socket.create_connection((host, int(port)), timeout=10) as line:
                line.sendall(f"POST {path} HTTP/1.1\r\n{named}\r\n\r\n--XX".encode())
        assert web.browser().get("/healthz").status_code == 200
        time.sleep(0.2)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_a_page_that_fails_is_told_without_what_was_sent(
    web: WebFixture, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_given: object, **_named: object) -> None:
        raise ValueError(SECRET)

    viewer = web.browser("viewer")
    monkeypatch.setattr(web.web_app._context, "read", broken)
    with caplog.at_level(logging.INFO), caplog.at_level(logging.WARNING, logger="uvicorn"):
        answer = viewer.get(f"/held?x={SECRET}")
    assert answer.status_code == 500
    assert "a page failed: ValueError" in caplog.text
    assert "auth.py" in caplog.text
    assert SECRET not in caplog.text
