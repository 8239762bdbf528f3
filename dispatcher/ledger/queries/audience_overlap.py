"""Which numbers are written to by which choices of people, all together: where campaigns meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import (
    Target,
    family_took_part,
    is_in_scope,
    is_suppressed,
    select_recipients,
    was_sent,
)
from dispatcher.ledger.schema.tables import address, message
from dispatcher.plan import Occurrence


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The people of one occurrence: by its targets of one to come, by its id of one that was fired."""

    occurrence: Occurrence
    targets: tuple[Target, ...] = ()
    fired_id: int | None = None


def count_numbers(ledger: Ledger, choices: Sequence[Choice]) -> Mapping[frozenset[int], int]:
    """Count numbers by which of `choices` (their places) send them a text; none to who refuses."""
    chosen = [part for place, choice in enumerate(choices) for part in _numbers(place, choice)]
    if not chosen:
        return {}
    every = sa.union(*chosen).subquery()
    counts: Counter[frozenset[int]] = Counter()
    with ledger.read() as connection:
        rows = connection.execute(sa.select(every.c.address, every.c.place).order_by(every.c.address))
        for _address, mine in groupby(rows, key=itemgetter(0)):
            counts[frozenset(row[1] for row in mine)] += 1
    return counts


def _numbers(place: int, choice: Choice) -> list[sa.Select[tuple[int, str]]]:
    column = sa.literal(place).label("place")
    if choice.fired_id is not None:
        return [
            sa.select(column, message.c.address).where(
                message.c.occurrence_id == choice.fired_id,
                message.c.channel == "sms",
                sa.or_(was_sent(), message.c.next_at.is_not(None)),
            )
        ]
    step = choice.occurrence
    return [
        select_recipients(0, step, target, "sms", before=choice.targets[:position])
        .with_only_columns(column, address.c.address)
        .where(
            ~family_took_part(address, step.campaign),
            ~is_suppressed(address, is_in_scope(f"campaign:{step.campaign}", f"audience:{target.audience}")),
        )
        for position, target in enumerate(choice.targets)
        if "sms" in target.channels
    ]
