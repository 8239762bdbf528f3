"""People counted by area: reached, not to be reached, refusing, having taken part. People, not messages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from dispatcher.campaign import step_kinds
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import (
    counted_status,
    is_in_scope,
    is_listed,
    is_suppressed,
    took_part,
)
from dispatcher.ledger.queries.protected import is_protected
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES, PERMANENT_FAILURE
from dispatcher.ledger.schema.tables import (
    address,
    contact,
    day_of,
    message,
    occurrence,
    participation,
    participation_count,
    person,
    suppression,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaPeople:
    """One area's people, counted; those no list has a usable address of are `without_address`."""

    area: str
    people: int
    reached: int
    unreachable: int
    opted_out: int
    took_part: int
    took_part_before: int
    without_address: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class UnreachedPerson:
    """A person whom no message reaches; somebody should see them."""

    area: str
    name: str
    address: str
    reason: str  # a word of the ledger
    is_protected: bool = False  # known from sensitive lists only


def by_area(
    ledger: Ledger, campaign: str, audiences: Sequence[str], *, earlier_than: datetime
) -> tuple[AreaPeople, ...]:
    """Count the people of each area; `took_part_before` is what was known at `earlier_than`."""
    reached = _reached(campaign)
    question = (
        sa.select(
            person.c.area,
            sa.func.count().label("people"),
            _count(reached).label("reached"),
            _count(sa.and_(_unreachable(campaign), ~reached)).label("unreachable"),
            _count(_opted_out(campaign, audiences)).label("opted_out"),
            _count(took_part(person.c.id, campaign)).label("took_part"),
            _count(took_part(person.c.id, campaign, participation.c.learnt_at <= earlier_than)).label(
                "took_part_before"
            ),
            _count(_is_without_address()).label("without_address"),
        )
        .where(_is_in_base(audiences))
        .group_by(person.c.area)
    )
    with ledger.read() as connection:
        return records.read(connection, AreaPeople, question)


def unreached_people(
    ledger: Ledger,
    campaign: str,
    audiences: Sequence[str],
    *,
    open_audiences: Collection[str],
    area: str | None = None,
) -> tuple[UnreachedPerson, ...]:
    """List the people of one area, or of all, whom nothing reaches and who have not taken part.

    Who is in none of `open_audiences` is protected: `report.protection` hides them from who may not see them.
    """
    first_address = sa.select(sa.func.min(address.c.address)).where(address.c.person_id == person.c.id)
    opted_out = _opted_out(campaign, audiences)
    question = (
        sa.select(
            person.c.area,
            person.c.name,
            sa.func.coalesce(first_address.scalar_subquery(), "").label("address"),
            sa.case((_is_without_address(), "no-address"), (opted_out, "opted-out"), else_="number").label(
                "reason"
            ),
            is_protected(open_audiences).label("is_protected"),
        )
        .where(_is_to_visit(campaign, audiences))
        .order_by(person.c.id)
    )
    if area is not None:
        question = question.where(person.c.area == area)
    with ledger.read() as connection:
        return records.read(connection, UnreachedPerson, question)


def _is_to_visit(campaign: str, audiences: Sequence[str]) -> sa.ColumnElement[bool]:
    return sa.and_(
        _is_in_base(audiences),
        sa.or_(_unreachable(campaign), _opted_out(campaign, audiences), _is_without_address()),
        ~took_part(person.c.id, campaign),
        ~_reached(campaign),
    )


def areas_to_visit(ledger: Ledger, campaign: str, audiences: Sequence[str]) -> tuple[str, ...]:
    """Return the areas of those whom `unreached_people` lists."""
    question = sa.select(person.c.area).distinct().where(_is_to_visit(campaign, audiences))
    with ledger.read() as connection:
        return tuple(connection.scalars(question))


def latest_area_totals(ledger: Ledger, campaign: str) -> dict[str, tuple[str, int, int, str]]:
    """Return the newest figures without names: area key → (area, registered, finished, day)."""
    newest = (
        sa.select(participation_count.c.area_key, sa.func.max(participation_count.c.day).label("day"))
        .where(participation_count.c.campaign == campaign)
        .group_by(participation_count.c.area_key)
        .subquery()
    )
    question = sa.select(participation_count).join(
        newest,
        sa.and_(
            newest.c.area_key == participation_count.c.area_key, newest.c.day == participation_count.c.day
        ),
    )
    with ledger.read() as connection:
        rows = connection.execute(question.where(participation_count.c.campaign == campaign))
        return {row.area_key: (row.area, row.registered, row.finished, row.day) for row in rows}


def _count(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
    return sa.func.count(sa.case((condition, 1)))


def _is_in_base(audiences: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return whether a person counts: shares, growth and visits are all about these, and only these."""
    listed = is_listed(person.c.id, contact.c.audience.in_(audiences), contact.c.state == "active")
    return sa.and_(listed, person.c.erased_at.is_(None))


def _is_without_address() -> sa.ColumnElement[bool]:
    return ~sa.exists().where(address.c.person_id == person.c.id)


def _has_message(campaign: str) -> sa.Exists:
    return sa.exists().where(
        address.c.person_id == person.c.id,
        message.c.address == address.c.address,
        message.c.channel == address.c.channel,
        occurrence.c.id == message.c.occurrence_id,
        occurrence.c.campaign == campaign,
        occurrence.c.kind.not_in(step_kinds.FOR_STAFF),
    )


def _reached(campaign: str) -> sa.Exists:
    return _has_message(campaign).where(message.c.status.in_(ACCEPTED_STATUSES))


def _unreachable(campaign: str) -> sa.ColumnElement[bool]:
    failed = _has_message(campaign).where(counted_status() == PERMANENT_FAILURE)
    return sa.or_(failed, _has_address(is_suppressed(address, suppression.c.reason == "dead-address")))


def _opted_out(campaign: str, audiences: Sequence[str]) -> sa.Exists:
    """Return whether a person said no to this campaign, or to an audience of it."""
    scopes = (f"campaign:{campaign}", *(f"audience:{name}" for name in audiences))
    return _has_address(is_suppressed(address, suppression.c.reason == "opted-out", is_in_scope(*scopes)))


def _has_address(condition: sa.ColumnElement[bool]) -> sa.Exists:
    """Return whether the condition holds for an address at which a person is written to."""
    return sa.exists().where(address.c.person_id == person.c.id, address.c.rank == 0, condition)


@dataclass(frozen=True, kw_only=True, slots=True)
class AudienceTotals:
    """How many people there are, and what they said."""

    people: int  # who may be written to
    without_address: int  # who would be, had any list a usable number or mail
    held: int
    took_part: int
    opted_out: int  # addresses
    dead: int  # addresses


def audience_totals(ledger: Ledger) -> AudienceTotals:
    """Count people and their wishes, over all lists and campaigns."""
    active = is_listed(person.c.id, contact.c.state == "active")
    listed = sa.and_(active, ~_is_without_address())
    held = is_listed(person.c.id, contact.c.state == "held")

    def people(condition: sa.ColumnElement[bool]) -> records.Query:
        return sa.select(sa.func.count()).select_from(person).where(person.c.erased_at.is_(None), condition)

    def stopped(reason: str) -> records.Query:
        places = sa.select(suppression.c.channel, suppression.c.address).where(suppression.c.reason == reason)
        return sa.select(sa.func.count()).select_from(places.distinct().subquery())

    took = sa.select(sa.func.count(participation.c.person_id.distinct()))
    with ledger.read() as connection:
        return AudienceTotals(
            people=connection.scalar(people(listed)) or 0,
            without_address=connection.scalar(people(sa.and_(active, _is_without_address()))) or 0,
            held=connection.scalar(people(held)) or 0,
            took_part=connection.scalar(took) or 0,
            opted_out=connection.scalar(stopped("opted-out")) or 0,
            dead=connection.scalar(stopped("dead-address")) or 0,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class DailyParticipation:
    """So many people of an area became known on one day as having taken part."""

    area: str
    day: date
    people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaTotal:
    """An area's figures for a day, as they came without names."""

    area: str
    day: date
    registered: int
    finished: int


def participation_by_day(
    ledger: Ledger, campaign: str, audiences: Sequence[str], *, offset: timedelta
) -> tuple[DailyParticipation, ...]:
    """Count, of the people `by_area` counts, who took part by area and day.

    `offset` is what local time is ahead of UTC.
    """
    day = day_of(participation.c.learnt_at, offset).label("day")
    question = (
        sa.select(person.c.area, day, sa.func.count().label("people"))
        .join_from(participation, person, person.c.id == participation.c.person_id)
        .where(participation.c.campaign == campaign, _is_in_base(audiences))
        .group_by(person.c.area, day)
        .order_by(day)
    )
    with ledger.read() as connection:
        return records.read(connection, DailyParticipation, question)


def area_totals(ledger: Ledger, campaign: str) -> tuple[AreaTotal, ...]:
    """Return every figure that came without names, by day."""
    question = (
        sa.select(participation_count)
        .where(participation_count.c.campaign == campaign)
        .order_by(participation_count.c.day, participation_count.c.area)
    )
    with ledger.read() as connection:
        return tuple(
            AreaTotal(
                area=row.area,
                day=date.fromisoformat(row.day),
                registered=row.registered,
                finished=row.finished,
            )
            for row in connection.execute(question)
        )


def participation_sources(
    ledger: Ledger, campaign: str, audiences: Sequence[str]
) -> tuple[tuple[str, int], ...]:
    """Return where participation of the people `by_area` counts was learnt, the commonest first."""
    question = (
        sa.select(participation.c.source, sa.func.count().label("people"))
        .join_from(participation, person, person.c.id == participation.c.person_id)
        .where(participation.c.campaign == campaign, _is_in_base(audiences))
        .group_by(participation.c.source)
        .order_by(sa.func.count().desc(), participation.c.source)
    )
    with ledger.read() as connection:
        return tuple((row.source, row.people) for row in connection.execute(question))


def participants_not_counted(ledger: Ledger, campaign: str, audiences: Sequence[str]) -> int:
    """Count who took part and is not among the people `by_area` counts: held, dropped, gone or erased."""
    question = (
        sa.select(sa.func.count())
        .join_from(participation, person, person.c.id == participation.c.person_id)
        .where(participation.c.campaign == campaign, ~_is_in_base(audiences))
    )
    with ledger.read() as connection:
        return connection.scalar(question) or 0


def count_do_not_call(ledger: Ledger, audiences: Collection[str]) -> int:
    """Count the numbers of active people in `audiences` that are on the Do-Not-Call list."""
    listed = sa.exists().where(
        address.c.person_id == contact.c.person_id,
        address.c.channel == suppression.c.channel,
        address.c.address == suppression.c.address,
        contact.c.state == "active",
        contact.c.audience.in_(audiences),
    )
    question = (
        sa.select(sa.func.count())
        .select_from(suppression)
        .where(suppression.c.scope == "advertising", suppression.c.reason == "do-not-call", listed)
    )
    with ledger.read() as connection:
        return connection.scalar(question) or 0
