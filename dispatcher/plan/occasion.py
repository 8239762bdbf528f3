"""What is one and the same to the people, whatever its time is edited to: an occasion."""

from __future__ import annotations

from datetime import datetime

from dispatcher.campaign.model import Campaign


def is_same_occasion(campaign: Campaign, step: str, one: datetime, other: datetime) -> bool:
    """Return whether a step, due at either moment, is the same thing said.

    A step with one date is said once; one that returns is said once a local day. To say it again, it needs
    another name.
    """
    is_said_once = any(item.name == step and item.at is not None for item in campaign.steps)
    return is_said_once or campaign.to_local(one).date() == campaign.to_local(other).date()
