"""A campaign in the making, beside the file as it is now: what is written, what is wrong, what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dispatcher import plan
from dispatcher.campaign import load, schedules_editor
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.schedules_editor import NotEditable
from dispatcher.errors import Problem
from dispatcher.ledger import Ledger
from dispatcher.ledger.campaign_drafts import CampaignDraft
from dispatcher.message.environment import TemplateSet
from dispatcher.report import campaign_outlook, schedule_problems
from dispatcher.report.campaign_outlook import Outlook
from dispatcher.report.missing_words import missing_words
from dispatcher.settings import Settings
from dispatcher.starter import campaigns as starters


@dataclass(frozen=True, kw_only=True)
class Assessment:
    """What a draft comes to. `text` is the whole file with it, `new_words` the templates it still lacks."""

    text: str
    problems: tuple[Problem, ...]
    campaign: Campaign | None = None
    schedules: Schedules | None = None
    new_words: Mapping[str, str] = field(default_factory=dict)
    outlook: Outlook | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Return what stands in the way of the file."""
        return tuple(one for one in self.problems if one.severity == "error")


def assess(
    ledger: Ledger,
    settings: Settings,
    templates: TemplateSet,
    draft: CampaignDraft,
    text: str,
    *,
    now: datetime,
) -> Assessment:
    """Put a draft into `text`, the file as it is now, and look at what comes of it; nothing is written."""
    file = str(settings.schedules)
    try:
        whole = schedules_editor.put_campaign(text, draft.name, draft.fragment)
    except NotEditable as broken:
        return Assessment(text=text, problems=(Problem(file=file, what=str(broken)),))
    own = starters.find(draft.starter).words
    new_words = missing_words(settings, whole, draft.name, own)
    loaded = load.parse(
        whole, file=file, templates=settings.templates, contacts=settings.contacts,
        closed_channels=settings.closed_channels, planned=tuple(new_words),
    )  # fmt: skip
    schedules = loaded.schedules
    if schedules is None:
        return Assessment(text=whole, problems=loaded.problems, new_words=new_words)
    campaign = schedules.campaigns[draft.name]
    at = f"campaign.{draft.name}."
    found = (*loaded.problems, *plan.check(loaded), *schedule_problems.find(ledger, schedules, now=now))
    advice = [one for one in found if f"{one.where}.".startswith(at)]
    with_new = TemplateSet(folder=templates.folder, sources={**templates.sources, **new_words})
    outlook = campaign_outlook.look_ahead(ledger, schedules, with_new, draft.name, now=now)
    return Assessment(
        text=whole, problems=tuple(dict.fromkeys((*advice, *outlook.problems))), campaign=campaign,
        schedules=schedules, new_words=new_words, outlook=outlook,
    )  # fmt: skip
