"""What the ledger says to the schedules in force: names that are gone or used up, times that are past."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatcher import plan
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.plan_hashes import calendar_hash
from dispatcher.campaign.time_rules import format_local
from dispatcher.errors import Problem
from dispatcher.i18n import _, ngettext
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import occurrence_log
from dispatcher.ledger.queries.occurrence_log import RecordedOccurrence
from dispatcher.ledger.sending import campaign_states
from dispatcher.ledger.sending.campaign_states import CampaignState
from dispatcher.report import orphans, renamed_steps
from dispatcher.report.renamed_steps import FILE

TOLD_FOR = timedelta(days=7)  # so long what an edit has taken back is shown


def find(ledger: Ledger, schedules: Schedules, *, now: datetime) -> list[Problem]:
    """Return all of it, errors first: each is of one campaign and stops no other; the rest is advice."""
    problems = [*find_edits(ledger, schedules, now=now), *orphans.find_problems(ledger, schedules)]
    return sorted(problems, key=lambda problem: problem.severity != "error")


def find_edits(ledger: Ledger, schedules: Schedules, *, now: datetime) -> list[Problem]:
    """Return what steps and campaigns were edited to that the ledger cannot do, or has undone."""
    recorded = occurrence_log.recorded(ledger)
    states = {one.name: one for one in campaign_states.all_states(ledger)}
    problems: list[Problem] = []
    for campaign in schedules.campaigns.values():
        state = states.get(campaign.name)
        if state is not None and state.is_over:
            problems += _used_up_name(campaign, state)
            continue
        renamed = renamed_steps.find(ledger, schedules, campaign, state, recorded, now=now)
        problems += renamed_steps.find_problems(renamed, campaign, now=now)
        problems += past_times(schedules, campaign, recorded, now=now)
    return [*problems, *withdrawn(ledger, schedules, recorded, now=now)]


def _used_up_name(campaign: Campaign, state: CampaignState) -> list[Problem]:
    """Return what is wrong with a campaign that was cancelled or has ended, when it is to begin anew."""
    was_changed = state.calendar_hash not in {"", calendar_hash(campaign)}
    if state.state == "ended" and not was_changed:
        return []
    day = format_local(campaign, state.changed_at)
    what = (
        _("this name was cancelled on {day}: nothing of it goes out", day=day)
        if state.state == "cancelled"
        else _("this campaign ended on {day}: nothing of it goes out", day=day)
    )
    if was_changed:
        what += _("; but its dates or steps were changed since")
    remedy = _("For a new campaign write another name, such as [campaign.{name}-2].", name=campaign.name)
    if not was_changed:
        remedy = f"{_('Take it out of the file whenever you like.')} {remedy}"
    return [
        Problem(
            file=FILE,
            where=f"campaign.{campaign.name}",
            what=what,
            remedy=remedy,
            severity="error" if was_changed else "advice",
        )
    ]


def past_times(
    schedules: Schedules, campaign: Campaign, recorded: Sequence[RecordedOccurrence], *, now: datetime
) -> list[Problem]:
    """Return, as advice, which dated steps of a campaign lie in the past and never went out.

    Where nothing is left to go out and nothing ever went out, that is said of the campaign, once.
    """
    fired = {(one.step, one.key) for one in recorded if one.campaign == campaign.name and one.is_fired}
    fired_steps = {step for step, _key in fired}
    sent = [item for item in plan.occurrences(schedules, campaign) if item.is_sent]
    late = [item for item in sent if plan.is_missed(campaign, item, now)]
    where = f"campaign.{campaign.name}"
    if late and len(late) == len(sent) and not fired:
        what = _("all its times lie in the past: nothing goes out")
        return [
            Problem(file=FILE, where=where, value=format_local(campaign, campaign.deadline), what=what,
                    remedy=_("Check the year of its dates, or take it out of the file."), severity="advice")
        ]  # fmt: skip
    once = {step.name for step in (*campaign.steps, *campaign.digests) if step.at is not None}
    return [
        Problem(
            file=FILE,
            where=f"{where}.step.{item.step}",
            value=format_local(campaign, item.due_at),
            what=_("its time lies in the past: it does not go out"),
            remedy=_("Give it another time if it is still to go out."),
            severity="advice",
        )
        for item in late
        if item.step in once and item.step not in fired_steps
    ]


def withdrawn(
    ledger: Ledger, schedules: Schedules, recorded: Sequence[RecordedOccurrence], *, now: datetime
) -> list[Problem]:
    """Return, as advice, how many messages an edit has taken back, unless another time has them."""
    taken_back = [
        one
        for one in recorded
        if one.has_withdrawn
        and one.due_at > now - TOLD_FOR
        and not _has_another_time(schedules, one, recorded)
    ]
    counts = occurrence_log.count_withdrawn(ledger, [one.id for one in taken_back]) if taken_back else {}
    return [
        Problem(
            file=FILE,
            where=f"campaign.{one.campaign}.step.{one.step}",
            value=f"{schedules.to_local(one.due_at):%d/%m/%Y %H:%M}",
            what=ngettext(
                "{n} message of it waited when the schedules were changed, and is not sent",
                "{n} messages of it waited when the schedules were changed, and are not sent",
                counts[one.id],
            ),
            remedy=_("If they are to go out after all, write step, time and audiences as they were."),
            severity="advice",
        )
        for one in taken_back
        if one.id in counts
    ]


def _has_another_time(
    schedules: Schedules, one: RecordedOccurrence, recorded: Sequence[RecordedOccurrence]
) -> bool:
    """Return whether the same occasion has gone out at another time since, or is to."""
    campaign = schedules.campaigns.get(one.campaign)
    if campaign is None:
        return False
    since = [
        (item.step, item.due_at) for item in recorded if item.campaign == one.campaign and item.id > one.id
    ]
    coming = [
        (item.step, item.due_at)
        for item in plan.occurrences(schedules, campaign)
        if item.is_sent and item.key != one.key
    ]
    return any(
        step == one.step and plan.is_same_occasion(campaign, step, due_at, one.due_at)
        for step, due_at in (*since, *coming)
    )
