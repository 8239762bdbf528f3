"""Outgoing webhooks reach public addresses, and of our own networks those that are allowed."""

from __future__ import annotations

import asyncio
import socket

import pytest

from dispatcher.feedback import webhook_targets
from dispatcher.feedback.webhook_targets import ForbiddenTarget

INSIDE = [
    "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "127.0.0.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::7", "ff02::1", "224.0.0.1", "255.255.255.255",
    "::ffff:169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::a9fe:a9fe", "2002:a00:1::", "192.0.2.1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_our_own_networks_are_not_reached(address: str) -> None:
    assert not webhook_targets.is_allowed(address, ())


@pytest.mark.parametrize("address", ["1.1.1.1", "113.160.0.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_the_world_is(address: str) -> None:
    assert webhook_targets.is_allowed(address, ())


def test_what_is_allowed_is_reached() -> None:
    assert webhook_targets.is_allowed("10.1.2.3", ("10.1.0.0/16",))
    assert webhook_targets.is_allowed("::ffff:10.1.2.3", ("10.1.0.0/16",))
    assert not webhook_targets.is_allowed("10.2.0.1", ("10.1.0.0/16",))


def resolve(url: str, *networks: str) -> tuple[str, str, int]:
    return asyncio.run(webhook_targets.resolve(url, networks))


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:a9fe:a9fe]", "10.0.0.1", "0xa.1", "167772161"])
def test_no_spelling_of_an_address_helps(host: str) -> None:
    with pytest.raises((ForbiddenTarget, OSError)):
        resolve(f"https://{host}/x")


def test_a_name_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own resolver, with one more name in it: any address inside is one too many."""
    real = socket.getaddrinfo

    def with_name(host: str, port: int, *rest: int, **named: int) -> list[object]:
        if host != "inside.example":
            return list(real(host, port, *rest, **named))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in ("1.1.1.1", "10.0.0.7")]

    monkeypatch.setattr(socket, "getaddrinfo", with_name)
    with pytest.raises(ForbiddenTarget, match=r"10\.0\.0\.7"):
        resolve("https://inside.example/hook")
    assert resolve("https://inside.example/hook", "10.0.0.0/24") == ("inside.example", "1.1.1.1", 443)


def test_this_machine_is_reached_where_the_address_says_so() -> None:
    assert resolve("http://127.0.0.1:8080/x") == ("127.0.0.1", "127.0.0.1", 8080)
