"""Whether the lists and the templates that schedules.toml counts on are there."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from dispatcher.campaign import contact_files, step_kinds
from dispatcher.campaign.audiences import Audience
from dispatcher.campaign.line_numbers import KeyPath
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.problem_collector import ProblemCollector, did_you_mean
from dispatcher.campaign.rules import steps_and_digests
from dispatcher.campaign.steps import Digest, Step
from dispatcher.campaign.time_rules import ladder_step_time
from dispatcher.campaign.time_values import LadderStep, warning_template
from dispatcher.channels import Channel
from dispatcher.i18n import _, ngettext

TEMPLATE_SUFFIXES: dict[Channel, str] = {"sms": ".sms.j2", "email": ".mail.j2"}


def check(
    collector: ProblemCollector,
    schedules: Schedules,
    *,
    templates: Path,
    contacts: Path,
    planned: Collection[str] = (),
) -> None:
    """Add every list and template that is not there to `collector`; `planned` templates count as there."""
    for audience in schedules.audiences.values():
        for index, pattern in enumerate(audience.lists):
            _check_list(collector, audience, index, pattern, contacts)
        _check_columns(collector, audience, contacts)
    existing = existing_templates(templates) | frozenset(planned)
    for campaign in schedules.campaigns.values():
        _check_templates(collector, schedules, campaign, templates, existing)
        _check_notices(collector, schedules, campaign, templates, existing)


def existing_templates(folder: Path) -> frozenset[str]:
    """Return the templates below a folder: "staff/launch.sms.j2"."""
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*.j2") if path.is_file())


def missing_templates(
    schedules: Schedules, campaign: Campaign, existing: Collection[str]
) -> dict[str, tuple[str, Channel]]:
    """Return (template, channel) by the file, for every audience alike, that would be enough."""
    missing: dict[str, tuple[str, Channel]] = {}
    steps = [step for _path, step in steps_and_digests(campaign) if isinstance(step, Step)]
    for step in steps:
        for audience, channel, template in required_templates(schedules, campaign, step):
            if not set(template_names(campaign.name, audience, template, channel)) & set(existing):
                missing[f"{campaign.name}/{template}{TEMPLATE_SUFFIXES[channel]}"] = (template, channel)
    return missing


def _check_list(
    collector: ProblemCollector, audience: Audience, index: int, pattern: str, contacts: Path
) -> None:
    path = ("audience", audience.name, "lists", index)
    if not contact_files.is_inside_folder(pattern):
        collector.add(
            path,
            _("the lists of an audience lie inside the folder {folder}", folder=contacts),
            _('Write a path inside it with /, for example "staff/*".'),
        )
    elif not contact_files.find_files(contacts, (pattern,)):
        folders = [f"{folder.name}/*" for folder in contacts.glob("*/") if not folder.name.startswith(".")]
        remedy = _("Put a list there (.xlsx, .xls, .ods, .csv).")
        what = _(
            'audience "{audience}" has no list: nothing matches {pattern}',
            audience=audience.name,
            pattern=contacts / pattern,
        )
        collector.add(path, what, f"{remedy} {did_you_mean(pattern, folders)}".strip())


def _check_columns(collector: ProblemCollector, audience: Audience, contacts: Path) -> None:
    list_files = contact_files.find_files(contacts, audience.lists)
    for pattern in audience.columns:
        if list_files and not any(contact_files.matches(file, pattern) for file in list_files):
            collector.add(
                ("audience", audience.name, "columns", pattern),
                _('no list of this audience is called "{pattern}"', pattern=pattern),
                did_you_mean(pattern, {file.name for file in list_files}),
                value=pattern,
            )


def _check_templates(
    collector: ProblemCollector,
    schedules: Schedules,
    campaign: Campaign,
    templates: Path,
    existing: frozenset[str],
) -> None:
    told: set[str] = set()
    for path, step in steps_and_digests(campaign):
        missing: dict[str, str] = {}
        for audience, channel, template in required_templates(schedules, campaign, step):
            names = template_names(campaign.name, audience, template, channel)
            if existing.isdisjoint(names):
                missing[names[-1] if isinstance(step, Digest) else names[1]] = template
        by_template = Counter(missing.values())
        for name, template in missing.items():
            if by_template[template] > 1:
                if template not in told:
                    told.add(template)
                    _add_unwritten(collector, path, campaign, template, by_template[template])
                continue
            near = difflib.get_close_matches(name, (file for file in existing if _same_kind(file, name)), n=1)
            remedy = _("Write it, or name another with template = …")
            collector.add(
                (*path, collector.present_key(path, "template", "moment") or "name"),
                _("the template {template} does not exist", template=templates / name),
                f"{remedy} {did_you_mean(name, near)}" if near else remedy,
                value=template,
            )


def _add_unwritten(
    collector: ProblemCollector, path: KeyPath, campaign: Campaign, template: str, files: int
) -> None:
    """Say once of a template that nobody has written for anybody, and that a file a channel is enough."""
    collector.add(
        (*path, collector.present_key(path, "template", "moment") or "name"),
        ngettext(
            "the words of “{template}” are not written: {n} file is missing",
            "the words of “{template}” are not written: {n} files are missing",
            files,
            template=template,
        ),
        _(
            "Let general words be written, to be edited: dispatcher check --write-words. Or write "
            "{folder}/{template}.sms.j2 and {folder}/{template}.mail.j2, which are for every audience.",
            folder=campaign.name, template=template,
        ),
        value=template,
    )  # fmt: skip


def _check_notices(
    collector: ProblemCollector,
    schedules: Schedules,
    campaign: Campaign,
    templates: Path,
    existing: frozenset[str],
) -> None:
    """Ask for the words in which people are told that the deadline was moved."""
    if campaign.moved != "tell":
        return
    missing = {
        names[1]: None
        for template in step_kinds.DEADLINE_NOTICES
        for audience in campaign.audiences
        if audience in schedules.audiences
        for channel in schedules.channels_of(audience)
        if existing.isdisjoint(names := template_names(campaign.name, audience, template, channel))
    }
    for name in missing:
        what = _("the template {template} does not exist", template=templates / name)
        remedy = _('Write it: it tells of the new deadline. Or write moved = "silent".')
        collector.add(("campaign", campaign.name, "moved"), what, remedy)


def _same_kind(file: str, name: str) -> bool:
    return file.split(".", 1)[-1] == name.split(".", 1)[-1]


def template_names(campaign: str, audience: str, template: str, channel: Channel) -> tuple[str, ...]:
    """Return the files that may hold the words; the first that exists wins, the campaign's own before all."""
    names = (f"{audience}/{template}{TEMPLATE_SUFFIXES[channel]}", f"{template}{TEMPLATE_SUFFIXES[channel]}")
    return tuple(file for name in names for file in (f"{campaign}/{name}", name))


def required_templates(
    schedules: Schedules, campaign: Campaign, step: Step | Digest
) -> Iterator[tuple[str, Channel, str]]:
    """Yield (audience, channel, template) of every template that a step needs."""
    if isinstance(step, Digest):
        for name in step.to:
            if "email" in schedules.channels_of(name, ("email",)):
                yield name, "email", step.template or step_kinds.DIGEST.default_template
        return
    for name in step.audiences or campaign.audiences:
        if name in schedules.audiences:
            for channel in schedules.channels_of(name, step.channels):
                for template in step_templates(campaign, step):
                    yield name, channel, template


def step_templates(campaign: Campaign, step: Step) -> tuple[str, ...]:
    """Return the templates a step needs, as far as they do not depend on what moves it."""
    if step.template:
        return (step.template,)
    if step.before is not None:
        moments = ((rung, ladder_step_time(campaign, rung)) for rung in step.before)
        return tuple(
            dict.fromkeys(
                _ladder_template(campaign, rung, at)
                for rung, at in moments
                if campaign.start <= at < campaign.deadline  # what lies outside is told elsewhere
            )
        )
    return ("weekly" if step.every else step_kinds.THANKS.default_template if step.after else step.name,)


def _ladder_template(campaign: Campaign, ladder_step: LadderStep, at: datetime) -> str:
    return warning_template(campaign.days_left(at), counted_in_hours=bool(ladder_step.hours))
