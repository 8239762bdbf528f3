"""Who took part, as far as we have learnt: it stops the reminders and may bring a word of thanks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger, audit_log
from dispatcher.ledger.eligibility import is_listed
from dispatcher.ledger.schema import records, revision
from dispatcher.ledger.schema.tables import (
    address,
    consent,
    contact,
    contact_import,
    participation,
    participation_claim,
    person,
)

PAGE = 1000


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
    """Write down who took part, told one by one; gives how many were news. From then on it counts."""
    with ledger.begin() as connection:
        return insert(ledger, connection, facts, import_id=0, now=now)


def insert(
    ledger: Ledger,
    connection: sa.Connection,
    facts: Sequence[Participation],
    *,
    import_id: int,
    now: datetime,
) -> int:
    """Write down who took part within the caller's transaction; gives how many were news.

    The first word stands in `participation`; every word is kept, for the first may be taken back.
    """
    news = 0
    for start in range(0, len(facts), PAGE):
        page = facts[start : start + PAGE]
        rows = [asdict(item) | {"learnt_at": now, "import_id": import_id} for item in page]
        before = _count_known(connection, page)
        connection.execute(ledger.insert(participation).on_conflict_do_nothing(), rows)
        connection.execute(ledger.insert(participation_claim).on_conflict_do_nothing(), rows)
        news += _count_known(connection, page) - before
    if news:
        revision.mark(connection)
    return news


def _count_known(connection: sa.Connection, facts: Sequence[Participation]) -> int:
    """Count those who are known to have taken part in the campaign that `facts` are about."""
    question = sa.select(sa.func.count()).where(
        participation.c.campaign.in_({item.campaign for item in facts}),
        participation.c.person_id.in_({item.person_id for item in facts}),
    )
    return connection.scalar(question) or 0


def known_participants(ledger: Ledger, campaign: str, people: Collection[int]) -> frozenset[int]:
    """Return those of `people` (person ids) who are known to have taken part in a campaign."""
    found: set[int] = set()
    with ledger.read() as connection:
        for page in pages(people):
            found.update(
                connection.scalars(
                    sa.select(participation.c.person_id).where(
                        participation.c.campaign == campaign, participation.c.person_id.in_(page)
                    )
                )
            )
    return frozenset(found)


def pages(people: Collection[int]) -> Iterator[list[int]]:
    """Yield ids so many at a time as one statement takes."""
    ids = sorted(people)
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def known_areas(ledger: Ledger) -> tuple[str, ...]:
    """Return every area in which some list has somebody, as the lists write it."""
    with ledger.read() as connection:
        return tuple(connection.scalars(sa.select(person.c.area).where(person.c.area != "").distinct()))


def people_of_areas(ledger: Ledger, audiences: Collection[str]) -> Mapping[str, int]:
    """Count the people whom lists of these audiences have in each area, held ones among them."""
    listed = sa.exists().where(contact.c.person_id == person.c.id, contact.c.audience.in_(audiences))
    question = sa.select(person.c.area, sa.func.count()).where(person.c.area != "", listed)
    with ledger.read() as connection:
        return {row[0]: int(row[1]) for row in connection.execute(question.group_by(person.c.area))}


def people_by_address(
    ledger: Ledger, channel: str, addresses: Collection[str], *, gone: bool = False
) -> Mapping[str, tuple[KnownPerson, ...]]:
    """Find everybody behind each address; with `gone` those who are in no list any more."""
    return _people(ledger, address.c.address, address.c.channel == channel, addresses, gone=gone)


def people_by_name(
    ledger: Ledger, name_keys: Collection[str], *, gone: bool = False
) -> Mapping[str, tuple[KnownPerson, ...]]:
    """Find everybody of each (folded) name; with `gone` those who are in no list any more."""
    return _people(ledger, person.c.name_key, sa.true(), name_keys, gone=gone)


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
    *,
    gone: bool,
) -> Mapping[str, tuple[KnownPerson, ...]]:
    if not keys:
        return {}
    is_in_a_list = is_listed(person.c.id, contact.c.state != "gone")
    question = sa.select(
        key.label("key"), person.c.id, person.c.name, person.c.name_key, person.c.area, person.c.area_key
    ).where(
        key.in_(keys),
        condition,
        person.c.erased_at.is_(None),
        ~is_in_a_list if gone else is_in_a_list,
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


def people_version(ledger: Ledger, campaign: str) -> tuple[object, ...]:
    """Return what changes whenever people, their lists, their wishes or their participation do.

    Every change of those is written into the log, into the list of loads, or into that of wishes.
    """
    learnt = sa.select(sa.func.max(participation.c.learnt_at)).where(participation.c.campaign == campaign)
    newest = [sa.select(sa.func.max(table.c.id)).scalar_subquery() for table in (contact_import, consent)]
    with ledger.read() as connection:
        return tuple(
            connection.execute(sa.select(learnt.scalar_subquery(), audit_log.newest_id(), *newest)).one()
        )


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
