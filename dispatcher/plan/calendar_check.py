"""What the calendar shows that the file alone does not: steps that never go out, move, or meet their caps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatcher.campaign import step_kinds
from dispatcher.campaign.load import LoadedSchedules
from dispatcher.campaign.model import Campaign
from dispatcher.campaign.problem_collector import ProblemCollector
from dispatcher.campaign.rules import steps_and_digests
from dispatcher.campaign.time_rules import format_local
from dispatcher.errors import Problem
from dispatcher.i18n import _, ngettext
from dispatcher.plan.calendar import occurrences
from dispatcher.plan.occurrence import NOTES, Occurrence
from dispatcher.plan.windows import DAY

REPORTED_NOTES = (
    "earlier",
    "later",
    "no-send-day",
)  # what becomes of a warning or a dated step is told one by one
WEEK = timedelta(days=7)


def check(loaded: LoadedSchedules) -> tuple[Problem, ...]:
    """Return the problems in the calendar of every campaign; none when the file could not be read."""
    if loaded.schedules is None:
        return ()
    collector = ProblemCollector(loaded.file, dict(loaded.raw), loaded.line_numbers)
    for campaign in loaded.schedules.campaigns.values():
        items = occurrences(loaded.schedules, campaign)
        _check_steps(collector, campaign, items)
        _check_caps(collector, campaign, items)
        _check_order(collector, campaign, items)
    return collector.sorted()


def _check_steps(collector: ProblemCollector, campaign: Campaign, items: Sequence[Occurrence]) -> None:
    for path, step in steps_and_digests(campaign):
        mine = [item for item in items if item.step == step.name]
        if not any(item.is_sent for item in mine):
            reasons = {sentence: None for item in mine for sentence in item.note_texts()}
            collector.add(
                (*path, "name"),
                _("this never goes out"),
                " ".join(reasons) or _("No such day lies between the start and the deadline."),
            )
        elif step.every is None:
            for item in mine:
                _report_moves(collector, campaign, (*path, "name"), item)


def _report_moves(
    collector: ProblemCollector, campaign: Campaign, path: tuple[str | int, ...], item: Occurrence
) -> None:
    notes = [
        word for word in item.note.split() if word in REPORTED_NOTES or not item.is_sent or word == "next-day"
    ]
    if notes:
        collector.add(
            path,
            _(
                "{moment} on {day}: {note}",
                moment=item.template,
                day=format_local(campaign, item.due_at),
                note="; ".join(_(NOTES[word]) for word in notes),
            ),
            _("Change the time or the day if you want it otherwise."),
            severity="advice",
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Peak:
    """The most texts that fall on one audience within some time."""

    audience: str
    count: int
    until: datetime


def _check_caps(collector: ProblemCollector, campaign: Campaign, items: Sequence[Occurrence]) -> None:
    for key, cap, span in (
        ("cap_per_day", campaign.cap_per_day, DAY),
        ("cap_per_week", campaign.cap_per_week, WEEK),
    ):
        peaks = [crowd for crowd in _peaks(items, span) if crowd.count > cap]
        if peaks:
            peak = max(peaks, key=lambda crowd: crowd.count)
            collector.add(
                ("campaign", campaign.name, key),
                ngettext(
                    "{n} text is planned for {audience} up to {day}, more than this cap of {cap}",
                    "{n} texts are planned for {audience} up to {day}, more than this cap of {cap}",
                    peak.count,
                    audience=peak.audience,
                    day=format_local(campaign, peak.until),
                    cap=cap,
                ),
                _("Raise the cap or take a step out: what is over it is not sent."),
                value=cap,
                severity="advice",
            )


def _peaks(items: Sequence[Occurrence], span: timedelta) -> list[_Peak]:
    texts: defaultdict[str, list[datetime]] = defaultdict(list)
    for item in items:
        if item.kind in step_kinds.REMINDING:
            for audience in item.audiences:
                texts[audience].append(item.due_at)
    return [
        _Peak(audience=audience, count=sum(at - span < other <= at for other in moments), until=at)
        for audience, moments in texts.items()
        for at in moments
    ]


def _check_order(collector: ProblemCollector, campaign: Campaign, items: Sequence[Occurrence]) -> None:
    """Reminding people of what they have not yet been told of is nearly always a forgotten `since`."""
    dated = [item.due_at for item in items if item.is_sent and _is_dated(campaign, item)]
    if not dated:
        return
    first = min(dated)
    for path, step in steps_and_digests(campaign):
        if step.every is None or path[2] != "step":
            continue
        early = [item for item in items if item.step == step.name and item.is_sent and item.due_at < first]
        if early:
            collector.add(
                (*path, "name"),
                _(
                    "it begins on {day}, before the first dated step",
                    day=format_local(campaign, early[0].due_at),
                ),
                _("Add since = {day} if it is to begin after it.", day=campaign.to_local(first).date()),
                severity="advice",
            )


def _is_dated(campaign: Campaign, item: Occurrence) -> bool:
    return any(step.name == item.step and step.at is not None for step in campaign.steps)
