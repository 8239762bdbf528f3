"""Who took part, as other machines tell it: by number or mail, or as figures of a thôn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher.contacts import mail, places
from dispatcher.feedback.participation.matching import Sought, match
from dispatcher.ledger import Ledger, participation
from dispatcher.ledger.participation import AreaCount, Took
from dispatcher.vietnamese import names, phone
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
    facts: dict[int, Took] = {}
    unmatched = []
    for place, (item, whom) in enumerate(
        zip(people, match(ledger, [_sought(item) for item in people]), strict=True)
    ):
        if not whom.people:
            unmatched.append(place)
        for person in whom.people:
            facts[person.person_id] = Took(
                campaign=campaign,
                person_id=person.person_id,
                at=min(item.at or now, now),
                source=source,
                who=who,
            )
    news = participation.record(ledger, list(facts.values()), now=now)
    participation.record_counts(ledger, [_count(campaign, item, source) for item in figures])
    return Taken(recorded=news, known=len(facts) - news, unmatched=tuple(unmatched), figures=len(figures))


def _sought(item: Told) -> Sought:
    """Read what was told as a list would be read: a machine, too, writes "Bà Lê Thị Hoa"."""
    name_key = fold(names.read(item.name).full)
    if "@" in item.address:
        return Sought(email=mail.read(item.address).address, name_key=name_key)
    return Sought(phones=tuple(phone.read(item.address).numbers), name_key=name_key)


def _count(campaign: str, item: Figure, source: str) -> AreaCount:
    area = places.area(item.area, "thôn")  # "Đông" is the "Thôn Đông" of the lists
    return AreaCount(
        campaign=campaign,
        area=area,
        area_key=fold(area),
        day=item.day,
        registered=item.registered,
        finished=item.finished,
        source=source,
    )
