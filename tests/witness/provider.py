"""An unkind Twilio: writes each text down before it answers, and then answers as its case tells it to."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, parse_qsl, urlsplit

from dispatcher.clock import SystemClock

ACCOUNT, TOKEN = "AC" + "0" * 32, "a token of the witness"
Resource = dict[str, object]


class Cut(Exception):
    """Raised by a case: no answer, the connection ends."""


@dataclass(frozen=True)
class Answer:
    """What an unkind provider says: a status, its body, and headers."""

    status: int
    body: Resource
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class TakenText:
    """A text that the provider has: it would have gone to a phone."""

    sid: str
    to: str
    body: str
    at: float

    def resource(self, **odd: object) -> Resource:
        """Return it as Twilio shows it, with what is odd about it."""
        created = formatdate(self.at, localtime=False).replace("-0000", "+0000")
        return {
            "sid": self.sid, "account_sid": ACCOUNT, "to": self.to, "from": "UBND", "body": self.body,
            "status": "queued", "direction": "outbound-api", "num_segments": "1", "price": None,
            "price_unit": "USD", "error_code": None, "error_message": None, "uri": "/",
            "date_created": created, "date_updated": created, "date_sent": None, **odd,
        }  # fmt: skip


Decide = Callable[[TakenText, int], Answer]


def kind(text: TakenText, _count: int) -> Answer:
    """Take it and say so."""
    return Answer(201, text.resource())


class Provider:
    """The server; `decide` answers a text that was taken, given how often its number was called before."""

    def __init__(self, decide: Decide = kind) -> None:
        self.decide = decide
        self.taken: list[TakenText] = []
        self.calls = 0
        self.inbound: list[Resource] = []
        self.list_delay = 0.0  # so late a text appears in the list
        self._lock = threading.Lock()
        self._called: dict[str, int] = {}
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers.get("content-length", "0"))
                fields = dict(parse_qsl(self.rfile.read(length).decode()))
                try:
                    self._say(provider._take(fields))
                except Cut:
                    self.close_connection = True

            def do_GET(self) -> None:
                self._say(Answer(200, provider._list(urlsplit(self.path).query)))

            def _say(self, answer: Answer) -> None:
                body = json.dumps(answer.body).encode()
                self.send_response(answer.status)
                for name, value in {"content-type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_words: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()

    def texts_to(self, number: str) -> int:
        """Count what a phone would have received."""
        return sum(text.to == number for text in self.taken)

    def hear(self, sender: str, body: str) -> None:
        """Let a phone write to us; nobody is told, it stands in the list."""
        sid = f"SMin{len(self.inbound):028d}"
        text = TakenText(sid=sid, to="UBND", body=body, at=SystemClock().now().timestamp())
        self.inbound.append(text.resource(direction="inbound", status="received", **{"from": sender}))

    def _take(self, fields: dict[str, str]) -> Answer:
        with self._lock:
            self.calls += 1
            to = fields.get("To", "")
            before = self._called.get(to, 0)
            self._called[to] = before + 1
            text = TakenText(
                f"SM{self.calls:032d}", to, fields.get("Body", ""), SystemClock().now().timestamp()
            )
        return self.decide(text, before)

    def accept(self, text: TakenText) -> None:
        """Write a text down: from now on it counts as received, whatever is answered."""
        with self._lock:
            self.taken.append(text)

    def _list(self, query: str) -> Resource:
        to = parse_qs(query.replace("+", "%2B")).get("To", [""])[0]
        shown = [
            text.resource()
            for text in self.taken
            if to in {"", text.to} and text.at + self.list_delay <= SystemClock().now().timestamp()
        ]
        inbound = [one for one in self.inbound if to in {"", one["to"]}]
        return {
            "messages": inbound[::-1] + shown[::-1], "page": 0, "page_size": 1000, "start": 0, "end": 0,
            "uri": "/", "first_page_uri": "/", "next_page_uri": None, "previous_page_uri": None,
        }  # fmt: skip
