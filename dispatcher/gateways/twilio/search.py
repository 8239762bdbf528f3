"""Looks through Twilio's list for a message whose answer was lost."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from dispatcher.gateways import Envelope

CLOCK_SKEW_MAX = timedelta(minutes=10)  # how far Twilio's clock and ours may differ
PAGE_SIZE = 1000
PAGES_MAX = 5


async def find_message(
    messages: Any, envelope: Envelope, since: datetime, exclude: Collection[str]
) -> tuple[Any, bool]:
    """Find the message in `messages` (a MessageList); tell also whether everything there was has been seen.

    The filter works on the day in GMT of *sending*; a message that is still queued has none, and whether
    the filter shows it is not documented. So "not there" needs a look without it as well.
    """
    earliest = since - CLOCK_SKEW_MAX
    message, complete = await _search_pages(
        messages, envelope, earliest, exclude, date_sent_after=earliest.date().isoformat()
    )
    if message is None:
        message, complete = await _search_pages(messages, envelope, earliest, exclude)
    return message, complete


async def _search_pages(
    messages: Any, envelope: Envelope, earliest: datetime, exclude: Collection[str], **filters: str
) -> tuple[Any, bool]:
    page = await messages.page_async(to=envelope.to, page_size=PAGE_SIZE, **filters)
    for _number in range(PAGES_MAX):
        for message in page:
            if message.sid not in exclude and _is_ours(message, envelope, earliest):
                return message, True
        page = await page.next_page_async()
        if page is None:
            return None, True
    return None, False


def _is_ours(message: Any, envelope: Envelope, earliest: datetime) -> bool:
    """Compare what the filter cannot: the exact number, the moment, the text, and who sent it."""
    if message.to != envelope.to or not str(message.direction or "outbound").startswith("outbound"):
        return False
    if isinstance(message.date_created, datetime) and message.date_created < earliest:
        return False
    # A trial account puts its own sentence in front.
    return str(message.body or "").endswith(unicodedata.normalize("NFC", envelope.body))
