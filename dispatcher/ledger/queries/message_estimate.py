"""How many messages a step would be, before it falls due: counted by the very choice that firing makes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target, select_recipients
from dispatcher.ledger.schema.tables import address
from dispatcher.plan import Occurrence

PREFIX_LENGTH = 6  # +84 and three digits: enough to tell the network


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageEstimate:
    """Messages that firing would write; `prefix` is the head of a number, what its price goes by."""

    audience: str
    channel: str
    prefix: str
    messages: int


def estimate(ledger: Ledger, step: Occurrence, targets: Sequence[Target]) -> tuple[MessageEstimate, ...]:
    """Count what firing a step now would write: one message an address, the first slice wins."""
    chosen = [
        select_recipients(0, step, part, channel, before=targets[:place]).with_only_columns(
            sa.literal(place).label("place"), address.c.channel, address.c.address
        )
        for place, part in enumerate(targets)
        for channel in part.channels
    ]
    if not chosen:
        return ()
    every = sa.union_all(*chosen).subquery()
    by_address = (
        sa.select(every.c.channel, every.c.address, sa.func.min(every.c.place).label("place"))
        .group_by(every.c.channel, every.c.address)
        .subquery()
    )
    number_prefix = sa.func.substr(by_address.c.address, 1, PREFIX_LENGTH)
    priced = (
        sa.select(
            by_address.c.place,
            by_address.c.channel,
            sa.case((by_address.c.channel == "sms", number_prefix), else_="").label("prefix"),
        )
    ).subquery()
    columns = (priced.c.place, priced.c.channel, priced.c.prefix)
    with ledger.read() as connection:
        rows = connection.execute(sa.select(*columns, sa.func.count()).group_by(*columns).order_by(*columns))
        return tuple(
            MessageEstimate(audience=targets[row[0]].audience, channel=row[1], prefix=row[2], messages=row[3])
            for row in rows
        )
