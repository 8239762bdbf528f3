"""What an approval rests on, and what a name was used up for, as hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from dispatcher.campaign.audiences import NO_PART_OF_THE_PLAN
from dispatcher.campaign.model import Campaign, Schedules

# Keys that came later: an approval from before them goes on holding where the file does not say them.
_LATER_KEYS = ("action", "done", "over_cap", "moved")
# What a step is called decides nothing.
_TITLES: Mapping[str, Any] = {"steps": {"__all__": {"title"}}, "digests": {"__all__": {"title"}}}


def plan_hash(schedules: Schedules, campaign: str) -> str:
    """Return a stable hash of everything that decides what `campaign` sends to whom when: what is approved.

    64 hex digits. Comments, spacing and the order of keys do not matter; other campaigns and prices neither.
    """
    chosen = schedules.campaigns[campaign]
    named = {*chosen.audiences, *(name for digest in chosen.digests for name in digest.to)}
    unsaid = {name: True for name in _LATER_KEYS if name not in chosen.model_fields_set}
    hashed = {
        "campaign": {campaign: chosen.model_dump(mode="json", by_alias=True, exclude={**unsaid, **_TITLES})},
        "audience": {
            audience.name: audience.model_dump(mode="json", by_alias=True, exclude=set(NO_PART_OF_THE_PLAN))
            for audience in schedules.audiences_by_priority(named)
        },
        "office": schedules.office.model_dump(mode="json", by_alias=True),
        "timezone": schedules.timezone.key,
    }
    text = json.dumps(hashed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def calendar_hash(campaign: Campaign) -> str:
    """Return a stable hash of the dates and steps of a campaign, whatever it is called: 64 hex digits."""
    calendar = campaign.model_dump(
        mode="json", by_alias=True, include={"starts", "ends", "steps", "digests"}, exclude={**_TITLES}
    )
    return hashlib.sha256(json.dumps(calendar, sort_keys=True).encode()).hexdigest()
