"""Where campaigns meet at one number: who gets what of which on a day, and what is not sent, beforehand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dispatcher import plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import CAP_PER_DAY_MAX, Schedules
from dispatcher.campaign.time_rules import format_local
from dispatcher.errors import Problem
from dispatcher.i18n import _, ngettext
from dispatcher.ledger import Ledger
from dispatcher.ledger.eligibility import targets_of
from dispatcher.ledger.queries import audience_overlap, occurrence_log
from dispatcher.ledger.queries.audience_overlap import Choice
from dispatcher.ledger.sending import campaign_states
from dispatcher.plan import Occurrence
from dispatcher.plan.cap_timeline import WEEK, CappedText, capped
from dispatcher.report import step_titles

DAYS_TRIED = 7  # how far a step is moved to find it a free day


@dataclass(frozen=True, kw_only=True, slots=True)
class CapCollision:
    """An occurrence that so many numbers are not sent, because other campaigns have filled their caps."""

    occurrence: Occurrence
    numbers: int
    taken_by: tuple[str, ...]  # campaigns
    move_to: datetime | None = None  # where nothing stands in its way; None: not found, or not looked for


@dataclass(frozen=True, kw_only=True)
class _Crowd:
    """Numbers that all get the same: so many, what they have had, what is planned to them."""

    numbers: int
    sent: Sequence[Occurrence]
    planned: Sequence[Occurrence]


def find(ledger: Ledger, schedules: Schedules, *, now: datetime) -> tuple[CapCollision, ...]:
    """Return every collision between campaigns from `now` on, in order; thanks are not known beforehand.

    The first of each pair of steps has a proposal, where one was found.
    """
    coming, recent = _coming(ledger, schedules, now), _recent(ledger, schedules, now)
    if len({item.campaign for item in (*coming, *(one.occurrence for one in recent))}) < 2:
        return ()
    crowds = _crowds(ledger, schedules, coming, recent)
    lost: dict[tuple[str, str, str], list[tuple[_Crowd, CappedText]]] = {}
    for crowd in crowds:
        for text in capped(schedules, crowd.sent, crowd.planned):
            item = text.occurrence
            if any(one.campaign != item.campaign for one in text.taken_by):
                lost.setdefault((item.campaign, item.step, item.key), []).append((crowd, text))
    found = [_collision(cases) for cases in lost.values()]
    return _with_proposals(schedules, sorted(found, key=lambda one: one.occurrence.due_at), crowds)


def _coming(ledger: Ledger, schedules: Schedules, now: datetime) -> list[Occurrence]:
    """Return the reminders to come of campaigns that are not over, as they will be fired."""
    over = {one.name for one in campaign_states.all_states(ledger) if one.is_over}
    coming = [
        item
        for campaign in schedules.campaigns.values()
        if campaign.name not in over
        for item in plan.occurrences(schedules, campaign, since=now)
        if item.is_sent and item.kind in step_kinds.REMINDING
    ]
    return sorted(coming, key=lambda item: item.due_at)


def _recent(ledger: Ledger, schedules: Schedules, now: datetime) -> list[Choice]:
    """Return what was fired within the last week: caps count it still."""
    planned = {
        (item.campaign, item.step, item.key): item
        for campaign in schedules.campaigns.values()
        for item in plan.occurrences(schedules, campaign, since=now - WEEK, until=now)
    }
    return [
        Choice(occurrence=planned[place], fired_id=one.id)
        for one in occurrence_log.recorded(ledger)
        if one.is_fired and (place := (one.campaign, one.step, one.key)) in planned
    ]


def _crowds(
    ledger: Ledger, schedules: Schedules, coming: Sequence[Occurrence], recent: Sequence[Choice]
) -> list[_Crowd]:
    """Part all numbers into crowds by what is planned to them."""
    places: dict[tuple[object, ...], int] = {}
    choices: list[Choice] = []
    place_of: dict[int, int] = {}
    for item in coming:
        targets = targets_of(schedules, item)
        place = places.setdefault((item.campaign, targets), len(choices))
        place_of[id(item)] = place
        if place == len(choices):
            choices.append(Choice(occurrence=item, targets=targets))
    fired = {len(choices) + place: one.occurrence for place, one in enumerate(recent)}
    return [
        _Crowd(
            numbers=numbers,
            sent=[item for place, item in fired.items() if place in chosen],
            planned=[item for item in coming if place_of[id(item)] in chosen],
        )
        for chosen, numbers in audience_overlap.count_numbers(ledger, [*choices, *recent]).items()
    ]


def _collision(cases: Collection[tuple[_Crowd, CappedText]]) -> CapCollision:
    campaigns = dict.fromkeys(one.campaign for _crowd, text in cases for one in text.taken_by)
    (occurrence,) = {id(text.occurrence): text.occurrence for _crowd, text in cases}.values()
    return CapCollision(
        occurrence=occurrence, numbers=sum(crowd.numbers for crowd, _text in cases), taken_by=tuple(campaigns)
    )


def _with_proposals(
    schedules: Schedules, found: Sequence[CapCollision], crowds: Sequence[_Crowd]
) -> tuple[CapCollision, ...]:
    told: set[tuple[object, ...]] = set()
    results = []
    for one in found:
        pair = (one.occurrence.campaign, one.occurrence.step, one.taken_by)
        is_first = pair not in told
        told.add(pair)
        results.append(
            replace(one, move_to=_free_day(schedules, one.occurrence, crowds)) if is_first else one
        )
    return tuple(results)


def _free_day(schedules: Schedules, item: Occurrence, crowds: Sequence[_Crowd]) -> datetime | None:
    """Return the first later day on which a reminder meets no cap and pushes nothing else out."""
    campaign = schedules.campaigns[item.campaign]
    if item.kind in step_kinds.BOUND_TO_DAY:
        return None
    mine = [crowd for crowd in crowds if any(one is item for one in crowd.planned)]
    for days in range(1, DAYS_TRIED + 1):
        later = timedelta(days=days)
        moved = replace(
            item, due_at=item.due_at + later, expires_at=min(item.expires_at + later, campaign.deadline)
        )
        day = campaign.to_local(moved.due_at).date()
        if moved.due_at >= campaign.deadline or plan.is_no_send_day(day, campaign.no_send_days):
            continue
        if all(_improves(schedules, crowd, item, moved) for crowd in mine):
            return moved.due_at
    return None


def _improves(schedules: Schedules, crowd: _Crowd, item: Occurrence, moved: Occurrence) -> bool:
    before = [text.occurrence for text in capped(schedules, crowd.sent, crowd.planned)]
    planned = [moved if one is item else one for one in crowd.planned]
    after = [text.occurrence for text in capped(schedules, crowd.sent, planned)]
    was_lost = any(one is item for one in before)
    return all(one is not moved for one in after) and len(after) <= len(before) - was_lost


# --- in words ------------------------------------------------------------------------------------------


def sentence(schedules: Schedules, one: CapCollision) -> str:
    """Return what happens, in the reader's language."""
    item = one.occurrence
    return ngettext(
        "{when}: {n} number gets texts of {others}; {step} of {campaign} is not sent to it",
        "{when}: {n} numbers get texts of {others}; {step} of {campaign} is not sent to them",
        one.numbers,
        when=format_local(schedules.campaigns[item.campaign], item.due_at),
        others=", ".join(quoted(schedules, name) for name in one.taken_by),
        step=_title(schedules, item),
        campaign=quoted(schedules, item.campaign),
    )


def proposal(schedules: Schedules, one: CapCollision) -> str:
    """Return what could be done about it."""
    campaign = schedules.campaigns[one.occurrence.campaign]
    if one.move_to is not None:
        when = format_local(campaign, one.move_to)
        return _(
            "Move {step} of {campaign} to {when}.",
            step=_title(schedules, one.occurrence),
            campaign=quoted(schedules, campaign.name),
            when=when,
        )
    if campaign.cap_per_day < CAP_PER_DAY_MAX:
        return _(
            'Raise cap_per_day of {campaign} to {n}, or write over_cap = "wait".',
            campaign=quoted(schedules, campaign.name), n=campaign.cap_per_day + 1,
        )  # fmt: skip
    return _("Take one of the two out, or move it by more than a week.")


def quoted(schedules: Schedules, campaign: str) -> str:
    """Return the short title of a campaign between quotation marks."""
    return f"“{step_titles.campaign_title(schedules, campaign)}”"


def _title(schedules: Schedules, item: Occurrence) -> str:
    return f"“{step_titles.of_occurrence(schedules, item)}”"


def as_json(one: CapCollision) -> dict[str, object]:
    """Return it for machines."""
    return {
        "due_at": one.occurrence.due_at.isoformat(),
        "step": one.occurrence.step,
        "numbers": one.numbers,
        "taken_by": list(one.taken_by),
        "move_to": one.move_to.isoformat() if one.move_to else None,
    }


def find_problems(schedules: Schedules, found: Sequence[CapCollision]) -> list[Problem]:
    """Return, as advice, the first collision of each pair of steps, and how many more there are."""
    by_pair: dict[tuple[object, ...], list[CapCollision]] = {}
    for one in found:
        by_pair.setdefault((one.occurrence.campaign, one.occurrence.step, one.taken_by), []).append(one)
    return [_problem(schedules, cases) for cases in by_pair.values()]


def _problem(schedules: Schedules, cases: Sequence[CapCollision]) -> Problem:
    first, more = cases[0], len(cases) - 1
    what = sentence(schedules, first)
    if more:
        what += ngettext("; and on {n} more day", "; and on {n} more days", more)
    return Problem(
        file="schedules.toml",
        where=f"campaign.{first.occurrence.campaign}.step.{first.occurrence.step}",
        what=what,
        remedy=proposal(schedules, first),
        severity="advice",
    )
