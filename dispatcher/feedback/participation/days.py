"""The days figures can be of: those of the campaign, as far as they have come."""

from __future__ import annotations

from datetime import date, datetime

from dispatcher.campaign.model import Campaign


def campaign_days(campaign: Campaign, now: datetime) -> tuple[date, date]:
    """Return the first day of a campaign and its last one so far: before the first until it begins."""
    first = campaign.to_local(campaign.start).date()
    return first, campaign.to_local(min(campaign.deadline, now)).date()
