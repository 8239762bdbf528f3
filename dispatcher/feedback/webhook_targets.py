"""Where an outgoing webhook may go: out into the world, never into our own network unless that is allowed.

A name is looked up once and the connection made to the very address that was judged, so that nobody can
answer the question one way and the connection another.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from urllib.parse import urlsplit

from dispatcher.settings import is_loopback

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks that carry an IPv4 address along to wherever it leads.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class ForbiddenTarget(Exception):
    """The address is in a network that webhooks may not reach; the message names it."""


def is_allowed(address: str, networks: Sequence[str]) -> bool:
    """Return whether a webhook may be sent to an IP address: a public one, or one in `networks`."""
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip
    if any(ip in ipaddress.ip_network(network) for network in networks):
        return True
    if isinstance(ip, ipaddress.IPv6Address) and (
        ip.sixtofour or ip.teredo or any(ip in network for network in _TRANSLATED)
    ):
        return False
    return ip.is_global and not ip.is_multicast


async def resolve(url: str, networks: Sequence[str]) -> tuple[str, str, int]:
    """Return (host, IP address, port) to connect to for `url`.

    This machine itself is reached where the URL says so in so many words. Raises ForbiddenTarget when any
    address of the host is not allowed, OSError when it has none.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(sockaddr[0]) for _family, _type, _proto, _name, sockaddr in found]
    if not is_loopback(url):
        for address in addresses:
            if not is_allowed(address, networks):
                raise ForbiddenTarget(f"{address} is not allowed")
    return host, addresses[0], port
