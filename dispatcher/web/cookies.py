"""Our cookies: kept from scripts and other sites, and over HTTPS from every other host (`__Host-`)."""

from __future__ import annotations

from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

CookieKind = Literal["session", "device", "form"]
HOST_PREFIX = "__Host-"  # browsers take such a cookie over HTTPS only, from the very host, for all of it


class Cookies:
    """What the browsers of the office keep for us, by kind.

    session: who is signed in. device: this browser has signed in to an account before. form: what a sign-in
    form is tied to, before anybody is signed in.
    """

    def __init__(self, *, is_https: bool) -> None:
        self._is_https = is_https

    def name(self, kind: CookieKind) -> str:
        """Return what a cookie is called."""
        return f"{HOST_PREFIX if self._is_https else ''}dispatcher-{kind}"

    def get(self, request: Request, kind: CookieKind) -> str:
        """Return what a browser sent; empty when it sent none."""
        return request.cookies.get(self.name(kind), "")

    def set(self, response: Response, kind: CookieKind, value: str, *, max_age: int | None = None) -> None:
        """Let a browser keep something, for so many seconds or until it is closed."""
        response.set_cookie(
            self.name(kind), value, max_age=max_age, path="/", secure=self._is_https, httponly=True,
            samesite="lax" if kind == "session" else "strict",
        )  # fmt: skip

    def delete(self, response: Response, kind: CookieKind) -> None:
        """Let a browser forget it."""
        response.delete_cookie(self.name(kind), path="/", secure=self._is_https, httponly=True)
