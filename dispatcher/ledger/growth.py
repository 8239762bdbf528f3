"""How participation grows: people by area and by the local day on which we learnt of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.tables import participation, participation_count, person

DAY_MICROS = 86_400_000_000
EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, kw_only=True, slots=True)
class Grown:
    """So many people of an area became known on one day as having taken part."""

    area: str
    day: date
    people: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """An area's figures for a day, as they came without names."""

    area: str
    day: date
    registered: int
    finished: int


def growth(ledger: Ledger, campaign: str, *, offset: timedelta) -> tuple[Grown, ...]:
    """Count who took part by area and day; `offset` is what local time is ahead of UTC."""
    learnt = sa.type_coerce(participation.c.learnt_at, sa.BigInteger)
    day = ((learnt + offset // timedelta(microseconds=1)) // DAY_MICROS).label("day")
    question = (
        sa.select(person.c.area, day, sa.func.count().label("people"))
        .join_from(participation, person, person.c.id == participation.c.person_id)
        .where(participation.c.campaign == campaign)
        .group_by(person.c.area, day)
        .order_by(day)
    )
    with ledger.read() as connection:
        return tuple(
            Grown(area=row.area, day=date.fromordinal(EPOCH_DAY + row.day), people=row.people)
            for row in connection.execute(question)
        )


def counted(ledger: Ledger, campaign: str) -> tuple[Counted, ...]:
    """Give every figure that came without names, by day."""
    question = (
        sa.select(participation_count)
        .where(participation_count.c.campaign == campaign)
        .order_by(participation_count.c.day, participation_count.c.area)
    )
    with ledger.read() as connection:
        return tuple(
            Counted(
                area=row.area,
                day=date.fromisoformat(row.day),
                registered=row.registered,
                finished=row.finished,
            )
            for row in connection.execute(question)
        )


def sources(ledger: Ledger, campaign: str) -> tuple[tuple[str, int], ...]:
    """Tell where participation was learnt, the commonest first."""
    question = (
        sa.select(participation.c.source, sa.func.count().label("people"))
        .where(participation.c.campaign == campaign)
        .group_by(participation.c.source)
        .order_by(sa.func.count().desc(), participation.c.source)
    )
    with ledger.read() as connection:
        return tuple((row.source, row.people) for row in connection.execute(question))
