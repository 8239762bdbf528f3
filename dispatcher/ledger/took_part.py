"""Who took part, by name: for people to look at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.tables import participation, person


@dataclass(frozen=True, kw_only=True, slots=True)
class Participant:
    """Somebody who took part; an erased person has no name any more."""

    person_id: int
    name: str
    area: str
    at: datetime
    source: str
    who: str

    def values(self) -> dict[str, Any]:
        """Give it as plain values."""
        return asdict(self)


def people(ledger: Ledger, campaign: str) -> tuple[Participant, ...]:
    """List who took part in a campaign, by area and then in the order in which they did."""
    question = (
        sa.select(participation, person.c.name, person.c.area)
        .join_from(participation, person, person.c.id == participation.c.person_id)
        .where(participation.c.campaign == campaign)
        .order_by(person.c.area_key, participation.c.at, person.c.id)
    )
    with ledger.read() as connection:
        return tuple(
            Participant(
                person_id=row.person_id,
                name=row.name,
                area=row.area,
                at=row.at,
                source=row.source,
                who=row.who,
            )
            for row in connection.execute(question)
        )
