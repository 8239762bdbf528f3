"""What goes out today and what comes next, over all campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher import plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Schedules
from dispatcher.ledger.sending.campaign_states import CampaignState
from dispatcher.plan import Occurrence

UPCOMING_MAX = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Agenda:
    """Occurrences in order; those of campaigns that are over are left out."""

    today: tuple[Occurrence, ...]
    upcoming: tuple[Occurrence, ...]


def build_agenda(schedules: Schedules, campaign_states: Mapping[str, CampaignState], now: datetime) -> Agenda:
    """Return what is due on the local day of `now`, past hours included, and what comes after."""
    start = schedules.to_local(now).replace(hour=0, minute=0, second=0, microsecond=0)
    end = start + timedelta(days=1)
    due = [
        item
        for item in plan.due(
            schedules, since=start - timedelta(microseconds=1), until=end + timedelta(days=400)
        )
        if item.kind not in step_kinds.STANDING and not _is_over(campaign_states.get(item.campaign))
    ]
    today = tuple(item for item in due if item.due_at < end)
    return Agenda(today=today, upcoming=tuple(item for item in due if item.due_at >= end)[:UPCOMING_MAX])


def _is_over(campaign_state: CampaignState | None) -> bool:
    return campaign_state is not None and campaign_state.is_over
