"""The rate of a gateway, shared by all who send."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import rate_limits
from tests.ledger_fixture import NOON
from tests.sending_fixture import MINUTE


def test_a_new_rate_is_taken_over_and_an_old_one_keeps_what_it_learnt(ledger: Ledger) -> None:
    rate_limits.set_max_rate(ledger, "slow", 10.0)
    rate_limits.set_max_rate(ledger, "slow", 20.0)
    assert [item.rate_max for item in rate_limits.gateway_rates(ledger) if item.gateway == "slow"] == [20.0]


def test_the_slowest_gateway_gives_one_slot_at_a_time(ledger: Ledger) -> None:
    rate_limits.set_max_rate(ledger, "slow", 0.01)
    slots = rate_limits.reserve(ledger, "slow", 20, now=NOON)
    assert isinstance(slots, rate_limits.Slots)
    assert slots.count == 1


def test_slots_are_even_and_unused_ones_come_back(ledger: Ledger) -> None:
    rate_limits.set_max_rate(ledger, "slow", 10.0)
    first = rate_limits.reserve(ledger, "slow", 20, now=NOON)
    assert isinstance(first, rate_limits.Slots)
    assert first.last == NOON + timedelta(seconds=1.9)
    rate_limits.release_slots(ledger, "slow", first, 5)
    second = rate_limits.reserve(ledger, "slow", 1, now=NOON)
    assert isinstance(second, rate_limits.Slots)
    assert second.first == NOON + timedelta(seconds=0.5)


def test_a_provider_that_asks_for_quiet_gets_it(ledger: Ledger) -> None:
    rate_limits.throttle(ledger, "test", until=NOON + MINUTE, reason="20429", now=NOON)
    assert rate_limits.reserve(ledger, "test", 1, now=NOON) == NOON + MINUTE
    assert isinstance(rate_limits.reserve(ledger, "test", 1, now=NOON + MINUTE), rate_limits.Slots)
    assert rate_limits.gateway_rates(ledger)[0].rate == pytest.approx(700)
