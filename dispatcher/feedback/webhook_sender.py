"""Sends outgoing webhooks from the outbox: signed, retried for three days."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pyreqwest.client import ClientBuilder

from dispatcher.clock import Clock
from dispatcher.feedback import webhook_signatures, webhook_targets
from dispatcher.feedback.webhook_targets import ForbiddenTarget
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
HTTP_GONE = 410

_EVENT_TYPES = {"active": "campaign.resumed", "approve": "campaign.approved"}


class WebhookSender:
    """Carries the outbox of one process's ledger, each webhook by itself: its troubles are its own."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        ledger_thread: LedgerThread,
        clock: Clock,
        allowed_networks: Sequence[str] = (),
        open_audiences: Callable[[], Collection[str]] = tuple,  # those that may be named to other machines
    ) -> None:
        self._ledger = ledger
        self._ledger_thread = ledger_thread
        self._clock = clock
        self._allowed_networks = allowed_networks
        self._open_audiences = open_audiences
        self._running: dict[str, asyncio.Task[None]] = {}  # by the name of the webhook

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop, whatever goes wrong on the way."""
        while not stop.is_set():
            await self._start_due_safely()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start_due_safely(self) -> None:
        try:
            await self._start_due()
        except LedgerError:
            logger.warning("the outbox cannot be read now", extra={"action": "outbox-failed"})
        except Exception:  # one odd row must not end what all webhooks live by
            logger.exception("the outbox cannot be read", extra={"action": "outbox-failed"})

    async def send_due(self) -> int:
        """Send what is due now, wait for all of it, and return how many webhooks something was due for."""
        due = await self._start_due()
        await asyncio.gather(*(self._running[name] for name in due if name in self._running))
        return len(due)

    async def _start_due(self) -> set[str]:
        now = self._clock.now()
        await self._ledger_thread.run(webhooks.enqueue_new, self._ledger, now=now)
        busy = set(self._running)  # before the look: what they are sending now may still seem due in it
        items: dict[str, list[OutboxItem]] = {}
        for item in await self._ledger_thread.run(webhooks.due_items, self._ledger, now=now):
            items.setdefault(item.webhook.name, []).append(item)
        for name in items.keys() - busy:
            task = asyncio.create_task(self._send_all(items[name]))
            self._running[name] = task
            task.add_done_callback(partial(self._forget, name))
        return set(items)

    def _forget(self, name: str, _task: asyncio.Task[None]) -> None:
        self._running.pop(name, None)

    async def _send_all(self, items: Sequence[OutboxItem]) -> None:
        """Send to one webhook, in order; after a failure the rest waits for that one's next try."""
        for item in items:
            try:
                if not await self._send(item):
                    return
            except LedgerError:
                logger.warning("what webhook %s answered cannot be written down now", item.webhook.name,
                               extra={"action": "outbox-failed"})  # fmt: skip
                return

    async def _send(self, item: OutboxItem) -> bool:
        if _tells_of_a_list(item, self._open_audiences()):
            await self._ledger_thread.run(
                webhooks.mark_sent, self._ledger, item.id, outcome="protected", next_at=None
            )
            return True
        body = json.dumps(payload(item), ensure_ascii=False).encode()
        status, outcome = await _post(item, body, self._allowed_networks, self._clock.now())
        now = self._clock.now()
        if 200 <= status < 300:
            await self._ledger_thread.run(
                webhooks.mark_sent, self._ledger, item.id, outcome=f"told ({status})", next_at=None
            )
            return True
        retry_at = now + RETRY_DELAYS[item.attempts] if item.attempts < len(RETRY_DELAYS) else None
        await self._ledger_thread.run(
            webhooks.mark_sent, self._ledger, item.id, outcome=outcome, next_at=retry_at
        )
        if retry_at is not None:
            await self._ledger_thread.run(
                webhooks.defer, self._ledger, item.webhook.name, until=retry_at, now=now
            )
        if status == HTTP_GONE or retry_at is None:
            reason = "410 Gone" if status == HTTP_GONE else outcome
            await self._ledger_thread.run(
                webhooks.disable, self._ledger, item.webhook.name, reason=reason[:200], now=now
            )
            logger.warning("hook %s is told nothing more: %s", item.webhook.name, reason,
                           extra={"action": "hook-disabled"})  # fmt: skip
        return False


def _tells_of_a_list(item: OutboxItem, open_audiences: Collection[str]) -> bool:
    """Return whether it is about a sensitive audience: whoever says no to it is in it, named or not."""
    kind, _colon, name = str(item.payload.get("scope", "")).partition(":")
    return kind == "audience" and name not in open_audiences


def payload(item: OutboxItem) -> dict[str, Any]:
    """Return an item as Standard Webhooks has it: type, timestamp, data."""
    return {"type": _event_type(item), "timestamp": item.at.isoformat(), "data": dict(item.payload)}


def message_id(item: OutboxItem) -> str:
    """Return the message id, the same at every attempt, so that a receiver can tell a repeat."""
    return f"msg_{item.source}_{item.source_id}"


def _event_type(item: OutboxItem) -> str:
    if item.kind == "campaign":
        action = str(item.payload.get("action", ""))
        return _EVENT_TYPES.get(action, f"campaign.{action}")
    if item.kind == "step":
        return "step.missed" if item.payload.get("state") == "missed" else "step.fired"
    return "opt-out.lifted" if item.payload.get("action") == "return" else "opt-out.created"


async def _post(
    item: OutboxItem, body: bytes, allowed_networks: Sequence[str], now: datetime
) -> tuple[int, str]:
    """Call a webhook once, within TIMEOUT_SECONDS in all; return its status (0: none) and what to write down.

    Redirects are not followed: what we say is for this address only. The answer's body is not read.
    """
    headers = {
        "content-type": "application/json",
        "user-agent": "dispatcher",
        **webhook_signatures.signed_headers(item.webhook.secret, message_id(item), body, now=now),
    }
    builder = (
        ClientBuilder().follow_redirects(enable=False).no_proxy().timeout(timedelta(seconds=TIMEOUT_SECONDS))
    )
    try:
        async with asyncio.timeout(TIMEOUT_SECONDS):
            host, address, port = await webhook_targets.resolve(item.webhook.url, allowed_networks)
            return await _ask(builder.resolve(host, address, port), item.webhook.url, headers, body)
    except ForbiddenTarget as refused:
        return 0, str(refused)
    except Exception as error:  # noqa: BLE001 - a receiver may answer anything; it is that receiver's failure
        return 0, type(error).__name__


async def _ask(builder: ClientBuilder, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
    async with builder.build() as client:
        request = client.post(url).headers(headers).body_bytes(body).build_streamed()
        async with request as response:
            return response.status, f"status {response.status}"
