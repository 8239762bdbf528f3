"""The calendar of a campaign: every step at every time, what gives way to what, and what is due when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from dispatcher.campaign.model import Campaign, Digest, Schedules, Step
from dispatcher.campaign.moments import warning_moment
from dispatcher.plan import asked
from dispatcher.plan.moving import Placed, place_reminder, place_warning
from dispatcher.plan.occurrence import STANDING, Kind, Occurrence
from dispatcher.plan.windows import DAY, find, hours, is_kept_free
from dispatcher.plan.windows import moment as local_moment

PRIORITY: Mapping[Kind, int] = {"warning": 80, "digest": 60, "reminder": 50, "thanks": 30}
DIGEST_LASTS = timedelta(hours=24)


def calendar(
    schedules: Schedules,
    campaign: str | Campaign,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[Occurrence, ...]:
    """Give every occurrence of a campaign due in (since, until], in order, those not sent included."""
    whole = _whole(schedules, find(schedules, campaign))
    return tuple(item for item in whole if _between(item.due_at, since, until))


def due(schedules: Schedules, *, since: datetime, until: datetime) -> tuple[Occurrence, ...]:
    """Give what falls due in (since, until] over all campaigns: earliest first, then the most urgent."""
    found = (
        item
        for campaign in schedules.campaigns.values()
        for item in calendar(schedules, campaign, since=since, until=until)
        if item.is_sent
    )
    return tuple(sorted(found, key=lambda item: (item.due_at, -item.priority, item.campaign, item.step)))


def next_due(schedules: Schedules, after: datetime) -> datetime | None:
    """Give the next moment at which something falls due; None when nothing ever will."""
    return min((item.due_at for item in due(schedules, since=after, until=_END_OF_TIME)), default=None)


def is_late(campaign: Campaign, occurrence: Occurrence, now: datetime) -> bool:
    """Tell whether an occurrence found at `now` is to be recorded as missed instead of being sent."""
    if now >= occurrence.expires_at:
        return True
    return occurrence.key != STANDING and now - occurrence.due_at > campaign.grace


_END_OF_TIME = datetime.max.replace(tzinfo=UTC)


def _between(moment: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or since < moment) and (until is None or moment <= until)


def _whole(schedules: Schedules, campaign: Campaign) -> tuple[Occurrence, ...]:
    made = [item for step in campaign.steps for item in _of_step(schedules, campaign, step)]
    made = _one_warning_a_day(campaign, made)
    made = _give_way(campaign, made)
    made = _end_before_the_next(made)
    made += [item for digest in campaign.digests for item in _of_digest(campaign, digest)]
    return tuple(sorted(made, key=lambda item: (item.due_at, -item.priority, item.step, item.key)))


def _of_step(schedules: Schedules, campaign: Campaign, step: Step) -> Iterator[Occurrence]:
    audiences = tuple(name for name in campaign.audiences if step.audiences is None or name in step.audiences)
    if step.after is not None:
        yield _thanks(campaign, step, audiences)
        return
    shared = hours(schedules, campaign, audiences)
    place = place_warning if step.before is not None else place_reminder
    for wanted in asked.moments(campaign, step):
        placed = place(campaign, shared, wanted)
        kind: Kind = "warning" if step.before is not None else "reminder"
        yield Occurrence(
            campaign=campaign.name,
            step=step.name,
            key=wanted.key,
            kind=kind,
            moment=_moment(campaign, step, wanted, placed),
            due_at=placed.at,
            expires_at=_ends(campaign, kind, shared.closes, placed),
            audiences=() if placed.lost else audiences,
            channels=step.channels,
            priority=PRIORITY[kind] if step.priority is None else step.priority,
            note=" ".join(placed.notes),
        )


def _thanks(campaign: Campaign, step: Step, audiences: tuple[str, ...]) -> Occurrence:
    return Occurrence(
        campaign=campaign.name,
        step=step.name,
        key=STANDING,
        kind="thanks",
        moment=step.moment or "thanks",
        due_at=campaign.start,
        expires_at=campaign.deadline + step.days_after_deadline * DAY,
        audiences=audiences,
        channels=step.channels,
        priority=PRIORITY["thanks"] if step.priority is None else step.priority,
    )


def _of_digest(campaign: Campaign, digest: Digest) -> Iterator[Occurrence]:
    """Digests are mails to colleagues: neither windows nor free days move them."""
    for wanted in asked.moments(campaign, digest):
        early = wanted.at < campaign.start
        lost = early or wanted.at >= campaign.over
        yield Occurrence(
            campaign=campaign.name,
            step=digest.name,
            key=wanted.key,
            kind="digest",
            moment=digest.moment or "digest",
            due_at=wanted.at,
            expires_at=wanted.at + DIGEST_LASTS,
            audiences=() if lost else digest.to,
            channels=("email",),
            priority=PRIORITY["digest"] if digest.priority is None else digest.priority,
            note="" if not lost else "too-early" if early else "too-late",
            leads_only=digest.leads_only,
        )


def _moment(campaign: Campaign, step: Step, wanted: asked.Asked, placed: Placed) -> str:
    """Name the words: of a warning they follow the day on which it really goes out."""
    if step.moment:
        return step.moment
    if step.before is None:
        return "weekly" if step.every else step.name
    return warning_moment(campaign.days_left(placed.at), counted_in_hours=not wanted.bound_to_day)


def _ends(campaign: Campaign, kind: Kind, closes: time, placed: Placed) -> datetime:
    """Give until when it may be tried: a warning on its day only, for it says how many days are left.

    A reminder until the window closes on the next day, if that day is not kept free.
    """
    tomorrow = campaign.local(placed.at).date() + DAY
    if kind == "warning":
        ends = local_moment(tomorrow, time(), campaign.timezone)
    elif is_kept_free(tomorrow, campaign.no_send_days):
        ends = local_moment(tomorrow - DAY, closes, campaign.timezone)
    else:
        ends = local_moment(tomorrow, closes, campaign.timezone)
    return min(ends, campaign.deadline)


def _days(campaign: Campaign, items: Iterable[Occurrence]) -> Mapping[tuple[str, date], list[Occurrence]]:
    found: defaultdict[tuple[str, date], list[Occurrence]] = defaultdict(list)
    for item in items:
        for audience in item.audiences:
            found[audience, campaign.local(item.due_at).date()].append(item)
    return found


def _one_warning_a_day(campaign: Campaign, made: Sequence[Occurrence]) -> list[Occurrence]:
    """Keep, of several warnings to one audience on one day, the one nearest to the deadline."""
    warnings = [item for item in made if item.kind == "warning"]
    nearest = {
        place: max(items, key=lambda item: (item.due_at, item.key, item.step))
        for place, items in _days(campaign, warnings).items()
    }
    kept = []
    for item in made:
        day = campaign.local(item.due_at).date()
        lost = [name for name in item.audiences if nearest.get((name, day), item) is not item]
        kept.append(_without(item, lost, "collapsed") if item.kind == "warning" else item)
    return kept


def _give_way(campaign: Campaign, made: Sequence[Occurrence]) -> list[Occurrence]:
    """Say one thing a day: a warning goes before a dated step, that before a repetition, what was moved last.

    Steps that organisers put on the same day themselves both stay: two dated ones, two repetitions.
    """
    repeated = {step.name for step in campaign.steps if step.every is not None}
    taken: dict[tuple[str, date], int] = {}
    kept = {id(item): item for item in made}
    for item in sorted(made, key=lambda item: _standing(item, repeated)):
        if item.kind == "thanks":
            continue
        day, standing = campaign.local(item.due_at).date(), _standing(item, repeated)
        lost = [name for name in item.audiences if _must_yield(taken.get((name, day)), standing)]
        kept[id(item)] = _without(item, lost, "gives-way")
        for name in kept[id(item)].audiences:
            taken.setdefault((name, day), standing)
    return list(kept.values())


WARNING, DATED, DATED_MOVED, REPEATED, REPEATED_MOVED = range(5)


def _standing(item: Occurrence, repeated: Collection[str]) -> int:
    if item.kind == "warning":
        return WARNING
    moved = "next-day" in item.note.split()
    if item.step in repeated:
        return REPEATED_MOVED if moved else REPEATED
    return DATED_MOVED if moved else DATED


def _must_yield(first: int | None, standing: int) -> bool:
    """Tell whether something of `standing` yields to what speaks that day; `first` is the highest of it."""
    if first is None or standing in (WARNING, DATED):
        return False
    return first < standing or standing in (DATED_MOVED, REPEATED_MOVED)


def _without(item: Occurrence, lost: Sequence[str], note: str) -> Occurrence:
    if not lost:
        return item
    left = tuple(name for name in item.audiences if name not in lost)
    return replace(item, audiences=left, yielded=(*item.yielded, *lost), note=f"{item.note} {note}".strip())


def _end_before_the_next(made: Sequence[Occurrence]) -> list[Occurrence]:
    """Let nothing be retried once the next step speaks to the same people."""
    sent = sorted(
        (item for item in made if item.is_sent and item.kind != "thanks"), key=lambda item: item.due_at
    )
    return [
        replace(
            item,
            expires_at=min([item.expires_at, *(other.due_at for other in sent if _follows(other, item))]),
        )
        if item.kind != "thanks"
        else item
        for item in made
    ]


def _follows(later: Occurrence, item: Occurrence) -> bool:
    return later.due_at > item.due_at and set(later.audiences) >= set(item.audiences)
