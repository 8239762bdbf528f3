"""People counted by area: reached, not to be reached, refusing, having taken part. People, not messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.status import PERMANENT_FAILURE, WITH_PROVIDER
from dispatcher.ledger.tables import (
    address,
    contact,
    message,
    occurrence,
    participation,
    participation_count,
    person,
    suppression,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class AreaPeople:
    """One area's people, counted."""

    area: str
    people: int
    reached: int
    unreachable: int
    opted_out: int
    took_part: int
    took_part_before: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreached:
    """A person whom no message reaches; somebody should see them."""

    area: str
    name: str
    address: str
    reason: str  # a word of the ledger


def people(
    ledger: Ledger, campaign: str, audiences: Sequence[str], *, before: datetime
) -> tuple[AreaPeople, ...]:
    """Count the people of each area; `took_part_before` is what was known at `before`."""
    took = _took_part(campaign)
    earlier = took.where(participation.c.learnt_at <= before)
    reached, dead, refuses = _reached(campaign), _dead(campaign), _stopped("opted-out")
    question = (
        sa.select(
            person.c.area,
            sa.func.count().label("people"),
            _count(reached),
            _count(sa.and_(dead, ~reached)),
            _count(refuses),
            _count(took),
            _count(earlier),
        )
        .where(_is_addressed(audiences))
        .group_by(person.c.area)
    )
    with ledger.read() as connection:
        return tuple(
            AreaPeople(
                area=row[0],
                people=row[1],
                reached=row[2] or 0,
                unreachable=row[3] or 0,
                opted_out=row[4] or 0,
                took_part=row[5] or 0,
                took_part_before=row[6] or 0,
            )
            for row in connection.execute(question)
        )


def unreached(
    ledger: Ledger, campaign: str, audiences: Sequence[str], *, limit_per_area: int
) -> tuple[Unreached, ...]:
    """List the people of each area whom nothing reaches and who have not taken part."""
    place = sa.func.row_number().over(partition_by=person.c.area, order_by=person.c.id).label("place")
    inner = (
        sa.select(
            person.c.area,
            person.c.name,
            sa.select(sa.func.min(address.c.address))
            .where(address.c.person_id == person.c.id)
            .scalar_subquery()
            .label("address"),
            sa.case((_stopped("opted-out"), "opted-out"), else_="number").label("reason"),
            place,
        )
        .where(
            _is_addressed(audiences),
            sa.or_(_dead(campaign), _stopped("opted-out")),
            ~_took_part(campaign),
            ~_reached(campaign),
        )
        .subquery()
    )
    with ledger.read() as connection:
        rows = connection.execute(sa.select(inner).where(inner.c.place <= limit_per_area))
        return tuple(
            Unreached(area=row.area, name=row.name, address=row.address or "", reason=row.reason)
            for row in rows
        )


def counted(ledger: Ledger, campaign: str) -> dict[str, tuple[str, int, int, str]]:
    """Give the newest figures without names: area key → (area, registered, finished, day)."""
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
    return sa.func.sum(sa.case((condition, 1), else_=0))


def _is_addressed(audiences: Sequence[str]) -> sa.ColumnElement[bool]:
    listed = sa.exists().where(
        contact.c.person_id == person.c.id, contact.c.audience.in_(audiences), contact.c.state == "active"
    )
    return sa.and_(listed, person.c.erased_at.is_(None))


def _took_part(campaign: str) -> sa.Exists:
    return sa.exists().where(participation.c.person_id == person.c.id, participation.c.campaign == campaign)


def _messages(campaign: str) -> sa.Exists:
    return sa.exists().where(
        address.c.person_id == person.c.id,
        message.c.address == address.c.address,
        message.c.channel == address.c.channel,
        occurrence.c.id == message.c.occurrence_id,
        occurrence.c.campaign == campaign,
        occurrence.c.kind != "digest",
    )


def _reached(campaign: str) -> sa.Exists:
    return _messages(campaign).where(message.c.status.in_(sorted(WITH_PROVIDER)))


def _dead(campaign: str) -> sa.ColumnElement[bool]:
    failed = _messages(campaign).where(message.c.status == PERMANENT_FAILURE)
    return sa.or_(failed, _stopped("dead-address"))


def _stopped(reason: str) -> sa.Exists:
    return sa.exists().where(
        address.c.person_id == person.c.id,
        address.c.rank == 0,
        suppression.c.channel == address.c.channel,
        suppression.c.address == address.c.address,
        suppression.c.reason == reason,
    )
