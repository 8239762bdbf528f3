"""Standard Webhooks signatures: signing what we send, verifying what we receive."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300  # an old message, caught and sent again, is refused


def new_secret() -> str:
    """Make a secret in the form that the libraries of Standard Webhooks take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(24)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Sign one message: `v1,` and base64."""
    facts = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(_key(secret), facts, "sha256")).decode()


def signed_headers(secret: str, message_id: str, body: bytes, *, now: datetime) -> dict[str, str]:
    """Return the three headers of a message."""
    timestamp = int(now.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sign(secret, message_id, timestamp, body),
    }


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime) -> bool:
    """Return whether a message was signed with this secret, lately; never raises, whatever came."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or len(message_id) > 200 or not message_id.isascii():
        return False
    if not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(int(timestamp) - now.timestamp()) > TOLERANCE_SECONDS:
        return False
    expected = sign(secret, message_id, int(timestamp), body).encode()
    candidates = headers.get("webhook-signature", "")[:2000].split(" ")
    return any(hmac.compare_digest(expected, one.encode()) for one in candidates)


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))
