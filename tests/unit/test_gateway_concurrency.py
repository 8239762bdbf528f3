"""The number of calls at once follows what the provider can take."""

from __future__ import annotations

import asyncio

import pytest

from dispatcher.gateways.adaptive_concurrency import AdaptiveConcurrencyLimit


def test_never_more_at_once_than_the_limit() -> None:
    async def run() -> None:
        limit = AdaptiveConcurrencyLimit(start=3, max_limit=3)
        most = 0

        async def call() -> None:
            nonlocal most
            await limit.acquire()
            most = max(most, limit.in_use)
            await asyncio.sleep(0)
            limit.release()

        await asyncio.gather(*(call() for _number in range(50)))
        assert (most, limit.in_use) == (3, 0)

    asyncio.run(run())


def test_it_grows_by_one_a_round_up_to_the_ceiling() -> None:
    limit = AdaptiveConcurrencyLimit(start=4, max_limit=6)
    for _answer in range(5):
        limit.on_success()
    assert 5 <= limit.limit < 5.2
    for _answer in range(50):
        limit.on_success()
    assert limit.limit == 6


def test_one_crowded_moment_halves_once() -> None:
    async def run() -> None:
        limit = AdaptiveConcurrencyLimit(start=16, max_limit=64)
        entered = [await limit.acquire() for _number in range(16)]
        for number in entered:
            limit.on_throttled(number)
            limit.release()
        assert limit.limit == 8
        limit.on_throttled(await limit.acquire())
        assert limit.limit == 4

    asyncio.run(run())


def test_it_never_falls_below_one() -> None:
    async def run() -> None:
        limit = AdaptiveConcurrencyLimit(start=2, max_limit=4)
        for _number in range(9):
            limit.on_throttled(await limit.acquire())
            limit.release()
        assert limit.limit == 1
        await limit.acquire()

    asyncio.run(run())


def test_a_caller_that_gives_up_passes_its_place_on() -> None:
    async def run() -> None:
        limit = AdaptiveConcurrencyLimit(start=1, max_limit=1)
        await limit.acquire()
        first, second = asyncio.create_task(limit.acquire()), asyncio.create_task(limit.acquire())
        await asyncio.sleep(0)
        limit.release()  # wakes the first …
        first.cancel()  # … which is called off before it can go
        with pytest.raises(asyncio.CancelledError):
            await first
        await asyncio.wait_for(second, 1)

    asyncio.run(run())
