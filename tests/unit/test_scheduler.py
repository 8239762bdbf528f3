"""The alarm clock: it rings on, and never for what is still being answered."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

import pytest

from dispatcher.engine.scheduler import Scheduler


def test_an_alarm_that_is_still_being_answered_rings_for_nothing_and_without_a_word(
    caplog: pytest.LogCaptureFixture,
) -> None:
    under_way, started, overlapped = 0, 0, False
    is_enough = asyncio.Event()

    async def answer_slowly() -> None:
        nonlocal under_way, started, overlapped
        under_way, started = under_way + 1, started + 1
        overlapped = overlapped or under_way > 1
        await asyncio.sleep(0.05)
        under_way -= 1
        if started == 3:
            is_enough.set()

    async def ring() -> None:
        scheduler = Scheduler()
        scheduler.run_every(timedelta(milliseconds=5), answer_slowly)
        scheduler.start()
        await asyncio.wait_for(is_enough.wait(), 20)
        scheduler.shutdown()

    with caplog.at_level(logging.WARNING):
        asyncio.run(ring())
    assert not overlapped
    assert caplog.records == []
