"""Whether the lists and the templates that schedules.toml counts on are there."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from dispatcher.campaign import lists
from dispatcher.campaign.findings import Findings, did_you_mean
from dispatcher.campaign.model import Audience, Campaign, Channel, Digest, Schedules, Step
from dispatcher.campaign.moments import Rung, warning_moment
from dispatcher.campaign.rules import timed
from dispatcher.campaign.timing import rung_moment
from dispatcher.i18n import _

SUFFIX: dict[Channel, str] = {"sms": ".sms.j2", "email": ".mail.j2"}


def check(findings: Findings, schedules: Schedules, *, templates: Path, contacts: Path) -> None:
    """Add every list and template that is not there to `findings`."""
    for audience in schedules.audiences.values():
        for place, pattern in enumerate(audience.lists):
            _check_list(findings, audience, place, pattern, contacts)
        _check_columns(findings, audience, contacts)
    there = frozenset(
        path.relative_to(templates).as_posix() for path in templates.rglob("*.j2") if path.is_file()
    )
    for campaign in schedules.campaigns.values():
        _check_templates(findings, schedules, campaign, templates, there)


def _check_list(findings: Findings, audience: Audience, place: int, pattern: str, contacts: Path) -> None:
    path = ("audience", audience.name, "lists", place)
    if not lists.stays_inside(pattern):
        findings.add(
            path,
            _("the lists of an audience lie inside the folder {folder}", folder=contacts),
            _('Write a path inside it with /, for example "staff/*".'),
        )
    elif not lists.files(contacts, (pattern,)):
        folders = [f"{folder.name}/*" for folder in contacts.glob("*/") if not folder.name.startswith(".")]
        remedy = _("Put a list there (.xlsx, .xls, .ods, .csv).")
        what = _(
            'audience "{audience}" has no list: nothing matches {pattern}',
            audience=audience.name,
            pattern=contacts / pattern,
        )
        findings.add(path, what, f"{remedy} {did_you_mean(pattern, folders)}".strip())


def _check_columns(findings: Findings, audience: Audience, contacts: Path) -> None:
    found = lists.files(contacts, audience.lists)
    for pattern in audience.columns:
        if found and not any(lists.fits(file, pattern) for file in found):
            findings.add(
                ("audience", audience.name, "columns", pattern),
                _('no list of this audience is called "{pattern}"', pattern=pattern),
                did_you_mean(pattern, {file.name for file in found}),
                value=pattern,
            )


def _check_templates(
    findings: Findings, schedules: Schedules, campaign: Campaign, templates: Path, there: frozenset[str]
) -> None:
    for path, step in timed(campaign):
        missing: dict[str, str] = {}
        for audience, channel, moment in wanted(schedules, campaign, step):
            names = candidates(campaign.name, audience, moment, channel)
            if there.isdisjoint(names):
                missing[names[-1] if isinstance(step, Digest) else names[1]] = moment
        for name, moment in missing.items():
            near = difflib.get_close_matches(name, (file for file in there if _same_kind(file, name)), n=1)
            remedy = _("Write it, or name another with moment = …")
            findings.add(
                (*path, "moment" if step.moment else "name"),
                _("the template {template} does not exist", template=templates / name),
                f"{remedy} {did_you_mean(name, near)}" if near else remedy,
                value=moment,
            )


def _same_kind(file: str, name: str) -> bool:
    return file.split(".", 1)[-1] == name.split(".", 1)[-1]


def candidates(campaign: str, audience: str, moment: str, channel: Channel) -> tuple[str, ...]:
    """Give the files that may hold the words; the first that exists wins, the campaign's own before all."""
    names = (f"{audience}/{moment}{SUFFIX[channel]}", f"{moment}{SUFFIX[channel]}")
    return tuple(file for name in names for file in (f"{campaign}/{name}", name))


def wanted(
    schedules: Schedules, campaign: Campaign, step: Step | Digest
) -> Iterator[tuple[str, Channel, str]]:
    """Give (audience, channel, moment) of every template that a step needs."""
    if isinstance(step, Digest):
        for name in step.to:
            yield name, "email", step.moment or "digest"
        return
    for name in step.audiences or campaign.audiences:
        if name in schedules.audiences:
            for channel in step.channels or schedules.audiences[name].channels:
                for moment in moments(campaign, step):
                    yield name, channel, moment


def moments(campaign: Campaign, step: Step) -> tuple[str, ...]:
    """Name the words a step needs, as far as they do not depend on what moves it."""
    if step.moment:
        return (step.moment,)
    if step.before is not None:
        moments = ((rung, rung_moment(campaign, rung)) for rung in step.before)
        return tuple(
            dict.fromkeys(
                _of_rung(campaign, rung, at)
                for rung, at in moments
                if campaign.start <= at < campaign.deadline  # what lies outside is told elsewhere
            )
        )
    return ("weekly" if step.every else "thanks" if step.after else step.name,)


def _of_rung(campaign: Campaign, rung: Rung, at: datetime) -> str:
    return warning_moment(campaign.days_left(at), counted_in_hours=bool(rung.hours))
