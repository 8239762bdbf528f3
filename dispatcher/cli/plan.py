"""`plan`: the calendar with recipients, parts and cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.campaign import step_kinds
from dispatcher.cli.options import JsonOption
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.configuration import Configuration
    from dispatcher.ledger import Ledger
    from dispatcher.report.cap_collisions import CapCollision
    from dispatcher.report.forecast import CampaignForecast, ForecastEntry
    from dispatcher.settings import Settings


def register(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("The calendar: every step, audience and channel, with recipients, parts and cost."))(
        plan
    )


def plan(
    campaign: Annotated[str, typer.Argument(help=_("Only this campaign."), show_default=False)] = "",
    coming: Annotated[bool, typer.Option("--coming", help=_("Only what lies ahead."))] = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.report import cap_collisions, forecast

    settings = context.settings()
    config = context.configuration(settings)
    schedules = config.schedules
    names = [context.campaign(schedules, campaign).name] if campaign else list(schedules.campaigns)
    with open_people_ledger(settings, config) as (ledger, check_result):
        max_parts = forecast.max_parts_by_template(check_result)
        since = context.now() if coming else None
        forecasts = [
            forecast.forecast_campaign(ledger, schedules, name, max_parts=max_parts, since=since)
            for name in names
        ]
        met = cap_collisions.find(ledger, schedules, now=context.now())
    if as_json:
        console.print_json([_forecast_as_json(one, met) for one in forecasts])
        return
    for one in forecasts:
        _print_forecast(schedules, one)
    if met:
        console.print_heading(_("Where campaigns meet at their caps"))
        console.print_problems(cap_collisions.find_problems(schedules, met), to_stdout=True)


@contextmanager
def open_people_ledger(settings: Settings, config: Configuration) -> Iterator[tuple[Ledger, Any]]:
    """Yield a ledger to count people in, and what trying every text on the real rows came to.

    The ledger is the service's own when lists were loaded; else one for the moment, with the lists as they
    lie in the folder.
    """
    from dispatcher.cli import console
    from dispatcher.message.template_check import check_all
    from dispatcher.report import list_set

    contact_lists = list_set.ListSet(files=list_set.find_lists(config.schedules, settings.contacts))
    rows = {name: list_set.recipients_of(contact_lists.rows(name)) for name in config.schedules.audiences}
    check_result = check_all(config.schedules, settings.templates, rows)
    with people_ledger(settings, config.schedules) as (ledger, is_loaded):
        if not is_loaded:
            console.print_note(
                _("Nothing was loaded yet: counted from the lists in {folder}.", folder=settings.contacts)
            )
        yield ledger, check_result


@contextmanager
def people_ledger(settings: Settings, schedules: Schedules) -> Iterator[tuple[Ledger, bool]]:
    """Yield a ledger to count people in, and whether it is the service's own: lists were loaded there.

    Else it is one for the moment, with the lists as they lie in the folder.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from dispatcher.cli import context
    from dispatcher.ledger import open_ledger
    from dispatcher.ledger.recipients import imports
    from dispatcher.report import import_lists

    if context.ledger_exists(settings):
        with context.ledger(settings) as ledger:
            if imports.past_imports(ledger, limit=1):
                yield ledger, True
                return
    with TemporaryDirectory(prefix="dispatcher-") as folder:
        ledger = open_ledger(f"sqlite:///{Path(folder) / 'plan.sqlite3'}")
        try:
            selection = import_lists.select(schedules, settings.contacts)
            import_lists.import_selection(ledger, selection, who="plan", now=context.now())
            yield ledger, False
        finally:
            ledger.close()


def _forecast_as_json(forecast: CampaignForecast, met: Sequence[CapCollision]) -> dict[str, Any]:
    from dispatcher.report import cap_collisions

    return {
        "campaign": forecast.campaign.name,
        "budget_vnd": forecast.campaign.budget_vnd,
        "recipients": forecast.recipients,
        "parts": forecast.parts,
        "vnd": forecast.vnd,
        "calendar": [_entry_as_json(entry) for entry in forecast.entries],
        "not_sent": [
            {"step": item.step, "kind": item.kind, "due_at": item.due_at.isoformat(), "note": item.note}
            for item in forecast.unsent
        ],
        "collisions": [
            cap_collisions.as_json(one) for one in met if one.occurrence.campaign == forecast.campaign.name
        ],
    }


def _entry_as_json(entry: ForecastEntry) -> dict[str, Any]:
    item = entry.occurrence
    return {
        "local": entry.local.isoformat(),
        "due_at": item.due_at.isoformat(),
        "expires_at": item.expires_at.isoformat(),
        "step": item.step,
        "key": item.key,
        "kind": item.kind,
        "moment": item.template,
        "audience": entry.audience,
        "channel": entry.channel,
        "recipients": entry.recipients,
        "parts_each": entry.parts_each,
        "parts": entry.parts,
        "vnd": entry.vnd,
        "note": item.note,
    }


def _print_forecast(schedules: Schedules, forecast: CampaignForecast) -> None:
    from dispatcher.cli import console

    campaign = forecast.campaign
    console.print_heading(f"{campaign.title} ({campaign.name})")
    dates = _(
        "from {start} to {end}",
        start=f"{campaign.to_local(campaign.start):%d/%m/%Y}",
        end=f"{campaign.last_day:%d/%m/%Y}",
    )
    console.print_line(dates)
    for audience in schedules.audiences_by_priority(campaign.audiences):
        console.print_line(f"{audience.name}: {audience.title}", style="dim")
    console.print_table(
        (_("when"), _("step"), _("kind"), _("audience"), _("channel"), _("recipients"), _("parts"), "VND"),
        list(_rows(forecast.entries)),
        right_aligned=(5, 6, 7),
        footer=(_("together, at most"), "", "", "", "", forecast.recipients, forecast.parts, forecast.vnd),
    )
    _print_notes(forecast)
    if campaign.budget_vnd is not None:
        within = forecast.vnd <= campaign.budget_vnd
        budget = console.format_money(campaign.budget_vnd)
        left = console.format_money(abs(campaign.budget_vnd - forecast.vnd))
        if within:
            console.print_line(_("Budget {budget}: {left} left.", budget=budget, left=left))
        else:
            words = _("Budget {budget}: {left} too little!", budget=budget, left=left)
            console.print_line(words, style="bold red")


def _rows(entries: Sequence[ForecastEntry]) -> Iterator[tuple[object, ...]]:
    from dispatcher.cli import console
    from dispatcher.report import labels

    before = None
    for entry in entries:
        item = entry.occurrence
        new = before is not item
        before = item
        when = "—" if item.kind in step_kinds.STANDING else console.format_weekday_time(entry.local)
        yield (
            when if new else "",
            item.step if new else "",
            labels.label(labels.STEP_KINDS, item.kind) if new else "",
            entry.audience,
            console.channel_label(entry.channel),
            "—" if entry.recipients is None else entry.recipients,
            entry.parts if entry.channel == "sms" else "",
            entry.vnd if entry.channel == "sms" else "",
        )


def _print_notes(forecast: CampaignForecast) -> None:
    """Print what was moved, and what is not sent and why; repeated ones are counted, not listed."""
    from dispatcher.cli import console

    local = forecast.campaign.to_local
    moved = {
        item.occurrence.key + item.occurrence.step: item.occurrence
        for item in forecast.entries
        if item.occurrence.note
    }
    for item in [*moved.values(), *forecast.unsent]:
        notes = "; ".join(item.note_texts())
        console.print_line(f"{local(item.due_at):%d/%m %H:%M} {item.step}: {notes}", style="dim")
    thanks = sum(entry.occurrence.kind in step_kinds.STANDING for entry in forecast.entries)
    if thanks:
        console.print_line(
            _("Thanks go out as people take part; their number is not known beforehand."), style="dim"
        )
    if len(forecast.unsent):
        words = ngettext("{n} occurrence is not sent.", "{n} occurrences are not sent.", len(forecast.unsent))
        console.print_line(words, style="dim")
