"""Sends one test message to an address of the organiser's own; it stands in no campaign's books."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

from dispatcher.app import App
from dispatcher.gateways import Envelope, Result
from dispatcher.message import Draft
from dispatcher.vietnamese.phone import fast

_MAIL = re.compile(r"[^@\s<>,;\"]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,24}")


def read_address(given: str, channel: str) -> str:
    """Read what was typed; empty when nothing can be sent there."""
    if channel == "email":
        return given.strip() if _MAIL.fullmatch(given.strip()) else ""
    numbers = fast.read(given).numbers
    return numbers[0] if numbers else ""


async def send(app: App, channel: str, to: str, draft: Draft, *, now: datetime) -> Result:
    """Send it now. Its key is no message's, so reports about it are kept and match nothing."""
    key = f"test-{secrets.token_hex(8)}"
    envelope = Envelope(
        key=key,
        to=to,
        body=draft.body,
        mail=draft.mail,
        callback_url=app.links.callback(key),
        validity_seconds=600,
        message_id=f"{key}@{app.delivery.post.mail_domain}",
        date=now,
    )
    results = await app.gateways[channel].send([envelope])
    return results[0]
