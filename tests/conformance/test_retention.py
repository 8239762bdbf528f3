"""What is forgotten after a campaign's time, and what stays."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.privacy import retention
from dispatcher.ledger.queries import address_history, message_counts
from dispatcher.ledger.schema.tables import message, message_text
from dispatcher.ledger.sending import occurrences
from tests.ledger_fixture import CAMPAIGN, NOON, add_residents, make_occurrence, phone_number


@pytest.fixture
def ledger(ledger: Ledger) -> Ledger:
    add_residents(ledger, 3)
    occurrences.start(
        ledger, make_occurrence(), [Target(audience="residents", channels=("sms",))], shard_size=9, now=NOON
    )
    with ledger.begin() as connection:
        connection.execute(sa.insert(message_text).values(body_hash="h", body="Mời bà con", first_at=NOON))
        connection.execute(sa.update(message).values(body_hash="h", provider_id="SM1"))
    return ledger


def test_addresses_and_words_go_and_the_sums_stay(ledger: Ledger) -> None:
    before = message_counts.exact_by_step(ledger)
    assert retention.anonymise_campaign(ledger, CAMPAIGN, now=NOON) == 3
    assert message_counts.exact_by_step(ledger) == before
    assert address_history.load(ledger, phone_number(0)).messages[0].words == ""
    with ledger.read() as connection:
        assert not [row for row in connection.scalars(sa.select(message.c.address)) if row.startswith("+")]
        assert connection.scalar(sa.select(sa.func.count()).select_from(message_text)) == 0


def test_forgetting_again_does_nothing(ledger: Ledger) -> None:
    retention.anonymise_campaign(ledger, CAMPAIGN, now=NOON)
    assert retention.anonymise_campaign(ledger, CAMPAIGN, now=NOON) == 0


def test_other_campaigns_are_left_alone(ledger: Ledger) -> None:
    assert retention.anonymise_campaign(ledger, "other", now=NOON) == 0
    assert address_history.load(ledger, phone_number(0)).messages[0].words == "Mời bà con"
