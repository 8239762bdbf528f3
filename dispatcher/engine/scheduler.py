"""The scheduler: APScheduler, everything in memory.

What is due is decided by the plan and remembered by the ledger; an alarm that is lost, late or doubled
changes nothing, so nothing of it is ever stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.executors.base import MaxInstancesReachedError
from apscheduler.job import Job as SchedulerJob
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from dispatcher.clock import SystemClock

Job = Callable[[], Awaitable[None]]

# A late alarm still rings, once, and never while it is still being answered.
JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


async def _run_job(job: Job) -> None:
    """Answer an alarm; that we stop meanwhile is no fault to be told of."""
    with suppress(asyncio.CancelledError):
        await job()


class _OneAtATime(AsyncIOExecutor):  # type: ignore[misc]  # APScheduler has no types
    """Lets an alarm ring for nothing while it is still being answered: that is meant, and no warning."""

    def submit_job(self, job: SchedulerJob, run_times: list[datetime]) -> None:
        with suppress(MaxInstancesReachedError):
            super().submit_job(job, run_times)


class _CatchUpInterval(IntervalTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Rings again after a while, from now on: APScheduler would count all it missed, for days of sleep."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        following: datetime | None = super().get_next_fire_time(previous_fire_time, now)
        return following if following is None or following > now else now + self.interval


class Scheduler:
    """Rings at intervals and at moments, inside the running event loop."""

    def __init__(self) -> None:
        self._scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults=JOB_DEFAULTS, executors={"default": _OneAtATime()}
        )

    def run_every(self, interval: timedelta, job: Job) -> None:
        """Ring again and again."""
        trigger = _CatchUpInterval(seconds=interval.total_seconds(), timezone="UTC")
        self._scheduler.add_job(_run_job, trigger, args=(job,), id=job.__qualname__, name=job.__qualname__)

    def run_at(self, when: datetime, name: str, job: Job) -> None:
        """Ring once at `when`; a newer alarm of the same name replaces it."""
        self._scheduler.add_job(
            _run_job, "date", args=(job,), run_date=when, id=name, name=name, replace_existing=True
        )

    def run_all_now(self) -> None:
        """Ring now whatever rings at intervals: the clock was set, and the next times are wrong."""
        now = SystemClock().now()
        for job in self._scheduler.get_jobs():
            if hasattr(job.trigger, "interval"):
                job.modify(next_run_time=now)

    def start(self) -> None:
        """Begin to ring."""
        self._scheduler.start()

    def shutdown(self) -> None:
        """Ring no more."""
        self._scheduler.shutdown(wait=False)
