"""Limits on a request, judged by its head alone: size, content type, character set, cookies.

Python decodes whatever character set a caller names, and some decoders take time that grows with the square
of what they read; so do its cookie parsers. What is not on a list here is therefore refused unread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

HEAD_BYTES_MAX = 64 * 1024  # address and headers together
BODY_BYTES_MAX = 256 * 1024
UPLOAD_BYTES_MAX = 20 * 1024 * 1024
BODY_TIMEOUT_SECONDS = 15.0  # a form is here at once, even from a cheap phone
UPLOAD_TIMEOUT_SECONDS = 120.0

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
# Every cookie of ours, over HTTPS with a prefix; no other is looked at.
COOKIES = ("dispatcher-session", "dispatcher-form", "dispatcher-device", "lang")

_BODILESS_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_UPLOAD_PATH = re.compile(r"/(?:campaigns/[^/]+|opt-outs)/uploads")
_CONTENT_TYPE_LENGTH_MAX = 200  # a boundary has at most 70 characters (RFC 2046)
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\";\s]*)", re.IGNORECASE)
_COOKIE = re.compile(
    rf"(?:^|;)\s*((?:__Host-)?(?:{'|'.join(COOKIES)}))=([A-Za-z0-9_-]{{1,100}})(?=\s*(?:;|$))"
)


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """What the body of a request may be: its media types (none named: any), how large and how slow."""

    media_types: frozenset[str]
    bytes_max: int = BODY_BYTES_MAX
    timeout_seconds: float = BODY_TIMEOUT_SECONDS


_PAGES = BodyLimits(frozenset({FORM}))
_API = BodyLimits(frozenset())
# RFC 8058: mail clients should send their one click as multipart.
_UNSUBSCRIBE = BodyLimits(frozenset({FORM, MULTIPART}))
_UPLOADS = BodyLimits(frozenset({FORM, MULTIPART}), UPLOAD_BYTES_MAX, UPLOAD_TIMEOUT_SECONDS)


def body_limits(path: str) -> BodyLimits:
    """Return the limits of the bodies sent to `path`; only addresses that take files take large ones."""
    if path.startswith("/api/"):
        return _API
    if path.startswith("/u/"):
        return _UNSUBSCRIBE
    return _UPLOADS if _UPLOAD_PATH.fullmatch(path) else _PAGES


def refusal_status(
    method: str, url_length: int, headers: list[tuple[bytes, bytes]], limits: BodyLimits
) -> int | None:
    """Return the status that a request is refused with before its body is read; None when it may go on.

    413: larger than `limits` allow, or of no readable length. 415: of a media type or in a character set that
    nothing here takes. 431: a head of more than HEAD_BYTES_MAX bytes.
    """
    if url_length + sum(len(name) + len(value) for name, value in headers) > HEAD_BYTES_MAX:
        return 431
    values = {name: value.decode("latin-1") for name, value in headers}
    length = values.get(b"content-length", "0")
    if not length.isascii() or not length.isdecimal() or int(length[:20]) > limits.bytes_max:
        return 413
    if method in _BODILESS_METHODS:
        return None
    return None if _is_readable(values, limits) else 415


def announces_body(headers: list[tuple[bytes, bytes]]) -> bool:
    """Return whether a request says that it brings a body."""
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip(b"0"))
        for name, value in headers
    )


def _is_readable(headers: Mapping[bytes, str], limits: BodyLimits) -> bool:
    content_type = headers.get(b"content-type", "")
    if not content_type or not limits.media_types:
        return True  # no form is read from a body without a type, nor by the API, which reads JSON only
    if len(content_type) > _CONTENT_TYPE_LENGTH_MAX:
        return False
    if content_type.partition(";")[0].strip().lower() not in limits.media_types:
        return False
    return all(charset.lower() in {"utf-8", "utf8"} for charset in _CHARSET.findall(content_type))


def own_cookies(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return our own cookies with their values, whatever else a browser, or a stranger, sends along."""
    sent = ";".join(value.decode("latin-1") for name, value in headers if name == b"cookie")
    return dict(_COOKIE.findall(sent))


def with_cookies(headers: list[tuple[bytes, bytes]], cookies: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Return the headers with these cookies in place of those that were sent."""
    kept = [(name, value) for name, value in headers if name != b"cookie"]
    if cookies:
        kept.append((b"cookie", "; ".join(f"{name}={value}" for name, value in cookies.items()).encode()))
    return kept
