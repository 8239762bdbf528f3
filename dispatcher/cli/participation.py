"""`participation`: who took part. It stops their reminders and may bring a word of thanks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dispatcher.cli.options import CampaignArgument, JsonOption, WhoOption
from dispatcher.i18n import N_, _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dispatcher.feedback.participation.list_import import MatchedRow, ParticipationImport
    from dispatcher.ledger.recipients.participation import RecordedParticipant

MATCH_LABELS: dict[str, str] = {
    "number": N_("by number"),
    "mail": N_("by mail"),
    "name": N_("by name and thôn"),
}


def register(app: typer.Typer) -> None:
    """Register the commands."""
    group = typer.Typer(no_args_is_help=True, help=_("Who took part: import a list, look at what is known."))
    group.command("import", help=_("Take in who took part, or the figures of each thôn, from CSV or Excel."))(
        import_
    )
    group.command("list", help=_("Who is known to have taken part, by thôn."))(list_)
    app.add_typer(group, name="participation")


def import_(
    file: Annotated[Path, typer.Argument(help=_("The list: number, mail, or name and thôn."))],
    campaign: Annotated[
        str,
        typer.Option(metavar="CAMPAIGN", help=_("Which campaign; may be left out when there is only one.")),
    ] = "",
    at: Annotated[
        str, typer.Option(metavar="DATE", help=_("Of which day the list is; without it, of now."))
    ] = "",
    source: Annotated[
        str, typer.Option(metavar="WORDS", help=_("Where it is from; without it, the file's name."))
    ] = "",
    rows: Annotated[int, typer.Option(metavar="N", help=_("Show so many rows of each kind; 0: all."))] = 20,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help=_("Say what would be matched, and stop."))
    ] = False,
    who: WhoOption = "",
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.feedback.participation import list_import

    settings = context.settings()
    if not file.is_file():
        raise typer.BadParameter(_("there is no file {file}", file=file))
    with context.ledger(settings) as ledger:
        schedules = context.usable_configuration(settings, ledger).schedules
    name = context.campaign_or_only(schedules, campaign)
    now = context.now()
    day = context.parse_day(at, "--at")
    taken_at = datetime.combine(day, datetime.min.time(), tzinfo=schedules.timezone) if day else now
    with context.ledger(settings) as ledger:
        if dry_run:
            result = list_import.preview(ledger, file)
        else:
            result = list_import.import_list(
                ledger,
                name,
                file,
                at=min(taken_at, now),
                source=source or file.name,
                who=context.acting_user(who),
                now=now,
            )
    if as_json:
        console.print_json(_as_json(name, result))
    else:
        _print_import(result, limit=rows, dry_run=dry_run)
    console.print_problems(result.problems)
    unread = bool(result.area_table and result.area_table.unread)
    raise typer.Exit(1 if result.unresolved or result.problems or unread else 0)


def _as_json(campaign: str, result: ParticipationImport) -> dict[str, Any]:
    from dataclasses import asdict

    from dispatcher.cli import console

    return {
        "campaign": campaign,
        "rows": result.rows,
        "matched": result.counts["matched"],
        "by": dict(result.by_method),
        "ambiguous": result.counts["ambiguous"],
        "unmatched": result.counts["unmatched"],
        "new": result.new_participants,
        "open": [
            {
                "sheet": one.row.sheet,
                "row": one.row.row,
                "found": one.status,
                "why": one.reason,
                "name": one.row.contact.name if one.row.contact else "",
                "area": one.row.contact.area if one.row.contact else "",
            }
            for one in result.unresolved
        ],
        "figures": None if result.area_table is None else [asdict(area) for area in result.area_table.areas],
        "problems": console.problems_as_json(result.problems),
    }


def _print_import(result: ParticipationImport, *, limit: int, dry_run: bool) -> None:
    from dispatcher.cli import console

    if result.area_table is not None:
        console.print_line(_("These are figures without names:"))
        areas = [(one.area, one.registered, one.finished) for one in result.area_table.areas]
        totals = (_("together"), sum(one[1] for one in areas), sum(one[2] for one in areas))
        console.print_table(
            (_("thôn"), _("registered"), _("finished")), areas, right_aligned=(1, 2), footer=totals
        )
        for row in result.area_table.unread:
            console.print_line(_("row {row} holds no number that can be read", row=row), style="yellow")
        return
    by = ", ".join(
        f"{_(MATCH_LABELS[how])} {console.format_number(count)}" for how, count in result.by_method.items()
    )
    console.print_table(
        ("", _("rows")),
        [
            (_("matched") + (f" ({by})" if by else ""), result.counts["matched"]),
            (_("fit more than one person"), result.counts["ambiguous"]),
            (_("fit nobody"), result.counts["unmatched"]),
        ],
        right_aligned=(1,),
        footer=(_("together"), result.rows),
    )
    _print_unmatched(result, limit)
    if not dry_run:
        console.print_line(
            _(
                "{n} people are newly known to have taken part.",
                n=console.format_number(result.new_participants),
            )
        )


def _print_unmatched(result: ParticipationImport, limit: int) -> None:
    from dispatcher.cli import console
    from dispatcher.feedback.participation.matching import REASONS

    if not result.unresolved:
        return
    console.print_heading(_("Not matched"))
    rows = result.unresolved[:limit] if limit else result.unresolved
    console.print_table(
        (_("row"), _("name"), _("thôn"), _("why")),
        [(_place(one), *_named(one), _(REASONS[one.reason])) for one in rows],
        right_aligned=(0,),
    )
    if len(rows) < len(result.unresolved):
        console.print_line(
            _("… and {n} more; --rows 0 shows all", n=len(result.unresolved) - len(rows)), style="dim"
        )


def _place(one: MatchedRow) -> str:
    return f"{one.row.sheet} {one.row.row}".strip()


def _named(one: MatchedRow) -> tuple[str, str]:
    return (one.row.contact.name, one.row.contact.area) if one.row.contact else ("", "")


def list_(
    campaign: CampaignArgument,
    names: Annotated[bool, typer.Option("--names", help=_("With names."))] = False,
    as_json: JsonOption = False,
) -> None:
    from dispatcher.cli import console, context
    from dispatcher.ledger.queries import people_counts
    from dispatcher.ledger.recipients import participation

    settings = context.settings()
    with context.ledger(settings) as ledger:
        name = context.campaign_name(context.usable_configuration(settings, ledger), ledger, campaign)
        people = participation.participants(ledger, name)
        figures = people_counts.latest_area_totals(ledger, name)
    if as_json:
        console.print_json(
            {
                "campaign": name,
                "people": [{**one.values(), "at": one.at.isoformat()} for one in people],
                "figures": [
                    {"area": area, "registered": registered, "finished": finished, "day": day}
                    for area, registered, finished, day in figures.values()
                ],
            }
        )
        return
    _print_people(people, names=names)
    if figures:
        console.print_heading(_("Figures without names"))
        console.print_table(
            (_("thôn"), _("registered"), _("finished"), _("of")), list(figures.values()), right_aligned=(1, 2)
        )


def _print_people(people: Sequence[RecordedParticipant], *, names: bool) -> None:
    from collections import Counter

    from dispatcher.cli import console
    from dispatcher.vietnamese.dates import VIETNAM

    if names:
        console.print_table(
            (_("name"), _("thôn"), _("when"), _("source")),
            [(one.name, one.area, f"{one.at.astimezone(VIETNAM):%d/%m/%Y}", one.source) for one in people],
        )
    counts = Counter(one.area for one in people)
    console.print_table(
        (_("thôn"), _("took part")),
        sorted(counts.items()),
        right_aligned=(1,),
        footer=(_("together"), len(people)),
    )
