"""Steps and campaigns that look renamed: what they would say went out already, under a name that is gone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from dispatcher import plan
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.time_rules import format_local
from dispatcher.errors import Problem
from dispatcher.i18n import _
from dispatcher.ledger import Ledger, stage, told_apart
from dispatcher.ledger.queries import occurrence_log
from dispatcher.ledger.queries.occurrence_log import RecordedOccurrence
from dispatcher.ledger.sending.campaign_states import CampaignState
from dispatcher.plan import Occurrence

FILE = "schedules.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class RenamedStep:
    """An occurrence that nobody has fired, and what went out of it under another name."""

    occurrence: Occurrence
    former: RecordedOccurrence

    @property
    def is_of_another_campaign(self) -> bool:
        """Return whether it is the campaign that has the other name."""
        return self.former.campaign != self.occurrence.campaign

    @property
    def names(self) -> tuple[str, str]:
        """Return the old name and the new one: of campaigns where those differ, else of steps."""
        if self.is_of_another_campaign:
            return self.former.campaign, self.occurrence.campaign
        return self.former.step, self.occurrence.step


def find(
    ledger: Ledger,
    schedules: Schedules,
    campaign: Campaign,
    campaign_state: CampaignState | None,
    recorded: Sequence[RecordedOccurrence],
    *,
    now: datetime,
) -> tuple[RenamedStep, ...]:
    """Return what of a campaign is due and looks like something that went out under a name that is gone.

    It looks so when kind, words, minute and people are the same. `recorded` is all that was ever fired. A
    campaign of which somebody has said that it goes on is nobody else's new name, nor is a step that was told
    apart.
    """
    others = campaign_state is None or not campaign_state.is_decided
    planned = plan.occurrences(schedules, campaign)
    in_plan = {(item.step, item.key): item.template for item in planned}
    known = {(one.step, one.key) for one in recorded if one.campaign == campaign.name}
    gone = [
        one
        for one in recorded
        if one.is_fired
        and (
            in_plan.get((one.step, one.key)) != one.template
            if one.campaign == campaign.name
            else others and one.campaign not in schedules.campaigns and not stage.is_of_trial(one.campaign)
        )
    ]
    if not gone:
        return ()
    due = [
        item for item in planned if item.is_sent and item.due_at <= now and (item.step, item.key) not in known
    ]
    pairs = [(item, one) for item in due for one in gone if _says_the_same(item, one)]
    if pairs:
        apart = told_apart.pairs(ledger)
        pairs = [(item, one) for item, one in pairs if (one.campaign, one.step, item.step) not in apart]
    reached = occurrence_log.audiences_reached(ledger, {one.id for _item, one in pairs}) if pairs else {}
    found = {
        (item.step, item.key): RenamedStep(occurrence=item, former=one)
        for item, one in pairs
        if _to_the_same(item, reached.get(one.id, frozenset()), schedules.audiences)
    }
    return tuple(found.values())


def _says_the_same(item: Occurrence, former: RecordedOccurrence) -> bool:
    if (item.campaign, item.step) == (former.campaign, former.step) or item.kind != former.kind:
        return False
    named_after_step = item.template == item.step and former.template == former.step
    same_time = item.key == former.key or _minute(item.due_at) == _minute(former.due_at)
    return same_time and (item.template == former.template or named_after_step)


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _to_the_same(item: Occurrence, reached: Iterable[str], known: Collection[str]) -> bool:
    """Return whether it speaks to somebody it has reached; an audience that is gone may be any."""
    return any(name in item.audiences or name not in known for name in reached)


def find_problems(found: Iterable[RenamedStep], campaign: Campaign, *, now: datetime) -> list[Problem]:
    """Return each pair of names once, with the command that decides; an error while something waits."""
    return [_problem(campaign, one, now) for one in one_by_names(found)]


def one_by_names(found: Iterable[RenamedStep]) -> list[RenamedStep]:
    """Return one of each pair of names: what is decided of it is decided of all."""
    return list({(one.is_of_another_campaign, *one.names): one for one in found}.values())


def may_be_same(found: RenamedStep, campaign: Campaign) -> bool:
    """Return whether the old name is free: in the file nothing else has it."""
    names = {step.name for step in (*campaign.steps, *campaign.digests)}
    return found.is_of_another_campaign or found.former.step not in names


def _problem(campaign: Campaign, found: RenamedStep, now: datetime) -> Problem:
    old, new = found.former, found.occurrence
    when = format_local(campaign, old.due_at)
    where = f"campaign.{campaign.name}"
    if found.is_of_another_campaign:
        what = _(
            'campaign "{new}" looks like "{old}" renamed: {step} of {when} went out under that name',
            new=new.campaign, old=old.campaign, step=new.step, when=when,
        )  # fmt: skip
        remedy = _(
            "The same one: dispatcher rename campaign {old} {new}. Another one: dispatcher resume {new}",
            old=old.campaign, new=new.campaign,
        )  # fmt: skip
    else:
        what = _(
            'step "{new}" looks like "{old}" renamed: what was due {when} went out under that name, and does '
            "not go out again",
            new=new.step, old=old.step, when=when,
        )  # fmt: skip
        remedy = _(
            "Another one, to go out as well: dispatcher rename apart {old} {new} --campaign {campaign}",
            old=old.step, new=new.step, campaign=campaign.name,
        )  # fmt: skip
        if may_be_same(found, campaign):
            same = _(
                "The same one: dispatcher rename step {old} {new} --campaign {campaign}.",
                old=old.step, new=new.step, campaign=campaign.name,
            )  # fmt: skip
            remedy = f"{same} {remedy}"
        where += f".step.{new.step}"
    waits = found.is_of_another_campaign or not plan.is_missed(campaign, new, now)
    return Problem(file=FILE, where=where, what=what, remedy=remedy, severity="error" if waits else "advice")
