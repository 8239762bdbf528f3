"""After a crash only what may have left is asked about: the rest had not come to its slot, and goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from dispatcher.errors import LeaseLost
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import integrity
from dispatcher.ledger.schema.tables import message
from dispatcher.ledger.sending import campaign_states, claims, put_back, recovery, withdrawals
from dispatcher.ledger.sending.claim_types import ClaimResult, Lease
from tests import sending_fixture
from tests.ledger_fixture import CAMPAIGN, HOUR, NOON, add_residents
from tests.sending_fixture import MINUTE, take

SECOND = timedelta(seconds=1)
PEOPLE = 10
SLOTS = [NOON + place * SECOND for place in range(PEOPLE)]


@pytest.fixture
def ledger(ledger: Ledger) -> Iterator[Ledger]:
    add_residents(ledger, PEOPLE)
    assert sending_fixture.fire(ledger) == PEOPLE
    yield ledger
    assert integrity.violations(ledger, now=NOON + HOUR) == ()


def claim(ledger: Ledger, lease: Lease, *, slotted: bool = True, canary: int = 0) -> ClaimResult:
    return sending_fixture.claim(
        ledger,
        lease,
        latest_send_at=NOON + MINUTE,
        slots=SLOTS if slotted else (),
        batch_size=PEOPLE,
        budget_vnd=10_000,
        canary=canary,
        vnd_per_part=lambda _number: 300,
    )


def clear(ledger: Ledger, lease: Lease, messages: int) -> int:
    return claims.extend_clearance(ledger, lease, until=SLOTS[messages - 1], lease_until=NOON + MINUTE)


def statuses(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return list(connection.scalars(sa.select(message.c.status).order_by(message.c.id)))


@pytest.mark.parametrize("cleared", [0, 1, 4, PEOPLE])
def test_whoever_takes_over_a_shard_sends_what_had_not_come_to_its_slot(ledger: Ledger, cleared: int) -> None:
    lease = take(ledger)
    claim(ledger, lease)
    if cleared:
        clear(ledger, lease, cleared)
    heir = take(ledger, now=NOON + 2 * MINUTE)
    assert heir.put_back == PEOPLE - cleared
    assert statuses(ledger) == ["submitting"] * cleared + ["created"] * (PEOPLE - cleared)
    with pytest.raises(LeaseLost):  # the one before, if it lives after all
        clear(ledger, lease, PEOPLE)


@pytest.mark.parametrize("cleared", [0, 4, PEOPLE])
def test_so_does_the_next_life_of_a_process_that_is_alone(ledger: Ledger, cleared: int) -> None:
    lease = take(ledger)
    claim(ledger, lease)
    if cleared:
        clear(ledger, lease, cleared)
    found = recovery.release_previous_process(ledger, lookup_at=NOON + MINUTE, now=NOON)
    assert (found.unsent, found.intents) == (PEOPLE - cleared, cleared)


def test_an_intent_without_a_slot_may_have_left_at_once(ledger: Ledger) -> None:
    """As an older version writes it, in the same ledger."""
    claim(ledger, take(ledger), slotted=False)
    assert take(ledger, now=NOON + 2 * MINUTE).put_back == 0
    assert statuses(ledger) == ["submitting"] * PEOPLE


def test_a_clearance_is_never_taken_back(ledger: Ledger) -> None:
    """A clock that was set back makes nothing unsent that has left."""
    lease = take(ledger)
    claim(ledger, lease)
    clear(ledger, lease, 6)
    clear(ledger, lease, 2)
    assert take(ledger, now=NOON + 2 * MINUTE).put_back == PEOPLE - 6


def test_what_is_put_back_costs_nothing_and_its_canaries_fly_again(ledger: Ledger) -> None:
    lease = take(ledger)
    batch = claim(ledger, lease, canary=PEOPLE)
    clear(ledger, lease, 3)
    assert put_back.put_back(ledger, batch.claimed[3:], now=NOON) == PEOPLE - 3
    assert put_back.put_back(ledger, batch.claimed[3:], now=NOON) == 0  # twice is once
    again = claim(ledger, take(ledger, now=NOON + 2 * MINUTE), canary=PEOPLE)
    assert [item.attempt for item in again.claimed] == [2] * (PEOPLE - 3)
    assert {item.counted_attempts for item in again.claimed} == {1}


def test_what_is_put_back_after_its_campaign_was_cancelled_does_not_wait_for_ever(ledger: Ledger) -> None:
    batch = claim(ledger, take(ledger))
    campaign_states.cancel(ledger, CAMPAIGN, reason="", who="lan", now=NOON)
    put_back.put_back(ledger, batch.claimed, now=NOON)
    assert statuses(ledger) == ["cancelled"] * PEOPLE


def test_a_shard_of_a_cancelled_campaign_is_cleared_no_further(ledger: Ledger) -> None:
    lease = take(ledger)
    claim(ledger, lease)
    campaign_states.cancel(ledger, CAMPAIGN, reason="", who="lan", now=NOON)
    with pytest.raises(LeaseLost):
        clear(ledger, lease, 1)


def test_what_is_put_back_after_an_edit_took_its_step_away_is_cancelled_too(ledger: Ledger) -> None:
    lease = take(ledger)
    batch = claim(ledger, lease)
    withdrawals.withdraw(ledger, [lease.shard_id], now=NOON)
    with pytest.raises(LeaseLost):
        clear(ledger, lease, 1)
    put_back.put_back(ledger, batch.claimed, now=NOON)
    assert statuses(ledger) == ["cancelled"] * PEOPLE
