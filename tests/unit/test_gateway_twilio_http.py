"""The HTTP client under twilio: what certainly did not leave, and what may have."""

from __future__ import annotations

import asyncio
import socket
import time
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.gateways.twilio.http_client import (
    HttpStatusError,
    NeverSent,
    TwilioHttpClient,
    encode_form,
    parse_retry_after,
)
from tests import scripted_servers


async def failure(client: TwilioHttpClient, url: str) -> Exception:
    try:
        await client.request("POST", url, data={"Body": "Kính mời"})
    except Exception as error:  # noqa: BLE001 - the test looks at whatever it is
        return error
    finally:
        await client.close()
    raise AssertionError("it should have failed")


def client(timeout: float = 0.4, connect: float = 0.2) -> TwilioHttpClient:
    return TwilioHttpClient(timeout_seconds=timeout, connect_timeout_seconds=connect, loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:1/x",
        "http://127.0.0.1:99999/x",
        "http:///x",
        "https://127.0.0.1:{plain}/x",
    ],
)
def test_without_a_connection_nothing_left(url: str) -> None:
    async def run() -> None:
        async with scripted_servers.serve_http(lambda _call: scripted_servers.SILENCE) as server:
            port = server.url.rpartition(":")[2]
            assert isinstance(await failure(client(), url.replace("{plain}", port)), NeverSent)
            assert not server.requests

    asyncio.run(run())


def test_a_listener_that_never_accepts_got_nothing() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = [socket.socket() for _number in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        assert isinstance(asyncio.run(failure(client(), url)), NeverSent)
        for one in waiting:
            one.close()


@pytest.mark.parametrize(
    "said",
    [
        scripted_servers.HANG_UP,
        scripted_servers.SILENCE,
        b"HTTP/1.1 201 Cre",
        b"HTTP/1.1 201 Created\r\nContent-Length: 9\r\n\r\n{",
        b"nonsense\r\n\r\n",
    ],
)
def test_once_written_it_may_have_arrived(said: bytes) -> None:
    async def run() -> None:
        async with scripted_servers.serve_http(lambda _call: said) as server:
            assert not isinstance(await failure(client(), server.url), NeverSent)
            assert len(server.requests) == 1

    asyncio.run(run())


def test_the_time_out_is_kept() -> None:
    async def run() -> None:
        async with scripted_servers.serve_http(lambda _call: scripted_servers.SILENCE) as server:
            begun = time.perf_counter()
            await failure(client(timeout=0.3), server.url)
            assert 0.2 < time.perf_counter() - begun < 2

    asyncio.run(run())


def test_a_redirect_is_not_followed() -> None:
    async def run() -> None:
        async with scripted_servers.serve_http(
            lambda _call: scripted_servers.http_response(307, location="/elsewhere")
        ) as server:
            error = await failure(client(), server.url)
            assert isinstance(error, HttpStatusError)
            assert len(server.requests) == 1

    asyncio.run(run())


def test_a_proxy_of_the_environment_is_not_asked_for_our_own_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    async def run() -> None:
        async with scripted_servers.serve_http(
            lambda _call: scripted_servers.http_response(200, "{}")
        ) as server:
            open_client = client()
            assert (await open_client.request("GET", server.url)).status_code == 200
            await open_client.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    "value",
    [
        "",
        "-1",
        "1e9",
        "9" * 21,
        "9" * 5000,
        "inf",
        "nan",
        "Sat, 11 Oct 9999 00:00:00 GMT",
        "١٢",
        "tomorrow",
        "Sat, 99 Oct 2025 00:00:00 GMT",
    ],
)
def test_a_retry_after_that_says_nothing(value: str) -> None:
    assert parse_retry_after({"retry-after": value, "date": "Sat, 11 Oct 2025 00:00:00 GMT"}) is None


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=1))
def test_a_form_is_read_back_as_it_was(pairs: dict[str, str]) -> None:
    written = encode_form(pairs).decode("ascii")
    assert dict(parse_qsl(written, keep_blank_values=True, strict_parsing=True)) == pairs
    assert written == urlencode(pairs)
