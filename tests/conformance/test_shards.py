"""Shards opened again, several at once, on every database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.schema.tables import shard
from dispatcher.ledger.sending import occurrences, shards
from tests.ledger_fixture import HOUR, NOON, add_residents, make_occurrence


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    add_residents(ledger, 30)
    occurrences.start(
        ledger, make_occurrence(), [Target(audience="residents", channels=("sms",))], shard_size=10, now=NOON
    )
    return ledger


def test_several_are_opened_again_at_their_moments_and_a_cancelled_one_stays(ledger: Ledger) -> None:
    with ledger.begin() as connection:
        first, second, third = connection.scalars(sa.select(shard.c.id).order_by(shard.c.id))
        connection.execute(sa.update(shard).values(state="done"))
        connection.execute(sa.update(shard).where(shard.c.id == third).values(state="cancelled"))
        shards.reopen(connection, {first: NOON + HOUR, second: NOON + 2 * HOUR, third: NOON})
        rows = connection.execute(sa.select(shard.c.state, shard.c.not_before).order_by(shard.c.id)).all()
    assert [row.state for row in rows] == ["open", "open", "cancelled"]
    assert [row.not_before for row in rows[:2]] == [NOON + HOUR, NOON + 2 * HOUR]
