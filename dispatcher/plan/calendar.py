"""The calendar of a campaign: every step at every time, what gives way to what, and what is due when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.step_kinds import BOUND_TO_DAY, DIGEST, REMINDER, STANDING, THANKS, WARNING, StepKind
from dispatcher.campaign.steps import Digest, Step
from dispatcher.campaign.time_values import warning_template
from dispatcher.plan import requested_times
from dispatcher.plan.occurrence import STANDING_KEY, Occurrence
from dispatcher.plan.placement import Placement, place_reminder, place_warning
from dispatcher.plan.windows import DAY, is_no_send_day, local_to_utc, resolve_campaign, sending_hours

DIGEST_LASTS = timedelta(hours=24)


def occurrences(
    schedules: Schedules,
    campaign: str | Campaign,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Occurrence, ...]:
    """Return every occurrence of a campaign due in (since, until], in order, those not sent included."""
    whole = _all_occurrences(schedules, resolve_campaign(schedules, campaign))
    return tuple(item for item in whole if _between(item.due_at, since, until))


def due(schedules: Schedules, *, since: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Return what falls due in (since, until] over all campaigns: earliest first, then the most urgent."""
    falling_due = (
        item
        for campaign in schedules.campaigns.values()
        for item in occurrences(schedules, campaign, since=since, until=until)
        if item.is_sent
    )
    return tuple(
        sorted(falling_due, key=lambda item: (item.due_at, -item.priority, item.campaign, item.step))
    )


def next_due(schedules: Schedules, after: datetime) -> datetime | None:
    """Return the next moment at which something falls due; None when nothing ever will."""
    return min((item.due_at for item in due(schedules, since=after, until=_END_OF_TIME)), default=None)


def is_missed(campaign: Campaign, occurrence: Occurrence, now: datetime) -> bool:
    """Return whether an occurrence found at `now` is to be recorded as missed instead of being sent."""
    if now >= occurrence.expires_at:
        return True
    return occurrence.key != STANDING_KEY and now - occurrence.due_at > campaign.grace


_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def _between(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or since < at) and (until is None or at <= until)


def _all_occurrences(schedules: Schedules, campaign: Campaign) -> tuple[Occurrence, ...]:
    made = [item for step in campaign.steps for item in _of_step(schedules, campaign, step)]
    made = _one_warning_a_day(campaign, made)
    made = _resolve_same_day(campaign, made)
    made = _end_before_the_next(made)
    made += [item for digest in campaign.digests for item in _of_digest(campaign, digest)]
    return tuple(sorted(made, key=lambda item: (item.due_at, -item.priority, item.step, item.key)))


def _of_step(schedules: Schedules, campaign: Campaign, step: Step) -> Iterator[Occurrence]:
    audiences = tuple(name for name in campaign.audiences if step.audiences is None or name in step.audiences)
    if step.after is not None:
        yield _thanks(campaign, step, audiences)
        return
    shared = sending_hours(schedules, campaign, audiences)
    place = place_warning if step.before is not None else place_reminder
    for requested in requested_times.requested_times(campaign, step):
        placed = place(campaign, shared, requested)
        kind = WARNING if step.before is not None else REMINDER
        yield Occurrence(
            campaign=campaign.name,
            step=step.name,
            key=requested.key,
            kind=kind.name,
            template=_template(campaign, step, requested, placed),
            due_at=placed.at,
            expires_at=expiry(campaign, kind, shared.closes, placed),
            audiences=() if placed.dropped else audiences,
            channels=step.channels,
            priority=kind.priority if step.priority is None else step.priority,
            note=" ".join(placed.notes),
        )


def _thanks(campaign: Campaign, step: Step, audiences: tuple[str, ...]) -> Occurrence:
    return Occurrence(
        campaign=campaign.name,
        step=step.name,
        key=STANDING_KEY,
        kind=THANKS.name,
        template=step.template or THANKS.default_template,
        due_at=campaign.start,
        expires_at=campaign.deadline + step.days_after_deadline * DAY,
        audiences=audiences,
        channels=step.channels,
        priority=THANKS.priority if step.priority is None else step.priority,
    )


def _of_digest(campaign: Campaign, digest: Digest) -> Iterator[Occurrence]:
    """Digests are mails to colleagues: neither windows nor free days move them."""
    for requested in requested_times.requested_times(campaign, digest):
        early = requested.at < campaign.start
        dropped = early or requested.at >= campaign.closed_at
        yield Occurrence(
            campaign=campaign.name,
            step=digest.name,
            key=requested.key,
            kind=DIGEST.name,
            template=digest.template or DIGEST.default_template,
            due_at=requested.at,
            expires_at=requested.at + DIGEST_LASTS,
            audiences=() if dropped else digest.to,
            channels=("email",),
            priority=DIGEST.priority if digest.priority is None else digest.priority,
            note="" if not dropped else "too-early" if early else "too-late",
            leads_only=digest.leads_only,
        )


def _template(
    campaign: Campaign, step: Step, requested: requested_times.RequestedTime, placed: Placement
) -> str:
    """Return the template: of a warning it follows the day on which it really goes out."""
    if step.template:
        return step.template
    if step.before is None:
        return "weekly" if step.every else step.name
    return warning_template(campaign.days_left(placed.at), counted_in_hours=not requested.bound_to_day)


def expiry(campaign: Campaign, kind: StepKind, closes: time, placed: Placement) -> datetime:
    """Return until when it may be tried: a warning on its day only, for it says how many days are left.

    A reminder until the window closes on the next day, if that day is not kept free.
    """
    tomorrow = campaign.to_local(placed.at).date() + DAY
    if kind.is_bound_to_day:
        ends = local_to_utc(tomorrow, time(), campaign.timezone)
    elif is_no_send_day(tomorrow, campaign.no_send_days):
        ends = local_to_utc(tomorrow - DAY, closes, campaign.timezone)
    else:
        ends = local_to_utc(tomorrow, closes, campaign.timezone)
    return min(ends, campaign.deadline)


def _days(campaign: Campaign, items: Iterable[Occurrence]) -> Mapping[tuple[str, date], list[Occurrence]]:
    by_day: defaultdict[tuple[str, date], list[Occurrence]] = defaultdict(list)
    for item in items:
        for audience in item.audiences:
            by_day[audience, campaign.to_local(item.due_at).date()].append(item)
    return by_day


def _one_warning_a_day(campaign: Campaign, made: Sequence[Occurrence]) -> list[Occurrence]:
    """Keep, of several warnings to one audience on one day, the one nearest to the deadline."""
    warnings = [item for item in made if item.kind in BOUND_TO_DAY]
    nearest = {
        place: max(items, key=lambda item: (item.due_at, item.key, item.step))
        for place, items in _days(campaign, warnings).items()
    }
    kept = []
    for item in made:
        day = campaign.to_local(item.due_at).date()
        dropped = [name for name in item.audiences if nearest.get((name, day), item) is not item]
        kept.append(_without(item, dropped, "collapsed") if item.kind in BOUND_TO_DAY else item)
    return kept


def _resolve_same_day(campaign: Campaign, made: Sequence[Occurrence]) -> list[Occurrence]:
    """Keep one message a day: a warning before a dated step, that before a repetition.

    Steps that organisers put on the same day themselves both stay: two dated ones, two repetitions.
    """
    repeated = {step.name for step in campaign.steps if step.every is not None}
    highest: dict[tuple[str, date], int] = {}
    kept = {id(item): item for item in made}
    for item in sorted(made, key=lambda item: _precedence(item, repeated)):
        if item.kind in STANDING:
            continue
        day, precedence = campaign.to_local(item.due_at).date(), _precedence(item, repeated)
        dropped = [name for name in item.audiences if _yields(highest.get((name, day)), precedence)]
        kept[id(item)] = _without(item, dropped, "gives-way")
        for name in kept[id(item)].audiences:
            highest.setdefault((name, day), precedence)
    return list(kept.values())


FIRST, DATED, DATED_MOVED, REPEATED, REPEATED_MOVED = range(5)


def _precedence(item: Occurrence, repeated: Collection[str]) -> int:
    if item.kind in BOUND_TO_DAY:
        return FIRST
    moved = "next-day" in item.note.split()
    if item.step in repeated:
        return REPEATED_MOVED if moved else REPEATED
    return DATED_MOVED if moved else DATED


def _yields(first: int | None, precedence: int) -> bool:
    """Return whether a `precedence` yields to `first`, the highest of that day."""
    if first is None or precedence in (FIRST, DATED):
        return False
    return first < precedence or precedence in (DATED_MOVED, REPEATED_MOVED)


def _without(item: Occurrence, dropped: Sequence[str], note: str) -> Occurrence:
    if not dropped:
        return item
    left = tuple(name for name in item.audiences if name not in dropped)
    return replace(
        item,
        audiences=left,
        yielded_audiences=(*item.yielded_audiences, *dropped),
        note=f"{item.note} {note}".strip(),
    )


def _end_before_the_next(made: Sequence[Occurrence]) -> list[Occurrence]:
    """End retries once the next step reaches the same people."""
    sent = sorted(
        (item for item in made if item.is_sent and item.kind not in STANDING), key=lambda item: item.due_at
    )
    return [
        replace(
            item,
            expires_at=min([item.expires_at, *(other.due_at for other in sent if _follows(other, item))]),
        )
        if item.kind not in STANDING
        else item
        for item in made
    ]


def _follows(later: Occurrence, item: Occurrence) -> bool:
    return later.due_at > item.due_at and set(later.audiences) >= set(item.audiences)
