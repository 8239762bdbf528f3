"""Who took part, as far as we have learnt: it stops the reminders and may bring a word of thanks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import is_listed
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import address, contact, participation, participation_count, person


@dataclass(frozen=True, kw_only=True, slots=True)
class Participation:
    """A person took part."""

    campaign: str
    person_id: int
    at: datetime
    source: str  # import file, link, contest platform
    who: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownPerson:
    """A person as far as matching a participation list needs."""

    person_id: int
    name: str
    name_key: str
    area: str
    area_key: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaParticipation:
    """Participation figures that come without names."""

    campaign: str
    area: str
    area_key: str
    day: str  # ISO date
    registered: int | None  # None: not said
    finished: int | None
    source: str


def record(ledger: Ledger, facts: Sequence[Participation], *, now: datetime) -> int:
    """Write down who took part; gives how many were news. Acts before the next claim."""
    if not facts:
        return 0
    rows = [asdict(item) | {"learnt_at": now} for item in facts]
    count = sa.select(sa.func.count()).select_from(participation)
    with ledger.begin() as connection:
        before = connection.scalar(count) or 0
        connection.execute(ledger.insert(participation).on_conflict_do_nothing(), rows)
        return (connection.scalar(count) or 0) - before


def record_counts(ledger: Ledger, counts: Sequence[AreaParticipation]) -> None:
    """Write down an area's figures for a day; the newest word stands, and what is not said stays."""
    with ledger.begin() as connection:
        for item in counts:
            facts = {name: value for name, value in asdict(item).items() if value is not None}
            newest = ledger.insert(participation_count).values(**facts)
            connection.execute(
                newest.on_conflict_do_update(index_elements=["campaign", "area_key", "day"], set_=facts)
            )


def known_areas(ledger: Ledger, area_keys: Collection[str]) -> frozenset[str]:
    """Return those of `area_keys` in which some list has somebody."""
    with ledger.read() as connection:
        question = sa.select(person.c.area_key).where(person.c.area_key.in_(area_keys)).distinct()
        return frozenset(connection.scalars(question))


def people_by_address(
    ledger: Ledger, channel: str, addresses: Collection[str]
) -> Mapping[str, tuple[KnownPerson, ...]]:
    """Find everybody behind each address."""
    return _people(ledger, address.c.address, address.c.channel == channel, addresses)


def people_by_name(ledger: Ledger, name_keys: Collection[str]) -> Mapping[str, tuple[KnownPerson, ...]]:
    """Find everybody of each (folded) name."""
    return _people(ledger, person.c.name_key, sa.true(), name_keys)


def participations(ledger: Ledger, campaign: str, *, limit: int = 100_000) -> tuple[Participation, ...]:
    """List who took part in a campaign, the latest first."""
    question = (
        sa.select(*records.columns_of(Participation, participation))
        .where(participation.c.campaign == campaign)
        .order_by(participation.c.learnt_at.desc(), participation.c.person_id)
        .limit(limit)
    )
    with ledger.read() as connection:
        return records.read(connection, Participation, question)


def _people(
    ledger: Ledger,
    key: sa.Column[str],
    condition: sa.ColumnElement[bool],
    keys: Collection[str],
) -> Mapping[str, tuple[KnownPerson, ...]]:
    if not keys:
        return {}
    question = sa.select(
        key.label("key"), person.c.id, person.c.name, person.c.name_key, person.c.area, person.c.area_key
    ).where(
        key.in_(keys),
        condition,
        person.c.erased_at.is_(None),
        is_listed(person.c.id, contact.c.state != "gone"),
    )
    if key.table is address:
        question = question.join_from(address, person, person.c.id == address.c.person_id)
    found: dict[str, tuple[KnownPerson, ...]] = {}
    with ledger.read() as connection:
        for row in connection.execute(question):
            known = KnownPerson(
                person_id=row.id, name=row.name, name_key=row.name_key, area=row.area, area_key=row.area_key
            )
            found[row.key] = (*found.get(row.key, ()), known)
    return found


def latest_learnt_at(ledger: Ledger, campaign: str) -> datetime | None:
    """Return when we last learnt that somebody took part."""
    with ledger.read() as connection:
        moment: datetime | None = connection.scalar(
            sa.select(sa.func.max(participation.c.learnt_at)).where(participation.c.campaign == campaign)
        )
    return moment


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordedParticipant:
    """Somebody who took part; an erased person has no name any more."""

    person_id: int
    name: str
    area: str
    at: datetime
    source: str
    who: str

    def values(self) -> dict[str, object]:
        """Return it as plain values."""
        return asdict(self)


def participants(ledger: Ledger, campaign: str) -> tuple[RecordedParticipant, ...]:
    """List who took part in a campaign, by area and then in the order in which they did."""
    question = (
        sa.select(*records.columns_of(RecordedParticipant, participation, person))
        .join_from(participation, person, person.c.id == participation.c.person_id)
        .where(participation.c.campaign == campaign)
        .order_by(person.c.area_key, participation.c.at, person.c.id)
    )
    with ledger.read() as connection:
        return records.read(connection, RecordedParticipant, question)
