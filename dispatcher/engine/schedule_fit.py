"""Holds what was fired against the schedules in force: an edit is an edit, also of what is going out.

What waits of a step, a time, an audience or a channel that the schedules have no more is withdrawn; an edit
that is taken back in time brings it back. What goes on takes over its new time, end and words.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from dispatcher import plan
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.campaign.step_kinds import NOTICE
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries.occurrence_log import RecordedOccurrence
from dispatcher.ledger.sending import withdrawals
from dispatcher.ledger.sending.withdrawals import FiredShard
from dispatcher.plan import Occurrence

logger = logging.getLogger(__name__)

Plans = Mapping[str, Sequence[Occurrence]]  # by campaign, all of it


def hold_against(
    ledger: Ledger,
    schedules: Schedules,
    plans: Plans,
    recorded: Sequence[RecordedOccurrence],
    *,
    now: datetime,
) -> None:
    """Settle what does not fit `schedules` any more, and let wait again what fits once more."""
    by_key = {(item.campaign, item.step, item.key): item for items in plans.values() for item in items}
    siblings = _siblings_in_time(schedules, plans, by_key, recorded, now)
    moved = {occurrence_id for occurrence_id, others in siblings.items() if others}
    again: list[tuple[Occurrence, int, list[int]]] = []
    shards = withdrawals.fired_shards(ledger, moved=moved)
    for occurrence_id, group in groupby(shards, key=lambda one: one.occurrence_id):
        fired = list(group)
        wanted = by_key.get((fired[0].campaign, fired[0].step, fired[0].key))
        if wanted is not None and _differs(fired[0], wanted):
            withdrawals.retime(ledger, occurrence_id, wanted, now=now)
        fitting = [] if wanted is None else [one for one in fired if _fits(schedules, wanted, one)]
        _withdraw(ledger, [one for one in fired if one.has_waiting and one not in fitting], now)
        if wanted is not None and occurrence_id in siblings:
            back = [one.id for one in fitting if one.state == "cancelled" or occurrence_id in moved]
            again.append((wanted, occurrence_id, back))
    for wanted, occurrence_id, shard_ids in again:
        if shard_ids:
            _restore(ledger, wanted, shard_ids, siblings[occurrence_id], now)


def _siblings_in_time(
    schedules: Schedules,
    plans: Plans,
    by_key: Mapping[tuple[str, str, str], Occurrence],
    recorded: Sequence[RecordedOccurrence],
    now: datetime,
) -> Mapping[int, Sequence[int]]:
    """Return by occurrence what was fired of the same occasion, for what is planned and not too late."""
    found = {}
    for one in recorded:
        wanted = by_key.get((one.campaign, one.step, one.key))
        if wanted is None or not one.is_fired:
            continue
        campaign = schedules.campaigns[wanted.campaign]
        if not plan.is_missed(campaign, wanted, now):
            others = siblings_of(campaign, wanted, plans[wanted.campaign], recorded)
            found[one.id] = [other.id for other in others]
    return found


def _differs(fired: FiredShard, wanted: Occurrence) -> bool:
    return wanted.is_sent and (fired.due_at, fired.expires_at, fired.template) != (
        wanted.due_at,
        wanted.expires_at,
        wanted.template,
    )


def _fits(schedules: Schedules, wanted: Occurrence, shard: FiredShard) -> bool:
    """Return whether the step still speaks to this audience on this channel.

    What waits on a channel that the office has closed runs out of time, and is told so.
    """
    if shard.audience not in wanted.audiences:
        return False
    return shard.channel in (wanted.channels or schedules.audiences[shard.audience].channels)


def _withdraw(ledger: Ledger, unfit: Sequence[FiredShard], now: datetime) -> None:
    if unfit and (messages := withdrawals.withdraw(ledger, [one.id for one in unfit], now=now)):
        logger.warning(
            "%s/%s of %s: the schedules were changed, and %d messages that waited are not sent",
            unfit[0].campaign,
            unfit[0].step,
            unfit[0].due_at.isoformat(timespec="minutes"),
            messages,
            extra={"action": "withdrawn"},
        )


def _restore(
    ledger: Ledger, wanted: Occurrence, shard_ids: Sequence[int], siblings: Sequence[int], now: datetime
) -> None:
    messages = withdrawals.restore(
        ledger, shard_ids, siblings=siblings, not_before=max(wanted.due_at, now), now=now
    )
    if messages:
        logger.info(
            "%s/%s stands in the schedules again: %d messages wait again",
            wanted.campaign,
            wanted.step,
            messages,
            extra={"action": "restored"},
        )


def siblings_of(
    campaign: Campaign,
    occurrence: Occurrence,
    planned: Iterable[Occurrence],
    recorded: Iterable[RecordedOccurrence],
) -> list[RecordedOccurrence]:
    """Return what was fired of the same occasion at a time that the campaign's plan has no more.

    What tells of a new deadline has none: each change is an occasion of its own.
    """
    if occurrence.kind == NOTICE.name:
        return []
    in_plan = {item.key for item in planned if item.step == occurrence.step}
    return [
        one
        for one in recorded
        if (one.campaign, one.step) == (occurrence.campaign, occurrence.step)
        and one.is_fired
        and one.key not in in_plan
        and plan.is_same_occasion(campaign, occurrence.step, one.due_at, occurrence.due_at)
    ]
