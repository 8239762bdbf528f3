"""The number of calls at once follows what the provider can take."""

from __future__ import annotations

import asyncio

import pytest

from dispatcher.gateways.concurrency import AdaptiveLimit


def test_never_more_at_once_than_the_limit() -> None:
    async def run() -> None:
        limit = AdaptiveLimit(start=3, ceiling=3)
        most = 0

        async def call() -> None:
            nonlocal most
            await limit.enter()
            most = max(most, limit.open)
            await asyncio.sleep(0)
            limit.leave()

        await asyncio.gather(*(call() for _number in range(50)))
        assert (most, limit.open) == (3, 0)

    asyncio.run(run())


def test_it_grows_by_one_a_round_up_to_the_ceiling() -> None:
    limit = AdaptiveLimit(start=4, ceiling=6)
    for _answer in range(5):
        limit.went_well()
    assert 5 <= limit.limit < 5.2
    for _answer in range(50):
        limit.went_well()
    assert limit.limit == 6


def test_one_crowded_moment_halves_once() -> None:
    async def run() -> None:
        limit = AdaptiveLimit(start=16, ceiling=64)
        entered = [await limit.enter() for _number in range(16)]
        for number in entered:
            limit.too_many(number)
            limit.leave()
        assert limit.limit == 8
        limit.too_many(await limit.enter())
        assert limit.limit == 4

    asyncio.run(run())


def test_it_never_falls_below_one() -> None:
    async def run() -> None:
        limit = AdaptiveLimit(start=2, ceiling=4)
        for _number in range(9):
            limit.too_many(await limit.enter())
            limit.leave()
        assert limit.limit == 1
        await limit.enter()

    asyncio.run(run())


def test_a_caller_that_gives_up_passes_its_place_on() -> None:
    async def run() -> None:
        limit = AdaptiveLimit(start=1, ceiling=1)
        await limit.enter()
        first, second = asyncio.create_task(limit.enter()), asyncio.create_task(limit.enter())
        await asyncio.sleep(0)
        limit.leave()  # wakes the first …
        first.cancel()  # … which is called off before it can go
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.wait_for(second, 1)

    asyncio.run(run())
