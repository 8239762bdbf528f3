"""The ledger beside the providers' own lists of texts, both ways: what one of them has and the other has not.

The ledger is read first for what it holds, and again, after the lists, for what it knows: so a service at
work meanwhile is no difference. Clocks are compared nowhere but where a name is missing.
"""

from __future__ import annotations

import asyncio
import logging
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from dispatcher.gateways import Envelope, Gateway
from dispatcher.gateways.provider import ListedText, ListsOutbound
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import provider_ids
from dispatcher.ledger.queries.provider_ids import AcceptedMessage
from dispatcher.ledger.schema.message_status import REPORTED_FAILURES, SENDING

PERIOD = timedelta(days=31)  # looked through unless somebody says how far
# Two texts with the same words within this reach their reader as one text twice; a day apart they are two.
REPEATED_WITHIN = timedelta(hours=6)
# How far apart a moment in the ledger and one in the list may lie, and still be the same text's.
FORGOTTEN_WITHIN, OFFERED_WITHIN = timedelta(minutes=15), timedelta(hours=1)
LOOKUPS_CONCURRENT = 8
LOOKUPS_MAX = 1000  # of what a list lacks; of the rest its word is taken

logger = logging.getLogger(__name__)


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
    """What the providers say of the texts that the ledger holds, and have besides."""

    since: datetime
    # Of the last texts that were taken, each found in a list or asked about:
    asked: int = 0
    there: int = 0
    missing: list[int] = field(default_factory=list)  # messages that are clearly not there
    unclear: int = 0
    # Of all texts of the period:
    held: int = 0  # by the ledger
    unlisted: list[int] = field(default_factory=list)  # held, earlier than the last, and not there
    uncompared: int = 0  # held, earlier than the last, and nobody can be asked
    other_status: dict[str, int] = field(default_factory=dict)  # "ours → theirs": how often
    listed: int = 0
    open: int = 0  # on their way still, by the provider's word
    in_doubt: int = 0  # listed, and being asked about: the ledger will settle them
    forgotten: int = 0  # listed, and forgotten by the ledger on purpose
    other_senders: int = 0  # listed, and sent by others through the same account
    unheld: list[UnheldText] = field(default_factory=list)
    repeated: list[RepeatedText] = field(default_factory=list)
    unread: dict[str, str] = field(default_factory=dict)  # gateway → why its list was not read to its end

    @property
    def gone(self) -> list[int]:
        """Every message that the ledger holds and the provider has not."""
        return [*self.missing, *self.unlisted]

    @property
    def is_balanced(self) -> bool:
        """Return whether both sides have the same texts, as far as they could be compared."""
        return not (self.gone or self.unheld or self.repeated or self.unread)


Verdict = Literal["there", "gone", "unclear"]
Lists = dict[str, dict[str, ListedText]]  # by gateway, then by the provider's name for the text


def period_start(ledger: Ledger, *, now: datetime) -> datetime:
    """Return from when on lists are compared unless somebody says so: a month before our last text.

    After a backup was put back, that is a month before the backup.
    """
    last = provider_ids.last_submitted_at(ledger)
    return min(now, last or now) - PERIOD


async def reconcile(
    gateways: Mapping[str, Gateway], ledger: Ledger, *, since: datetime, latest: int
) -> ProviderReconciliation:
    """Compare all texts from `since` on, and the `latest` that were taken (0: all), with their providers.

    Closes the gateways.
    """
    found = ProviderReconciliation(since=since)
    last = {item.message_id: item for item in provider_ids.latest_accepted(ledger, latest)}
    recent = {item.message_id: item for item in provider_ids.accepted_since(ledger, since)}
    listing = {name: one for name, one in gateways.items() if isinstance(one, ListsOutbound)}
    comparable = {key: item for key, item in recent.items() if item.gateway in listing}
    found.asked, found.held = len(last), len(recent)
    found.uncompared = len(recent.keys() - comparable.keys() - last.keys())
    try:
        lists = await _read_lists(listing, since, found)
        senders = frozenset(sender for one in listing.values() for sender in one.senders)
        _compare_lists(ledger, lists, senders, found)
        unlisted = _compare_held((last | comparable).values(), lists, found)
        for item, verdict in await _look_up(gateways, unlisted, lists, found):
            _note(item, verdict, is_last=item.message_id in last, found=found)
    finally:
        for gateway in gateways.values():
            await gateway.close()
    found.there = found.asked - len(found.missing) - found.unclear
    return found


def _note(item: AcceptedMessage, verdict: Verdict, *, is_last: bool, found: ProviderReconciliation) -> None:
    if verdict == "gone":
        (found.missing if is_last else found.unlisted).append(item.message_id)
    elif verdict == "unclear" and is_last:
        found.unclear += 1
    elif verdict == "unclear":
        found.uncompared += 1


async def _read_lists(
    gateways: Mapping[str, ListsOutbound], since: datetime, found: ProviderReconciliation
) -> Lists:
    lists: Lists = {}
    for name, gateway in gateways.items():
        texts = lists.setdefault(name, {})
        try:
            async for page in gateway.outbound_since(since):
                texts.update((text.provider_id, text) for text in page)
        except Exception as error:  # whatever the provider does: what was read counts, and the rest is said
            logger.debug("the list of %s broke off", name, exc_info=True)
            found.unread[name] = str(error) or type(error).__name__
    return lists


# --- what they list ---------------------------------------------------------------------------------------


def _compare_lists(
    ledger: Ledger, lists: Lists, senders: frozenset[str], found: ProviderReconciliation
) -> None:
    known = provider_ids.message_by_provider_id(ledger, found.since)
    listed = [(name, text) for name, texts in lists.items() for text in texts.values()]
    found.listed = len(listed)
    found.open = sum(text.status == SENDING for _name, text in listed)
    senders |= {text.sender for _name, text in listed if text.provider_id in known}
    strange = [(name, text) for name, text in listed if text.provider_id not in known]
    ours = [(name, text) for name, text in strange if text.sender in senders]
    found.other_senders = len(strange) - len(ours)
    doubtful = _unresolved(ledger, [text for _name, text in ours])
    rest = [text for _name, text in ours if text.provider_id not in doubtful]
    forgotten = _near(rest, provider_ids.forgotten(ledger, found.since), FORGOTTEN_WITHIN)
    found.in_doubt, found.forgotten = len(doubtful), len(forgotten)
    found.unheld = [
        UnheldText(gateway=name, provider_id=text.provider_id, to=text.to, status=text.status, at=text.at)
        for name, text in sorted(ours, key=lambda one: _order(one[1]))
        if text.provider_id not in doubtful | forgotten
    ]
    found.repeated = list(_repeated((text for _name, text in listed), known, senders))


def _unresolved(ledger: Ledger, texts: Iterable[ListedText]) -> set[str]:
    """Return those that a message in doubt accounts for: one each, to the same number at about that time."""
    offered = provider_ids.unresolved(ledger)
    by_number: defaultdict[str, list[ListedText]] = defaultdict(list)
    for text in texts:
        if text.to in offered:
            by_number[text.to].append(text)
    return {
        provider_id
        for number, mine in by_number.items()
        for provider_id in _near(mine, sorted(offered[number]), OFFERED_WITHIN)
    }


def _near(texts: Iterable[ListedText], moments: Sequence[datetime], margin: timedelta) -> set[str]:
    """Return the texts that lie near one of the `moments`, which are in order; each accounts for one text."""
    found, left = set(), iter(moments)
    moment = next(left, None)
    for text in sorted(texts, key=_order):
        while text.at and moment and moment < text.at - margin:
            moment = next(left, None)
        if text.at and moment and moment <= text.at + margin:
            found.add(text.provider_id)
            moment = next(left, None)
    return found


def _order(text: ListedText) -> tuple[float, str]:
    return (text.at.timestamp() if text.at else 0.0, text.provider_id)


def _repeated(
    texts: Iterable[ListedText], known: Mapping[str, int], senders: Collection[str]
) -> Iterator[RepeatedText]:
    """Find what arrived more than once; where the provider keeps no words there is nothing to compare."""
    groups: defaultdict[tuple[str, str], list[ListedText]] = defaultdict(list)
    for text in texts:
        if text.body and text.at and text.sender in senders and text.status not in REPORTED_FAILURES:
            groups[text.to, unicodedata.normalize("NFC", text.body)].append(text)
    for same in groups.values():
        if len(same) > 1:
            yield from _runs(sorted(same, key=_order), known)


def _runs(same: Sequence[ListedText], known: Mapping[str, int]) -> Iterator[RepeatedText]:
    """Divide texts with the same words, in order of time, where hours lie between two of them."""
    run = [same[0]]
    for text in (*same[1:], None):
        if text is not None and _is_again(run[-1], text, known):
            run.append(text)
            continue
        if len(run) > 1:
            ids = tuple(one.provider_id for one in run)
            ours = dict.fromkeys(known[one] for one in ids if one in known)
            yield RepeatedText(to=run[0].to, provider_ids=ids, message_ids=tuple(ours), at=run[0].at)
        if text is not None:
            run = [text]


def _is_again(before: ListedText, after: ListedText, known: Mapping[str, int]) -> bool:
    message = known.get(before.provider_id)
    if message is not None and message == known.get(after.provider_id):
        return True
    return bool(before.at and after.at and after.at - before.at <= REPEATED_WITHIN)


# --- what we hold -----------------------------------------------------------------------------------------


def _compare_held(
    held: Iterable[AcceptedMessage], lists: Lists, found: ProviderReconciliation
) -> list[AcceptedMessage]:
    """Note what moved on. Return what no list has: that has to be asked about one by one."""
    unlisted = []
    for item in held:
        text = lists.get(item.gateway, {}).get(item.provider_id)
        if text is None:
            unlisted.append(item)
        else:
            _note_status(item, text.status, found)
    return unlisted


def _note_status(item: AcceptedMessage, theirs: str, found: ProviderReconciliation) -> None:
    if theirs and theirs != item.status:
        change = f"{item.status} → {theirs}"
        found.other_status[change] = found.other_status.get(change, 0) + 1


async def _look_up(
    gateways: Mapping[str, Gateway],
    messages: Sequence[AcceptedMessage],
    lists: Lists,
    found: ProviderReconciliation,
) -> list[tuple[AcceptedMessage, Verdict]]:
    """Ask about what the lists lack; beyond the first take the word of a list that was read to its end."""
    turns = asyncio.Semaphore(LOOKUPS_CONCURRENT)
    complete = lists.keys() - found.unread.keys()

    async def one(number: int, item: AcceptedMessage) -> tuple[AcceptedMessage, Verdict]:
        if item.gateway not in gateways:  # taken by one that is not set up any more
            return item, "unclear"
        if number >= LOOKUPS_MAX and item.gateway in lists:
            is_in_period = item.gateway in complete and item.submitted_at >= found.since
            return item, "gone" if is_in_period else "unclear"
        envelope = Envelope(key=str(item.message_id), to=item.address)
        async with turns:
            result = await gateways[item.gateway].look_up(
                envelope, since=item.submitted_at, provider_id=item.provider_id
            )
        if result.kind == "accepted":
            _note_status(item, result.status, found)
            return item, "there"
        return item, "gone" if result.code == "not-found" else "unclear"

    return await asyncio.gather(*(one(number, item) for number, item in enumerate(messages)))
