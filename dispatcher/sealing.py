"""Sealing: short facts that only whoever has the secret can read, or make (AES-SIV, RFC 5297).

The same fact gives the same seal, so that a mail that goes out again carries the same link.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESSIV


class Sealer:
    """Seals facts under one secret, for one purpose: what is sealed for another is none of its own."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._key = hmac.digest(secret.encode(), f"sealed {purpose}".encode(), hashlib.sha512)

    @cached_property
    def _cipher(self) -> AESSIV:
        from cryptography.hazmat.primitives.ciphers.aead import AESSIV  # loads slowly, and few verbs seal

        return AESSIV(self._key)

    def seal(self, fact: bytes, context: str = "") -> str:
        """Return `fact` as text of A-Za-z0-9-_, 16 bytes longer; `context` must be the same at opening."""
        return encode(self._cipher.encrypt(fact, [context.encode()]))

    def open(self, sealed: str, context: str = "") -> bytes | None:
        """Return the fact; None for what was not sealed here, for this context, letter by letter."""
        from cryptography.exceptions import InvalidTag

        raw = decode(sealed)
        if raw is None or len(raw) <= 16:
            return None
        try:
            return self._cipher.decrypt(raw, [context.encode()])
        except InvalidTag:
            return None


def encode(raw: bytes) -> str:
    """Return bytes as text of A-Za-z0-9-_ (base64 without padding)."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes | None:
    """Return the bytes of such a text; None when it is none, or not the one spelling of its bytes."""
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return raw if encode(raw) == text else None  # base64 has spare bits at its end
