"""By when people who ask about their own data are answered, and it is done."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Literal

from pydantic import Field

from dispatcher.campaign.field_types import Days, Frozen
from dispatcher.vietnamese import dates

RequestKind = Literal["access", "correction", "restriction", "objection", "erasure"]


class Rights(Frozen):
    """Days within which people who ask about their own data are answered, and it is done."""

    answer_days: Days = Field(
        default=2, description="Whoever asks is answered within so many working days: by when, and how."
    )
    access_days: Days = Field(default=10, description="They are given what is held on them.")
    correction_days: Days = Field(default=10, description="What is wrong is put right.")
    restriction_days: Days = Field(
        default=15, description="Nobody writes to them any more, until it is lifted."
    )
    objection_days: Days = Field(default=15, description="What they object to stops.")
    erasure_days: Days = Field(default=20, description="They are erased.")
    warning_days: Days = Field(
        default=3,
        description="The overview and `status` say so many days before that a request is near its day.",
    )

    @property
    def warning(self) -> timedelta:
        """How long before its day a request is near it."""
        return timedelta(days=self.warning_days)

    def days_for(self, kind: RequestKind) -> int:
        """Return the days for a kind of request; an extension, once, is as long again."""
        days: int = getattr(self, f"{kind}_days")
        return days

    def due_at(self, kind: RequestKind, received_at: datetime, zone: tzinfo) -> datetime:
        """Return the end of the local day by which a request that came at `received_at` is done."""
        return _end_of_day(received_at.astimezone(zone) + timedelta(days=self.days_for(kind)))

    def answer_by(self, received_at: datetime, zone: tzinfo) -> datetime:
        """Return the end of the working day by which whoever asks is answered; offices rest on days off."""
        day, left = received_at.astimezone(zone), self.answer_days
        while left:
            day += timedelta(days=1)
            left -= not dates.is_day_off(day)
        return _end_of_day(day)


def _end_of_day(local: datetime) -> datetime:
    return datetime.combine(local.date(), time(23, 59, 59), local.tzinfo).astimezone(UTC)
