"""Texts that people send us: as the provider reports them, and read back from its list after a time away.

A provider tries a webhook once or twice and then lets it be. A no that came while we were away would be lost.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import datetime

from dispatcher.gateways import Gateway
from dispatcher.gateways.provider import InboundText, ListsInbound
from dispatcher.ledger import Ledger
from dispatcher.ledger.receipts import event_inbox
from dispatcher.ledger.receipts.event_inbox import Event
from dispatcher.ledger_thread import LedgerThread

logger = logging.getLogger(__name__)


def inbound_event(provider: str, text: InboundText) -> Event:
    """Return a text as the inbox keeps it; the same text is one event, however we learn of it."""
    key = f"{provider}|inbound|{text.provider_id}"
    return Event(
        kind="inbound",
        dedupe_key=hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:40],
        gateway=provider,
        provider_id=text.provider_id,
        raw={"from": text.sender[:64], "body": text.body[:1600], "opt_out_type": text.opt_out_type[:16]},
    )


async def read_back(
    gateways: Iterable[Gateway],
    ledger: Ledger,
    ledger_thread: LedgerThread,
    *,
    since: datetime,
    now: datetime,
) -> bool:
    """Write down what the providers list since `since` and we lack; False when one did not answer."""
    complete = True
    for gateway in gateways:
        if not isinstance(gateway, ListsInbound):
            continue
        try:
            texts = await gateway.inbound_since(since)
        except Exception:  # whatever the provider says or does not say: the next look comes within the hour
            logger.exception("%s does not list what came in", gateway.name, extra={"action": "list-failed"})
            complete = False
            continue
        events = [inbound_event(gateway.name, text) for text in texts]
        new = await ledger_thread.run(event_inbox.record, ledger, events, now=now)
        if new:
            logger.warning(
                "%d texts had come while nobody listened", new, extra={"action": "inbound-read-back"}
            )
    return complete
