"""Webhooks: signed as documented, pipelined, kept in order, tried again within bounds, never off loopback."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from twilio.request_validator import RequestValidator

from dispatcher.sandbox.callbacks import CallbackSender, InvalidWebhookUrl, signature, split_url

TOKEN = "12345"
Script = Callable[[int, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def test_the_documented_signature_is_reproduced():
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert signature(TOKEN.encode(), url, sorted(fields.items())) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_twilios_own_validator_agrees_on_vietnamese():
    url, fields = (
        "http://127.0.0.1:8025/twilio/inbound",
        {"Body": "Từ chối nhận & cảm ơn", "From": "+84912000001"},
    )
    signed = signature(TOKEN.encode(), url, sorted(fields.items()))
    assert RequestValidator(TOKEN).validate(url, fields, signed)


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("http://127.0.0.1:8025/a?b=1#rc=2", ("http", "127.0.0.1", 8025, "/a?b=1")),
        ("http://localhost", ("http", "localhost", 80, "/")),
        ("https://nhac.hatay.gov.vn?k=1", ("https", "nhac.hatay.gov.vn", 443, "/?k=1")),
        ("http://[::1]:80/", ("http", "[::1]", 80, "/")),
    ],
)
def test_urls_are_split(url, parts):
    assert split_url(url) == parts


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://h/", "http:///x", "http://my_host/x", "http://u@h/", "http://h:x/"]
)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(InvalidWebhookUrl):
        split_url(url)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    return head + await reader.readexactly(length)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


def played(
    script: Script, posts: int = 1, **options: object
) -> tuple[list[tuple[int, int, bytes]], CallbackSender]:
    """Post `posts` webhooks at a server that follows `script` (number of its connection from 0, streams)."""

    async def play() -> tuple[list[tuple[int, int, bytes]], CallbackSender]:
        connections = 0

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            try:
                await script(connections - 1, reader, writer)
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        hooks = CallbackSender(TOKEN, **{"retry_seconds": (0, 0.01, 0.02), **options})
        heard: list[tuple[int, int, bytes]] = []
        for n in range(posts):
            hooks.post(
                f"http://127.0.0.1:{port}/cb/{n}",
                [("N", str(n))],
                ordering_key=0,
                on_result=lambda status, body, n=n: heard.append((n, status, body)),
            )
        async with asyncio.timeout(5):
            await hooks.wait_until_idle()
        hooks.close()
        server.close()
        return heard, hooks

    return asyncio.run(play())


async def well(_: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        await read_request(reader)
        writer.write(OK)


def test_many_are_delivered_once_each_in_order_over_one_connection():
    seen: list[bytes] = []
    connections: set[int] = set()

    async def script(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(number)
        while True:
            seen.append((await read_request(reader)).partition(b" HTTP")[0])
            writer.write(OK)

    heard, hooks = played(script, posts=200)
    assert [n for n, _, _ in heard] == list(range(200))
    assert seen == [f"POST /cb/{n}".encode() for n in range(200)]
    assert {(status, body) for _, status, body in heard} == {(200, b"hi")}
    assert (connections, hooks.retried) == ({0}, 0)


def test_a_connection_closed_after_each_answer_loses_nothing():
    async def script(_: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    heard, _ = played(script, posts=3, in_flight_max=1)
    assert [(n, status) for n, status, _ in heard] == [(0, 200), (1, 200), (2, 200)]


def test_5xx_is_tried_again_and_4xx_is_not():
    async def script(_: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for status in (b"500 No", b"503 No", b"404 No"):
            await read_request(reader)
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n")
        await reader.read()

    heard, hooks = played(script)
    assert [(n, status) for n, status, _ in heard] == [(0, 404)]
    assert hooks.retried == 2


def test_it_gives_up_after_the_last_try():
    async def script(_: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)

    heard, hooks = played(script)
    assert [(n, status) for n, status, _ in heard] == [(0, 0)]
    assert hooks.retried == 3


def test_silence_is_not_waited_for_for_ever():
    async def script(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if number == 0:
            await reader.read()
        await well(number, reader, writer)

    heard, hooks = played(script, timeout_seconds=0.05)
    assert [(n, status) for n, status, _ in heard] == [(0, 200)]
    assert hooks.retried == 1


def test_what_is_no_http_is_hung_up_on():
    async def script(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(OK if number else b"220 hello\r\n\r\n")
        await reader.read()

    heard, _ = played(script)
    assert [(n, status) for n, status, _ in heard] == [(0, 200)]


def test_nobody_listening_is_heard():
    async def post() -> list[int]:
        heard: list[int] = []
        hooks = CallbackSender(TOKEN, retry_seconds=(0, 0.01))
        hooks.post(
            "http://127.0.0.1:1/x", [], ordering_key=0, on_result=lambda status, _: heard.append(status)
        )
        await hooks.wait_until_idle()
        return heard

    assert asyncio.run(post()) == [0]


@pytest.mark.parametrize(
    "url", ["http://example.com/x", "https://127.0.0.1/x", "http://127.0.0.1.example.com/x"]
)
def test_nothing_leaves_the_machine(url):
    async def post() -> list[int]:
        heard: list[int] = []
        hooks = CallbackSender(TOKEN)
        hooks.post(url, [], ordering_key=0, on_result=lambda status, _: heard.append(status))
        assert hooks.in_flight == 0
        return heard

    assert asyncio.run(post()) == [0]


def test_a_route_takes_every_url_and_signs_it_as_it_is():
    seen: list[bytes] = []

    async def play() -> None:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            seen.append(await read_request(reader))
            writer.write(OK)
            writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        hooks = CallbackSender(TOKEN, route=("127.0.0.1", server.sockets[0].getsockname()[1]))
        url = "https://nhac.hatay.gov.vn/twilio/status/k"
        hooks.post(url, [("To", "+84912000001")], ordering_key=0, on_result=lambda *_: None)
        await hooks.wait_until_idle()
        hooks.close()
        server.close()

    asyncio.run(play())
    (request,) = seen
    signed = request.partition(b"X-Twilio-Signature: ")[2].partition(b"\r\n")[0].decode()
    assert RequestValidator(TOKEN).validate(
        "https://nhac.hatay.gov.vn/twilio/status/k", {"To": "+84912000001"}, signed
    )
    assert b"Host: nhac.hatay.gov.vn:443" in request
    assert request.endswith(b"To=%2B84912000001")
