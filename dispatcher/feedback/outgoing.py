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
from dispatcher.crossing import Crossing
from dispatcher.feedback import signatures
from dispatcher.ledger import Away, Ledger, hooks
from dispatcher.ledger.hooks import Parcel

logger = logging.getLogger(__name__)

PAUSES = tuple(
    timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
LOOK_SECONDS = 3.0
TIMEOUT_SECONDS = 15
AT_A_TIME = 4
GONE = 410

_TYPES = {"active": "campaign.resumed", "approve": "campaign.approved"}


class Courier:
    """Carries the outbox of one process's ledger."""

    def __init__(self, *, ledger: Ledger, crossing: Crossing, clock: Clock) -> None:
        self._ledger = ledger
        self._crossing = crossing
        self._clock = clock
        self._turns = asyncio.Semaphore(AT_A_TIME)

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until told to stop."""
        while not stop.is_set():
            try:
                await self.round()
            except Away:
                logger.warning("the outbox cannot be read now", extra={"action": "outbox-failed"})
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await stop.wait()
            except TimeoutError:
                continue

    async def round(self) -> int:
        """Collect what happened and tell it; gives how much was tried."""
        now = self._clock.now()
        await self._crossing(hooks.collect, self._ledger, now=now)
        parcels = await self._crossing(hooks.due, self._ledger, now=now)
        await asyncio.gather(*(self._tell(parcel) for parcel in parcels))
        return len(parcels)

    async def _tell(self, parcel: Parcel) -> None:
        async with self._turns:
            body = json.dumps(payload(parcel), ensure_ascii=False).encode()
            status, why = await asyncio.to_thread(_post, parcel, body, self._clock.now())
        now = self._clock.now()
        if 200 <= status < 300:
            await self._crossing(
                hooks.told, self._ledger, parcel.id, outcome=f"told ({status})", next_at=None
            )
            return
        again = now + PAUSES[parcel.tries] if parcel.tries < len(PAUSES) else None
        await self._crossing(hooks.told, self._ledger, parcel.id, outcome=why, next_at=again)
        if status == GONE or again is None:
            reason = "410 Gone" if status == GONE else why
            await self._crossing(hooks.disable, self._ledger, parcel.hook.name, reason=reason[:200], now=now)
            logger.warning("hook %s is told nothing more: %s", parcel.hook.name, reason,
                           extra={"action": "hook-disabled"})  # fmt: skip


def payload(parcel: Parcel) -> dict[str, Any]:
    """Put a parcel into the form of Standard Webhooks: type, timestamp, data."""
    facts = dict(parcel.facts)
    return {"type": _type(parcel), "timestamp": parcel.at.isoformat(), "data": facts}


def message_id(parcel: Parcel) -> str:
    """Name a message the same at every try, so that its receiver can tell a repeat."""
    return f"msg_{parcel.source}_{parcel.source_id}"


def _type(parcel: Parcel) -> str:
    if parcel.kind == "campaign":
        action = str(parcel.facts.get("action", ""))
        return _TYPES.get(action, f"campaign.{action}")
    if parcel.kind == "step":
        return "step.missed" if parcel.facts.get("state") == "missed" else "step.fired"
    return "opt-out.lifted" if parcel.facts.get("action") == "return" else "opt-out.created"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: what we say is for this address only."""

    def redirect_request(self, *_facts: object) -> None:
        return None


_opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))


def _post(parcel: Parcel, body: bytes, now: datetime) -> tuple[int, str]:
    """Call the hook; gives its status, 0 when nobody answered, and what to write down."""
    wanted = {
        "content-type": "application/json",
        "user-agent": "dispatcher",
        **signatures.headers(parcel.hook.secret, message_id(parcel), body, now=now),
    }
    request = urllib.request.Request(parcel.hook.url, data=body, headers=wanted, method="POST")  # noqa: S310 - checked for https or loopback when it was added
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS) as response:
            return response.status, f"status {response.status}"
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, f"status {error.code}"
    except (OSError, ValueError) as error:
        return 0, type(error).__name__
