"""Whoever took part is thanked, once; also those who are learnt of while others are being thanked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import Target
from dispatcher.ledger.queries import message_counts
from dispatcher.ledger.recipients import participation
from dispatcher.ledger.recipients.participation import Participation
from dispatcher.ledger.sending import occurrences
from tests.ledger_fixture import (
    CAMPAIGN,
    HOUR,
    NOON,
    add_people,
    add_residents,
    make_occurrence,
    phone_number,
    start_campaign,
)

RESIDENTS = [Target(audience="residents", channels=("sms",))]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(database_url)
    start_campaign(opened)
    yield opened
    opened.close()


def test_thanks_go_once_to_each_who_took_part(ledger: Ledger) -> None:
    ids = add_people(
        ledger, ("residents", "Một", phone_number(1), ""), ("residents", "Hai", phone_number(2), "")
    )
    step = make_occurrence("thanks", key="*", kind="thanks")
    for person_id in ids:
        participation.record(
            ledger, [Participation(campaign=CAMPAIGN, person_id=person_id, at=NOON, source="t")], now=NOON
        )
        assert occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=NOON).messages == 1
    assert occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=NOON).messages == 0
    assert sum(item.messages for item in message_counts.exact_by_step(ledger)) == 2


def test_thanks_find_whoever_was_learnt_of_since_also_a_little_late(ledger: Ledger) -> None:
    add_residents(ledger, 4)
    step = make_occurrence("thanks", key="*", kind="thanks")

    def thank(person_id: int, *, learnt_at: datetime, now: datetime) -> int:
        took = [Participation(campaign=CAMPAIGN, person_id=person_id, at=NOON, source="list")]
        participation.record(ledger, took, now=learnt_at)
        return occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=now).messages

    assert thank(1, learnt_at=NOON, now=NOON) == 1
    assert thank(2, learnt_at=NOON + 5 * HOUR, now=NOON + 5 * HOUR) == 1
    # Its transaction was under way when the last look was taken; or the clock has been set back since.
    assert thank(3, learnt_at=NOON + 5 * HOUR - MINUTE, now=NOON + 6 * HOUR) == 1
    assert thank(4, learnt_at=NOON + HOUR, now=NOON + HOUR) == 1
    assert (
        occurrences.add_recipients(ledger, step, RESIDENTS, shard_size=10, now=NOON + 7 * HOUR).messages == 0
    )
