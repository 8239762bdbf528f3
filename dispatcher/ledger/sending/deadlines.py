"""Which deadline of a campaign was in force when: so it is known who was told which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.schema import records
from dispatcher.ledger.schema.tables import EPOCH, campaign_deadline

# What was written just before a deadline was moved may leave so much later: it said the old one.
ON_ITS_WAY = timedelta(seconds=10)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineInForce:
    """A deadline, and since when it was that of its campaign."""

    campaign: str
    since: datetime
    deadline: datetime


def in_force(ledger: Ledger) -> tuple[DeadlineInForce, ...]:
    """Return the deadlines of all campaigns, those of each in the order in which they were in force."""
    columns = records.columns_of(DeadlineInForce, campaign_deadline)
    question = sa.select(*columns).order_by(campaign_deadline.c.campaign, campaign_deadline.c.since)
    with ledger.read() as connection:
        return records.read(connection, DeadlineInForce, question)


def note(ledger: Ledger, name: str, deadline: datetime, *, now: datetime) -> DeadlineInForce:
    """Note that a campaign has another deadline from now on; gives what was noted."""
    values = {"campaign": name, "since": now, "deadline": deadline}
    statement = ledger.insert(campaign_deadline).values(values)
    with ledger.begin() as connection:
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["campaign", "since"], set_={"deadline": statement.excluded.deadline}
            )
        )
    return DeadlineInForce(**values)  # type: ignore[arg-type]  # the very fields


def told_within(
    history: Sequence[DeadlineInForce], *, extended: bool
) -> tuple[tuple[datetime, datetime], ...]:
    """Return when the deadline was sooner (`extended`), or later, than it is now: (after, up to) pairs."""
    if not history:
        return ()
    now_in_force = history[-1].deadline
    return tuple(
        (EPOCH if former is history[0] else former.since + ON_ITS_WAY, following.since + ON_ITS_WAY)
        for former, following in pairwise(history)
        if (former.deadline < now_in_force if extended else former.deadline > now_in_force)
    )
