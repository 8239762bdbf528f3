"""Where a request comes from, by which name it asked for us, and whether others could read it on the way.

The server has put in place already whom the trusted proxies speak for (DISPATCHER_TRUSTED_PROXIES): the
rightmost hop that is none of them. What else a header claims about its sender is not believed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping
from typing import Any

from starlette.requests import Request

from dispatcher.settings import LOOPBACK_HOSTS, Settings, host_of, is_loopback

Scope = MutableMapping[str, Any]

ADDRESS_LENGTH_MAX = 64
_FORWARDING_HEADERS = frozenset(
    {b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-real-ip"}
)


def is_loopback_address(host: str) -> bool:
    """Return whether a host, as the system or a header writes it, is this very machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in LOOPBACK_HOSTS


def came_directly(scope: Scope) -> bool:
    """Return whether a program on this machine asks by itself, with no proxy in between."""
    if any(name in _FORWARDING_HEADERS for name, _value in scope["headers"]):
        return False
    return is_loopback_address(client_host(scope))


def is_host_known(scope: Scope, settings: Settings) -> bool:
    """Return whether a request asks for us by a name of ours.

    That is the public address, or this machine's own name in the mouth of its own programs. An office that
    has set no public address is asked by number too: a number is no name that a stranger's page could
    have led here.
    """
    hosts = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return False
    host = host_of(f"http://{hosts[0]}").lower()
    if settings.public_url and host == host_of(settings.public_url).lower():
        return True
    if host in LOOPBACK_HOSTS and came_directly(scope):
        return True
    return not settings.public_url and (host in LOOPBACK_HOSTS or host == settings.host or _is_number(host))


def is_transport_private(request: Request) -> bool:
    """Return whether nobody on the way could read it: HTTPS, by a trusted proxy's word, or this machine."""
    if request.url.scheme == "https":
        return True
    server = request.scope.get("server") or ("", 0)
    return is_loopback_address(str(server[0])) and is_loopback_address(client_host(request.scope))


def may_carry_secrets(request: Request, settings: Settings) -> bool:
    """Return whether a password or token may be sent: nobody on the way reads it, or that is allowed."""
    return settings.allow_http or is_transport_private(request)


def may_read_unasked(request: Request, public_url: str) -> bool:
    """Return whether figures are shown without a token: to this machine, of a service for it alone."""
    return is_loopback(public_url) and came_directly(request.scope)


def is_same_origin(request: Request, public_url: str) -> bool:
    """Return False when the browser says that another site's page made the request."""
    site = request.headers.get("sec-fetch-site", "")
    if site and site not in {"same-origin", "none"}:
        return False
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "")
    return not origin or origin in {f"http://{host}", f"https://{host}", public_url}


def client_host(scope: Scope) -> str:
    """Return where a request comes from, for counting and for the log."""
    client = scope.get("client")
    return str(client[0])[:ADDRESS_LENGTH_MAX] if client else ""


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
