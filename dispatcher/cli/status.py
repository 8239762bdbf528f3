"""`status` and `report`: how it stands now, and how a campaign went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import typer

from dispatcher.cli.options import CampaignArgument, JsonOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.ledger.queries.message_counts import ExactCount
    from dispatcher.message.digest import DigestFigures
    from dispatcher.plan import Occurrence
    from dispatcher.report.service_status import CampaignStatus, ServiceStatus


def register(app: typer.Typer) -> None:
    """Add these verbs."""
    app.command(help=_("How it stands: campaigns, what goes out next, what waits for a person."))(status)
    app.command(help=_("How a campaign went: by thôn, by step and audience, failures and what to do."))(
        report
    )


# --- status -------------------------------------------------------------------------------------------


def status(as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.report import service_status as standing

    settings = context.settings()
    config = context.edition(settings)
    with context.ledger(settings) as ledger:
        status_report = standing.gather_status(ledger, config, now=context.now())
    if as_json:
        console.print_json(_status_as_json(status_report))
    else:
        _print_status(config.schedules, status_report)
    raise typer.Exit(1 if status_report.problems else 0)


def _status_as_json(status_report: ServiceStatus) -> dict[str, Any]:
    return {
        "now": status_report.now.isoformat(),
        "campaigns": [_campaign_as_json(one) for one in status_report.campaigns],
        "held": status_report.to_do.held,
        "to_read": status_report.to_do.unread_replies,
        "questions": status_report.unresolved,
        "inbox": status_report.unprocessed_reports,
        "gateways": [
            {
                "gateway": one.gateway,
                "rate": one.rate,
                "rate_max": one.rate_max,
                "blocked_until": one.blocked_until.isoformat()
                if one.blocked_until and one.blocked_until > status_report.now
                else None,
                "reason": one.blocked_reason,
            }
            for one in status_report.gateway_rates
        ],
        "troubles": status_report.problems,
    }


def _campaign_as_json(campaign_status: CampaignStatus) -> dict[str, Any]:
    return {
        "campaign": campaign_status.campaign.name,
        "state": campaign_status.campaign_state.state if campaign_status.campaign_state else "",
        "reason": campaign_status.campaign_state.reason if campaign_status.campaign_state else "",
        "approved": campaign_status.approval.is_valid,
        "days_left": campaign_status.days_left,
        "statuses": campaign_status.statuses,
        "digests": campaign_status.digests,
        "vnd": campaign_status.vnd,
        "budget_vnd": campaign_status.campaign.budget_vnd,
        "next": None
        if campaign_status.next is None
        else {
            "step": campaign_status.next.step,
            "due_at": campaign_status.next.due_at.isoformat(),
            "kind": campaign_status.next.kind,
        },
    }


def _print_status(schedules: Schedules, status_report: ServiceStatus) -> None:
    from dispatcher.cli import console

    for one in status_report.campaigns:
        _print_campaign(one)
    if status_report.agenda.today or status_report.agenda.upcoming:
        console.print_heading(_("What goes out next"))
        rows = [
            _next_row(schedules, item)
            for item in (*status_report.agenda.today, *status_report.agenda.upcoming)
        ]
        console.print_table((_("when"), _("campaign"), _("step"), _("kind"), _("audiences")), rows)
    _print_to_do(status_report)


def _print_campaign(campaign_status: CampaignStatus) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    console.print_heading(f"{campaign_status.campaign.short_title} ({campaign_status.campaign.name})")
    state = (
        labels.label(labels.CAMPAIGN_STATES, campaign_status.campaign_state.state)
        if campaign_status.campaign_state
        else _("not begun")
    )
    if campaign_status.campaign_state is not None and campaign_status.campaign_state.state == "paused":
        state += f": {labels.pause_reason(campaign_status.campaign_state.reason)}"
    left = (
        ngettext("{n} day left", "{n} days left", campaign_status.days_left)
        if campaign_status.days_left >= 0
        else _("over")
    )
    console.print_line(f"{state} · {left}")
    if not campaign_status.approval.is_valid:
        console.print_line(
            _("It waits for approval: dispatcher approve {name}", name=campaign_status.campaign.name),
            style="yellow",
        )
    if campaign_status.statuses:
        rows = [(labels.status(word), count) for word, count in campaign_status.statuses.items()]
        console.print_table(
            (_("status"), _("messages")),
            rows,
            right_aligned=(1,),
            footer=(_("together"), sum(campaign_status.statuses.values())),
        )
    if campaign_status.campaign.budget_vnd is not None:
        spent, budget = (
            console.format_money(campaign_status.vnd),
            console.format_money(campaign_status.campaign.budget_vnd),
        )
        console.print_line(_("{spent} of {budget} used", spent=spent, budget=budget))


def _next_row(schedules: Schedules, item: Occurrence) -> tuple[object, ...]:
    from dispatcher.cli import console
    from dispatcher.report import labels

    audiences = ", ".join(schedules.audiences[name].title for name in item.audiences)
    return (
        console.format_weekday_time(schedules.to_local(item.due_at)),
        item.campaign,
        item.step,
        labels.label(labels.STEP_KINDS, item.kind),
        audiences,
    )


def _print_to_do(status_report: ServiceStatus) -> None:
    """Say what a person should look at."""
    from dispatcher.cli import console
    from dispatcher.vietnamese.dates import VIETNAM

    lines = []
    if status_report.to_do.held:
        lines.append(
            _("{n} people wait for a decision: dispatcher contacts held", n=status_report.to_do.held)
        )
    if status_report.to_do.unread_replies:
        lines.append(_("{n} answers wait to be read", n=status_report.to_do.unread_replies))
    if status_report.unresolved.get("in-doubt"):
        lines.append(
            _(
                "{n} messages are in doubt; the provider is being asked",
                n=status_report.unresolved["in-doubt"],
            )
        )
    for one in status_report.gateway_rates:
        if one.blocked_until is not None and one.blocked_until > status_report.now:
            until = f"{one.blocked_until.astimezone(VIETNAM):%d/%m %H:%M}"
            lines.append(
                _(
                    "{gateway} rests until {until}: {why}",
                    gateway=one.gateway,
                    until=until,
                    why=one.blocked_reason,
                )
            )
    if lines:
        console.print_heading(_("Waits for a person"))
    for line in lines:
        console.print_line(line, style="yellow")


# --- report -------------------------------------------------------------------------------------------


def report(campaign: CampaignArgument, as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.queries import message_counts
    from dispatcher.ledger.sending import budgets
    from dispatcher.report import digest_figures as gathering

    settings = context.settings()
    schedules = context.edition(settings).schedules
    name = context.campaign(schedules, campaign).name
    with context.ledger(settings) as ledger:
        sums = message_counts.exact_by_step(ledger, campaign_name=name)
        figures = gathering.gather(ledger, schedules, name, now=context.now())
        spent = budgets.used(ledger, name)
    if as_json:
        console.print_json(_report_as_json(figures, sums, spent))
        return
    _print_areas(schedules, figures)
    _print_steps(schedules, list(sums))
    _print_failures(list(sums))
    console.print_line(_("Cost: {amount}", amount=console.format_money(spent)))


def _report_as_json(figures: DigestFigures, sums: tuple[ExactCount, ...], spent: int) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "campaign": figures.campaign,
        "as_of": figures.as_of.isoformat(),
        "target_percent": figures.target_percent,
        "areas": [{**asdict(area), "percent": area.percent} for area in figures.areas],
        "total": {**asdict(figures.total), "percent": figures.total.percent},
        "sums": [{**asdict(one), "due_at": one.due_at.isoformat()} for one in sums],
        "vnd": spent,
    }


def _print_areas(schedules: Schedules, figures: DigestFigures) -> None:
    from dispatcher.cli import console
    from dispatcher.report import labels

    campaign = schedules.campaigns[figures.campaign]
    console.print_heading(f"{campaign.title} · {figures.as_of:%d/%m/%Y}")
    heads = (
        _("thôn"), _("people"), _("reached"), _("not to be reached"), _("said no"), _("took part"), "%",
        _("since the last digest"),
    )  # fmt: skip
    rows = [
        (labels.area(one.area), one.contacts, one.sent, one.undeliverable, one.opted_out, one.participated,
         one.percent, "" if one.change is None else one.change)
        for one in (*figures.areas, figures.total)
    ]  # fmt: skip
    console.print_table(
        heads, rows[:-1], right_aligned=tuple(range(1, 8)), footer=(_("together"), *rows[-1][1:])
    )
    if figures.target_percent is not None:
        console.print_line(_("The target is {percent}%.", percent=figures.target_percent))


def _print_steps(schedules: Schedules, sums: list[ExactCount]) -> None:
    from dispatcher.cli import console

    console.print_heading(_("By step and audience"))
    console.print_table(
        (
            _("due"), _("step"), _("audience"), _("channel"), _("planned"), _("sent"), _("failed"),
            _("not sent"), _("open"), _("parts"), "VND",
        ),
        list(_step_rows(schedules, sums)),
        right_aligned=tuple(range(4, 11)),
        hide_if_empty=(6, 7, 8),
    )  # fmt: skip


def _step_rows(schedules: Schedules, sums: list[ExactCount]) -> Iterator[tuple[object, ...]]:
    from itertools import groupby

    from dispatcher.cli import console
    from dispatcher.ledger.schema.message_status import ACCEPTED_STATUSES

    failed, unsent = {"permanent-failure", "technical-failure"}, {"cancelled", "expired"}

    def key(one: ExactCount) -> tuple[Any, ...]:
        return one.due_at, one.step, one.audience, one.channel

    for (due_at, step, audience, channel), found in groupby(sorted(sums, key=key), key):
        items = list(found)
        counts = [
            sum(one.messages for one in items if one.status in group)
            for group in (ACCEPTED_STATUSES, failed, unsent)
        ]
        planned = sum(one.messages for one in items)
        when = "—" if items[0].kind == "thanks" else f"{schedules.to_local(due_at):%d/%m %H:%M}"
        parts = sum(one.parts for one in items if one.vnd)
        yield (
            when, step, audience, console.channel_label(channel), planned,
            *(count or "" for count in counts), planned - sum(counts) or "", parts or "",
            sum(one.vnd for one in items) or "",
        )  # fmt: skip


def _print_failures(sums: list[ExactCount]) -> None:
    from collections import Counter

    from dispatcher.cli import console
    from dispatcher.report import labels

    found: Counter[str] = Counter()
    for one in sums:
        if one.status in {"permanent-failure", "technical-failure", "temporary-failure"}:
            found[one.reason] += one.messages
    if found:
        console.print_heading(_("Failures, and what to do"))
        rows = [(labels.reason(word), count, labels.advice(word)) for word, count in found.most_common()]
        console.print_table((_("reason"), _("messages"), _("what to do")), rows, right_aligned=(1,))
