"""Tries every text on the real rows before the run: missing values, costs, and what reads badly.

Rows are streamed: of a million rows only those are rendered that can tell something new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dispatcher import plan
from dispatcher.campaign.model import Schedules
from dispatcher.errors import ConfigurationBroken, Problem
from dispatcher.message import Channel, Occasion, Recipient
from dispatcher.message.compose import Composer
from dispatcher.message.environment import Texts, read_texts
from dispatcher.message.preview import foreseen
from dispatcher.message.rows import Rows
from dispatcher.message.syntax import read_all
from dispatcher.message.trial import Trial, Worst
from dispatcher.message.unfit import MessageUnfit
from dispatcher.message.variables import ROOT
from dispatcher.vietnamese.dates import days_left

PARTS_OF_MAIL = ("subject", "text", "html")


class NoLinks:
    """Links that lead nowhere, for trying texts out."""

    def unsubscribe(self, *, channel: str, address: str, campaign: str, person_id: int) -> str:
        return "https://example.gov.vn/u/0"

    def took_part(self, *, channel: str, address: str, campaign: str, person_id: int) -> str:
        return "https://example.gov.vn/tham-gia/0"


@dataclass(kw_only=True, slots=True)
class Survey:
    """What came of trying every text."""

    problems: list[Problem] = field(default_factory=list)
    worst: list[Worst] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Group:
    """Texts that ask for the same about a person, so that one look at a row serves all."""

    channel: Channel
    rows: Rows
    trials: list[Trial]

    def take(self, recipient: Recipient) -> None:
        if recipient.channel == self.channel and self.rows.is_new(recipient):
            pattern = self.rows.pattern(recipient)
            for trial in self.trials:
                trial.take(recipient, pattern)


def check(
    schedules: Schedules,
    templates: Path | Texts,
    recipients: Mapping[str, Iterable[Recipient]] | None = None,
) -> list[Problem]:
    """Give everything that is wrong with the texts, each once, with file and line.

    `recipients` gives the people of each audience, once for every channel they have.
    """
    return survey(schedules, templates, recipients).problems


def survey(
    schedules: Schedules,
    templates: Path | Texts,
    recipients: Mapping[str, Iterable[Recipient]] | None = None,
) -> Survey:
    """Try every text on every audience's rows; `recipients` as in `check`."""
    found = Survey()
    try:
        texts = templates if isinstance(templates, Texts) else read_texts(templates)
    except ConfigurationBroken as broken:
        found.problems.extend(broken.problems)
        return found
    found.problems.extend(read_all(texts, tuple(schedules.campaigns)))
    composer = Composer(schedules, texts, NoLinks())
    known = frozenset(problem.file for problem in found.problems)
    for audience in schedules.audiences:
        groups = _groups(composer, audience, known, found.problems)
        for recipient in (recipients or {}).get(audience, ()):
            for group in groups:
                group.take(recipient)
        for group in groups:
            for trial in group.trials:
                found.problems.extend(trial.problems(group.rows))
                if trial.worst is not None:
                    found.worst.append(trial.worst)
    found.problems = _merged(found.problems)
    return found


def _merged(problems: Iterable[Problem]) -> list[Problem]:
    """Say each thing once: a fault in a shared file shows at many moments."""
    places: dict[Problem, dict[str, None]] = {}
    for problem in problems:
        places.setdefault(replace(problem, where=""), {})[problem.where] = None
    return [replace(problem, where=", ".join(where)) for problem, where in places.items()]


def _groups(
    composer: Composer, audience: str, known: frozenset[str], problems: list[Problem]
) -> list[_Group]:
    groups: dict[tuple[Channel, frozenset[str]], _Group] = {}
    for occasion, channel in _occasions(composer.schedules, audience):
        try:
            trial = Trial(composer, occasion, audience, channel)
        except MessageUnfit as error:
            if error.file not in known:
                problems.append(Problem(file=error.file, line=error.line, what=str(error)))
            continue
        if known.isdisjoint(trial.files):  # what cannot be read has been said
            asked = trial.uses.recipient(*(PARTS_OF_MAIL if channel == "email" else (ROOT,)))
            group = _Group(channel=channel, rows=Rows(asked), trials=[])
            groups.setdefault((channel, asked), group).trials.append(trial)
    return list(groups.values())


def _occasions(schedules: Schedules, audience: str) -> Iterator[tuple[Occasion, Channel]]:
    """Give each moment that the audience is written to, as its longest words would have it.

    Any of them may be the first that somebody receives, and the first says how to refuse.
    """
    seen = set()
    for campaign in schedules.campaigns.values():
        for occurrence in plan.calendar(schedules, campaign):
            occasion = foreseen(schedules, occurrence)
            count = _reading(days_left(occasion.today, campaign.last_day))
            for channel in _channels(schedules, occurrence, audience):
                key = (campaign.name, occurrence.moment, channel, count)
                if key not in seen:
                    seen.add(key)
                    yield occasion, channel


def _reading(left: int) -> str:
    """Tell apart what the days left read like: over, today, tomorrow; the rest by their length."""
    return str(max(left, -1)) if left <= 1 else "9" * len(str(left))


def _channels(schedules: Schedules, occurrence: plan.Occurrence, audience: str) -> tuple[Channel, ...]:
    if audience not in occurrence.audiences:
        return ()
    if occurrence.kind == "digest":
        return ("email",)
    own = schedules.audiences[audience].channels
    return (
        own if occurrence.channels is None else tuple(c for c in ("sms", "email") if c in occurrence.channels)
    )
