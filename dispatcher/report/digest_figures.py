"""Collects the figures of a digest from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from dispatcher import plan
from dispatcher.campaign import step_kinds
from dispatcher.campaign.model import Campaign, Schedules
from dispatcher.i18n import N_, _
from dispatcher.ledger import Ledger
from dispatcher.ledger.queries import people_counts
from dispatcher.ledger.queries.people_counts import AreaPeople
from dispatcher.ledger.sending import campaign_states, lookups, rate_limits
from dispatcher.message.digest import AreaFigures, DigestFigures, NextStep, Visit
from dispatcher.report import visits
from dispatcher.report.protection import AudienceView
from dispatcher.vietnamese import dates
from dispatcher.vietnamese.names import sort_key
from dispatcher.vietnamese.phone import mask

VISITS_PER_AREA = 30  # named in a mail; of the others it says how many
NEXT_STEPS = 3

VISIT_REASONS = {
    "number": N_("the number or address is not right"),
    "opted-out": N_("does not wish to receive messages"),
    "no-address": N_("the lists have no usable number or address"),
}

PAUSE_REASONS = {
    "by-hand": N_("somebody paused it"),
    "budget": N_("the budget is used up"),
    "canary": N_("the first messages went out; somebody has to look and resume"),
    "configuration-errors": N_(
        "the provider refuses everything: the configuration is wrong. The log names its code; "
        "mend account or sender in the settings, then resume"
    ),
    "failures-jumped": N_("too many messages fail"),
    "approval": N_("it waits for approval"),
    "restored": N_("the ledger was restored from a backup; somebody has to look and resume"),
    "renamed": N_("it looks like another campaign renamed; dispatcher check tells how to decide"),
}


def gather(ledger: Ledger, schedules: Schedules, campaign_name: str, *, now: datetime) -> DigestFigures:
    """Gather what a digest of campaign `name` tells at `now`."""
    campaign = schedules.campaigns[campaign_name]
    people = people_counts.by_area(
        ledger, campaign_name, campaign.audiences, earlier_than=_previous_digest_at(schedules, campaign, now)
    )
    to_visit = _visits(ledger, schedules, campaign)
    rows = sorted(
        (_area(item, to_visit.get(item.area, ())) for item in people),
        key=lambda row: (not row.area, sort_key(row.area)),
    )
    return DigestFigures(
        campaign=campaign_name,
        as_of=campaign.to_local(now).date(),
        areas=tuple(rows),
        total=_total(rows),
        target_percent=campaign.target_percent,
        next_steps=_next_steps(schedules, campaign, now),
        warnings=warnings(ledger, campaign_name, now=now),
    )


def warnings(ledger: Ledger, campaign_name: str, *, now: datetime) -> tuple[str, ...]:
    """Return what a person has to look at now."""
    sentences = []
    campaign_state = campaign_states.state_of(ledger, campaign_name)
    if campaign_state is not None and campaign_state.state == "paused":
        reason = _(PAUSE_REASONS.get(campaign_state.reason, campaign_state.reason) or campaign_state.reason)
        sentences.append(_("the campaign is paused: {reason}", reason=reason))
    in_doubt = lookups.count_unresolved(ledger, campaign_name).get("in-doubt", 0)
    if in_doubt:
        sentences.append(_("{n} messages are in doubt; the provider is being asked", n=in_doubt))
    sentences += [
        _("the provider {name} does not answer; it is tried again and again", name=throttle.gateway)
        if throttle.circuit_open
        else _(
            "the provider {name} wants no more messages for now ({code})",
            name=throttle.gateway,
            code=throttle.blocked_reason,
        )
        for throttle in rate_limits.gateway_rates(ledger)
        if throttle.blocked_until is not None and throttle.blocked_until > now
    ]
    return tuple(sentences)


def _previous_digest_at(schedules: Schedules, campaign: Campaign, now: datetime) -> datetime:
    """Return the moment of the digest before this one, else a week ago."""
    earlier = [
        item.due_at
        for item in plan.occurrences(schedules, campaign.name, since=campaign.start, until=now)
        if item.kind in step_kinds.NEEDING_FIGURES and item.due_at < now - timedelta(hours=1)
    ]
    return max(earlier, default=now - timedelta(days=7))


def _area(item: AreaPeople, to_visit: Sequence[Visit]) -> AreaFigures:
    return AreaFigures(
        area=item.area,
        contacts=item.people,
        sent=item.reached,
        undeliverable=item.unreachable,
        opted_out=item.opted_out,
        participated=item.took_part,
        participated_before=item.took_part_before,
        without_address=item.without_address,
        to_visit=tuple(to_visit[:VISITS_PER_AREA]),
        to_visit_unnamed=len(to_visit[VISITS_PER_AREA:]),
    )


def _total(rows: list[AreaFigures]) -> AreaFigures:
    return AreaFigures(
        area="",
        contacts=sum(row.contacts for row in rows),
        sent=sum(row.sent for row in rows),
        undeliverable=sum(row.undeliverable for row in rows),
        opted_out=sum(row.opted_out for row in rows),
        participated=sum(row.participated for row in rows),
        participated_before=sum(row.participated_before or 0 for row in rows),
        without_address=sum(row.without_address for row in rows),
    )


def _visits(ledger: Ledger, schedules: Schedules, campaign: Campaign) -> dict[str, list[Visit]]:
    by_area: dict[str, list[Visit]] = {}
    for item in visits.find(ledger, schedules, campaign, may_see=False):  # a mail may be passed on
        masked = mask(item.address) if item.address.startswith("+") else ""
        visit = Visit(name=item.name, phone=masked, reason=_(VISIT_REASONS.get(item.reason, item.reason)))
        by_area.setdefault(item.area, []).append(visit)
    return by_area


def _next_steps(schedules: Schedules, campaign: Campaign, now: datetime) -> tuple[NextStep, ...]:
    coming = [
        item
        for item in plan.occurrences(schedules, campaign.name, since=now, until=campaign.deadline)
        if item.kind in step_kinds.REMINDING and item.is_sent
    ]
    return tuple(
        NextStep(
            when=campaign.to_local(item.due_at).replace(tzinfo=None),
            what=_describe_step(schedules, campaign, item),
        )
        for item in coming[:NEXT_STEPS]
    )


def _describe_step(schedules: Schedules, campaign: Campaign, item: plan.Occurrence) -> str:
    who = ", ".join(AudienceView(schedules, may_see=False).titles(item.audiences))
    if item.kind not in step_kinds.BOUND_TO_DAY:
        return _("reminder to: {who}", who=who)
    left = dates.days_left_words(campaign.days_left(item.due_at))
    return _("deadline warning ({left}) to: {who}", left=left, who=who)
