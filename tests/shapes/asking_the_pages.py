"""Asks every address that machines read, and listens to what is told to machines."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import openpyxl
import requests

from tests.shapes.comparing import Found, Taken, promised

C = "cong-dan-so"


def ask_the_pages(url: str, account: str, password: str, listener: str, taken: Taken) -> Found:
    """Ask every address that machines read; gives names found there."""
    session = requests.Session()
    session.trust_env = False
    session.headers["accept-language"] = "en"

    def act(path: str, seen_on: str, **fields: str) -> str:
        csrf = re.search(r'name="csrf" value="([^"]+)"', session.get(url + seen_on, timeout=20).text)
        assert csrf
        return session.post(url + path, data={"csrf": csrf[1], **fields}, timeout=20).text

    act("/sign-in", "/sign-in", name=account, password=password, next="/")
    token = _secret(act("/machines/tokens", "/machines", label="shapes", role="organiser"))
    hook = _secret(act("/machines/hooks", "/machines", name="shapes", direction="in"))
    kinds = {"kind-campaign": "1", "kind-opt-out": "1", "kind-step": "1"}
    act("/machines/hooks", "/machines", name="told", direction="out", url=listener, **kinds)
    document = session.get(f"{url}/api/openapi.json", timeout=20).json()
    _ask_the_api(f"{url}/api/v1", token, hook, taken)
    taken.add("GET /readyz", session.get(f"{url}/readyz", timeout=20).json())
    return {
        **promised(document, taken),
        "metrics": _metrics(session.get(f"{url}/metrics", timeout=20).text),
        **{
            f"export.xlsx {lang}": _headings(
                session.get(
                    f"{url}/campaigns/{C}/export.xlsx", headers={"accept-language": lang}, timeout=20
                ).content
            )
            for lang in ("en", "vi")
        },
    }


TOLD = {"campaign.paused", "campaign.resumed", "opt-out.created"}


@contextmanager
def listening() -> Iterator[tuple[str, list[tuple[list[str], Any]]]]:
    """Be a machine that is told what happens: its address, and names of headers with what it heard."""
    heard: list[tuple[list[str], Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            heard.append(([name.lower() for name in self.headers if "webhook" in name.lower()], body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/", heard
        finally:
            server.shutdown()
            thread.join()


def wait_until(is_so: Callable[[], Any]) -> None:
    for _try in range(300):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError("it never came")


def _secret(page: str) -> str:
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found, page[:500]
    return found[1]


def _ask_the_api(url: str, token: str, hook: str, taken: Taken) -> None:
    bearer = {"authorization": f"Bearer {token}"}

    def ask(method: str, path: str, expected: int = 200, *, secret: str = token, **sent: Any) -> None:
        headers = {"authorization": f"Bearer {secret}", **sent.pop("headers", {})}
        answer = requests.request(method, f"{url}{path}", headers=headers, timeout=20, **sent)
        assert answer.status_code == expected, answer.text
        shown = re.sub(r"/(campaigns|push)/[a-z-]+", r"/\1/{}", path)
        taken.add(f"{method} /v1{shown} {expected}", answer.json())

    day = {"area": "Thôn Đông", "day": "2025-11-08", "registered": 9, "finished": 4}
    told = {"people": [{"address": "0912 345 678"}], "counts": [day]}
    ask("POST", "/opt-outs", json={"address": "0912 345 678"})
    ask("POST", "/opt-outs", 422, json={"address": "xyz"})
    ask("POST", f"/campaigns/{C}/participation", json=told)
    ask("GET", f"/campaigns/{C}/participation/imports")
    ask("POST", f"/campaigns/{C}/participation/imports/1/undo")
    ask("POST", f"/campaigns/{C}/participation/imports/1/undo", 409)
    ask("GET", "/opt-outs")
    ask("GET", "/campaigns")
    ask("GET", "/campaigns", 401, secret="x")
    ask("GET", "/campaigns/none", 404)
    ask("GET", f"/campaigns/{C}")
    for part in ("plan", "status"):
        ask("GET", f"/campaigns/{C}/{part}")
    wait_until(
        lambda: requests.get(f"{url}/campaigns/{C}/participation", headers=bearer, timeout=20).json()["as_of"]
    )
    ask("GET", f"/campaigns/{C}/participation")
    ask("POST", f"/campaigns/{C}/pause", json={"reason": "by-hand"})
    ask("POST", f"/campaigns/{C}/resume")
    body = json.dumps({"type": "participation", "timestamp": "", "data": {"campaign": C, **told}}).encode()
    ask("POST", "/push/shapes", data=body, headers=_signed(hook, body))
    ask("POST", "/push/shapes", 403, data=body)


def _signed(secret: str, body: bytes) -> dict[str, str]:
    """Sign as Standard Webhooks says."""
    now = f"{time.clock_gettime(time.CLOCK_REALTIME):.0f}"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    digest = hmac.digest(key, f"m-1.{now}.".encode() + body, hashlib.sha256)
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {"webhook-id": "m-1", "webhook-timestamp": now, "webhook-signature": signature}


def _metrics(page: str) -> list[str]:
    found = set()
    for name, labels in re.findall(r"^(\w+)(?:\{(.*)\})? ", page, re.MULTILINE):
        found |= {name, *(f"{name}{{{label}}}" for label in re.findall(r'(\w+)="', labels))}
    return sorted(found)


def _headings(content: bytes) -> list[str]:
    """Give the texts of the first rows of each sheet: name, title and headings (data has none of them)."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return sorted(
        f"{sheet.title}: {cell}"
        for sheet in book
        for row in sheet.iter_rows(min_row=3, max_row=3, values_only=True)
        for cell in row
        if isinstance(cell, str)
    )
