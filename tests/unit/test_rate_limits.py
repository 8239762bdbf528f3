"""A gateway that was told to go slower recovers by the clock alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.ledger import Ledger
from dispatcher.ledger.sending import rate_limits

NOON = datetime(2025, 10, 20, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ledger(sqlite_url):
    opened = Ledger.open(sqlite_url)
    rate_limits.set_max_rate(opened, "twilio", 10.0)
    yield opened
    opened.close()


def gap(ledger: Ledger, now: datetime) -> float:
    slots = rate_limits.reserve(ledger, "twilio", 1, now=now)
    assert isinstance(slots, rate_limits.Slots)
    return slots.gap.total_seconds()


def test_it_stays_slow_until_a_quiet_minute_has_passed(ledger):
    rate_limits.throttle(ledger, "twilio", until=NOON, reason="20429", now=NOON)
    assert gap(ledger, NOON + MINUTE / 2) == pytest.approx(1 / 7, rel=1e-4)
    assert gap(ledger, NOON + MINUTE) == pytest.approx(1 / 7.35, rel=1e-4)


def test_every_quiet_minute_counts_once_however_often_one_asks(ledger):
    rate_limits.throttle(ledger, "twilio", until=NOON, reason="20429", now=NOON)
    for seconds in range(0, 181, 7):
        gap(ledger, NOON + timedelta(seconds=seconds))
    assert gap(ledger, NOON + 3 * MINUTE) == pytest.approx(1 / (7 * 1.05**3), rel=1e-4)


def test_it_never_goes_faster_than_configured(ledger):
    rate_limits.throttle(ledger, "twilio", until=NOON, reason="20429", now=NOON)
    assert gap(ledger, NOON + timedelta(days=400)) == pytest.approx(0.1, rel=1e-4)
    assert gap(ledger, NOON + timedelta(days=401)) == pytest.approx(0.1, rel=1e-4)


def test_however_slow_it_became_it_comes_back(ledger):
    """From the slowest there is to the fastest, in a little more than three hours."""
    rate_limits.set_max_rate(ledger, "twilio", 1000.0)
    for _ in range(30):
        rate_limits.throttle(ledger, "twilio", until=NOON, reason="20429", now=NOON)
    assert gap(ledger, NOON) == pytest.approx(1 / rate_limits.RATE_MIN, rel=1e-4)
    assert gap(ledger, NOON + 190 * MINUTE) == pytest.approx(1 / 1000, rel=1e-4)
