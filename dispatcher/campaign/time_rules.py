"""Whether the times in schedules.toml lie between the start and the deadline of their campaign."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dispatcher.campaign.line_numbers import KeyPath
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.problem_collector import ProblemCollector
from dispatcher.campaign.rules import steps_and_digests
from dispatcher.campaign.steps import Digest, Step
from dispatcher.campaign.time_values import DEFAULT_TIME, LadderStep
from dispatcher.i18n import _

DURATION_MAX = timedelta(days=731)  # two years; the calendar of a longer one takes longer than anybody waits


def check(collector: ProblemCollector, schedules: Schedules) -> None:
    """Add every step and every bound that lies outside its campaign to `collector`."""
    for campaign in schedules.campaigns.values():
        if campaign.deadline <= campaign.start:
            collector.add(
                ("campaign", campaign.name, "ends"),
                _(
                    "the deadline lies before the start, {start}",
                    start=format_local(campaign, campaign.start),
                ),
                _("Check both dates: year, month, day."),
            )
            continue
        duration = campaign.deadline - campaign.start
        if duration > DURATION_MAX:
            collector.add(
                ("campaign", campaign.name, "ends"),
                _("the campaign would last {n} days", n=duration.days),
                _(
                    "Check the year of both dates; a campaign lasts at most {most} days.",
                    most=DURATION_MAX.days,
                ),
            )
            continue
        for path, step in steps_and_digests(campaign):
            _check_at(collector, campaign, path, step)
            _check_bounds(collector, campaign, path, step)
            for index, rung in enumerate(step.before or ()):
                _check_ladder_step(collector, campaign, (*path, "before", index), step, rung)


def _check_at(collector: ProblemCollector, campaign: Campaign, path: KeyPath, step: Step | Digest) -> None:
    if step.at is not None:
        _check_within_campaign(collector, campaign, (*path, "at"), campaign.to_utc(step.at, DEFAULT_TIME))


def _check_within_campaign(
    collector: ProblemCollector, campaign: Campaign, path: KeyPath, at: datetime
) -> None:
    if at < campaign.start:
        collector.add(
            path,
            _(
                "this lies before the start of the campaign, {start}",
                start=format_local(campaign, campaign.start),
            ),
            _("Choose a later time, or let the campaign start earlier."),
        )
    if at >= campaign.deadline:
        collector.add(
            path,
            _("this lies after the deadline, {deadline}", deadline=format_local(campaign, campaign.deadline)),
            _("Choose an earlier time, or move the deadline."),
        )


def _check_ladder_step(
    collector: ProblemCollector,
    campaign: Campaign,
    path: KeyPath,
    step: Step | Digest,
    ladder_step: LadderStep,
) -> None:
    if ladder_step in (step.before or ())[: int(path[-1])]:
        collector.add(path, _("this rung stands on the ladder twice"), _("Take one out."))
    _check_within_campaign(collector, campaign, path, ladder_step_time(campaign, ladder_step))


def ladder_step_time(campaign: Campaign, ladder_step: LadderStep) -> datetime:
    """Return the moment a rung of the ladder asks for, in UTC.

    Hours are counted from midnight after a last day, so that "6h" is 18:00 and not 17:59:59.
    """
    if ladder_step.hours:
        return campaign.closed_at - timedelta(hours=ladder_step.hours)
    day = campaign.last_day - timedelta(days=ladder_step.days)
    return campaign.to_utc(datetime.combine(day, ladder_step.at or DEFAULT_TIME), DEFAULT_TIME)


def _check_bounds(
    collector: ProblemCollector, campaign: Campaign, path: KeyPath, step: Step | Digest
) -> None:
    first = campaign.to_local(campaign.start).date()
    if step.since is not None and step.since > campaign.last_day:
        what = _(
            "this lies after the deadline, {deadline}", deadline=format_local(campaign, campaign.deadline)
        )
        collector.add((*path, "since"), what, _("Choose an earlier day, or take the line out."))
    if step.until is not None and step.until < max(first, step.since or first):
        collector.add(
            (*path, "until"),
            _("the repetition ends before it begins"),
            _("Choose a day after {day}.", day=_day(max(first, step.since or first))),
        )


def format_local(campaign: Campaign, at: datetime) -> str:
    """Write a moment as problems name it: local, to the minute."""
    return f"{campaign.to_local(at):%d/%m/%Y %H:%M}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
