"""Figures of a simulation."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from dispatcher.simulation.summary import max_texts_in_a_day, peak_rss_mb

NOON = datetime(2025, 10, 20, 5, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("texts", "most"),
    [
        ([], 0),
        ([("a", 0)], 1),
        ([("a", 0), ("a", 24)], 1),  # 24 hours apart is another day
        ([("a", 0), ("a", 23.99)], 2),
        ([("a", 0), ("b", 1), ("b", 2)], 2),
        ([("a", 0), ("a", 20), ("a", 30), ("a", 43)], 3),
    ],
)
def test_the_most_texts_to_one_number_in_a_day(texts, most):
    assert max_texts_in_a_day((address, NOON + hours * HOUR) for address, hours in texts) == most


def test_memory_is_told_in_mebibytes():
    assert 5 < peak_rss_mb() < 5000
