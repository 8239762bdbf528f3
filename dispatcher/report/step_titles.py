"""What a step is called where people read of it: its title in the file, else its kind and its day."""

from __future__ import annotations

from datetime import datetime

from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.steps import Digest, Step
from dispatcher.i18n import _, ngettext
from dispatcher.plan import Occurrence


def title_of(schedules: Schedules, campaign: str, step: str, kind: str, due_at: datetime | None) -> str:
    """Return the title of an occurrence, in the reader's language.

    `due_at` (aware) tells the rungs of a ladder apart; None: the ladder as a whole. A step or campaign that
    the file has no more keeps its name.
    """
    owner = schedules.campaigns.get(campaign)
    if kind == step_kinds.NOTICE.name:
        return _("The deadline was moved")
    planned = _find(owner, step) if owner is not None else None
    if owner is None or planned is None:
        return step
    rung = _days_left(owner, due_at) if kind in step_kinds.BOUND_TO_DAY and due_at is not None else ""
    if planned.title:
        return f"{planned.title}: {rung[:1].lower()}{rung[1:]}" if rung else planned.title
    return f"{rung[:1].upper()}{rung[1:]}" if rung else _kind_title(planned, kind)


def of_occurrence(schedules: Schedules, item: Occurrence) -> str:
    """Return the title of an occurrence of the plan."""
    return title_of(schedules, item.campaign, item.step, item.kind, item.due_at)


def campaign_title(schedules: Schedules, name: str) -> str:
    """Return the short title of a campaign; one that the file has no more keeps its name."""
    campaign = schedules.campaigns.get(name)
    return campaign.short_title if campaign is not None else name


def _find(campaign: Campaign, step: str) -> Step | Digest | None:
    written: tuple[Step | Digest, ...] = (*campaign.steps, *campaign.digests)
    return next((one for one in written if one.name == step), None)


def _days_left(campaign: Campaign, due_at: datetime) -> str:
    left = campaign.days_left(due_at)
    return ngettext("{n} day left", "{n} days left", left) if left > 0 else _("The last day")


def _kind_title(step: Step | Digest, kind: str) -> str:
    if kind == step_kinds.DIGEST.name:
        return _("Report to those in charge")
    if kind == step_kinds.THANKS.name:
        return _("Thanks")
    if kind == step_kinds.WARNING.name:
        return _("Reminder before the deadline")
    if step.every is not None:
        return _("Regular reminder")
    return _("Announcement") if (step.template or step.name) == "launch" else _("Reminder")
