"""`status`: campaigns, what goes out next, what waits for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from dispatcher.cli.options import JsonOption
from dispatcher.i18n import N_, _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.plan import Occurrence
    from dispatcher.report.service_status import CampaignStatus, ServiceStatus


def register(app: typer.Typer) -> None:
    """Register the command."""
    app.command(help=_("How it stands: campaigns, what goes out next, what waits for a person."))(status)


def status(as_json: JsonOption = False) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger import LedgerDamaged, find_damage
    from dispatcher.report import service_status

    settings, damage = context.brake_settings(), ""
    try:
        with context.ledger(settings) as ledger:
            damage = find_damage(ledger)
            if damage and not as_json:  # first, and then whatever can be read all the same
                console.print_note(damage, style="bold red")
            config = context.usable_configuration(settings, ledger)
            status_report = service_status.gather_status(ledger, config, now=context.now())
    except LedgerDamaged as damaged:
        if as_json:
            console.print_json({"sound": False, "damage": damage or str(damaged)})
        if as_json or not damage:
            raise
        console.print_note(_("More cannot be read."))
        raise typer.Exit(damaged.exit_code) from damaged
    if as_json:
        told = {"sound": not damage, "damage": damage}
        console.print_json(_status_as_json(status_report) | told)
    else:
        _print_status(config.schedules, status_report)
    raise typer.Exit(1 if damage or status_report.problems else 0)


def _status_as_json(status_report: ServiceStatus) -> dict[str, Any]:
    from dispatcher.cli import console

    return {
        "now": status_report.now.isoformat(),
        "stage": status_report.stage,
        "campaigns": [_campaign_as_json(one) for one in status_report.campaigns],
        "held": status_report.to_do.held,
        "to_read": status_report.to_do.unread_replies,
        "set_aside": status_report.to_do.set_aside,
        "rights_near": status_report.to_do.rights_near,
        "rights_overdue": status_report.to_do.rights_overdue,
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
        "schedule": console.problems_as_json(status_report.schedule_problems),
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
        "missed": campaign_status.missed,
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

    if status_report.stage == "trial":
        console.print_trial_note()
    for one in status_report.campaigns:
        _print_campaign(one)
    coming = [item for item in status_report.agenda.today if item.due_at > status_report.now]
    coming += status_report.agenda.upcoming
    if coming:
        console.print_heading(_("What goes out next"))
        rows = [_next_row(schedules, item) for item in coming]
        console.print_table((_("when"), _("campaign"), _("step"), _("kind"), _("audiences")), rows)
    if status_report.schedule_problems:
        console.print_heading(_("The schedules"))
        console.print_problems(status_report.schedule_problems, to_stdout=True)
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
    if campaign_status.missed:
        console.print_line(labels.missed(campaign_status.missed), style="yellow")
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
    """Print what a person should look at."""
    from dispatcher.cli import console
    from dispatcher.vietnamese.dates import VIETNAM

    to_do = status_report.to_do
    counted = (
        (to_do.held, N_("{n} people wait for a decision: dispatcher contacts held")),
        (to_do.unread_replies, N_("{n} answers wait to be read")),
        (to_do.rights_overdue, N_("{n} requests of people are past their day: dispatcher rights")),
        (to_do.rights_near, N_("{n} requests of people are near their day: dispatcher rights")),
        (to_do.set_aside, N_("{n} reports could not be read")),
    )
    lines = [_(words, n=count) for count, words in counted if count]
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
