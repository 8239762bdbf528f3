"""Tries every text on the real rows before the run: missing values, costs, and what reads badly.

Rows are streamed: of a million rows only those are rendered that can tell something new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dispatcher import plan
from dispatcher.campaign.model import Schedules
from dispatcher.channels import Channel
from dispatcher.errors import ConfigurationError, Problem
from dispatcher.message import Recipient, RenderContext
from dispatcher.message.compose import Composer
from dispatcher.message.environment import TemplateSet, load_templates
from dispatcher.message.preview import preview_context
from dispatcher.message.row_sampler import RowSampler
from dispatcher.message.syntax import check_syntax
from dispatcher.message.template_analysis import ROOT_BLOCK
from dispatcher.message.template_trial import CostliestText, TemplateTrial
from dispatcher.message.unsendable import UnsendableMessage
from dispatcher.vietnamese.dates import days_left

PARTS_OF_MAIL = ("subject", "text", "html")


class PlaceholderLinks:
    """Links that lead nowhere, for trying texts out."""

    def unsubscribe_url(self, *, channel: str, address: str, campaign: str, person_id: int) -> str:
        return "https://example.gov.vn/u/0"

    def participation_url(self, *, channel: str, address: str, campaign: str, person_id: int) -> str:
        return "https://example.gov.vn/tham-gia/0"


@dataclass(kw_only=True, slots=True)
class TemplateReport:
    """What came of trying every text."""

    problems: list[Problem] = field(default_factory=list)
    costliest: list[CostliestText] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    """Texts that ask for the same about a person, so that one look at a row serves all."""

    channel: Channel
    rows: RowSampler
    trials: list[TemplateTrial]

    def try_on(self, recipient: Recipient) -> None:
        if recipient.channel == self.channel and self.rows.is_new(recipient):
            pattern = self.rows.shape_of(recipient)
            for trial in self.trials:
                self.rows.watch(trial.try_on(recipient, pattern))


def find_problems(
    schedules: Schedules,
    templates: Path | TemplateSet,
    recipients: Mapping[str, Iterable[Recipient]] | None = None,
) -> list[Problem]:
    """Return everything that is wrong with the texts, each once, with file and line.

    `recipients` gives the people of each audience, once for every channel they have.
    """
    return check_all(schedules, templates, recipients).problems


def check_all(
    schedules: Schedules,
    templates: Path | TemplateSet,
    recipients: Mapping[str, Iterable[Recipient]] | None = None,
) -> TemplateReport:
    """Try every text on every audience's rows; `recipients` as in `find_problems`."""
    report = TemplateReport()
    try:
        template_set = templates if isinstance(templates, TemplateSet) else load_templates(templates)
    except ConfigurationError as broken:
        report.problems.extend(broken.problems)
        return report
    report.problems.extend(check_syntax(template_set, tuple(schedules.campaigns)))
    composer = Composer(schedules, template_set, PlaceholderLinks())
    unreadable = frozenset(problem.file for problem in report.problems)
    for audience in schedules.audiences:
        groups = _groups(composer, audience, unreadable, report.problems)
        for recipient in (recipients or {}).get(audience, ()):
            for group in groups:
                group.try_on(recipient)
        for group in groups:
            for trial in group.trials:
                report.problems.extend(trial.problems(group.rows))
                if trial.costliest is not None:
                    report.costliest.append(trial.costliest)
    report.problems = _merged(report.problems)
    return report


def _merged(problems: Iterable[Problem]) -> list[Problem]:
    """Return each problem once: a fault in a shared file shows in many steps."""
    places: dict[Problem, dict[str, None]] = {}
    for problem in problems:
        places.setdefault(replace(problem, where=""), {})[problem.where] = None
    return [replace(problem, where=", ".join(where)) for problem, where in places.items()]


def _groups(
    composer: Composer, audience: str, unreadable: frozenset[str], problems: list[Problem]
) -> list[_Group]:
    groups: dict[tuple[Channel, frozenset[str]], _Group] = {}
    for context, channel in _contexts(composer.schedules, audience):
        try:
            trial = TemplateTrial(composer, context, audience, channel)
        except UnsendableMessage as error:
            if error.file not in unreadable:
                problems.append(Problem(file=error.file, line=error.line, what=str(error)))
            continue
        if unreadable.isdisjoint(trial.files):  # what cannot be read has been said
            recipient_fields = trial.inputs.recipient_fields(
                *(PARTS_OF_MAIL if channel == "email" else (ROOT_BLOCK,))
            )
            group = _Group(channel=channel, rows=RowSampler(recipient_fields), trials=[])
            groups.setdefault((channel, recipient_fields), group).trials.append(trial)
    return list(groups.values())


def _contexts(schedules: Schedules, audience: str) -> Iterator[tuple[RenderContext, Channel]]:
    """Yield each moment that the audience is written to, as its longest words would have it.

    Any of them may be the first that somebody receives, and the first says how to refuse.
    """
    seen = set()
    for campaign in schedules.campaigns.values():
        for occurrence in plan.with_notices(schedules, campaign):
            context = preview_context(schedules, occurrence)
            count = _days_left_form(days_left(context.today, campaign.last_day))
            for channel in _channels(schedules, occurrence, audience):
                key = (campaign.name, occurrence.template, channel, count)
                if key not in seen:
                    seen.add(key)
                    yield context, channel


def _days_left_form(left: int) -> str:
    """Return what the days left read like: over, today, tomorrow; the rest by their length."""
    return str(max(left, -1)) if left <= 1 else "9" * len(str(left))


def _channels(schedules: Schedules, occurrence: plan.Occurrence, audience: str) -> tuple[Channel, ...]:
    if audience not in occurrence.audiences:
        return ()
    return schedules.channels_of(audience, occurrence.channels)
