"""A clock for simulations: time passes at once, and still for one after the other."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dispatcher.clock import SimulatedClock

NOON = datetime(2025, 11, 1, 5, 0, tzinfo=UTC)


@given(naps=st.lists(st.lists(st.integers(1, 50), max_size=4), max_size=6))
def test_who_sleeps_wakes_at_the_moment_asked_for_and_sees_nobody_elses(naps: list[list[int]]) -> None:
    """Each sleeper takes several naps; all of them see time go forwards, a moment at a time."""
    seen: list[datetime] = []

    async def sleep(clock: SimulatedClock, pauses: list[int]) -> None:
        for pause in pauses:
            moment = clock.now() + timedelta(seconds=pause)
            await clock.sleep_until(moment)
            assert clock.now() == moment
            seen.append(moment)

    async def all_of_them() -> None:
        clock = SimulatedClock(NOON)
        await asyncio.gather(*(sleep(clock, pauses) for pauses in naps))

    asyncio.run(all_of_them())
    assert seen == sorted(seen)


def test_a_sleeper_who_gave_up_does_not_move_the_clock() -> None:
    async def scene() -> datetime:
        clock = SimulatedClock(NOON)
        gone = asyncio.create_task(clock.sleep_until(NOON + timedelta(days=3)))
        await asyncio.sleep(0)
        gone.cancel()
        await clock.sleep(2)
        await asyncio.sleep(0)
        return clock.now()

    assert asyncio.run(scene()) == NOON + timedelta(seconds=2)


def test_a_clock_outlives_the_loop_it_was_slept_by_in() -> None:
    clock = SimulatedClock(NOON)
    for seconds in (1, 2):
        asyncio.run(clock.sleep(1))
        assert clock.now() == NOON + timedelta(seconds=seconds)


def test_a_moment_that_has_passed_is_not_waited_for() -> None:
    clock = SimulatedClock(NOON)
    asyncio.run(clock.sleep_until(NOON - timedelta(hours=1)))
    assert clock.now() == NOON
    assert clock.monotonic() == NOON.timestamp()
