"""Twilio's list of messages: which one in it is ours, what came in, and everything that went out."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from pyreqwest.exceptions import RequestError

from dispatcher.clock import Clock
from dispatcher.gateways import Envelope
from dispatcher.gateways.provider import InboundText, ListedText
from dispatcher.gateways.twilio import codes
from dispatcher.gateways.twilio.http_client import HttpStatusError, NeverSent

CLOCK_SKEW_MAX = timedelta(minutes=10)  # how far Twilio's clock and ours may differ
PAGE_SIZE = 1000
PAGES_MAX = 5
INBOUND_PAGES_MAX = 20  # a day of a large office
NEWEST_KNOWN = 20_000  # texts among which one without a date of sending is looked for
PAGE_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0)  # seconds
TOO_MANY_REQUESTS, SERVER_ERRORS = 429, 500

log = logging.getLogger(__name__)


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
    all_read = True
    for _number in range(PAGES_MAX):
        for message in _entries(page):
            if message is None:
                all_read = False  # it may be the one
            elif message.sid not in exclude and _is_ours(message, envelope, earliest):
                return message, True
        page = await page.next_page_async()
        if page is None:
            return None, all_read
    return None, False


async def inbound_texts(messages: Any, since: datetime, **filters: str) -> list[InboundText]:
    """Return what came in, the oldest first, as far as the newest pages of `messages` reach.

    The entries are read as they came: the library refuses a whole one for an odd date, and it may be a no.
    """
    earliest = since - CLOCK_SKEW_MAX
    page = await messages.page_async(
        page_size=PAGE_SIZE, date_sent_after=earliest.date().isoformat(), **filters
    )
    found: list[InboundText] = []
    for _number in range(INBOUND_PAGES_MAX):
        page.get_instance = _as_it_came
        for entry in page:
            if not isinstance(entry, Mapping):
                log.error("an entry of the list cannot be read", extra={"action": "list-unreadable"})
            elif entry.get("direction") == "inbound" and entry.get("sid"):
                found.append(_inbound(entry))
        page = await page.next_page_async()
        if page is None:
            return found[::-1]
    log.warning("the list of texts is too long to look through for answers", extra={"action": "list-long"})
    return found[::-1]


def _as_it_came(entry: object) -> object:
    return entry


def _inbound(entry: Mapping[str, object]) -> InboundText:
    sid, sender, body = (str(entry.get(name) or "") for name in ("sid", "from", "body"))
    return InboundText(provider_id=sid, sender=sender, body=body)


def _is_ours(message: Any, envelope: Envelope, earliest: datetime) -> bool:
    """Compare what the filter cannot: the exact number, the moment, the text, and who sent it."""
    if message.to != envelope.to or not str(message.direction or "outbound").startswith("outbound"):
        return False
    if isinstance(message.date_created, datetime) and message.date_created < earliest:
        return False
    # A trial account puts its own sentence in front.
    return str(message.body or "").endswith(unicodedata.normalize("NFC", envelope.body))


async def outbound_pages(messages: Any, since: datetime, clock: Clock) -> AsyncIterator[Sequence[ListedText]]:
    """Yield what went out from `since` on, and up to ten minutes before it: the newest first, page by page.

    While pages are turned, new texts push others on to the next one: such a text comes twice. The filter of
    days may leave out what is still queued, as in `find_message`: so the newest pages are looked at without
    it as well, until one brings nothing new. A page that is refused for now, or gets lost, is asked for
    again, and the list goes on there. Raises ValueError at the end when entries were in no form that we know.
    """
    earliest = since - CLOCK_SKEW_MAX
    newest: set[str] = set()
    unreadable = 0
    for filters in ({"date_sent_after": earliest.date().isoformat()}, {}):
        page = await _turn(partial(messages.page_async, page_size=PAGE_SIZE, **filters), clock)
        while page is not None:
            entries = list(_entries(page))
            unreadable += entries.count(None)
            texts = [one for one in entries if one and _went_out(one, earliest)]
            if not filters and all(one.sid in newest for one in texts):
                break
            if filters and len(newest) < NEWEST_KNOWN:
                newest.update(one.sid for one in texts)
            yield [_listed(one) for one in texts]
            page = await _turn(page.next_page_async, clock, is_first=False)
    if unreadable:
        raise ValueError(f"entries that cannot be read: {unreadable}")


async def _turn(load: Callable[[], Awaitable[Any]], clock: Clock, *, is_first: bool = True) -> Any:
    """Load a page, with patience for a provider that is busy, or away in the midst of the list."""
    for pause in PAGE_PAUSES:
        try:
            return await load()
        except HttpStatusError as error:
            if error.status != TOO_MANY_REQUESTS and error.status < SERVER_ERRORS:
                raise
            asked = error.retry_after_seconds or 0.0
        except (NeverSent, RequestError):
            if is_first:
                raise
            asked = 0.0
        log.info("a page of the list is asked for again", extra={"action": "page-again"})
        await clock.sleep(max(pause, min(asked, PAGE_PAUSES[-1])))
    return await load()


def _entries(page: Any) -> Iterator[Any]:
    """Yield the messages of a page; None for one that the library stumbles over."""
    while True:
        try:
            yield next(page)
        except StopIteration:
            return
        except Exception:  # noqa: BLE001 - whatever stands in it, those behind it count
            yield None


def _went_out(message: Any, earliest: datetime) -> bool:
    created = message.date_created
    is_early = isinstance(created, datetime) and created < earliest
    return bool(message.sid) and str(message.direction or "outbound").startswith("outbound") and not is_early


def _listed(message: Any) -> ListedText:
    created = message.date_created
    return ListedText(
        provider_id=message.sid,
        to=str(message.to or ""),
        sender=str(message.messaging_service_sid or message.from_ or ""),
        body=str(message.body or ""),
        status=codes.ledger_status(str(message.status or ""), str(message.error_code or "")),
        at=created if isinstance(created, datetime) else None,
    )
