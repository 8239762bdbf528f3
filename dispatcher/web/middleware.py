"""Middleware before every page: language, limits on requests, security headers.

Plain ASGI, so that live pages stream through it. Provider webhooks go past it; they have limits of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException

from dispatcher import i18n
from dispatcher.settings import Settings
from dispatcher.web import request_limits, security_log
from dispatcher.web.request_origin import client_host, is_host_known

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

ANY_HOST_PATHS = frozenset({"/healthz", "/readyz"})  # whoever watches over us asks by number
MISDIRECTED = 421
REFUSAL_TEXTS = {MISDIRECTED: b"This service answers to its public address only (DISPATCHER_PUBLIC_URL).\n"}
PUBLIC_PREFIXES = ("/u/", "/tham-gia/")  # what residents open: Vietnamese unless they ask

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS: Mapping[bytes, bytes] = {
    b"content-security-policy": CSP.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    # Browsers that are told to say nothing hide even from us whose page a form stood on.
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=()",
    b"cache-control": b"no-store",
}
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
YEAR_SECONDS = 31_536_000


class PayloadTooLarge(HTTPException):
    """A body is larger than we take."""

    def __init__(self) -> None:
        super().__init__(413)


class RequestTimeout(HTTPException):
    """A body does not come to its end."""

    def __init__(self) -> None:
        super().__init__(408)


class SecurityMiddleware:
    """Wraps the pages."""

    def __init__(self, app: AsgiApp, *, secure: bool, settings: Settings) -> None:
        self._app = app
        self._secure = secure
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request: limits, language, headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = scope["headers"], scope["path"]
        url_length = len(scope.get("raw_path") or path) + len(scope.get("query_string", b""))
        limits = request_limits.body_limits(path)
        status = request_limits.refusal_status(scope["method"], url_length, headers, limits)
        if status is None and path not in ANY_HOST_PATHS and not is_host_known(scope, self._settings):
            status = MISDIRECTED
        if status is not None:
            security_log.record_refusal(str(status), path=path, source=client_host(scope))
            await _refuse(self._with_headers(send, "", ""), status)
            return
        cookies = request_limits.own_cookies(headers)
        chosen_language = _query_language(scope)
        i18n.set_language(chosen_language or self._negotiated_language(path, cookies, headers))
        body = _BoundedBody(receive, limits, announced=request_limits.announces_body(headers))
        await self._app(
            {**scope, "headers": request_limits.with_cookies(headers, cookies)},
            body.receive,
            self._with_headers(body.closing_if_unread(send), chosen_language, path),
        )

    def _negotiated_language(
        self, path: str, cookies: Mapping[str, str], headers: list[tuple[bytes, bytes]]
    ) -> str:
        if (cookie := cookies.get("lang", "")) in i18n.LANGUAGES:
            return cookie
        if path.startswith(PUBLIC_PREFIXES):
            return "vi"  # a phone set to English by its shop must not keep its owner from understanding
        accepted = next((value for name, value in headers if name == b"accept-language"), b"")
        return _preferred(accepted.decode("latin-1")) or self._settings.lang

    def _with_headers(self, send: Send, chosen_language: str, path: str) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message.get("headers", ()))
                if path.startswith(PUBLIC_PREFIXES):
                    headers.append((b"referrer-policy", b"no-referrer"))  # the address is a key
                present = {name.lower() for name, _value in headers}
                headers += [(name, value) for name, value in SECURITY_HEADERS.items() if name not in present]
                if self._secure:
                    headers.append(HSTS)
                if chosen_language:
                    headers.append((b"set-cookie", _language_cookie(chosen_language, secure=self._secure)))
                headers.append((b"content-language", i18n.current_language().encode()))
                message = {**message, "headers": headers}
            await send(message)

        return dressed


class _BoundedBody:
    """A body that is taken only up to its limit and only for so long."""

    def __init__(self, receive: Receive, limits: request_limits.BodyLimits, *, announced: bool) -> None:
        self._receive = receive
        self._bytes_left = limits.bytes_max
        self._deadline = asyncio.get_running_loop().time() + limits.timeout_seconds
        self._complete = not announced

    async def receive(self) -> Message:
        """Receive the next piece; PayloadTooLarge or RequestTimeout when it is too much or too late."""
        if self._complete:
            return await self._receive()  # only waiting to hear that the reader has gone
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise RequestTimeout from None
        self._bytes_left -= len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._bytes_left < 0:
            raise PayloadTooLarge
        return message

    def closing_if_unread(self, send: Send) -> Send:
        """Return `send` that ends the connection when it answers before the body was here: that may drip."""

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and not self._complete:
                message = {**message, "headers": [*message.get("headers", ()), (b"connection", b"close")]}
            await send(message)

        return closing


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": REFUSAL_TEXTS.get(status, b"")})


def _query_language(scope: Scope) -> str:
    query = scope.get("query_string", b"")
    if b"lang=" not in query:
        return ""
    language = parse_qs(query.decode("latin-1")).get("lang", [""])[-1]
    return language if language in i18n.LANGUAGES else ""


def _language_cookie(language: str, *, secure: bool) -> bytes:
    flags = "; Secure" if secure else ""
    return f"lang={language}; Path=/; Max-Age={YEAR_SECONDS}; SameSite=Lax; HttpOnly{flags}".encode()


def _preferred(header: str) -> str:
    """Return the better liked of our languages in an Accept-Language header; empty when it names neither."""
    best, liking = "", 0.0
    for part in header[:200].split(","):
        tag, _semicolon, quality = part.strip().partition(";q=")
        language = tag[:2].lower()
        try:
            weight = float(quality) if quality else 1.0
        except ValueError:
            continue
        if language in i18n.LANGUAGES and weight > liking:
            best, liking = language, weight
    return best
