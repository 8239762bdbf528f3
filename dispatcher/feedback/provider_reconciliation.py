"""The ledger beside the providers' own lists of texts, both ways: what one of them has and the other has not.

The ledger is read first for what it holds, and again, after the lists, for what it knows: so a service at
work meanwhile is no difference. Clocks are compared nowhere but where a name is missing. The lists stand in
scratch tables (`text_comparison`), not in memory.
"""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b
from itertools import groupby, islice
from typing import Literal, TypeVar

from dispatcher.clock import Clock, SystemClock
from dispatcher.gateways import Envelope, Gateway, Result
from dispatcher.gateways.provider import ListedText, ListsOutbound
from dispatcher.ledger import Ledger, text_comparison
from dispatcher.ledger.queries import provider_ids
from dispatcher.ledger.queries.provider_ids import AcceptedMessage
from dispatcher.ledger.schema.message_status import REPORTED_FAILURES, SENDING
from dispatcher.ledger.text_comparison import HeldRow, ListedRow, TextComparison

PERIOD = timedelta(days=31)  # looked through unless somebody says how far
# Two texts with the same words within this reach their reader as one text twice; a day apart they are two.
REPEATED_WITHIN = timedelta(hours=6)
# How far apart a moment in the ledger and one in the list may lie, and still be the same text's.
FORGOTTEN_WITHIN, OFFERED_WITHIN = timedelta(minutes=15), timedelta(hours=1)
LOOKUPS_CONCURRENT = 8
LOOKUPS_MAX = 1000  # of what a list lacks; of the rest its word is taken
LOOKUP_PAUSES = (1.0, 4.0, 15.0)  # seconds, while a provider says that it is asked too often
NAMED_MAX = 10_000  # findings of one kind that are named; all are counted

logger = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class UnheldText:
    """A text that a provider has from us, and that stands nowhere in the ledger."""

    gateway: str
    provider_id: str
    to: str
    status: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RepeatedText:
    """The same words, sent to one number more than once within hours."""

    to: str
    provider_ids: tuple[str, ...]
    message_ids: tuple[int, ...]  # ours, as far as the ledger holds them
    at: datetime | None  # the first of them


@dataclass(kw_only=True)
class ProviderReconciliation:
    """What the providers say of the texts that the ledger holds, and have besides.

    Lists of findings name the first `NAMED_MAX`; beside each stands how many there are.
    """

    since: datetime
    until: datetime | None = None  # when the lists were read
    # Of the last texts that were taken, each found in a list or asked about:
    asked: int = 0
    there: int = 0
    missing: list[int] = field(default_factory=list)  # messages that are clearly not there
    missing_count: int = 0
    unclear: int = 0
    # Of all texts of the period:
    held: int = 0  # by the ledger
    unlisted: list[int] = field(default_factory=list)  # held, earlier than the last, and not there
    unlisted_count: int = 0
    uncompared: int = 0  # held, earlier than the last, and nobody can be asked
    other_status: dict[str, int] = field(default_factory=dict)  # "ours → theirs": how often
    listed: int = 0
    open: int = 0  # on their way still, by the provider's word
    in_doubt: int = 0  # listed, and being asked about: the ledger will settle them
    forgotten: int = 0  # listed, and forgotten by the ledger on purpose
    other_senders: int = 0  # listed, and sent by others through the same account
    unheld: list[UnheldText] = field(default_factory=list)
    unheld_count: int = 0
    repeated: list[RepeatedText] = field(default_factory=list)
    repeated_count: int = 0
    unread: dict[str, str] = field(default_factory=dict)  # gateway → why its list was not read to its end
    # gateway → the earliest text of a list that was not read to its end
    read_back_to: dict[str, datetime] = field(default_factory=dict)

    @property
    def gone(self) -> list[int]:
        """Return the messages that the ledger holds and the provider has not, as far as they are named."""
        return [*self.missing, *self.unlisted]

    @property
    def gone_count(self) -> int:
        """Count the messages that the ledger holds and the provider has not."""
        return self.missing_count + self.unlisted_count

    @property
    def is_balanced(self) -> bool:
        """Return whether both sides have the same texts, as far as they could be compared."""
        return not (self.gone_count or self.unheld_count or self.repeated_count or self.unread)


Verdict = Literal["there", "gone", "unclear"]


def period_start(ledger: Ledger, *, now: datetime) -> datetime:
    """Return from when on lists are compared unless somebody says so: a month before our last text.

    After a backup was put back, that is a month before the backup.
    """
    last = provider_ids.last_submitted_at(ledger)
    return min(now, last or now) - PERIOD


async def reconcile(
    gateways: Mapping[str, Gateway],
    ledger: Ledger,
    *,
    since: datetime,
    latest: int,
    clock: Clock | None = None,
) -> ProviderReconciliation:
    """Compare all texts from `since` on, and the `latest` that were taken (0: all), with their providers.

    Closes the gateways.
    """
    clock = clock or SystemClock()
    found = ProviderReconciliation(since=since, until=clock.now())
    listing = {name: one for name, one in gateways.items() if isinstance(one, ListsOutbound)}
    try:
        with text_comparison.compare(ledger) as texts:
            texts.hold(since, latest)
            await _read_lists(listing, since, texts, found)
            texts.name_ours(since)
            senders = frozenset(sender for one in listing.values() for sender in one.senders)
            _compare_lists(ledger, texts, senders | texts.our_senders(), found)
            _compare_held(texts, listing.keys(), found)
            await _look_up_unlisted(gateways, texts, listing.keys(), found, clock)
    finally:
        for gateway in gateways.values():
            await gateway.close()
    found.there = found.asked - found.missing_count - found.unclear
    return found


async def _read_lists(
    gateways: Mapping[str, ListsOutbound],
    since: datetime,
    texts: TextComparison,
    found: ProviderReconciliation,
) -> None:
    for name, gateway in gateways.items():
        earliest: datetime | None = None
        try:
            async for page in gateway.outbound_since(since):
                texts.add([_row(name, text) for text in page])
                earliest = min((at for text in page if (at := text.at)), default=earliest)
        except Exception as error:  # whatever the provider does: what was read counts, and the rest is said
            logger.debug("the list of %s broke off", name, exc_info=True)
            found.unread[name] = str(error) or type(error).__name__
            if earliest is not None:
                found.read_back_to[name] = earliest


def _row(gateway: str, text: ListedText) -> ListedRow:
    words = unicodedata.normalize("NFC", text.body).encode()
    return ListedRow(
        gateway=gateway, provider_id=text.provider_id, address=text.to, sender=text.sender,
        words=blake2b(words, digest_size=16).hexdigest() if words else "", status=text.status, at=text.at,
    )  # fmt: skip


# --- what they list ---------------------------------------------------------------------------------------


def _compare_lists(
    ledger: Ledger, texts: TextComparison, senders: frozenset[str], found: ProviderReconciliation
) -> None:
    found.listed, found.open = texts.count_listed(), texts.count_listed(SENDING)
    found.other_senders = texts.count_strange() - texts.count_unaccounted(senders)
    _account_for_doubts(ledger, texts, senders)
    forgotten = provider_ids.forgotten(ledger, found.since)
    for page in _pages(_near(texts.strange(senders), forgotten, FORGOTTEN_WITHIN)):
        texts.account_for(page, "forgotten")
    found.in_doubt, found.forgotten = texts.count_accounted("in-doubt"), texts.count_accounted("forgotten")
    found.unheld_count = texts.count_unaccounted(senders)
    found.unheld = [
        UnheldText(
            gateway=one.gateway, provider_id=one.provider_id, to=one.address, status=one.status, at=one.at
        )
        for one in texts.first_unaccounted(senders, NAMED_MAX)
    ]
    for again in _repeated(texts.same_words(senders, REPORTED_FAILURES)):
        found.repeated_count += 1
        if len(found.repeated) < NAMED_MAX:
            found.repeated.append(again)


def _account_for_doubts(ledger: Ledger, texts: TextComparison, senders: frozenset[str]) -> None:
    """Let each message in doubt account for one text to the same number at about that time."""
    offered = provider_ids.unresolved(ledger)
    for numbers in _pages(offered):
        by_number: dict[str, list[ListedRow]] = {}
        for row in texts.strange(senders, numbers):
            by_number.setdefault(row.address, []).append(row)
        for number, rows in by_number.items():
            texts.account_for(list(_near(rows, sorted(offered[number]), OFFERED_WITHIN)), "in-doubt")


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while page := list(islice(left, text_comparison.PAGE)):
        yield page


def _near(texts: Iterable[ListedRow], moments: Iterable[datetime], margin: timedelta) -> Iterator[ListedRow]:
    """Yield the texts that lie near one of the `moments`; each accounts for one. Both are in order."""
    left = iter(moments)
    moment = next(left, None)
    for text in texts:
        while text.at and moment and moment < text.at - margin:
            moment = next(left, None)
        if text.at and moment and moment <= text.at + margin:
            yield text
            moment = next(left, None)


def _repeated(texts: Iterable[ListedRow]) -> Iterator[RepeatedText]:
    """Find what arrived more than once, in texts that stand together when number and words are the same."""
    for _same, group in groupby(texts, key=lambda one: (one.address, one.words)):
        run: list[ListedRow] = []
        for text in group:
            if run and not _is_again(run[-1], text):
                yield from _told_together(run)
                run = []
            run.append(text)
        yield from _told_together(run)


def _is_again(before: ListedRow, after: ListedRow) -> bool:
    if before.message_id is not None and before.message_id == after.message_id:
        return True
    return bool(before.at and after.at and after.at - before.at <= REPEATED_WITHIN)


def _told_together(run: Sequence[ListedRow]) -> Iterator[RepeatedText]:
    if len(run) > 1:
        ours = dict.fromkeys(one.message_id for one in run if one.message_id is not None)
        yield RepeatedText(
            to=run[0].address, provider_ids=tuple(one.provider_id for one in run), message_ids=tuple(ours),
            at=run[0].at,
        )  # fmt: skip


# --- what we hold -----------------------------------------------------------------------------------------


def _compare_held(texts: TextComparison, listing: Collection[str], found: ProviderReconciliation) -> None:
    found.asked, found.held = texts.count_last(), texts.count_held(since=found.since)
    found.uncompared = texts.count_not_listing(listing)
    for (ours, theirs), count in texts.changes().items():
        _note_status(ours, theirs, found, count)


def _note_status(ours: str, theirs: str, found: ProviderReconciliation, count: int = 1) -> None:
    if theirs and theirs != ours:
        change = f"{ours} → {theirs}"
        found.other_status[change] = found.other_status.get(change, 0) + count


async def _look_up_unlisted(
    gateways: Mapping[str, Gateway],
    texts: TextComparison,
    listing: Collection[str],
    found: ProviderReconciliation,
    clock: Clock,
) -> None:
    """Ask about what the lists lack; beyond the first take the word of a list that was read to its end."""
    complete = frozenset(listing) - found.unread.keys()
    number = 0
    for page in texts.unlisted(listing):
        asked, told = list[HeldRow](), list[HeldRow]()
        for item in page:
            by_word = number >= LOOKUPS_MAX and item.gateway in listing
            (told if by_word else asked).append(item)
            number += 1
        for item in told:
            is_in_period = item.gateway in complete and item.submitted_at >= found.since
            _note(item, "gone" if is_in_period else "unclear", found)
        for item, verdict in await _look_up(gateways, asked, found, clock):
            _note(item, verdict, found)


def _note(item: HeldRow, verdict: Verdict, found: ProviderReconciliation) -> None:
    if verdict == "gone":
        named = found.missing if item.is_last else found.unlisted
        if len(named) < NAMED_MAX:
            named.append(item.message_id)
        if item.is_last:
            found.missing_count += 1
        else:
            found.unlisted_count += 1
    elif verdict == "unclear" and item.is_last:
        found.unclear += 1
    elif verdict == "unclear":
        found.uncompared += 1


async def _look_up(
    gateways: Mapping[str, Gateway],
    messages: Sequence[HeldRow],
    found: ProviderReconciliation,
    clock: Clock,
) -> list[tuple[HeldRow, Verdict]]:
    turns = asyncio.Semaphore(LOOKUPS_CONCURRENT)

    async def one(item: HeldRow) -> tuple[HeldRow, Verdict]:
        if item.gateway not in gateways:  # taken by one that is not set up any more
            return item, "unclear"
        async with turns:
            result = await _ask(gateways[item.gateway], item, clock)
        if result.kind == "accepted":
            _note_status(item.status, result.status, found)
            return item, "there"
        return item, "gone" if result.code == "not-found" else "unclear"

    return await asyncio.gather(*(one(item) for item in messages))


async def _ask(gateway: Gateway, item: AcceptedMessage, clock: Clock) -> Result:
    """Ask about one message; again after a while when the provider says that it is asked too often."""
    envelope = Envelope(key=str(item.message_id), to=item.address)
    for pause in (*LOOKUP_PAUSES, None):
        result = await gateway.look_up(envelope, since=item.submitted_at, provider_id=item.provider_id)
        wait = result.retry_after_seconds
        if result.kind != "unknown" or wait is None or pause is None:
            break
        await clock.sleep(min(max(wait, pause), LOOKUP_PAUSES[-1]))
    return result
