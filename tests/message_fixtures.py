"""What tests of texts start from: the real campaign, small folders of templates, made-up people."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dispatcher.campaign.model import Schedules
from dispatcher.message import Recipient, RenderContext
from dispatcher.message.environment import TemplateSet
from dispatcher.signed_links import SignedLinks
from tests.schedules_factory import ROOT

TEMPLATES = ROOT / "templates"
SAMPLE_CAMPAIGN = "cong-dan-so"
LINKS = SignedLinks("https://nhac.hatay.gov.vn", "a secret of tests only")
# The moments of the real month, each on its real day.
TEMPLATE_DAYS: Mapping[str, date] = {
    "launch": date(2025, 10, 16),
    "weekly": date(2025, 10, 27),
    "7-days": date(2025, 11, 4),
    "3-days": date(2025, 11, 8),
    "1-day": date(2025, 11, 10),
    "last-day": date(2025, 11, 11),
    "last-hours": date(2025, 11, 11),
    "thanks": date(2025, 10, 30),
}
PEOPLE: Mapping[str, Recipient] = {
    "staff": Recipient(
        person_id=1,
        audience="staff",
        channel="sms",
        address="+84900000101",
        name="Trần Thị Hoa",
        given_name="Hoa",
        honorific="bà",
        area="Thôn Đông",
        role="Trưởng thôn",
        lead="area",
    ),
    "party": Recipient(
        person_id=2,
        audience="party",
        channel="sms",
        address="+84900000102",
        name="Nguyễn Văn An",
        given_name="An",
        unit="Chi bộ thôn Đông",
        area="Thôn Đông",
    ),
    "parents": Recipient(
        person_id=3,
        audience="parents",
        channel="sms",
        address="+84900000103",
        name="Lê Thị Bình",
        given_name="Bình",
        unit="5A",
        area="Thôn Đoài",
    ),
    "residents": Recipient(
        person_id=4,
        audience="residents",
        channel="sms",
        address="+84900000104",
        name="Phạm Văn Cường",
        given_name="Cường",
        area="Thôn Đoài",
    ),
}


def sample_schedules(**campaign: Any) -> Schedules:
    """The schedules of the real campaign, with what a test wants different."""
    raw = tomllib.loads((ROOT / "schedules.toml").read_text(encoding="utf-8"))
    raw["campaign"][SAMPLE_CAMPAIGN] |= campaign
    return Schedules.model_validate(raw)


def render_context(
    template: str, *, campaign: str = SAMPLE_CAMPAIGN, today: date | None = None, **facts: Any
) -> RenderContext:
    """What a text is rendered with, on the real day of its template."""
    kind = {"thanks": "thanks", "digest": "digest"}.get(template, "reminder")
    return RenderContext(
        **{
            "campaign": campaign,
            "step": template,
            "kind": kind,
            "template": template,
            "due_at": datetime(2025, 11, 8, 1, tzinfo=UTC),
            "today": today or TEMPLATE_DAYS.get(template, date(2025, 11, 8)),
            **facts,
        }
    )


def memory_templates(sources: Mapping[str, str]) -> TemplateSet:
    """A folder of templates that exists in memory only."""
    return TemplateSet(folder=Path("templates"), sources=dict(sources))
