"""Who took part, as other machines tell it: by number or mail, or as figures of a thôn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher.contacts import email_cell, places
from dispatcher.feedback.participation.matching import PersonQuery, match
from dispatcher.ledger import Ledger
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import AreaParticipation, Participation
from dispatcher.vietnamese import names, phone
from dispatcher.vietnamese.text import fold


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedParticipant:
    """Somebody who took part, as told; `name` tells people on one number apart."""

    address: str
    name: str = ""
    at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportedAreaCount:
    """Figures of an area for a day (ISO date)."""

    area: str
    day: str
    registered: int | None  # None: not said, what is known stays
    finished: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedParticipants:
    """What came of it. `unmatched` are places in the list, counted from 0."""

    recorded: int
    known: int
    unmatched: tuple[int, ...]
    figures: int
    unknown_areas: tuple[str, ...] = ()  # in nobody's row of a list


def record(
    ledger: Ledger,
    campaign: str,
    people: Sequence[ReportedParticipant],
    figures: Sequence[ReportedAreaCount],
    *,
    source: str,
    who: str,
    now: datetime,
) -> RecordedParticipants:
    """Write down who took part; whom we do not know is reported back, not guessed."""
    participations: dict[int, Participation] = {}
    unmatched = []
    for index, (item, whom) in enumerate(
        zip(people, match(ledger, [_query(item) for item in people]), strict=True)
    ):
        if not whom.people:
            unmatched.append(index)
        for person in whom.people:
            participations[person.person_id] = Participation(
                campaign=campaign,
                person_id=person.person_id,
                at=min(item.at or now, now),
                source=source,
                who=who,
            )
    news = participation.record(ledger, list(participations.values()), now=now)
    counts = [_area_count(campaign, item, source) for item in figures]
    participation.record_counts(ledger, counts)
    known = participation.known_areas(ledger, {item.area_key for item in counts})
    unknown_areas = dict.fromkeys(item.area for item in counts if item.area_key not in known)
    return RecordedParticipants(
        recorded=news,
        known=len(participations) - news,
        unmatched=tuple(unmatched),
        figures=len(figures),
        unknown_areas=tuple(unknown_areas),
    )


def _query(participant: ReportedParticipant) -> PersonQuery:
    """Read what was told as a list would be read: a machine, too, writes "Bà Lê Thị Hoa"."""
    name_key = fold(names.parse(participant.name).full)
    if "@" in participant.address:
        return PersonQuery(email=email_cell.parse(participant.address).address, name_key=name_key)
    return PersonQuery(phones=tuple(phone.parse(participant.address).numbers), name_key=name_key)


def _area_count(campaign: str, reported: ReportedAreaCount, source: str) -> AreaParticipation:
    area = places.normalise_area(reported.area, "thôn")  # "Đông" is the "Thôn Đông" of the lists
    return AreaParticipation(
        campaign=campaign,
        area=area,
        area_key=fold(area),
        day=reported.day,
        registered=reported.registered,
        finished=reported.finished,
        source=source,
    )
