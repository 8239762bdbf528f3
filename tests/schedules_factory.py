"""Schedules for the tests: the smallest that is right, changed where a test needs it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from dispatcher.campaign.model import Schedules

ROOT = Path(__file__).parent.parent
OFFICE = {"name": "UBND xã Hà Tây", "sender": "UBND HA TAY"}


def audience_toml(priority: int = 1, **keys: Any) -> dict[str, Any]:
    """An audience, with what a test wants different."""
    return {
        "title": "Bà con",
        "lists": ["residents/*"],
        "basis": "public_task",
        "supplied_by": "Trưởng thôn",
        "priority": priority,
        **keys,
    }


def campaign_toml(*steps: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A campaign of the real month for the one audience, with what a test wants different."""
    return {
        "title": "Công dân số Hải Phòng",
        "starts": date(2025, 10, 11),
        "ends": date(2025, 11, 11),
        "audiences": ["residents"],
        "step": list(steps) or [{"name": "thanks", "after": "participation"}],
        **keys,
    }


def one_campaign(*steps: dict[str, Any], **keys: Any) -> Schedules:
    """One campaign called "c"; `audience` replaces the audiences, `timezone` the zone."""
    audiences = keys.pop("audience", None) or {"residents": audience_toml()}
    zone = {"timezone": keys.pop("timezone")} if "timezone" in keys else {}
    return Schedules.model_validate(
        {
            "office": OFFICE,
            "prices": {"default": 400},
            "audience": audiences,
            "campaign": {"c": campaign_toml(*steps, **keys)},
            **zone,
        }
    )
