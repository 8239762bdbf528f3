"""What a campaign will be, before anything of it leaves: recipients, parts, VND, clashes, dearest words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Schedules
from dispatcher.errors import Problem
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import audience_rows
from dispatcher.message.environment import TemplateSet
from dispatcher.message.template_check import check_all
from dispatcher.message.template_trial import CostliestText
from dispatcher.plan import Occurrence
from dispatcher.report import cap_collisions, forecast
from dispatcher.report.cap_collisions import CapCollision
from dispatcher.report.forecast import CampaignForecast

ROWS_MAX = 100_000  # of an audience, that words are tried on while a page waits


@dataclass(frozen=True, kw_only=True, slots=True)
class Sending:
    """One occurrence: messages, parts of texts and VND at most. None: nobody can know, as for thanks."""

    occurrence: Occurrence
    local: datetime
    messages: int | None
    parts: int
    vnd: int
    collisions: tuple[CapCollision, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """A campaign from a moment on. `clashes` are with other campaigns, whichever of the two gives way."""

    forecast: CampaignForecast
    sendings: tuple[Sending, ...]
    clashes: tuple[CapCollision, ...]
    costliest: tuple[CostliestText, ...]
    problems: tuple[Problem, ...]

    @property
    def dated(self) -> tuple[Sending, ...]:
        """Return what has a day of its own."""
        return tuple(one for one in self.sendings if not one.occurrence.is_standing)

    @property
    def reminders(self) -> tuple[Sending, ...]:
        """Return what goes to the people, on a day."""
        return tuple(one for one in self.dated if one.occurrence.kind not in step_kinds.FOR_STAFF)

    @property
    def first(self) -> Sending | None:
        """Return what goes out first."""
        return next(iter(self.reminders), None)

    @property
    def recipients(self) -> int:
        """Return how many messages the largest reminder is: a person gets one of each."""
        return max((one.messages or 0 for one in self.reminders), default=0)


def look_ahead(
    ledger: Ledger, schedules: Schedules, templates: TemplateSet, campaign: str, *, now: datetime
) -> Outlook:
    """Return the outlook of a campaign from `now` on, as the lists that are loaded have it."""
    alone = _only(schedules, campaign)
    report = check_all(
        alone,
        templates,
        {name: audience_rows.stream(ledger, name, limit=ROWS_MAX) for name in alone.audiences},
    )
    coming = forecast.forecast_campaign(
        ledger, schedules, campaign, since=now - timedelta(seconds=1),
        max_parts=forecast.max_parts_by_template(report),
    )  # fmt: skip
    met = [
        one
        for one in cap_collisions.find(ledger, schedules, now=now)
        if campaign == one.occurrence.campaign or campaign in one.taken_by
    ]
    return Outlook(
        forecast=coming,
        sendings=_sendings(coming, met),
        clashes=tuple(met),
        costliest=tuple(report.costliest),
        problems=tuple(report.problems),
    )


def _only(schedules: Schedules, campaign: str) -> Schedules:
    """Return the schedules with one campaign, and the audiences that it writes to."""
    chosen = schedules.campaigns[campaign]
    named = {name for audiences, _own in chosen.addressed() for name in audiences}
    audiences = {name: one for name, one in schedules.audiences.items() if name in named}
    return schedules.model_copy(update={"campaigns": {campaign: chosen}, "audiences": audiences})


def _sendings(coming: CampaignForecast, met: Sequence[CapCollision]) -> tuple[Sending, ...]:
    made = []
    for _id, group in groupby(coming.entries, key=lambda entry: id(entry.occurrence)):
        entries = list(group)
        occurrence = entries[0].occurrence
        counts = [entry.recipients for entry in entries]
        made.append(
            Sending(
                occurrence=occurrence,
                local=entries[0].local,
                messages=None if None in counts else sum(count or 0 for count in counts),
                parts=sum(entry.parts for entry in entries),
                vnd=sum(entry.vnd for entry in entries),
                collisions=tuple(
                    one
                    for one in met
                    if (one.occurrence.campaign, one.occurrence.step, one.occurrence.key)
                    == (occurrence.campaign, occurrence.step, occurrence.key)
                ),
            )
        )
    return tuple(made)
