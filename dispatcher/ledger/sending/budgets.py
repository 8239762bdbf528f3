"""Keeps what a campaign has used of its budget equal to what its messages cost, whatever changes them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema.tables import campaign, message, occurrence


@contextmanager
def keep_in_sync(connection: sa.Connection, ids: Collection[int]) -> Iterator[None]:
    """Let the budgets follow whatever the block does to the cost of the messages `ids`."""
    if not ids:
        yield
        return
    before = _costs(connection, ids)
    yield
    changed = _costs(connection, ids)
    changed.subtract(before)
    for name, vnd in changed.items():
        if vnd:
            connection.execute(
                sa.update(campaign)
                .where(campaign.c.name == name)
                .values(budget_used=campaign.c.budget_used + vnd)
            )


def _costs(connection: sa.Connection, ids: Collection[int]) -> Counter[str]:
    """Add up by campaign; the rows stay ours until the transaction ends."""
    costs: Counter[str] = Counter()
    for name, vnd in connection.execute(_COSTS, {"ids": list(ids)}):
        costs[name] += vnd
    return costs


_COSTS = (
    sa.select(occurrence.c.campaign, message.c.vnd)
    .join_from(message, occurrence, occurrence.c.id == message.c.occurrence_id)
    .where(message.c.id.in_(sa.bindparam("ids", expanding=True)))
    .order_by(message.c.id)
    .with_for_update(of=message)
)


def used(ledger: Ledger, campaign_name: str) -> int:
    """VND reserved or charged in a campaign so far."""
    with ledger.read() as connection:
        return (
            connection.scalar(sa.select(campaign.c.budget_used).where(campaign.c.name == campaign_name)) or 0
        )
