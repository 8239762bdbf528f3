"""The sandbox's clock: what is due happens in order, at its own moment, and never too early."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.sandbox.virtual_clock import VirtualClock

START = datetime(2025, 10, 11, 1, 0, tzinfo=UTC)


@given(st.lists(st.integers(0, 100_000), max_size=20), st.integers(0, 100_000))
def test_a_moved_clock_runs_what_it_passed_in_order(delays, until):
    timeline = VirtualClock(START)
    happened: list[datetime] = []
    for delay in delays:
        timeline.call_at(START.timestamp() + delay / 1000, lambda: happened.append(timeline.now()))
    timeline.set_time(START + timedelta(milliseconds=until))
    due = sorted(START + timedelta(milliseconds=delay) for delay in delays if delay <= until)
    assert happened == due
    assert timeline.pending_count == len(delays) - len(due)
    assert timeline.now() == START + timedelta(milliseconds=until)


@given(st.floats(0, 10**9))
def test_moving_to_the_moment_that_was_told_is_enough(delay):
    """Whoever moves the clock from `next_due` to `next_due` gets on, whatever the fractions."""
    timeline = VirtualClock(START)
    happened: list[int] = []
    timeline.call_at(START.timestamp() + delay, lambda: happened.append(1))
    due = timeline.next_due()
    assert due is not None
    told = datetime.fromisoformat(due.isoformat(timespec="milliseconds"))
    timeline.set_time(told)
    assert happened == [1]


def test_the_clock_never_goes_back():
    timeline = VirtualClock(START)
    timeline.set_time(START - timedelta(hours=1))
    assert timeline.now() == START


def test_what_is_planned_on_the_way_happens_on_the_way():
    timeline = VirtualClock(START)
    happened: list[str] = []

    def first() -> None:
        happened.append("first")
        timeline.call_at(timeline.now().timestamp() + 1, lambda: happened.append("second"))

    timeline.call_at(START.timestamp() + 1, first)
    timeline.set_time(START + timedelta(seconds=5))
    assert happened == ["first", "second"]
    assert timeline.pending_count == 0


def test_real_time_passes_by_itself():
    async def wait() -> list[str]:
        timeline = VirtualClock()
        happened: list[str] = []
        now = timeline.now().timestamp()
        for delay, word in ((0.03, "later"), (0.01, "soon"), (60, "never")):
            timeline.call_at(now + delay, lambda word=word: happened.append(word))
        await asyncio.sleep(0.1)
        assert timeline.pending_count == 1
        timeline.close()
        return happened

    assert asyncio.run(wait()) == ["soon", "later"]


def test_real_time_can_be_taken_over():
    async def take() -> list[str]:
        timeline = VirtualClock()
        happened: list[str] = []
        timeline.call_at(timeline.now().timestamp() + 3600, lambda: happened.append("an hour later"))
        timeline.set_time(timeline.now() + timedelta(hours=2))
        return happened

    assert asyncio.run(take()) == ["an hour later"]
