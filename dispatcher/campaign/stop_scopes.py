"""What a stop may be about: everything, a campaign, an audience, or advertising."""

from __future__ import annotations

from dispatcher.campaign.model import Campaign, Schedules

ALL = "all"
ADVERTISING = "advertising"  # a wish for no advertising, and the national Do-Not-Call list


def of_campaign(name: str) -> str:
    """Return the scope of a stop that is about one campaign."""
    return f"campaign:{name}"


def of_audience(name: str) -> str:
    """Return the scope of a stop that is about one audience."""
    return f"audience:{name}"


def known_scopes(schedules: Schedules) -> frozenset[str]:
    """Return every scope that means something under these schedules."""
    named = {*map(of_campaign, schedules.campaigns), *map(of_audience, schedules.audiences)}
    return frozenset({ALL, ADVERTISING, *named})


def other_scopes(schedules: Schedules, campaign: Campaign, audience: str) -> frozenset[str]:
    """Return the scopes that are known to be about something else than `campaign` writing to `audience`.

    Every other stop counts. A stop for a name that is gone from the schedules is one of those: it may have
    been renamed, and until somebody decides a no stays a no.
    """
    mine = {ALL, of_campaign(campaign.name), of_audience(audience)}
    if campaign.class_ == "advertising":
        mine.add(ADVERTISING)
    return known_scopes(schedules) - mine
