"""`plan`: the calendar with recipients, parts and cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import AsJson
from dispatcher.i18n import _, ngettext

if TYPE_CHECKING:
    from dispatcher.campaign.model import Schedules
    from dispatcher.edition import Edition
    from dispatcher.ledger import Ledger
    from dispatcher.report.calendar import Entry, Outlook
    from dispatcher.settings import Settings


def add(app: typer.Typer) -> None:
    """Add this verb."""
    app.command(help=_("The calendar: every step, audience and channel, with recipients, parts and cost."))(
        plan
    )


def plan(
    campaign: Annotated[str, typer.Argument(help=_("Only this campaign."), show_default=False)] = "",
    coming: Annotated[bool, typer.Option("--coming", help=_("Only what lies ahead."))] = False,
    as_json: AsJson = False,
) -> None:
    from dispatcher.cli import opening, speaking
    from dispatcher.report import calendar

    settings = opening.settings()
    edition = opening.edition(settings)
    schedules = edition.schedules
    names = [opening.campaign(schedules, campaign).name] if campaign else list(schedules.campaigns)
    with people(settings, edition) as (ledger, survey_rows):
        dearest = calendar.parts_of(survey_rows)
        since = opening.now() if coming else None
        found = [calendar.outlook(ledger, schedules, name, dearest=dearest, since=since) for name in names]
    if as_json:
        speaking.answer([_value(one) for one in found])
        return
    for one in found:
        _draw(schedules, one)


@contextmanager
def people(settings: Settings, edition: Edition) -> Iterator[tuple[Ledger, Any]]:
    """Give a ledger to count people in, and what trying every text on the real rows came to.

    The ledger is the service's own when lists were loaded; else one for the moment, with the lists as they
    lie in the folder.
    """
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from dispatcher.cli import opening, speaking
    from dispatcher.ledger import people as loads
    from dispatcher.ledger.opening import open_ledger
    from dispatcher.message.check import survey
    from dispatcher.report import lists, loading

    read = lists.Lists(files=lists.find(edition.schedules, settings.contacts))
    rows = {name: lists.recipients(read.rows(name)) for name in edition.schedules.audiences}
    tried = survey(edition.schedules, settings.templates, rows)
    with opening.ledger(settings) as ledger:
        if loads.loads(ledger, limit=1):
            yield ledger, tried
            return
    speaking.note(_("Nothing was loaded yet: counted from the lists in {folder}.", folder=settings.contacts))
    with TemporaryDirectory(prefix="dispatcher-") as folder:
        ledger = open_ledger(f"sqlite:///{Path(folder) / 'plan.sqlite3'}")
        try:
            loading.load(
                ledger, loading.wanted(edition.schedules, settings.contacts), who="plan", now=opening.now()
            )
            yield ledger, tried
        finally:
            ledger.close()


def _value(found: Outlook) -> dict[str, Any]:
    return {
        "campaign": found.campaign.name,
        "budget_vnd": found.campaign.budget_vnd,
        "recipients": found.recipients,
        "parts": found.parts,
        "vnd": found.vnd,
        "calendar": [_entry_value(entry) for entry in found.entries],
        "not_sent": [
            {"step": item.step, "kind": item.kind, "due_at": item.due_at.isoformat(), "note": item.note}
            for item in found.silent
        ],
    }


def _entry_value(entry: Entry) -> dict[str, Any]:
    item = entry.occurrence
    return {
        "local": entry.local.isoformat(),
        "due_at": item.due_at.isoformat(),
        "expires_at": item.expires_at.isoformat(),
        "step": item.step,
        "key": item.key,
        "kind": item.kind,
        "moment": item.moment,
        "audience": entry.audience,
        "channel": entry.channel,
        "recipients": entry.recipients,
        "parts_each": entry.parts_each,
        "parts": entry.parts,
        "vnd": entry.vnd,
        "note": item.note,
    }


def _draw(schedules: Schedules, found: Outlook) -> None:
    from dispatcher.cli import speaking

    campaign = found.campaign
    speaking.heading(f"{campaign.title} ({campaign.name})")
    dates = _(
        "from {start} to {end}",
        start=f"{campaign.local(campaign.start):%d/%m/%Y}",
        end=f"{campaign.last_day:%d/%m/%Y}",
    )
    speaking.say(dates)
    for audience in schedules.by_priority(campaign.audiences):
        speaking.say(f"{audience.name}: {audience.title}", style="dim")
    speaking.draw(
        (_("when"), _("step"), _("kind"), _("audience"), _("channel"), _("recipients"), _("parts"), "VND"),
        list(_rows(found.entries)),
        right=(5, 6, 7),
        total=(_("together, at most"), "", "", "", "", found.recipients, found.parts, found.vnd),
    )
    _notes(found)
    if campaign.budget_vnd is not None:
        within = found.vnd <= campaign.budget_vnd
        budget = speaking.money(campaign.budget_vnd)
        left = speaking.money(abs(campaign.budget_vnd - found.vnd))
        if within:
            speaking.say(_("Budget {budget}: {left} left.", budget=budget, left=left))
        else:
            words = _("Budget {budget}: {left} too little!", budget=budget, left=left)
            speaking.say(words, style="bold red")


def _rows(entries: Sequence[Entry]) -> Iterator[tuple[object, ...]]:
    from dispatcher.cli import speaking
    from dispatcher.report import words

    before = None
    for entry in entries:
        item = entry.occurrence
        new = before is not item
        before = item
        when = "—" if item.kind == "thanks" else speaking.when(entry.local)
        yield (
            when if new else "", item.step if new else "", words.said(words.KINDS, item.kind) if new else "",
            entry.audience, speaking.channel(entry.channel),
            "—" if entry.recipients is None else entry.recipients,
            entry.parts if entry.channel == "sms" else "", entry.vnd if entry.channel == "sms" else "",
        )  # fmt: skip


def _notes(found: Outlook) -> None:
    """Say what was moved, and what is not sent and why; repeated ones are counted, not listed."""
    from dispatcher.cli import speaking

    local = found.campaign.local
    moved = {
        item.occurrence.key + item.occurrence.step: item.occurrence
        for item in found.entries
        if item.occurrence.note
    }
    for item in [*moved.values(), *found.silent]:
        said = "; ".join(item.sentences())
        speaking.say(f"{local(item.due_at):%d/%m %H:%M} {item.step}: {said}", style="dim")
    thanks = sum(entry.occurrence.kind == "thanks" for entry in found.entries)
    if thanks:
        speaking.say(
            _("Thanks go out as people take part; their number is not known beforehand."), style="dim"
        )
    if len(found.silent):
        words = ngettext("{n} occurrence is not sent.", "{n} occurrences are not sent.", len(found.silent))
        speaking.say(words, style="dim")
