"""The sandbox as Twilio: asked by twilio's own library and by raw sockets, as a process of its own."""

import json
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count, pairwise
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qsl

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from dispatcher.sandbox import process, provider_log
from dispatcher.sandbox.failures import MAGIC_NUMBERS_START, Failures
from dispatcher.sandbox.process import Sandbox

START = datetime(2025, 10, 11, 1, 0, tzinfo=UTC)
_numbers = count(1)


class Webhook:
    """A web app that keeps what it was told and answers as told."""

    def __init__(self, auth_token: str) -> None:
        self.seen: list[tuple[str, dict[str, str], bool]] = []
        self.answer = b""
        self.validator = RequestValidator(auth_token)
        webhook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                fields = dict(parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True))
                signed = self.headers["X-Twilio-Signature"]
                valid = webhook.validator.validate(webhook.url + self.path, fields, signed)
                webhook.seen.append((self.path, fields, valid))
                self.send_response(200)
                self.send_header("Content-Length", str(len(webhook.answer)))
                self.end_headers()
                self.wfile.write(webhook.answer)

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def told(self, path: str) -> list[str]:
        assert all(valid for _, _, valid in self.seen)
        return [fields["MessageStatus"] for seen, fields, _ in self.seen if seen == path]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("sandbox")
    with process.start(folder, now=START, failures=Failures(slow_seconds=0.2)) as running:
        yield running


@pytest.fixture(scope="module")
def webhook(sandbox: Sandbox) -> Iterator[Webhook]:
    running = Webhook(sandbox.auth_token)
    yield running
    running.server.shutdown()
    running.server.server_close()


@pytest.fixture(scope="module")
def client(sandbox: Sandbox) -> Client:
    client = Client(sandbox.account_sid, sandbox.auth_token)
    client.api.base_url = sandbox.url
    return client


@pytest.fixture
def to() -> str:
    """A number of this test's own."""
    return f"+84912{next(_numbers):06}"


def create(client: Client, sandbox: Sandbox, to: str, body: str = "Mời bà con dự thi", **fields: object):
    sender = {} if "from_" in fields else {"messaging_service_sid": sandbox.messaging_service_sid}
    return client.messages.create(to=to, body=body, **sender, **fields)


def moved(sandbox: Sandbox, **delta: float) -> dict:
    now = datetime.fromisoformat(sandbox.summary()["now"])
    return sandbox.move_clock(now + timedelta(**delta))


def magic(digits: str) -> str:
    return MAGIC_NUMBERS_START + digits


def test_a_created_message_has_twilios_shape(client, sandbox, to):
    message = create(client, sandbox, to, "Đề nghị đồng chí 100% + tham gia", validity_period=3600)
    assert message.sid.startswith("SM")
    assert len(message.sid) == 34
    assert (message.status, message.num_segments, message.error_code) == ("accepted", "0", None)
    assert (message.to, message.from_, message.body) == (to, None, "Đề nghị đồng chí 100% + tham gia")
    assert message.date_created == datetime.fromisoformat(sandbox.summary()["now"]).replace(microsecond=0)
    assert message.date_sent is None


def test_the_quick_answer_and_the_careful_one_agree(client, sandbox, to):
    created = create(client, sandbox, to, from_="+84912999999")
    fetched = client.messages(created.sid).fetch()
    inner = {"_version", "_solution", "_context"}
    assert {k: v for k, v in vars(created).items() if k not in inner} == {
        k: v for k, v in vars(fetched).items() if k not in inner
    }
    assert (created.status, created.num_segments, created.from_) == ("queued", "1", "+84912999999")


def test_the_log_has_the_line_before_the_answer_is_read(client, sandbox, to):
    message = create(client, sandbox, to, 'Nói "thật"\nhai dòng', validity_period=60)
    (accepted,) = [line for line in provider_log.read_texts(sandbox.folder) if line.sid == message.sid]
    assert (accepted.to, accepted.body, accepted.validity) == (to, 'Nói "thật"\nhai dòng', 60)
    assert (accepted.outcome, accepted.n, accepted.parts) == ("delivered", 1, 1)


def test_the_callbacks_come_signed_when_their_time_has_come(client, sandbox, webhook, to):
    message = create(client, sandbox, to, status_callback=f"{webhook.url}/a?k=1")
    assert webhook.told("/a?k=1") == []
    moved(sandbox, seconds=30)
    assert webhook.told("/a?k=1") == ["sent", "delivered"]
    fields = next(fields for path, fields, _ in webhook.seen if path == "/a?k=1")
    assert (fields["MessageSid"], fields["To"], fields["AccountSid"]) == (
        message.sid,
        to,
        sandbox.account_sid,
    )
    fetched = client.messages(message.sid).fetch()
    assert (fetched.status, fetched.num_segments) == ("delivered", "1")
    assert fetched.date_sent is not None


def test_next_due_leads_the_clock_from_receipt_to_receipt(client, sandbox, webhook, to):
    moved(sandbox, days=1)
    create(client, sandbox, to, status_callback=f"{webhook.url}/due")
    steps = 0
    while (due := sandbox.summary()["next_due"]) is not None:
        sandbox.move_clock(datetime.fromisoformat(due))
        steps += 1
    assert steps == 2
    assert webhook.told("/due") == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("digits", "told", "status", "code"),
    [
        ("003", ["sent", "undelivered"], "undelivered", 30003),
        ("001", ["failed"], "failed", 30001),
        ("020", ["sent"], "sent", None),
        ("030", [], "delivered", None),
        ("031", ["sent", "sent", "delivered", "delivered"], "delivered", None),
        ("032", ["delivered", "sent"], "delivered", None),
        ("034", ["sent", "delivered", "undelivered"], "delivered", None),
    ],
)
def test_magic_numbers_end_as_told(client, sandbox, webhook, digits, told, status, code):
    path = f"/magic/{digits}"
    message = create(client, sandbox, magic(digits), status_callback=webhook.url + path)
    moved(sandbox, minutes=2)
    assert webhook.told(path) == told
    fetched = client.messages(message.sid).fetch()
    assert (fetched.status, fetched.error_code) == (status, code)
    codes = {fields.get("ErrorCode") for seen, fields, _ in webhook.seen if seen == path} - {None, "30008"}
    assert codes == ({str(code)} if code else set())


def test_an_early_callback_comes_before_the_answer(client, sandbox, webhook):
    message = create(client, sandbox, magic("033"), status_callback=f"{webhook.url}/early")
    assert webhook.told("/early") == ["sent"]
    assert message.status == "sent"


def test_a_late_receipt_comes_hours_later(client, sandbox, webhook):
    create(client, sandbox, magic("021"), status_callback=f"{webhook.url}/late")
    moved(sandbox, hours=5)
    assert webhook.told("/late") == ["sent"]
    moved(sandbox, hours=2)
    assert webhook.told("/late") == ["sent", "delivered"]


@pytest.mark.parametrize(
    ("digits", "status", "code"),
    [
        ("614", 400, 21614),
        ("610", 400, 21610),
        ("211", 400, 21211),
        ("408", 400, 21408),
        ("429", 429, 20429),
        ("500", 500, 20500),
        ("503", 503, 503),
    ],
)
def test_magic_numbers_are_refused_and_leave_no_line(client, sandbox, digits, status, code):
    with pytest.raises(TwilioRestException) as refusal:
        create(client, sandbox, magic(digits))
    assert (refusal.value.status, refusal.value.code) == (status, code)
    assert magic(digits) not in {line.to for line in provider_log.read_texts(sandbox.folder)}


def test_an_error_after_creating_leaves_the_message_there(client, sandbox):
    with pytest.raises(TwilioRestException, match="internal server error"):
        create(client, sandbox, magic("501"), "Còn 3 ngày")
    (found,) = client.messages.list(to=magic("501"))
    assert found.body == "Còn 3 ngày"


def post(sandbox: Sandbox, fields: str, **headers: str) -> bytes:
    """Make a raw request with one field form; no length is computed for us."""
    authorization = b64encode(f"{sandbox.account_sid}:{sandbox.auth_token}".encode()).decode()
    names = {"Authorization": f"Basic {authorization}", "Content-Length": str(len(fields)), **headers}
    head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
    path = f"/2010-04-01/Accounts/{sandbox.account_sid}/Messages.json"
    return f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n{fields}".encode()


def form(sandbox: Sandbox, to: str) -> str:
    return f"To=%2B{to[1:]}&MessagingServiceSid={sandbox.messaging_service_sid}&Body=x"


def exchanged(sandbox: Sandbox, request: bytes, *, patience: float = 0.6) -> bytes:
    """Send raw bytes and read until the sandbox hangs up or is silent for a while."""
    with socket.create_connection(("127.0.0.1", sandbox.http_port), timeout=5) as connection:
        connection.sendall(request)
        connection.settimeout(patience)
        answer = b""
        try:
            while data := connection.recv(65536):
                answer += data
        except TimeoutError:
            answer += b"(silence)"
        return answer


@pytest.mark.parametrize(("digits", "kept"), [("010", 0), ("011", 1)])
def test_a_dropped_connection_says_nothing(sandbox, digits, kept):
    assert exchanged(sandbox, post(sandbox, form(sandbox, magic(digits)))) == b""
    assert [line.to for line in provider_log.read_texts(sandbox.folder)].count(magic(digits)) == kept


def test_an_answer_that_never_comes(sandbox):
    assert exchanged(sandbox, post(sandbox, form(sandbox, magic("013")))) == b"(silence)"
    assert magic("013") in {line.to for line in provider_log.read_texts(sandbox.folder)}


def test_a_slow_answer_keeps_its_place_in_the_row(sandbox, to):
    slow, quick = post(sandbox, form(sandbox, magic("012"))), post(sandbox, form(sandbox, to))
    answer = exchanged(sandbox, slow + quick, patience=2)
    assert answer.count(b"HTTP/1.1 201") == 2
    assert answer.index(magic("012").encode()) < answer.index(f'"to":"{to}"'.encode())


def test_a_request_in_pieces_is_one_request(sandbox, to):
    whole = post(sandbox, form(sandbox, to))
    with socket.create_connection(("127.0.0.1", sandbox.http_port), timeout=5) as connection:
        for start, end in pairwise([*range(0, len(whole), 37), len(whole)]):
            connection.sendall(whole[start:end])
        assert connection.recv(65536).startswith(b"HTTP/1.1 201 Created\r\n")


def test_what_is_no_http_is_refused(sandbox):
    assert exchanged(sandbox, b"MAIL FROM:<>\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_huge_body_is_refused(sandbox):
    with suppress(ConnectionError):  # it may hang up while we are still talking
        assert b"HTTP/1.1 413" in exchanged(sandbox, post(sandbox, "a" * (2 << 20)))


def test_a_client_that_wants_to_close_is_let_go(sandbox, to):
    answer = exchanged(sandbox, post(sandbox, form(sandbox, to), Connection="close"))
    assert answer.startswith(b"HTTP/1.1 201")
    assert not answer.endswith(b"(silence)")


@pytest.mark.parametrize(("account", "token"), [("AC" + "5a" * 16, "wrong"), ("AC" + "0" * 32, "")])
def test_a_wrong_token_or_account_is_refused(sandbox, account, token):
    stranger = Client(account, token or sandbox.auth_token)
    stranger.api.base_url = sandbox.url
    with pytest.raises(TwilioRestException) as refusal:
        stranger.messages("SM" + "0" * 32).fetch()
    assert (refusal.value.status, refusal.value.code) == (401, 20003)


def test_a_message_that_is_not_there_is_404(client):
    with pytest.raises(TwilioRestException) as refusal:
        client.messages("SM" + "0" * 32).fetch()
    assert (refusal.value.status, refusal.value.code) == (404, 20404)


def test_the_list_filters_by_number_and_time_and_comes_in_pages(client, sandbox, to):
    before = moved(sandbox, days=1)["now"]
    for n in range(7):
        create(client, sandbox, to, f"lần {n}")
    create(client, sandbox, "+84987000001", "khác")
    bodies = [message.body for message in client.messages.list(to=to, page_size=3)]
    assert bodies == [f"lần {n}" for n in reversed(range(7))]
    since = datetime.fromisoformat(before)
    assert len(client.messages.list(to=to, date_sent_after=since)) == 7
    assert client.messages.list(to=to, date_sent_after=since + timedelta(hours=1)) == []
    assert len(client.messages.list(to=to, date_sent=since)) in {0, 7}  # to the second, or by the day
    assert client.messages.list(to=to, date_sent_before=date(2025, 10, 1)) == []
    assert client.messages.list(to="+84987999999") == []
    assert len(client.messages.list(limit=5)) == 5


def test_a_phone_answers_and_the_webhook_hears_it(client, sandbox, webhook, to):
    create(client, sandbox, to, "Mời bà con")
    webhook.answer = b"<?xml version='1.0'?><Response><Message>\xc4\x90\xc3\xa3 ghi</Message></Response>"
    heard = sandbox.send_inbound(to, "TC", url=f"{webhook.url}/inbound")
    webhook.answer = b""
    assert heard["status"] == 200
    path, fields, valid = webhook.seen[-1]
    assert (path, valid, fields["Body"], fields["From"]) == ("/inbound", True, "TC", to)
    assert (fields["To"], fields["MessageSid"]) == (sandbox.messaging_service_sid, heard["sid"])
    conversation = sandbox.messages(to)
    assert [(row["direction"], row["body"]) for row in conversation] == [
        ("to-phone", "Mời bà con"),
        ("from-phone", "TC"),
        ("to-phone", "Đã ghi"),
    ]
    assert [(text.phone, text.body, text.reply) for text in provider_log.read_inbound(sandbox.folder)][
        -2:
    ] == [
        (to, "TC", False),
        (to, "Đã ghi", True),
    ]


def test_failures_can_be_changed_while_it_runs(client, sandbox, to):
    sandbox.set_failures(Failures(sms={"landline": 1.0}))
    with pytest.raises(TwilioRestException, match="not a mobile"):
        create(client, sandbox, to)
    sandbox.set_failures(Failures())
    assert create(client, sandbox, to).status == "accepted"


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "/sandbox/clock", {"now": "2025-10-11T01:00:00"}, "offset"),
        ("POST", "/sandbox/clock", {}, "now"),
        ("POST", "/sandbox/failures", {"sms": {"rain": 1}}, "rain"),
        ("POST", "/sandbox/failures", [1], "object"),
        ("GET", "/sandbox/nothing", None, "nothing here"),
    ],
)
def test_wrong_strings_are_said(sandbox, method, path, body, words):
    with pytest.raises(process.SandboxError, match=words):
        sandbox._request(method, path, body)


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_a_strange_web_page_gets_nothing(sandbox, header):
    connection = HTTPConnection("127.0.0.1", sandbox.http_port, timeout=5)
    connection.request("GET", "/sandbox/summary", headers=header)
    assert connection.getresponse().status == 404
    connection.close()


def test_the_summary_counts(sandbox, client, to):
    create(client, sandbox, to)
    with pytest.raises(TwilioRestException):
        create(client, sandbox, magic("614"))
    moved(sandbox, hours=1)
    summary = sandbox.summary()
    assert summary["accepted"]["sms"] == sum(1 for _ in provider_log.read_texts(sandbox.folder))
    assert summary["controlled"] is True
    assert summary["callbacks"]["in_flight"] == 0
    assert summary["refused"]["sms"]["21614"] >= 1
    assert json.dumps(summary)


def test_the_phones_are_listed(sandbox, client, to):
    create(client, sandbox, to)
    phones = sandbox._request("GET", "/sandbox/messages")
    assert to in {row["to"] for row in phones}


def test_real_time_passes_when_nobody_moves_the_clock(tmp_path: Path, sandbox, webhook):
    quick = Failures(sent_after=(0, 0.01), receipt_after=(0, 0.01), every_status=True)
    with process.start(tmp_path, failures=quick, auth_token=sandbox.auth_token) as running:
        client = Client(running.account_sid, running.auth_token)
        client.api.base_url = running.url
        create(client, running, "+84912000001", status_callback=f"{webhook.url}/real")
        for _ in range(200):
            if running.summary()["callbacks"]["delivered"] == 4:
                break
        assert webhook.told("/real") == ["queued", "sending", "sent", "delivered"]
        assert running.summary()["controlled"] is False
