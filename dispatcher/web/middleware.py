"""Stands before every page: the reader's language, limits on what is sent to us, headers on what we send.

Plain ASGI, so that live pages stream through it. Provider webhooks go past it; they have limits of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException

from dispatcher import i18n

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_MAX = 256 * 1024
UPLOAD_MAX = 20 * 1024 * 1024
BODY_TIMEOUT_SECONDS = 15.0  # a form is here at once, even from a cheap phone
UPLOAD_TIMEOUT_SECONDS = 120.0
UPLOAD_SUFFIXES = ("/uploads",)  # how the addresses end that take files
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
HSTS = (b"strict-transport-security", b"max-age=31536000")
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

    def __init__(
        self, app: AsgiApp, *, secure: bool, language: str, body_seconds: float = BODY_TIMEOUT_SECONDS
    ) -> None:
        self._app = app
        self._secure = secure
        self._language = language
        self._body_seconds = body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or not."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        asked = _query_language(scope)
        i18n.set_language(asked or self._negotiated_language(scope["path"], headers))
        upload = scope["path"].endswith(UPLOAD_SUFFIXES)
        limit = UPLOAD_MAX if upload else BODY_MAX
        seconds = UPLOAD_TIMEOUT_SECONDS if upload else self._body_seconds
        length = headers.get(b"content-length", "0")
        if not length.isdecimal() or int(length) > limit:
            await _refuse(self._with_headers(send, "", ""), 413)
            return
        await self._app(
            scope, _limited(receive, limit, seconds), self._with_headers(send, asked, scope["path"])
        )

    def _negotiated_language(self, path: str, headers: Mapping[bytes, str]) -> str:
        if cookie := _cookie(headers.get(b"cookie", ""), "lang"):
            return cookie
        if path.startswith(PUBLIC_PREFIXES):
            return "vi"  # a phone set to English by its shop must not keep its owner from understanding
        return _preferred(headers.get(b"accept-language", "")) or self._language

    def _with_headers(self, send: Send, asked: str, path: str) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                if path.startswith(PUBLIC_PREFIXES):
                    given.append((b"referrer-policy", b"no-referrer"))  # the address is a key
                there = {name.lower() for name, _value in given}
                given += [(name, value) for name, value in SECURITY_HEADERS.items() if name not in there]
                if self._secure:
                    given.append(HSTS)
                if asked:
                    given.append((b"set-cookie", _language_cookie(asked, secure=self._secure)))
                given.append((b"content-language", i18n.current_language().encode()))
                message = {**message, "headers": given}
            await send(message)

        return dressed


def _limited(receive: Receive, limit: int, seconds: float) -> Receive:
    """Take a body only up to its limit and only for so long."""
    deadline = asyncio.get_running_loop().time() + seconds
    taken, complete = 0, False

    async def measured() -> Message:
        nonlocal taken, complete
        if complete:
            return await receive()  # only waiting to hear that the reader has gone
        try:
            async with asyncio.timeout_at(deadline):
                message = await receive()
        except TimeoutError:
            raise RequestTimeout from None
        taken += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if taken > limit:
            raise PayloadTooLarge
        return message

    return measured


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


def _query_language(scope: Scope) -> str:
    query = scope.get("query_string", b"")
    if b"lang=" not in query:
        return ""
    asked = parse_qs(query.decode("latin-1")).get("lang", [""])[-1]
    return asked if asked in i18n.LANGUAGES else ""


def _cookie(header: str, name: str) -> str:
    try:
        found = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return found.value if found and found.value in i18n.LANGUAGES else ""


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
