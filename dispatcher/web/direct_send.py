"""Sends one message that is nobody's reminder: a test, a mail to an account. The ledger does not count it."""

from __future__ import annotations

import secrets
from datetime import datetime

from dispatcher.app import App
from dispatcher.gateways import Envelope, Result
from dispatcher.message import Draft


async def send_directly(app: App, channel: str, to: str, draft: Draft, *, now: datetime) -> Result:
    """Send it now. Its key is no message's, so reports about it are kept and match nothing."""
    key = f"test-{secrets.token_hex(8)}"
    gateway = app.gateways[channel]
    envelope = Envelope(
        key=key,
        to=to,
        body=draft.body,
        mail=draft.mail,
        callback_url=app.links.status_callback_url(gateway.name, key),
        validity_seconds=600,
        message_id=f"{key}@{app.delivery.envelope_builder.mail_domain}",
        date=now,
    )
    results = await gateway.send([envelope])
    return results[0]
