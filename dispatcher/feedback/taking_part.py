"""Who took part, as other machines tell it: by number or mail, or as figures of a thôn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher.ledger import Ledger, participation
from dispatcher.ledger.participation import AreaCount, Known, Took
from dispatcher.vietnamese import phone
from dispatcher.vietnamese.text import fold


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Somebody who took part, as told; `name` tells people on one number apart."""

    address: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """Figures of an area for a day (ISO date)."""

    area: str
    day: str
    registered: int
    finished: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What came of it. `unmatched` are places in the list, counted from 0."""

    recorded: int
    known: int
    unmatched: tuple[int, ...]
    figures: int


def record(
    ledger: Ledger,
    campaign: str,
    people: Sequence[Told],
    figures: Sequence[Figure],
    *,
    source: str,
    who: str,
    now: datetime,
) -> Taken:
    """Write down who took part; whom we do not know is reported back, not guessed."""
    addresses = [_address(item.address) for item in people]
    found = {
        channel: participation.by_address(
            ledger, channel, {value for kind, value in addresses if kind == channel and value}
        )
        for channel in ("sms", "email")
    }
    facts: dict[int, Took] = {}
    unmatched = []
    for place, (item, (channel, address)) in enumerate(zip(people, addresses, strict=True)):
        matched = _matched(item, found[channel], address)
        if not matched:
            unmatched.append(place)
        for person in matched:
            at = min(item.at or now, now)
            facts[person.person_id] = Took(
                campaign=campaign, person_id=person.person_id, at=at, source=source, who=who
            )
    news = participation.record(ledger, list(facts.values()), now=now)
    participation.record_counts(ledger, [_count(campaign, item, source) for item in figures])
    return Taken(recorded=news, known=len(facts) - news, unmatched=tuple(unmatched), figures=len(figures))


def _matched(item: Told, found: Mapping[str, tuple[Known, ...]], address: str) -> tuple[Known, ...]:
    """Give who is meant: by name where several share the address, else the household."""
    behind = found.get(address, ())
    if len(behind) < 2 or not item.name.strip():
        return behind
    return tuple(person for person in behind if person.name_key == fold(item.name))


def _address(given: str) -> tuple[str, str]:
    if "@" in given:
        return "email", given.strip().lower()
    numbers = phone.read(given).numbers
    return "sms", numbers[0] if numbers else ""


def _count(campaign: str, item: Figure, source: str) -> AreaCount:
    return AreaCount(
        campaign=campaign,
        area=item.area,
        area_key=fold(item.area),
        day=item.day,
        registered=item.registered,
        finished=item.finished,
        source=source,
    )
