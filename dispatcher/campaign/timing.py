"""Whether the times in schedules.toml lie between the start and the deadline of their campaign."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dispatcher.campaign.findings import Findings
from dispatcher.campaign.model import Campaign, Digest, Schedules, Step
from dispatcher.campaign.moments import DEFAULT_TIME, Rung
from dispatcher.campaign.positions import Path
from dispatcher.campaign.rules import timed
from dispatcher.i18n import _

LASTS_MAX = timedelta(days=731)  # two years; the calendar of a longer one takes longer than anybody waits


def check(findings: Findings, schedules: Schedules) -> None:
    """Add every step and every bound that lies outside its campaign to `findings`."""
    for campaign in schedules.campaigns.values():
        if campaign.deadline <= campaign.start:
            findings.add(
                ("campaign", campaign.name, "ends"),
                _("the deadline lies before the start, {start}", start=told(campaign, campaign.start)),
                _("Check both dates: year, month, day."),
            )
            continue
        lasts = campaign.deadline - campaign.start
        if lasts > LASTS_MAX:
            findings.add(
                ("campaign", campaign.name, "ends"),
                _("the campaign would last {n} days", n=lasts.days),
                _("Check the year of both dates; a campaign lasts at most {most} days.", most=LASTS_MAX.days),
            )
            continue
        for path, step in timed(campaign):
            _check_at(findings, campaign, path, step)
            _check_bounds(findings, campaign, path, step)
            for place, rung in enumerate(step.before or ()):
                _check_rung(findings, campaign, (*path, "before", place), step, rung)


def _check_at(findings: Findings, campaign: Campaign, path: Path, step: Step | Digest) -> None:
    if step.at is not None:
        _check_moment(findings, campaign, (*path, "at"), campaign.moment(step.at, DEFAULT_TIME))


def _check_moment(findings: Findings, campaign: Campaign, path: Path, at: datetime) -> None:
    if at < campaign.start:
        findings.add(
            path,
            _("this lies before the start of the campaign, {start}", start=told(campaign, campaign.start)),
            _("Choose a later time, or let the campaign start earlier."),
        )
    if at >= campaign.deadline:
        findings.add(
            path,
            _("this lies after the deadline, {deadline}", deadline=told(campaign, campaign.deadline)),
            _("Choose an earlier time, or move the deadline."),
        )


def _check_rung(findings: Findings, campaign: Campaign, path: Path, step: Step | Digest, rung: Rung) -> None:
    if rung in (step.before or ())[: int(path[-1])]:
        findings.add(path, _("this rung stands on the ladder twice"), _("Take one out."))
    _check_moment(findings, campaign, path, rung_moment(campaign, rung))


def rung_moment(campaign: Campaign, rung: Rung) -> datetime:
    """Give the moment a rung of the ladder asks for, in UTC.

    Hours are counted from midnight after a last day, so that "6h" is 18:00 and not 17:59:59.
    """
    if rung.hours:
        return campaign.over - timedelta(hours=rung.hours)
    day = campaign.last_day - timedelta(days=rung.days)
    return campaign.moment(datetime.combine(day, rung.at or DEFAULT_TIME), DEFAULT_TIME)


def _check_bounds(findings: Findings, campaign: Campaign, path: Path, step: Step | Digest) -> None:
    first = campaign.local(campaign.start).date()
    if step.since is not None and step.since > campaign.last_day:
        what = _("this lies after the deadline, {deadline}", deadline=told(campaign, campaign.deadline))
        findings.add((*path, "since"), what, _("Choose an earlier day, or take the line out."))
    if step.until is not None and step.until < max(first, step.since or first):
        findings.add(
            (*path, "until"),
            _("the repetition ends before it begins"),
            _("Choose a day after {day}.", day=_day(max(first, step.since or first))),
        )


def told(campaign: Campaign, moment: datetime) -> str:
    """Write a moment as problems name it: local, to the minute."""
    return f"{campaign.local(moment):%d/%m/%Y %H:%M}"


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
