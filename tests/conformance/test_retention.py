"""What is forgotten after a campaign's time, and what stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger, books, firing, retention
from dispatcher.ledger.firing import Slice
from dispatcher.ledger.tables import message, wording
from tests.town import CAMPAIGN, NOON, crowd, number, occasion, open_campaign


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    open_campaign(opened)
    crowd(opened, 3)
    firing.fire(opened, occasion(), [Slice(audience="residents", channels=("sms",))], shard_size=9, now=NOON)
    with opened.begin() as connection:
        connection.execute(sa.insert(wording).values(body_hash="h", body="Mời bà con", first_at=NOON))
        connection.execute(sa.update(message).values(body_hash="h", provider_id="SM1"))
    yield opened
    opened.close()


def test_addresses_and_words_go_and_the_sums_stay(ledger: Ledger) -> None:
    before = books.sums(ledger)
    assert retention.purge(ledger, CAMPAIGN, now=NOON) == 3
    assert books.sums(ledger) == before
    assert books.life(ledger, number(0)).messages[0].words == ""
    with ledger.read() as connection:
        assert not [row for row in connection.scalars(sa.select(message.c.address)) if row.startswith("+")]
        assert connection.scalar(sa.select(sa.func.count()).select_from(wording)) == 0


def test_forgetting_again_does_nothing(ledger: Ledger) -> None:
    retention.purge(ledger, CAMPAIGN, now=NOON)
    assert retention.purge(ledger, CAMPAIGN, now=NOON) == 0


def test_other_campaigns_are_left_alone(ledger: Ledger) -> None:
    assert retention.purge(ledger, "other", now=NOON) == 0
    assert books.life(ledger, number(0)).messages[0].words == "Mời bà con"
