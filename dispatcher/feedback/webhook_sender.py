"""Tells other machines what happens: from the outbox, signed, tried again for three days."""

from __future__ import annotations

import asyncio
import json
import logging
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Any

from dispatcher.clock import Clock
from dispatcher.feedback import webhook_signatures
from dispatcher.ledger import Ledger, LedgerError
from dispatcher.ledger.access import webhooks
from dispatcher.ledger.access.webhooks import OutboxItem
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)

RETRY_DELAYS = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
POLL_SECONDS = 3.0
TIMEOUT_SECONDS = 15
PARALLEL_MAX = 4
HTTP_GONE = 410

_EVENT_TYPES = {"active": "campaign.resumed", "approve": "campaign.approved"}


class WebhookSender:
    """Carries the outbox of one process's ledger."""

    def __init__(self, *, ledger: Ledger, ledger_thread: LedgerThread, clock: Clock) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._slots = asyncio.Semaphore(PARALLEL_MAX)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop."""
        while not stop.is_set():
            try:
                await self.send_due()
            except LedgerError:
                logger.warning("the outbox cannot be read now", extra={"action": "outbox-failed"})
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue

    async def send_due(self) -> int:
        """Collect what happened and tell it; gives how much was tried."""
        now = self._clock.now()
        await self._ledger_thread.run(webhooks.enqueue_new, self._ledger, now=now)
        parcels = await self._ledger_thread.run(webhooks.due_items, self._ledger, now=now)
        await asyncio.gather(*(self._send(parcel) for parcel in parcels))
        return len(parcels)

    async def _send(self, item: OutboxItem) -> None:
        async with self._slots:
            body = json.dumps(payload(item), ensure_ascii=False).encode()
            status, why = await asyncio.to_thread(_post, item, body, self._clock.now())
        now = self._clock.now()
        if 200 <= status < 300:
            await self._ledger_thread.run(
                webhooks.mark_sent, self._ledger, item.id, outcome=f"told ({status})", next_at=None
            )
            return
        retry_at = now + RETRY_DELAYS[item.attempts] if item.attempts < len(RETRY_DELAYS) else None
        await self._ledger_thread.run(
            webhooks.mark_sent, self._ledger, item.id, outcome=why, next_at=retry_at
        )
        if status == HTTP_GONE or retry_at is None:
            reason = "410 Gone" if status == HTTP_GONE else why
            await self._ledger_thread.run(
                webhooks.disable, self._ledger, item.webhook.name, reason=reason[:200], now=now
            )
            logger.warning("hook %s is told nothing more: %s", item.webhook.name, reason,
                           extra={"action": "hook-disabled"})  # fmt: skip


def payload(item: OutboxItem) -> dict[str, Any]:
    """Put a parcel into the form of Standard Webhooks: type, timestamp, data."""
    facts = dict(item.payload)
    return {"type": _event_type(item), "timestamp": item.at.isoformat(), "data": facts}


def message_id(item: OutboxItem) -> str:
    """Name a message the same at every try, so that its receiver can tell a repeat."""
    return f"msg_{item.source}_{item.source_id}"


def _event_type(item: OutboxItem) -> str:
    if item.kind == "campaign":
        action = str(item.payload.get("action", ""))
        return _EVENT_TYPES.get(action, f"campaign.{action}")
    if item.kind == "step":
        return "step.missed" if item.payload.get("state") == "missed" else "step.fired"
    return "opt-out.lifted" if item.payload.get("action") == "return" else "opt-out.created"


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: what we say is for this address only."""

    def redirect_request(self, *_facts: object) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def _post(item: OutboxItem, body: bytes, now: datetime) -> tuple[int, str]:
    """Call the hook; gives its status, 0 when nobody answered, and what to write down."""
    headers = {
        "content-type": "application/json",
        "user-agent": "dispatcher",
        **webhook_signatures.signed_headers(item.webhook.secret, message_id(item), body, now=now),
    }
    request = urllib.request.Request(item.webhook.url, data=body, headers=headers, method="POST")  # noqa: S310 - checked for https or loopback when it was added
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            return response.status, f"status {response.status}"
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, f"status {error.code}"
    except (OSError, ValueError) as error:
        return 0, type(error).__name__
